"""What a statement really did on a scratch copy, as the engine itself told; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from lockgate.model.op import Blocks, Hazard, HazardKind, Op, Statement
from lockgate.model.schema import Value

ORDER = tuple(Blocks)
"""From least to most."""


class Probed(Value, frozen=True):
    """What one statement does to others and to its table.

    ``lock`` is the server's name of the strongest lock, ``algorithm`` how the server carries it out (where it says so).
    ``scans``: the time it takes grows with the table, for rows are read, checked, or put into an index; ``rewrites``:
    every row is written again.
    """

    blocks: Blocks
    lock: str = ""
    rewrites: bool = False
    scans: bool = False
    algorithm: str = ""


def is_stronger(one: Blocks, other: Blocks) -> bool:
    """Tell whether one blocks more than the other."""
    return ORDER.index(one) > ORDER.index(other)


def worse(one: Probed, other: Probed) -> Probed:
    """Return what holds for either of two: the stronger lock, and whatever one of them does."""
    first = other if is_stronger(other.blocks, one.blocks) else one
    return replace(first, rewrites=one.rewrites or other.rewrites, scans=one.scans or other.scans)


def correct_statement(statement: Statement, probed: Probed) -> Statement:
    """Return the statement with what was found; where it agrees with what was documented, the words stay."""
    if (statement.blocks, statement.rewrites) == (probed.blocks, probed.rewrites):
        return replace(statement, scans=probed.scans)
    hazards = statement.hazards
    if statement.rewrites and not probed.rewrites:
        hazards = tuple(hazard for hazard in hazards if hazard.kind is not HazardKind.REWRITES_TABLE)
    elif probed.rewrites and not any(hazard.kind is HazardKind.REWRITES_TABLE for hazard in hazards):
        hazards = (*hazards, Hazard(kind=HazardKind.REWRITES_TABLE, message="every row is written again"))
    return replace(
        statement,
        blocks=probed.blocks,
        lock=probed.lock,
        rewrites=probed.rewrites,
        scans=probed.scans,
        hazards=hazards,
    )


def correct_ops(ops: Sequence[Op], found: Mapping[str, Probed]) -> tuple[Op, ...]:
    """Return ops whose statements say what was found for them, by their text."""
    return tuple(_correct_op(op, found) for op in ops)


def _correct_op(op: Op, found: Mapping[str, Probed]) -> Op:
    def correct(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(
            correct_statement(s, found[s.sql]) if s.sql in found and s.program is None else s for s in statements
        )

    return replace(
        op,
        forward=correct(op.forward),
        backward=correct(op.backward),
        revert=None if op.revert is None else correct(op.revert),
        redo=None if op.redo is None else correct(op.redo),
    )
