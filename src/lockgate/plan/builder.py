"""Turn ordered ops into the stages and steps of a plan; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from lockgate.diff.describe import describe_change
from lockgate.model.op import Op
from lockgate.model.plan import STAGE_NAMES, Plan, Reversible, Stage, Step, seal_plan
from lockgate.model.schema import Key
from lockgate.model.server import Server
from lockgate.plan.estimate import block_s, extra_bytes, op_s
from lockgate.plan.policy import rate_op

_NO_REASONS: Mapping[Key, str] = MappingProxyType({})


def build_stages(
    ops: Sequence[Op], rows: Mapping[Key, tuple[int, int]], reasons: Mapping[Key, str] = _NO_REASONS
) -> tuple[Stage, ...]:
    """Group ordered ops into stages, one step an op.

    Args:
        ops: As `order_ops` returned them.
        rows: Estimated rows and bytes a table, for the estimates.
        reasons: Why a table is changed by the strategy it is changed by, in a sentence.
    """
    stages: list[Stage] = []
    number = 0
    for stage, group in groupby(ops, key=lambda op: op.stage):
        steps = []
        for op in group:
            number += 1
            steps.append(build_step(op, f"s{number:03d}", rows, reasons))
        stages.append(Stage(number=stage, name=STAGE_NAMES[stage], steps=tuple(steps)))
    return tuple(stages)


def build_step(
    op: Op, step_id: str, rows: Mapping[Key, tuple[int, int]], reasons: Mapping[Key, str] = _NO_REASONS
) -> Step:
    """Return one op as a step."""
    return Step(
        id=step_id,
        title=op.title,
        table=op.table.path if op.table else "",
        changes=tuple(describe_change(change) for change in op.changes),
        risk=rate_op(op),
        reversible=_reversible(op),
        irreversible_reason=op.irreversible_reason,
        estimate_s=op_s(op, rows),
        prechecks=op.prechecks,
        statements=op.forward,
        backward=op.backward,
        backward_prechecks=op.backward_prechecks,
        parks=op.parks,
        backward_parks=op.backward_parks,
        revert=op.revert,
        redo=op.redo,
        redo_prechecks=op.redo_prechecks,
        strategy=op.strategy,
        notices=op.notices,
        extra_bytes=extra_bytes(op, rows),
        block_s=block_s(op, rows),
        reason=reasons.get(op.table, "") if op.table else "",
    )


def _reversible(op: Op) -> Reversible:
    if not op.is_reversible:
        return Reversible.IRREVERSIBLE
    return Reversible.PARKED if op.parks else Reversible.LOSSLESS


def build_plan(
    stages: tuple[Stage, ...],
    *,
    server: Server,
    target: str,
    before: str,
    after: str,
    allowed: Sequence[str] = (),
    unmanaged: Sequence[str] = (),
) -> Plan:
    """Return the sealed plan; ``before`` and ``after`` are fingerprints."""
    return seal_plan(
        Plan(
            engine=server.engine,
            flavor=server.flavor,
            server_version=server.version_text,
            target=target,
            before=before,
            after=after,
            stages=stages,
            allowed=tuple(allowed),
            unmanaged=tuple(unmanaged),
        )
    )
