"""Views, triggers and virtual tables; pure."""

from __future__ import annotations

from lockgate.engine.sqlite.locks import deletes, hazard, note
from lockgate.engine.sqlite.park import parked_table
from lockgate.engine.sqlite.render import definition_sql
from lockgate.engine.sqlite.steps import World, relation, shape_key, trigger_name
from lockgate.engine.sqlite.tokens import fold, quote
from lockgate.errors import UnsupportedChange
from lockgate.model.change import Change
from lockgate.model.keys import key_of
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Statement
from lockgate.model.schema import Definition, Key

_WORDS = {"view": "VIEW", "trigger": "TRIGGER"}


def create_ops(world: World, change: Change, definition: Definition) -> list[Op]:
    """Return the op that creates a view, trigger or virtual table; none for a trigger its table brings along."""
    if definition.kind == "virtual_table":
        return [_create_virtual(world, change, definition)]
    if _is_carried(world, definition):
        return []
    triggers = world.triggers_after(definition.name) if definition.kind == "view" else ()
    return [
        Op(
            title=f"create {_label(definition)}",
            stage=EXPAND if definition.kind == "view" else FIX,
            table=_owner(definition),
            changes=(change,),
            forward=(_create(definition), *map(_create, triggers)),
            backward=(_drop(definition),),
            creates=frozenset([_name(definition), *(trigger_name(t.name) for t in triggers)]),
            needs=_needs(world, definition),
        )
    ]


def drop_ops(world: World, change: Change, definition: Definition) -> list[Op]:
    """Return the op that drops a view or trigger, or parks a virtual table."""
    if definition.kind == "virtual_table":
        return [_park_virtual(world, change, definition)]
    if _is_carried(world, definition):
        return []
    triggers = world.triggers_before(definition.name) if definition.kind == "view" else ()
    return [
        Op(
            title=f"drop {_label(definition)}",
            stage=CONTRACT,
            table=_owner(definition),
            changes=(change,),
            forward=(_drop(definition, f"clients that still use {definition.name} fail"),),
            backward=(_create(definition), *map(_create, triggers)),
            removes=frozenset([_name(definition), *(trigger_name(t.name) for t in triggers)]),
            needs=world.all_renames(),
            rank=-1,
        )
    ]


def alter_ops(world: World, change: Change, before: Definition, after: Definition) -> list[Op]:
    """Return the op that replaces a view or trigger, both in one transaction."""
    if after.kind == "virtual_table":
        raise UnsupportedChange(
            f"virtual table {after.name}: its definition differs, and its module's rows cannot be carried over exactly",
            state="nothing was touched",
            hint="declare it under a new name, fill it, and drop the old one in a second plan",
        )
    if _is_carried(world, after) and after.kind == "trigger":
        return []
    is_view = after.kind == "view"
    old_triggers = world.triggers_before(before.name) if is_view else ()
    new_triggers = world.triggers_after(after.name) if is_view else ()
    return [
        Op(
            title=f"replace {_label(after)}",
            stage=FIX,
            table=_owner(after),
            changes=(change,),
            forward=(_drop(before), _create(after), *map(_create, new_triggers)),
            backward=(_drop(after), _create(before), *map(_create, old_triggers)),
            creates=frozenset(
                trigger_name(t.name) for t in new_triggers if fold(t.name) not in {fold(o.name) for o in old_triggers}
            ),
            removes=frozenset(
                trigger_name(t.name) for t in old_triggers if fold(t.name) not in {fold(n.name) for n in new_triggers}
            ),
            needs=_needs(world, after),
        )
    ]


def _is_carried(world: World, definition: Definition) -> bool:
    return definition.kind == "trigger" and fold(definition.table or "") in world.carried


def _create_virtual(world: World, change: Change, definition: Definition) -> Op:
    name = world.names.next(definition.name)
    key = key_of(definition)
    return Op(
        title=f"create virtual table {definition.name}",
        stage=EXPAND,
        changes=(change,),
        forward=(note(definition_sql(definition)),),
        backward=(_rename(definition.name, name),),
        revert=(_rename(definition.name, name),),
        redo=(_rename(name, definition.name),),
        backward_parks=(parked_table(key, name),),
        creates=frozenset([relation(definition.name)]),
    )


def _park_virtual(world: World, change: Change, definition: Definition) -> Op:
    name = world.names.next(definition.name)
    rename = _rename(definition.name, name)
    gone = deletes(f"virtual table {definition.name} goes with its rows")
    return Op(
        title=f"drop virtual table {definition.name}",
        stage=CONTRACT,
        changes=(change,),
        forward=(note(rename.sql, gone),),
        backward=(_rename(name, definition.name),),
        parks=(parked_table(key_of(definition), name),),
        removes=frozenset([relation(definition.name)]),
    )


def _rename(old: str, new: str) -> Statement:
    return note(f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}")


def _needs(world: World, definition: Definition) -> frozenset[Key]:
    keys = set(world.renames_for(definition.table or "", definition.text or definition.sql))
    if definition.table is not None:
        keys |= {shape_key(definition.table), relation(definition.table)}
    return frozenset(keys)


def _name(definition: Definition) -> Key:
    return trigger_name(definition.name) if definition.kind == "trigger" else relation(definition.name)


def _owner(definition: Definition) -> Key | None:
    return None if definition.table is None else Key("table", "", definition.table)


def _label(definition: Definition) -> str:
    on = f" on {definition.table}" if definition.table else ""
    return f"{definition.kind} {definition.name}{on}"


def _create(definition: Definition) -> Statement:
    return note(definition_sql(definition))


def _drop(definition: Definition, breaks: str = "") -> Statement:
    hazards = (hazard(HazardKind.BREAKS_OLD_CLIENTS, breaks),) if breaks else ()
    return note(f"DROP {_WORDS[definition.kind]} {quote(definition.name)}", *hazards)
