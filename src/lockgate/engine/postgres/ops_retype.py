"""The op that converts a column to another type and back, keeping what the conversion would lose; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres.convert import Conversion, find_conversion, zero_value
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, refuse
from lockgate.engine.postgres.ops_graph import TYPE_KINDS, Fact, Graph
from lockgate.engine.postgres.park import own_schema
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.op import FIX, HazardKind, Op, Parked, Statement
from lockgate.model.schema import Column, Domain, Key, Table


def add_retype_op(context: Context, was: Fact, fact: Fact) -> None:
    """Add the op that converts one column; its default goes and comes with it."""
    before, after = was.value, fact.value
    assert isinstance(before, Column) and isinstance(after, Column) and fact.table is not None
    old, new = compare.column_type(before, context.before), compare.column_type(after, context.after)
    parked = context.parked_type(was)
    old = old._replace(text=parked)
    was = was._replace(value=replace(before, type=parked))
    there, back = find_conversion(old, new), find_conversion(new, old)
    if _is_swapped(context, was):
        there = _through_text(new.text) if there is None or there.is_implicit else there
        back = _through_text(old.text) if back is None or back.is_implicit else back
    if there is None or back is None:
        raise refuse(f"column {fact.key.path} changes from {before.type} to {after.type}", "there is no way back")
    context.add(_build(context, was, fact, there, back))


def _is_swapped(context: Context, was: Fact) -> bool:
    return any(context.doing(d) is Doing.REPLACE for d in was.deps if d.kind in TYPE_KINDS)


def _through_text(text: str) -> Conversion:
    return Conversion(f"{{c}}::text::{text}")


def _build(context: Context, was: Fact, fact: Fact, there: Conversion, back: Conversion) -> Op:
    before, after, table = was.value, fact.value, fact.table
    assert isinstance(before, Column) and isinstance(after, Column) and table is not None
    key = keys.table_key(table)
    name = quote_ident(after.name)
    kept = context.names.next(after.name) if there.loses and not _is_foreign(table) else ""
    forward: list[Statement] = []
    if kept:
        forward += _keep_values(table, before, kept)
    drops, sets = _default_moves(context, was, fact)
    forward += drops[0]
    aside: tuple[Parked, ...] = ()
    using = there.using.replace("{c}", name)
    if context.is_lenient and there.fits is not None:
        saved, aside = _salvage(context, table, fact, was, there)
        forward += saved
        using = f"CASE WHEN {there.fits.replace('{c}', name)} THEN {using} ELSE {_fallback(fact, context.after)} END"
    forward += _alter(table, after, using, there, conversion_hazards(before, after, there, fact.key))
    forward += sets[0]
    backward: list[Statement] = [*drops[1]]
    salvage = _salvage(context, table, was, fact, back)
    backward += salvage[0]
    backward += _alter(table, before, _way_back(context, was, after, there, back, kept), back, ())
    if kept:
        column = f"ALTER TABLE {qualify(table.namespace, table.name)} DROP COLUMN {quote_ident(kept)}"
        backward.append(statement(column, "drop_column"))
    backward += sets[1]
    below = {f.key for f in context.heirs(context.after, fact)}
    again = () if below or aside else _put_back(context, was, fact, (there, back), salvage[1])
    precheck = None
    if context.doing(fact.key) in (None, Doing.ALTER) and not _is_foreign(table):
        precheck = checks.unfit(table, after, there, after.type)
    change = context.decisions.change_of.get(fact.key)
    return Op(
        title=f"change the type of {fact.key.path} to {after.type}",
        stage=FIX,
        table=key,
        changes=(change,) if change is not None else (),
        forward=tuple(forward),
        backward=tuple(backward),
        prechecks=(precheck,) if precheck is not None else (),
        parks=(*aside, *_parked(table, fact.key, kept)),
        backward_parks=salvage[1],
        revert=tuple(backward) if again else None,
        redo=(*forward, *again) if again else None,
        creates=frozenset({fact.key, *below}) | _absorbed_keys(context, fact),
        removes=frozenset({fact.key, *below}),
        needs=retype_needs(context, fact),
        releases=retype_releases(context, was),
        rank=5,
    )


def _is_foreign(table: Table) -> bool:
    return "server" in dict(table.options)


def _absorbed_keys(context: Context, fact: Fact) -> frozenset[Key]:
    default = Key("default", *fact.key[1:])
    return frozenset({default}) if context.is_absorbed(default) and default in context.after.facts else frozenset()


def retype_needs(context: Context, fact: Fact) -> frozenset[Key]:
    """Return what has to be there before a column is converted."""
    found = {d for d in fact.deps if d.kind != "table"}
    default = context.after.get(Key("default", *fact.key[1:]))
    if default is not None and context.is_absorbed(default.key):
        found |= default.deps
    found.discard(fact.key)
    return frozenset(found | {Key("plain", *fact.key[1:])})


def retype_releases(context: Context, was: Fact) -> frozenset[Key]:
    """Return what a column no longer uses once it is converted."""
    found = set(was.deps)
    default = context.before.get(Key("default", *was.key[1:]))
    if default is not None and context.is_absorbed(default.key):
        found |= default.deps
    return frozenset(d for d in found if context.doing(d) is Doing.DROP)


def _default_moves(
    context: Context, was: Fact, fact: Fact
) -> tuple[tuple[list[Statement], list[Statement]], tuple[list[Statement], list[Statement]]]:
    """Return how the default goes first and comes last, forward and backward, when this op carries it."""
    before, after, table = was.value, fact.value, fact.table
    assert isinstance(before, Column) and isinstance(after, Column) and table is not None
    if not context.is_absorbed(Key("default", *fact.key[1:])):
        return ([], []), ([], [])
    head = (
        f"ALTER {sql.table_words(table)} {qualify(table.namespace, table.name)} ALTER COLUMN {quote_ident(after.name)}"
    )
    drop = statement(f"{head} DROP DEFAULT", "default")

    def put(column: Column) -> list[Statement]:
        return [] if column.default is None else [statement(f"{head} SET DEFAULT {column.default}", "default")]

    return (
        ([drop] if before.default is not None else [], [drop] if after.default is not None else []),
        (put(after), put(before)),
    )


def _keep_values(table: Table, before: Column, kept: str) -> list[Statement]:
    on, free, name = qualify(table.namespace, table.name), quote_ident(kept), quote_ident(before.name)
    is_own = bool(before.depends_on)
    value = f"{name}::text" if is_own else name
    message = f"the old values of {table.name}.{before.name} are kept in {kept} until finalize"
    return [
        statement(f"ALTER TABLE {on} ADD COLUMN {free} {'text' if is_own else before.type}", "add_column"),
        statement(f"UPDATE {on} SET {free} = {value}", "update_rows", (HazardKind.LONG_LOCK, message)),
    ]


def _alter(
    table: Table, column: Column, using: str, conversion: Conversion, hazards: tuple[tuple[HazardKind, str], ...]
) -> list[Statement]:
    words = sql.table_words(table)
    on, name = qualify(table.namespace, table.name), quote_ident(column.name)
    text = f"ALTER {words} {on} ALTER COLUMN {name} TYPE {column.type}"
    if column.collation:
        text += f" COLLATE {column.collation}"
    if words == "TABLE" and not (conversion.is_implicit and using == name):
        text += f" USING {using}"
    form = "alter_type_rewrite" if conversion.rewrites else "alter_type"
    return [statement(text, form, *hazards)]


def conversion_hazards(
    before: Column, after: Column, there: Conversion, key: Key
) -> tuple[tuple[HazardKind, str], ...]:
    """Return the dangers of a conversion, whichever way it is done."""
    found = []
    if there.loses:
        found.append((HazardKind.LOSSY_CONVERSION, f"{key.path} goes from {before.type} to {after.type}"))
    if there.fits is not None or there.loses:
        found.append((HazardKind.MAY_FAIL_ON_DATA, f"values of {key.path} that are no {after.type} are refused"))
    return tuple(found)


def _way_back(context: Context, was: Fact, after: Column, there: Conversion, back: Conversion, kept: str) -> str:
    """Return the expression of the way back: the value kept, unless changed since; else the reverse conversion."""
    before = was.value
    assert isinstance(before, Column)
    name = quote_ident(after.name)
    using = back.using.replace("{c}", name)
    if back.fits is not None:
        fallback = _fallback(was, context.before)
        using = _shorten(before, name, back) or (
            f"CASE WHEN {back.fits.replace('{c}', name)} THEN {using} ELSE {fallback} END"
        )
    if kept:
        free = quote_ident(kept)
        old = f"{free}::{before.type}" if before.depends_on else free
        again = there.using.replace("{c}", f"({old})")
        same = f"({again})::{after.type}::text IS NOT DISTINCT FROM {name}::text"
        using = f"CASE WHEN {free} IS NOT NULL AND {same} THEN {old} ELSE {using} END"
    return using


def _shorten(before: Column, name: str, back: Conversion) -> str:
    """Return the explicit cast that cuts a text to its length; empty when it is no such type."""
    if back.is_implicit and before.type.startswith(("character", "bit")):
        return f"{name}::{before.type}"
    return ""


def _fallback(was: Fact, graph: Graph) -> str:
    before = was.value
    assert isinstance(before, Column)
    kind = compare.column_type(before, graph)
    if before.is_nullable and not (isinstance(kind.user, Domain) and not kind.user.is_nullable):
        return "NULL"
    zero = zero_value(kind)
    return f"{zero}::{before.type}" if zero is not None else "NULL"


def _salvage(
    context: Context, table: Table, was: Fact, fact: Fact, back: Conversion
) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    """Return what saves, on the way back, the values that the old type cannot hold."""
    after = fact.value
    assert isinstance(after, Column)
    if back.fits is None or _is_foreign(table):
        return (), ()
    reserved = context.names.next(f"{table.name}_{after.name}")
    there = f"lockgate.{quote_ident(reserved)}"
    name = quote_ident(after.name)
    listed = [p.column or "" for p in table.primary_key.parts] if table.primary_key else []
    if not listed:
        listed = [c.name for c in table.columns if c.generated is None]
    known = [
        n for n in listed if n != after.name and context.doing(Key("column", *fact.key[1:3], n)) in (None, Doing.ALTER)
    ]
    parts = [f"{quote_ident(n)}::text AS {quote_ident(n)}" for n in known] + [f"{name}::text AS {name}"]
    where = back.fits.replace("{c}", name)
    source = f"{qualify(table.namespace, table.name)} WHERE NOT ({where})"
    text = f"CREATE TABLE {there} AS SELECT {', '.join(parts)} FROM {source}"
    drop = statement(f"DROP TABLE IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    parked = Parked(original=fact.key, parked=there, finalize=(drop,))
    return (own_schema(), statement(text, "save_rows")), (parked,)


def _put_back(
    context: Context, was: Fact, fact: Fact, ways: tuple[Conversion, Conversion], saved: tuple[Parked, ...]
) -> tuple[Statement, ...]:
    """Return what puts saved values back when the conversion is done once more, where nobody changed them since.

    Nothing where rows cannot be told by a primary key that is there in both schemas.
    """
    before, after, table = was.value, fact.value, fact.table
    assert isinstance(before, Column) and isinstance(after, Column) and table is not None
    listed = [p.column or "" for p in table.primary_key.parts] if table.primary_key else []
    is_settled = all(n != after.name and context.doing(Key("column", *fact.key[1:3], n)) is None for n in listed)
    if not saved or not listed or not is_settled or _is_swapped(context, was):
        return ()
    name, there = quote_ident(after.name), saved[0].parked
    keyed = ", ".join(map(quote_ident, listed))
    stand_in = ways[0].using.replace("{c}", f"({_way_back(context, was, after, *ways, '')})::{before.type}")
    value = f"SELECT {keyed}, {name}::{after.type} AS {name} FROM {there}"
    source = f"SELECT {keyed}, {name}, (({stand_in})::{after.type})::text AS lockgate_stand_in FROM ({value}) y"
    same = " AND ".join(f"t.{quote_ident(n)}::text = x.{quote_ident(n)}" for n in listed)
    text = (
        f"UPDATE {qualify(table.namespace, table.name)} t SET {name} = x.{name} FROM ({source}) x "
        f"WHERE {same} AND t.{name}::text IS NOT DISTINCT FROM x.lockgate_stand_in"
    )
    return statement(text, "update_rows"), statement(f"DROP TABLE {there}", "drop_constraint")


def _parked(table: Table, key: Key, kept: str) -> tuple[Parked, ...]:
    if not kept:
        return ()
    on = qualify(table.namespace, table.name)
    drop = f"ALTER TABLE {on} DROP COLUMN IF EXISTS {quote_ident(kept)}"
    finalize = (statement(drop, "drop_column", is_idempotent=True),)
    return (Parked(original=key, parked=f"{on}.{quote_ident(kept)}", finalize=finalize),)
