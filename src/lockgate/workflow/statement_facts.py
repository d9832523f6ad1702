"""What a plan says of its statements where no server was asked, and of the disk space it needs."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.model.ddl import DdlDialect
from lockgate.model.op import Op
from lockgate.model.plan import Plan
from lockgate.model.probed import Probed
from lockgate.model.server import Server


def documented(ops: Sequence[Op], dialect: DdlDialect, server: Server) -> dict[str, Probed]:
    """Return what the manual says that the statements of ops do, by their text: what the op says, and whether it scans.

    Args:
        dialect: Reads a statement without a database.
    """
    found = {}
    for op in ops:
        for statement in (*op.forward, *op.backward, *(op.revert or ()), *(op.redo or ())):
            found[statement.sql] = Probed(
                blocks=statement.blocks,
                lock=statement.lock,
                rewrites=statement.rewrites,
                scans=statement.chunked is None and dialect.read(statement.sql, server).lock.scans,
            )
    return found


def warn_of_space(plan: Plan, free: int | None) -> tuple[str, ...]:
    """Return a sentence for each step that needs more disk than is free; nothing where that is not known.

    Args:
        free: Bytes on the disk that holds the target's data.
    """
    if free is None:
        return ()
    return tuple(
        f"{step.id} {step.title} needs about {_size(step.extra_bytes)} of disk beside the table, {_size(free)} are free"
        for step in plan.steps
        if step.extra_bytes > free
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1_000_000_000 else f"{count / 1e6:.0f} MB"
