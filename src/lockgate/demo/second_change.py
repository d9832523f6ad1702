"""The change that fails half-way: a copy of a real plan with one statement in it that the server must refuse; pure."""

from __future__ import annotations

from dataclasses import replace as replace_dataclass

from msgspec.structs import replace

from lockgate.demo.erp import Entity, Erp, Field, Index
from lockgate.model.op import Statement
from lockgate.model.plan import Plan, Step, seal_plan

_BROKEN = "INSERT INTO this_table_does_not_exist VALUES (1)"


def extend_erp(erp: Erp) -> Erp:
    """Return the ERP with one more table, two more columns and an index."""
    cards = Entity(
        "sales",
        "loyalty_cards",
        (Field("id", "id"), Field("customer_id", "ref", references="customers"), Field("no", "code", is_unique=True)),
        (Index("ix_loyalty_cards_customer_id", ("customer_id",)),),
    )
    new = {
        "orders": Field("channel", "short", is_nullable=True),
        "tickets": Field("language", "short", is_nullable=True),
    }
    entities = []
    for entity in erp.entities:
        if entity.name in new:
            entity = replace_dataclass(entity, fields=(*entity.fields, new[entity.name]))
        if entity.name == "orders":
            entity = replace_dataclass(
                entity, indexes=(*entity.indexes, Index("ix_orders_ordered_on", ("ordered_on",)))
            )
        entities.append(entity)
    return replace_dataclass(erp, entities=(*entities, cards))


def break_plan(plan: Plan) -> tuple[Plan, int]:
    """Return a sealed copy that fails, and how many steps run before it does. The plan must have a step."""
    stage = plan.stages[-1]
    position = max(1, len(stage.steps) - 1) if len(stage.steps) > 1 else len(stage.steps)
    broken = Step(
        id="s999",
        title="a statement that the server refuses",
        statements=(Statement(sql=_BROKEN),),
    )
    steps = (*stage.steps[:position], broken, *stage.steps[position:])
    before = sum(len(other.steps) for other in plan.stages[:-1]) + position
    return seal_plan(replace(plan, stages=(*plan.stages[:-1], replace(stage, steps=steps)))), before
