"""What a check says and what a gate decides, in three values: ok, fail, unknown; pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from lockgate.model.schema import Value


class Outcome(Enum):
    """What is known. UNKNOWN is never taken for OK; WAIVED is a fail or unknown that a named person answers for."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIVED = "waived"

    @property
    def opens(self) -> bool:
        """Whether a gate may open on it."""
        return self in (Outcome.OK, Outcome.WAIVED)


class FailureClass(Enum):
    """What kind of thing failed; it caps the level of rollback, whatever a runbook says."""

    DATA = "data"
    SCHEMA = "schema"
    SERVICE = "service"
    CODE = "code"
    PROCESS = "process"

    @property
    def highest_level(self) -> RollbackLevel | None:
        """The highest level that may answer it; None: it stops the run and takes nothing back."""
        return _HIGHEST[self]


class RollbackLevel(Enum):
    """How far back: CODE reverts commits, SCHEMA rolls back to a checkpoint (lossless), DATA restores a backup."""

    CODE = "code"
    SCHEMA = "schema"
    DATA = "data"

    @property
    def rank(self) -> int:
        """1 to 3; the lowest sufficient one is taken."""
        return list(RollbackLevel).index(self) + 1


_HIGHEST: dict[FailureClass, RollbackLevel | None] = {
    FailureClass.DATA: RollbackLevel.DATA,
    FailureClass.SCHEMA: RollbackLevel.SCHEMA,
    FailureClass.SERVICE: RollbackLevel.SCHEMA,
    FailureClass.CODE: RollbackLevel.CODE,
    FailureClass.PROCESS: None,
}


class Evidence(Value, frozen=True, omit_defaults=False):
    """Something that shows a fact. ``path`` is relative to the run's folder (empty: the text is all there is)."""

    name: str
    text: str = ""
    path: str = ""
    sha256: str = ""
    bytes: int = 0


class Waiver(Value, frozen=True, omit_defaults=False):
    """Who answers for a check that is not ok: why, and until when (UTC)."""

    check: str
    by: str
    role: str
    reason: str
    until: str
    at: str


class CheckResult(Value, frozen=True, omit_defaults=False):
    """What one check found.

    ``check`` is its id within the runbook (``gate-3/2``, ``3.2/verify/1``), ``title`` its words for people. ``found``
    is what was measured, in words and numbers; for UNKNOWN it says why nothing could be. ``items`` are the single
    things found (test ids, tables, log lines), the worst first, cut to a bound that ``found`` names.
    """

    check: str
    kind: str
    title: str
    outcome: Outcome
    expected: str
    found: str
    failure_class: FailureClass
    items: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    at: str = ""
    duration_s: float = 0.0
    attempts: int = 1
    waiver: Waiver | None = None


class Verdict(Value, frozen=True, omit_defaults=False):
    """What a gate decided: the truth table of all its checks."""

    gate: str
    results: tuple[CheckResult, ...]
    at: str = ""

    @property
    def outcome(self) -> Outcome:
        """The worst of the results; a gate without checks is unknown."""
        return worst_of(result.outcome for result in self.results)

    @property
    def is_open(self) -> bool:
        """Whether every check is ok or waived, and there is at least one."""
        return self.outcome.opens

    @property
    def closed_by(self) -> tuple[CheckResult, ...]:
        """The checks that keep it closed."""
        return tuple(result for result in self.results if not result.outcome.opens)


def worst_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return fail before unknown before waived before ok; nothing at all is unknown."""
    order = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.OK)
    found = set(outcomes)
    return next((outcome for outcome in order if outcome in found), Outcome.UNKNOWN)


def allowed_level(results: Iterable[CheckResult], highest: RollbackLevel | None) -> RollbackLevel | None:
    """Return the highest level that failed checks justify, capped by what the phase allows; None: only stop.

    What is unknown justifies none.
    """
    levels = [r.failure_class.highest_level for r in results if r.outcome is Outcome.FAIL]
    wanted = max((level for level in levels if level is not None), key=lambda level: level.rank, default=None)
    if wanted is None or highest is None:
        return None
    return min(wanted, highest, key=lambda level: level.rank)
