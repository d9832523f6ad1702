"""The op that adds labels to an enum at once, and takes them away again by changing to a type without them; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import Fact
from lockgate.engine.postgres.quote import qualify, quote_literal
from lockgate.model.change import AlterObject
from lockgate.model.op import EXPAND, HazardKind, Op, Parked, Statement
from lockgate.model.schema import EnumType, Key, Schema


def add_label_ops(context: Context, was: Fact, fact: Fact) -> None:
    """Add one op for all new labels of an enum; it comes first, so that its way back starts from what was there."""
    before, after = was.value, fact.value
    assert isinstance(before, EnumType) and isinstance(after, EnumType)
    backward, parks = _way_back(context, before, after)
    message = "rows that hold a label that is taken away get another value; theirs is kept aside"
    hazard = (HazardKind.LOSSY_CONVERSION, message)
    if backward:
        backward[0] = replace(backward[0], hazards=(*backward[0].hazards, *statement("", "comment", hazard).hazards))
    context.add(
        Op(
            title=f"add labels to {fact.key}",
            stage=EXPAND,
            changes=(context.decisions.change_of[fact.key],),
            forward=tuple(_add_values(before, after)),
            backward=tuple(backward),
            backward_parks=tuple(parks),
            creates=frozenset({fact.key}),
            rank=-1000,
        )
    )


def _add_values(before: EnumType, after: EnumType) -> list[Statement]:
    """Return ALTER TYPE … ADD VALUE, each placed by its neighbour; outside a transaction, to be usable at once."""
    name = qualify(after.namespace, after.name)
    known = list(before.values)
    found: list[Statement] = []
    for position, label in enumerate(after.values):
        if label in known:
            continue
        text = f"ALTER TYPE {name} ADD VALUE {quote_literal(label)}"
        follower = next((v for v in after.values[position + 1 :] if v in known), None)
        if follower is not None:
            text += f" BEFORE {quote_literal(follower)}"
        known.append(label)
        found.append(statement(text, "catalogue", is_transactional=False))
    return found


def _way_back(context: Context, before: EnumType, after: EnumType) -> tuple[list[Statement], list[Parked]]:
    from lockgate.engine.postgres.ops import propose_ops

    schema = context.before.schema
    labelled = _with_enum(schema, after)
    changes = (AlterObject(before=replace(before, values=after.values), after=before),)
    ops = sort_ops(
        propose_ops(changes, _with_enum(labelled, changes[0].before), schema, context.server, context.names, True)
    )
    statements = [s for op in ops for s in op.forward]
    return statements, [p for op in ops for p in op.parks]


def _with_enum(schema: Schema, enum: object) -> Schema:
    assert isinstance(enum, EnumType)
    enums = tuple(
        replace(e, values=enum.values) if (e.namespace, e.name) == (enum.namespace, enum.name) else e
        for e in schema.enums
    )
    return replace(schema, enums=enums)


def sort_ops(ops: Sequence[Op]) -> list[Op]:
    """Return ops so that each runs after what it needs and before what takes away what it releases; stable."""
    creators: dict[Key, list[int]] = {}
    removers: dict[Key, list[int]] = {}
    for i, op in enumerate(ops):
        for key in op.creates:
            creators.setdefault(key, []).append(i)
        for key in op.removes:
            removers.setdefault(key, []).append(i)
    first: list[set[int]] = [set() for _ in ops]
    for i, op in enumerate(ops):
        for key in op.needs:
            first[i].update(creators.get(key, ()))
        for key in op.creates:
            first[i].update(removers.get(key, ()))
        for key in op.releases:
            for j in removers.get(key, ()):
                first[j].add(i)
    done: list[int] = []
    left = sorted(range(len(ops)), key=lambda i: (ops[i].stage, ops[i].rank, i))
    while left:
        ready = next((i for i in left if first[i] - {i} <= set(done)), left[0])
        left.remove(ready)
        done.append(ready)
    return [ops[i] for i in done]
