"""The ordered, staged answer to a difference, as a file people review and ``apply`` runs; pure."""

from __future__ import annotations

from enum import Enum

from msgspec.structs import replace

from lockgate.errors import ArtifactError
from lockgate.model import codec
from lockgate.model.op import Hazard, Parked, Precheck, Statement, Strategy
from lockgate.model.schema import Value

FORMAT_VERSION = 1
STAGE_NAMES = {1: "expand", 2: "fix", 3: "contract"}


class Risk(Enum):
    """How much care a step needs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Reversible(Enum):
    """How a step is undone: nothing to keep, from what it parked, or not at all."""

    LOSSLESS = "lossless"
    PARKED = "parked"
    IRREVERSIBLE = "irreversible"


class ChangeNote(Value, frozen=True):
    """One difference in words people and programs read.

    ``kind`` like ``add_column``; ``table`` and ``object`` by dotted name; ``before`` and ``after`` short texts.
    """

    kind: str
    object: str
    table: str = ""
    before: str = ""
    after: str = ""


class Step(Value, frozen=True):
    """What happens to one table or object, forward and backward.

    When every statement is transactional the step runs in one transaction together with its journal rows; otherwise
    each statement stands alone. ``revert`` and ``redo``, ``strategy`` and ``notices`` as in an op; ``extra_bytes`` is
    the disk space needed beside the table, ``block_s`` how long it keeps writers or readers waiting at a stretch, and
    ``reason`` says why it is carried out in this way. These estimates, ``estimate_s`` and the reason are no part of
    the digest.
    """

    id: str
    title: str
    table: str = ""
    changes: tuple[ChangeNote, ...] = ()
    risk: Risk = Risk.LOW
    reversible: Reversible = Reversible.LOSSLESS
    irreversible_reason: str = ""
    estimate_s: float = 0.0
    prechecks: tuple[Precheck, ...] = ()
    statements: tuple[Statement, ...] = ()
    backward: tuple[Statement, ...] = ()
    backward_prechecks: tuple[Precheck, ...] = ()
    parks: tuple[Parked, ...] = ()
    backward_parks: tuple[Parked, ...] = ()
    revert: tuple[Statement, ...] | None = None
    redo: tuple[Statement, ...] | None = None
    redo_prechecks: tuple[Precheck, ...] | None = None
    strategy: Strategy = Strategy.PLAIN
    notices: tuple[str, ...] = ()
    extra_bytes: int = 0
    block_s: float = 0.0
    reason: str = ""

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """All hazards of the forward statements, in order."""
        return tuple(h for statement in self.statements for h in statement.hazards)


class Stage(Value, frozen=True):
    """One of expand, fix, contract. ``expected`` is the fingerprint the live schema has after it."""

    number: int
    name: str
    steps: tuple[Step, ...]
    expected: str = ""


class Proof(Value, frozen=True):
    """What was proven on a scratch copy before the plan was shown.

    ``is_replayed``: forward gave the desired schema, and backward the live one.
    ``is_dump_compared``: the server's own dump agreed at each of these points, and with the live database at the start.
    ``is_probed``: the server was asked what the statements lock and rewrite; else it is what its manual says.
    ``note`` says why something was not done.
    """

    is_replayed: bool = False
    is_dump_compared: bool = False
    is_probed: bool = False
    note: str = ""


class Plan(Value, frozen=True):
    """A plan. ``before``, ``after``: schema fingerprints; ``warnings`` in sentences.

    ``digest`` covers all but estimates, reasons, proof, warnings and itself.
    """

    engine: str
    flavor: str
    server_version: str
    target: str
    before: str
    after: str
    stages: tuple[Stage, ...] = ()
    allowed: tuple[str, ...] = ()
    unmanaged: tuple[str, ...] = ()
    proof: Proof = Proof()
    format_version: int = FORMAT_VERSION
    id: str = ""
    digest: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order they run."""
        return tuple(step for stage in self.stages for step in stage.steps)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps


def seal_plan(plan: Plan) -> Plan:
    """Return the plan with its digest and id."""
    digest = plan_digest(plan)
    return replace(plan, digest=digest, id=f"plan-{digest[:12]}")


def plan_digest(plan: Plan) -> str:
    """Return sha256 over everything that decides what is run."""
    stages = tuple(replace(stage, steps=tuple(map(_without_estimates, stage.steps))) for stage in plan.stages)
    return codec.digest_of(replace(plan, stages=stages, proof=Proof(), warnings=(), id="", digest=""))


def _without_estimates(step: Step) -> Step:
    return replace(step, estimate_s=0.0, extra_bytes=0, block_s=0.0, reason="")


def encode_plan(plan: Plan) -> bytes:
    """Encode a plan as indented JSON for review in a diff."""
    return codec.encode_pretty(plan)


def decode_plan(data: bytes, where: str = "the plan") -> Plan:
    """Decode and check a plan.

    Raises:
        ArtifactError: It is empty, cut short, edited after it was made, or of an unknown format version.
    """
    codec.check_format_version(data, FORMAT_VERSION, where)
    plan = codec.decode(data, Plan, where)
    if plan_digest(plan) != plan.digest:
        raise ArtifactError(
            f"{where} was changed after it was made",
            cause=f"its digest says {plan.digest[:12]}, its content {plan_digest(plan)[:12]}",
            state="nothing was touched",
            hint="make a new plan with `lockgate plan`",
        )
    return plan
