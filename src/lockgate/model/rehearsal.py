"""What a rehearsal of a plan on a private copy measured and proved; pure."""

from __future__ import annotations

from enum import Enum

from msgspec.structs import replace

from lockgate.errors import ArtifactError
from lockgate.model import codec
from lockgate.model.schema import Value

FORMAT_VERSION = 1


class Outcome(Enum):
    """PASSED: every act ran and every comparison held. FAILED: one did not; ``failure`` says which."""

    PASSED = "passed"
    FAILED = "failed"


class CopiedTable(Value, frozen=True):
    """How many rows of a table were in the copy; ``is_full``: all that the target held."""

    table: str
    rows: int
    is_full: bool = True


class StepMeasure(Value, frozen=True):
    """One step, measured in seconds: applied, undone, applied again, each -1 when it did not run.

    ``blocked_reads_s`` and ``blocked_writes_s`` are the longest that a read or write of the step's table had to wait
    meanwhile; ``extra_bytes`` is how much more disk than before was taken at the worst moment.
    """

    id: str
    title: str
    apply_s: float = -1.0
    undo_s: float = -1.0
    again_s: float = -1.0
    blocked_reads_s: float = 0.0
    blocked_writes_s: float = 0.0
    extra_bytes: int = 0


class Rehearsal(Value, frozen=True):
    """One rehearsal of exactly one plan; times are UTC (ISO 8601).

    ``backup`` is what was restored for it, empty when rows were copied. ``seal`` is a digest over everything else.
    """

    plan: str
    digest: str
    target: str
    engine: str
    server_version: str
    started_at: str
    duration_s: float
    outcome: Outcome
    failure: str = ""
    acts: tuple[str, ...] = ()
    tables: tuple[CopiedTable, ...] = ()
    steps: tuple[StepMeasure, ...] = ()
    notes: tuple[str, ...] = ()
    backup: str = ""
    format_version: int = FORMAT_VERSION
    seal: str = ""

    @property
    def is_full(self) -> bool:
        """Whether all rows of the target were in the copy."""
        return all(table.is_full for table in self.tables)


def seal_rehearsal(rehearsal: Rehearsal) -> Rehearsal:
    """Return the rehearsal with its seal."""
    return replace(rehearsal, seal=codec.digest_of(replace(rehearsal, seal="")))


def decode_rehearsal(data: bytes, where: str) -> Rehearsal:
    """Decode and check a rehearsal.

    Raises:
        ArtifactError: It is cut short, edited, or of an unknown format version.
    """
    codec.check_format_version(data, FORMAT_VERSION, where)
    rehearsal = codec.decode(data, Rehearsal, where)
    if seal_rehearsal(rehearsal).seal != rehearsal.seal:
        raise ArtifactError(
            f"{where} was changed after it was written",
            cause="its seal does not match its content",
            state="nothing was touched",
            hint="rehearse the plan again",
        )
    return rehearsal
