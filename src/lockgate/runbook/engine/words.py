"""Checks that ask for a person's word: all others first, then the wait for it, then all of them again."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.model.checks import Check
from lockgate.model.outcome import CheckResult, Outcome
from lockgate.outside.shell import ShellResult
from lockgate.report.gate import truth_lines
from lockgate.runbook.engine.core import Core


def ask_with_words(
    core: Core, place: str, checks: Sequence[Check], *, task: str = "", output: ShellResult | None = None
) -> tuple[CheckResult, ...]:
    """Ask checks; while only a person's word is missing, wait for it, then ask them all again."""
    while True:
        results = core.ask(place, checks, task=task, output=output)
        missing = closed(results)
        words = [r for r in missing if r.kind == "manual" and r.outcome is Outcome.UNKNOWN]
        if not words or len(words) < len(missing):
            return results
        _wait_for_word(core, words[0])


def closed(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return what keeps a place closed."""
    return tuple(result for result in results if not result.outcome.opens)


def tell_closed(core: Core, results: Sequence[CheckResult]) -> None:
    """Say what keeps a place closed, one line each."""
    for r in closed(results):
        core.options.tell(f"  {r.outcome.value}: {r.title}: expected {r.expected}, found {r.found}")


def tell_all(core: Core, results: Sequence[CheckResult]) -> None:
    """Say all that was asked at a gate, also what holds: its truth table."""
    for line in truth_lines(results):
        core.options.tell(line)


def say_closed(results: Sequence[CheckResult]) -> str:
    """Return the same in one sentence, the first three."""
    shut = closed(results)
    more = f" and {len(shut) - 3} more" if len(shut) > 3 else ""
    return "; ".join(f"{r.title} ({r.outcome.value}: {r.found})" for r in shut[:3]) + more


def _wait_for_word(core: Core, asked: CheckResult) -> None:
    since = core.state.seq

    def is_said() -> bool:
        return any(core.state.decision(what, asked.check, since) is not None for what in ("attest", "waive"))

    core.wait(
        "attestation",
        asked.check,
        f"{asked.title} must be attested ({asked.expected})",
        is_over=is_said,
        hint=core.command("attest", f'{asked.check} --reason "…"'),
    )
