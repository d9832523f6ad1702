"""Collect ops in the order in which they must run, and write that order into their keys; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from lockgate.model.op import Blocks, Hazard, Op, Statement
from lockgate.model.schema import Key

_NO_LOCK = ""


def ddl(
    sql: str,
    *,
    blocks: Blocks = Blocks.NOTHING,
    lock: str = "short exclusive metadata lock",
    rewrites: bool = False,
    hazards: Iterable[Hazard] = (),
) -> Statement:
    """Return a statement that commits by itself."""
    return Statement(
        sql=sql, blocks=blocks, lock=lock, rewrites=rewrites, hazards=tuple(hazards), is_transactional=False
    )


def dml(sql: str, *, hazards: Iterable[Hazard] = (), blocks: Blocks = Blocks.NOTHING) -> Statement:
    """Return a data statement that may be repeated."""
    return Statement(
        sql=sql,
        blocks=blocks,
        lock="row locks",
        hazards=tuple(hazards),
        is_transactional=False,
        is_idempotent=True,
    )


def setting(sql: str) -> Statement:
    """Return a statement that only changes the session."""
    return Statement(sql=sql, lock=_NO_LOCK, is_transactional=False, is_idempotent=True)


@dataclass
class Draft:
    """Ops in the order in which they are to run.

    Every op comes after all earlier ones that touch a relation of the same name; nothing else is ordered by keys, so
    ``order_ops`` lifts only what must be lifted.
    """

    ops: list[Op] = field(default_factory=list)
    touches: list[frozenset[str]] = field(default_factory=list)

    def add(self, op: Op, touches: Iterable[str]) -> None:
        """Append an op that touches relations of these names."""
        self.ops.append(op)
        self.touches.append(frozenset(touches))

    def finish(self) -> tuple[Op, ...]:
        """Return the ops with the keys that keep their order."""
        result: list[Op] = []
        for number, op in enumerate(self.ops):
            mine = self.touches[number]
            needs = frozenset(_step(i) for i in range(number) if self.touches[i] & mine)
            result.append(
                replace(op, creates=op.creates | {_step(number)}, needs=op.needs | needs, rank=op.rank or number)
            )
        return tuple(result)


def _step(number: int) -> Key:
    return Key("step", "", f"{number:05d}")
