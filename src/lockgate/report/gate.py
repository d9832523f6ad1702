"""The truth table of a gate or of any checks: every check with what was expected, found, and shows it; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.model.outcome import CheckResult, Evidence, Outcome
from lockgate.report.document import Table

_COLUMNS = ("check", "what", "outcome", "expected", "found", "evidence")
_SHOWN_ITEMS = 5


def truth_table(results: Sequence[CheckResult]) -> Table:
    """Return all results, one row each, whatever they are."""
    return Table(_COLUMNS, tuple(map(_row, results)))


def truth_lines(results: Sequence[CheckResult]) -> list[str]:
    """Return the same in lines for a terminal; what does not hold comes with the first things found."""
    width = max((len(result.check) for result in results), default=0)
    lines = []
    for result in results:
        words = f"expected {result.expected}, found {result.found}"
        lines.append(
            f"  {result.outcome.value:<7}  {result.check:<{width}}  {result.title}: {words}{_answered(result)}"
        )
        if result.outcome is not Outcome.OK:
            lines += [f"           - {item}" for item in result.items[:_SHOWN_ITEMS]]
    return lines


def evidence_words(items: Sequence[Evidence]) -> str:
    """Return evidence as text: where it stands and its digest, or what it says."""
    return "; ".join(f"{e.path} sha256:{e.sha256[:12]}" if e.path else e.text or e.name for e in items)


def _row(result: CheckResult) -> tuple[str, ...]:
    items = f" ({'; '.join(result.items[:_SHOWN_ITEMS])})" if result.items else ""
    evidence = " ".join(part for part in (evidence_words(result.evidence), result.at) if part)
    outcome = result.outcome.value + _waived(result)
    return (result.check, result.title, outcome, result.expected, result.found + items, evidence)


def _answered(result: CheckResult) -> str:
    return f"; waived{_waived(result)}" if result.waiver is not None else ""


def _waived(result: CheckResult) -> str:
    waiver = result.waiver
    return f" by {waiver.by} until {waiver.until}: {waiver.reason}" if waiver is not None else ""
