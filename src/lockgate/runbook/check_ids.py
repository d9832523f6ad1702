"""The id of every check of a runbook, as results and waivers name it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lockgate.gate.base import title_of
from lockgate.model.checks import Check
from lockgate.model.runbook import Runbook


def check_ids(runbook: Runbook) -> dict[str, str]:
    """Return the words of each check by its id (``gate-3/2``, ``3.2/verify/1``), in order."""
    return {
        f"{place}/{number}": check.title or title_of(check)
        for place, checks in _places(runbook)
        for number, check in enumerate(checks, 1)
    }


def _places(runbook: Runbook) -> Iterator[tuple[str, Sequence[Check]]]:
    yield "requires", runbook.requires
    for phase in runbook.phases:
        yield f"{phase.id}/before", phase.before
        for task in phase.tasks:
            yield f"{task.id}/before", task.before
            yield f"{task.id}/verify", task.verify
        if phase.gate is not None:
            yield phase.gate.id, phase.gate.checks
