"""Where things stand on a target."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.model.run import Checkpoint, ParkedEntry, Run
from lockgate.model.schema import Value
from lockgate.model.target import Target
from lockgate.workflow.options import Now, utc_now


class ParkedStatus(Value, frozen=True):
    """A parked object and how long it has been parked."""

    entry: ParkedEntry
    age_s: float


class Status(Value, frozen=True, omit_defaults=False):
    """Where things stand. ``runs`` newest first, without their plans; ``holder`` who holds the lease now (or empty).

    ``is_as_left``: whether the live schema is what the last run left (None: there was no run). ``next_command`` is what
    to run next.
    """

    target: str
    engine: str
    server_version: str
    fingerprint: str
    tables: int
    runs: tuple[Run, ...] = ()
    unfinished: Run | None = None
    checkpoints: tuple[Checkpoint, ...] = ()
    parked: tuple[ParkedStatus, ...] = ()
    holder: str = ""
    is_as_left: bool | None = None
    unmanaged: tuple[str, ...] = ()
    next_command: str = ""


def read_status(engine: Engine, target: Target, *, now: Now = utc_now) -> Status:
    """Read where things stand over a read-only session; writes nothing.

    Raises:
        ConnectError: The server cannot be reached.
        ArtifactError: The journal is of a version this program does not know.
    """
    raise NotImplementedError
