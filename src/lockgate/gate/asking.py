"""What the kinds of check share: answers in a few words, a command of the check's own, patterns, texts for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from lockgate.errors import ConfigError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.outcome import Evidence, FailureClass, Outcome
from lockgate.outside.redact import redact
from lockgate.outside.shell import ShellResult, run_shell

MOST_ITEMS = 50
NOT_STARTED = (126, 127)
_LOOKS_FOR_BACK_REFERENCES = re.compile(r"\\[1-9]|\(\?P=|\(\?[=!]|\(\?<[=!]|\(\?\(")


def ok(expected: str, found: str, **more: object) -> Answer:
    """Answer that it holds."""
    return _answer(Outcome.OK, expected, found, more)


def fail(expected: str, found: str, **more: object) -> Answer:
    """Answer that it was measured and does not hold."""
    return _answer(Outcome.FAIL, expected, found, more)


def unknown(expected: str, why: str, **more: object) -> Answer:
    """Answer that nothing could be measured, and why."""
    return _answer(Outcome.UNKNOWN, expected, why, more)


def _answer(outcome: Outcome, expected: str, found: str, more: dict[str, object]) -> Answer:
    return Answer(outcome, redact(expected), redact(found), **more)  # type: ignore[arg-type]


def result_of(command: str, context: CheckContext, timeout_s: float = 3600.0) -> ShellResult | None:
    """Run the check's own command; without one return how the task's ended, None when there was none."""
    if not command:
        return context.output
    return run_shell(
        command,
        folder=context.folder,
        environment=context.environment,
        timeout_s=timeout_s,
        is_stopped=context.is_stopped,
    )


def why_not_run(result: ShellResult | None) -> str:
    """Return why a command says nothing: it did not end by itself, or a program it needs is missing; else empty."""
    if result is None:
        return "the task ran no command, so there is nothing to look at"
    if result.code is None:
        return result.error or "the command did not end by itself"
    if result.code in NOT_STARTED:
        last = next((line for line in reversed(result.output.splitlines()) if line.strip()), "")
        return f"a program could not be started (exit code {result.code}): {last.strip()[:200]}".rstrip(": ")
    return ""


def output_evidence(result: ShellResult, context: CheckContext, name: str = "output") -> tuple[Evidence, ...]:
    """Keep what a command said, under a name that tells the check; secrets are masked on the way in."""
    if not result.output:
        return ()
    return (context.keep(f"{context.check.replace('/', '-')}-{name}.txt", redact(result.output).encode()),)


def cut(items: Iterable[str], most: int = MOST_ITEMS) -> tuple[str, ...]:
    """Return the first items, secrets masked, each cut to a line's length; the last says how many are left out."""
    shown = [redact(item)[:300] for item in items]
    return (*shown[:most], f"… and {len(shown) - most} more") if len(shown) > most else tuple(shown)


def count(number: int, word: str, words: str = "") -> str:
    """Return ``1 line``, ``2 lines``."""
    return f"{number} {word if number == 1 else words or word + 's'}"


def compile_pattern(pattern: str, where: str) -> re.Pattern[str]:
    """Compile a pattern of RE2's language: no back-references, no look-around.

    Raises:
        ConfigError: It is no such pattern.
    """
    cause = "back-references and look-around are not allowed" if _LOOKS_FOR_BACK_REFERENCES.search(pattern) else ""
    try:
        compiled = re.compile(pattern, re.MULTILINE)
    except re.error as error:
        cause = cause or str(error)
    if cause:
        raise ConfigError(f"{pattern!r} is no pattern that can be used", where=where, cause=cause)
    return compiled


def start_of(since: str, context: CheckContext) -> datetime | None:
    """Return a beginning by its name (run, phase, task) or as an ISO time; None when it is not known."""
    if since in context.started:
        return context.started[since]
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def class_of_command(command: str) -> FailureClass:
    """Return CODE for what looks at code (tests, types, style), else PROCESS, which takes nothing back."""
    from lockgate.gate.baseline.detect import looks_at_code

    return FailureClass.CODE if looks_at_code(command) else FailureClass.PROCESS
