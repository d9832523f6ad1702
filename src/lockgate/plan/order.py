"""Order ops by what they create, remove, need and release, and lift them to the stage they can run in; pure."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.errors import UnsupportedChange
from lockgate.model.op import Op
from lockgate.model.schema import Key


def order_ops(ops: Sequence[Op]) -> tuple[Op, ...]:
    """Return the ops in an order that respects every edge, each with its final stage; stages never decrease.

    Ties are broken by stage, rank, and the order given, so the result is deterministic.

    Raises:
        UnsupportedChange: The ops wait for each other in a circle.
    """
    successors = _edges(ops)
    incoming = [0] * len(ops)
    for targets in successors:
        for target in targets:
            incoming[target] += 1
    stages = [op.stage for op in ops]
    heap = [(stages[i], ops[i].rank, i) for i in range(len(ops)) if incoming[i] == 0]
    heapq.heapify(heap)
    result: list[Op] = []
    while heap:
        stage, _, i = heapq.heappop(heap)
        result.append(ops[i] if ops[i].stage == stage else replace(ops[i], stage=stage))
        for j in sorted(successors[i]):
            stages[j] = max(stages[j], stage)
            incoming[j] -= 1
            if incoming[j] == 0:
                heapq.heappush(heap, (stages[j], ops[j].rank, j))
    if len(result) < len(ops):
        stuck = [ops[i].title for i in range(len(ops)) if incoming[i] > 0]
        raise UnsupportedChange(
            "these changes wait for each other in a circle",
            cause="; ".join(stuck[:8]),
            state="nothing was touched",
            hint="make the change in two plans: first add what is new, then remove what is old",
        )
    return tuple(result)


def _edges(ops: Sequence[Op]) -> list[set[int]]:
    creators: dict[Key, list[int]] = defaultdict(list)
    removers: dict[Key, list[int]] = defaultdict(list)
    for i, op in enumerate(ops):
        for key in op.creates:
            creators[key].append(i)
        for key in op.removes:
            removers[key].append(i)
    successors: list[set[int]] = [set() for _ in ops]
    for i, op in enumerate(ops):
        for key in op.needs:
            for j in creators.get(key, ()):
                _link(successors, j, i)
        for key in op.releases:
            for j in removers.get(key, ()):
                _link(successors, i, j)
        for key in op.creates:
            for j in removers.get(key, ()):
                _link(successors, j, i)
    return successors


def _link(successors: list[set[int]], first: int, second: int) -> None:
    if first != second:
        successors[first].add(second)
