"""Turn ordered ops into the stages and steps of a plan; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from lockgate.diff.describe import describe_change
from lockgate.model.op import ChunkKind, Op
from lockgate.model.plan import STAGE_NAMES, Plan, Reversible, Stage, Step, seal_plan
from lockgate.model.schema import Key
from lockgate.model.server import Server
from lockgate.plan.policy import rate_op

# Rough figures of a small server; an estimate says minutes or hours, not seconds.
_REWRITE_BYTES_PER_S = 40_000_000
_REWRITE_ROWS_PER_S = 250_000
_SCAN_ROWS_PER_S = 1_500_000
_CHUNKED_ROWS_PER_S = {ChunkKind.WRITE: 30_000, ChunkKind.COMPARE: 300_000}
_STATEMENT_S = 0.01


def build_stages(ops: Sequence[Op], rows: Mapping[Key, tuple[int, int]]) -> tuple[Stage, ...]:
    """Group ordered ops into stages, one step an op.

    Args:
        ops: As `order_ops` returned them.
        rows: Estimated rows and bytes a table, for the estimates.
    """
    stages: list[Stage] = []
    number = 0
    for stage, group in groupby(ops, key=lambda op: op.stage):
        steps = []
        for op in group:
            number += 1
            steps.append(build_step(op, f"s{number:03d}", rows))
        stages.append(Stage(number=stage, name=STAGE_NAMES[stage], steps=tuple(steps)))
    return tuple(stages)


def build_step(op: Op, step_id: str, rows: Mapping[Key, tuple[int, int]]) -> Step:
    """Return one op as a step."""
    return Step(
        id=step_id,
        title=op.title,
        table=op.table.path if op.table else "",
        changes=tuple(describe_change(change) for change in op.changes),
        risk=rate_op(op),
        reversible=_reversible(op),
        irreversible_reason=op.irreversible_reason,
        estimate_s=estimate_s(op, rows),
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
    )


def _reversible(op: Op) -> Reversible:
    if not op.is_reversible:
        return Reversible.IRREVERSIBLE
    return Reversible.PARKED if op.parks else Reversible.LOSSLESS


def estimate_s(op: Op, rows: Mapping[Key, tuple[int, int]]) -> float:
    """Estimate an op's seconds from its table's size; unknown sizes count as empty."""
    count, size = rows.get(op.table, (0, 0)) if op.table else (0, 0)
    seconds = _STATEMENT_S * len(op.forward) + len(op.prechecks) * max(count, 0) / _SCAN_ROWS_PER_S
    for statement in op.forward:
        if statement.rewrites:
            seconds += max(max(count, 0) / _REWRITE_ROWS_PER_S, max(size, 0) / _REWRITE_BYTES_PER_S)
        if statement.chunked is not None:
            seconds += max(count, 0) / _CHUNKED_ROWS_PER_S[statement.chunked.kind]
    return round(seconds, 2)


def extra_bytes(op: Op, rows: Mapping[Key, tuple[int, int]]) -> int:
    """Estimate the disk space an op needs beside its table; unknown sizes count as empty."""
    size = rows.get(op.table, (0, 0))[1] if op.table else 0
    return int(max(size, 0) * op.extra_space)


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
