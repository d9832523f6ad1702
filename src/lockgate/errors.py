"""Every error Lockgate raises, ordered by what the reader can do about it.

::

    LockgateError                 exit code
    ├─ InputError                 2   change the input; nothing was touched
    │   ├─ ConfigError                lockgate.toml or an option is wrong
    │   ├─ ConnectError               the server cannot be reached or refuses the login
    │   ├─ SourceError                a file of the desired schema: file, line, statement, cause
    │   ├─ UnreadSource               parts of the desired schema cannot be read: the findings
    │   ├─ ArtifactError              a plan or snapshot file is empty, cut, edited or of another version
    │   ├─ ScratchUnavailable         there is no isolated place to read the desired schema in
    │   └─ KeyMissing                 a backup is encrypted and no key that fits was given
    ├─ RefusedError               4   a rule or a gate said no; the database is consistent
    │   ├─ HazardNotAllowed           the plan holds hazards without --allow
    │   ├─ UnsupportedChange          the difference cannot be carried out, or could not be proven
    │   ├─ PrecheckFailed             rows in the database stand in the way
    │   ├─ NoWayBack                  there is nothing to roll back to
    │   ├─ BackupDamaged              a backup is not what was stored, or does not restore to it
    │   ├─ ApprovalMissing        5   the target is protected and nobody approved this plan
    │   ├─ GateClosed                 a gate of a runbook is closed; its truth table says why
    │   ├─ Waiting                5   a person, a window or data is waited for
    │   ├─ LeaseHeld              8   another runner holds the target
    │   └─ StalePlan              9   the plan does not fit the database any more, or was used
    ├─ FailedError                6   tried, failed, rolled back; the state is known
    │   ├─ LockTimeout                the lock was not had in time; names the blockers
    │   ├─ StatementTimeout
    │   ├─ StatementFailed            the server refused a statement
    │   ├─ BackupFailed               a backup or restore did not come to its end; nothing of it is kept
    │   │   └─ LogUnusable            the server's log cannot bring a copy to the exact point; a full backup can
    │   ├─ StoreFailed                a store cannot be reached, or refused
    │   └─ ConnectionLost             the connection broke; the outcome must be looked up
    ├─ InDoubtError               7   the outcome is unknown: never retry, call a person
    └─ Interrupted              130   wound down on request; consistent

A driver's exception never leaves ``engine/``: it is translated there to one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class LockgateError(Exception):
    """Base of all errors. The message is printed in a fixed order; see `render_error`.

    Args:
        what: What happened, one sentence.
        where: The statement, or ``file:line``.
        cause: Why: the server's words, or the blockers by name.
        state: What state everything is in now.
        hint: The next command to run.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", cause: str = "", state: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.cause = cause
        self.state = state
        self.hint = hint

    def __str__(self) -> str:
        return ": ".join(part for part in (self.what, self.where, self.cause) if part)


class InputError(LockgateError):
    """The input must change; nothing was touched."""

    exit_code = 2


class ConfigError(InputError):
    """The configuration file, the environment or an option is wrong."""


class ConnectError(InputError):
    """The server cannot be reached or refuses the login."""


class SourceError(InputError):
    """A file of the desired schema cannot be read by the server.

    Args:
        file: Path as the user gave it.
        line: First line of the statement, from 1.
        statement: The statement's text, possibly shortened.
    """

    def __init__(
        self, what: str, *, file: str = "", line: int = 0, statement: str = "", cause: str = "", hint: str = ""
    ) -> None:
        place = f"{file}:{line}" if line else file
        where = f"{place}: {statement}" if statement else place
        super().__init__(what, where=where, cause=cause, hint=hint, state="nothing was touched")
        self.file, self.line, self.statement = file, line, statement


class UnreadSource(InputError):
    """Parts of a declared schema cannot be read, so nothing is known about the whole.

    Args:
        findings: The `lockgate.model.finding.Finding`s, those on unread parts first.
    """

    def __init__(self, what: str, *, cause: str = "", findings: Sequence[Any] = ()) -> None:
        super().__init__(
            what,
            cause=cause,
            state="nothing was compared and nothing was touched",
            hint="rewrite these places in a form that can be read; `lockgate explain CODE` says which",
        )
        self.findings = tuple(findings)


class ArtifactError(InputError):
    """A plan, snapshot or journal is empty, cut short, edited, or of a version this program does not know."""


class ScratchUnavailable(InputError):
    """There is no isolated scratch database of the target's version."""


class KeyMissing(InputError):
    """A backup is encrypted, and no key that fits was given."""


class RefusedError(LockgateError):
    """A rule or a gate said no; the database is consistent."""

    exit_code = 4


class HazardNotAllowed(RefusedError):
    """The plan holds hazards that were not allowed by name."""


class UnsupportedChange(RefusedError):
    """The difference cannot be carried out, or its result could not be proven on a scratch copy."""


class PrecheckFailed(RefusedError):
    """Rows in the database stand in the way of a step."""


class NoWayBack(RefusedError):
    """There is nothing to roll back to, or the way back is gone."""


class BackupDamaged(RefusedError):
    """A backup is not what was stored, or does not restore to what it was taken of."""


class ApprovalMissing(RefusedError):
    """The target is protected and nobody approved exactly this plan."""

    exit_code = 5


class GateClosed(RefusedError):
    """A gate of a runbook is closed."""


class Waiting(RefusedError):
    """Somebody or something is waited for: an approval, a word of a person, a window, data."""

    exit_code = 5


class LeaseHeld(RefusedError):
    """Another runner holds the target.

    Args:
        holder: Who holds it, as recorded by them.
    """

    exit_code = 8

    def __init__(self, what: str, *, holder: str = "", hint: str = "") -> None:
        super().__init__(what, cause=f"held by {holder}" if holder else "", state="nothing was touched", hint=hint)
        self.holder = holder


class StalePlan(RefusedError):
    """The plan does not fit the live database any more, or was used already."""

    exit_code = 9


class FailedError(LockgateError):
    """Tried, failed; the state is known."""

    exit_code = 6


class LockTimeout(FailedError):
    """A lock was not had in time.

    Args:
        waited_ms: How long the statement waited in all.
        blockers: Who held the lock, as text.
    """

    def __init__(self, what: str, *, where: str = "", waited_ms: int = 0, blockers: tuple[str, ...] = ()) -> None:
        super().__init__(what, where=where, cause="; ".join(blockers) or "the holder is not visible to this user")
        self.waited_ms, self.blockers = waited_ms, blockers


class StatementTimeout(FailedError):
    """A statement ran longer than its limit and was cancelled by the server."""


class StatementFailed(FailedError):
    """The server refused a statement.

    Args:
        code: SQLSTATE or errno as text.
    """

    def __init__(self, what: str, *, where: str = "", cause: str = "", code: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, cause=cause, hint=hint)
        self.code = code


class BackupFailed(FailedError):
    """A backup or restore did not come to its end; nothing of it is kept."""


class LogUnusable(BackupFailed):
    """The server's log cannot bring a restored copy to the exact point; a full backup can."""


class StoreFailed(FailedError):
    """A store cannot be reached, refused, or holds something else than was put there."""


class ConnectionLost(FailedError):
    """The connection broke while a statement ran; whether it took effect must be looked up."""


class InDoubtError(LockgateError):
    """The outcome is unknown. Never retry; a person must look."""

    exit_code = 7


class Interrupted(LockgateError):
    """Stopped on request and wound down."""

    exit_code = 130
