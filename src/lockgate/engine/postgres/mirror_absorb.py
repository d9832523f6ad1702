"""Take views, policies and triggers that read a mirrored column into the swap of names, so that nobody misses them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.ops_context import Context
from lockgate.model.op import Op, Statement
from lockgate.model.schema import Key


class Absorbed(NamedTuple):
    """The ops that drop what reads a column (its readers first), and those that make it again.

    ``shared`` are drops whose readers another table's swap makes anew: here they come back as they were.
    """

    drops: tuple[Op, ...] = ()
    makes: tuple[Op, ...] = ()
    shared: tuple[Op, ...] = ()

    @property
    def ops(self) -> tuple[Op, ...]:
        """All of them."""
        return self.drops + self.makes

    def leave(self) -> list[Statement]:
        """Return what drops the readers of before."""
        return [bare(s) for op in self.drops for s in op.forward]

    def come(self) -> list[Statement]:
        """Return what makes the readers of after."""
        again = [bare(s) for op in reversed(self.shared) for s in op.backward]
        return [*again, *(bare(s) for op in self.makes for s in op.forward)]

    def go(self) -> list[Statement]:
        """Return what drops the readers of after again."""
        again = [bare(s) for op in reversed(self.makes) for s in op.backward]
        return [*again, *(bare(s) for op in self.shared for s in op.forward)]

    def come_back(self) -> list[Statement]:
        """Return what makes the readers of before again."""
        return [bare(s) for op in reversed(self.drops) for s in op.backward]


def bare(statement: Statement) -> Statement:
    """Return a statement without its hazards: what it drops is there again before anybody can look."""
    return replace(statement, hazards=())


def take_readers(context: Context, columns: Sequence[Key]) -> Absorbed:
    """Return the ops that drop and make again whatever stands in the way of these columns; they stay in the context."""
    names = _readers(context, columns)
    drops = [op for op in context.ops if op.removes & names and not op.creates & names]
    makes = [op for op in context.ops if op.creates & names and not op.removes & names]
    return Absorbed(
        _sort(drops, lambda first, second: bool(first.releases & second.removes)),
        _sort(makes, lambda first, second: bool(second.needs & first.creates)),
    )


def _readers(context: Context, columns: Sequence[Key]) -> frozenset[Key]:
    found: set[Key] = set()
    todo = list(columns)
    while todo:
        for name in context.before.dependants.get(todo.pop(), ()):
            fact = context.before.facts[name]
            if name not in found and fact.table is None and context.doing(name) is Doing.REPLACE:
                found.add(name)
                todo.append(name)
    return frozenset(found)


def _sort(ops: Sequence[Op], is_before: Callable[[Op, Op], bool]) -> tuple[Op, ...]:
    """Return ops in an order in which each comes before those it has to; a circle is left as it is."""
    left, result = list(ops), []
    while left:
        ready = next((op for op in left if not any(is_before(other, op) for other in left if other is not op)), left[0])
        left.remove(ready)
        result.append(ready)
    return tuple(result)
