"""Ops that add, park and alter columns and their defaults; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres.convert import zero_value
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, refuse, resources_of
from lockgate.engine.postgres.ops_graph import Default, Fact, Graph
from lockgate.engine.postgres.ops_retype import add_retype_op
from lockgate.engine.postgres.park import own_schema
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.change import Change
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Parked, Precheck, Statement
from lockgate.model.schema import Column, ForeignKey, Key, PrimaryKey, Table, Unique


def add_column_ops(context: Context) -> None:
    """Add the ops of all columns and defaults whose table stays."""
    for key, fact in context.before.facts.items():
        if isinstance(fact.value, Column) and context.doing(key) in (Doing.DROP, Doing.REPLACE):
            _add_drop(context, fact)
        elif isinstance(fact.value, Default):
            _add_default_before(context, fact)
    for key, fact in context.after.facts.items():
        doing = context.doing(key)
        if isinstance(fact.value, Column):
            if doing in (Doing.CREATE, Doing.REPLACE):
                _add_create(context, fact)
            elif doing is Doing.ALTER:
                _add_alters(context, fact)
        elif isinstance(fact.value, Default) and doing in (Doing.CREATE, Doing.REPLACE, Doing.ALTER):
            _add_default_after(context, fact)


def _table(fact: Fact) -> Table:
    assert fact.table is not None
    return fact.table


def _is_rebuilt(context: Context, fact: Fact) -> bool:
    return context.doing(keys.table_key(_table(fact))) in (Doing.REPLACE, Doing.DROP)


def _changes(context: Context, key: Key) -> tuple[Change, ...]:
    change = context.decisions.change_of.get(key)
    return (change,) if change is not None else ()


def _add_drop(context: Context, fact: Fact) -> None:
    if _is_rebuilt(context, fact) or context.comes_from_parent(context.before, fact):
        return
    column = fact.value
    assert isinstance(column, Column)
    heirs = context.heirs(context.before, fact)
    if column.generated is not None:
        _add_drop_generated(context, fact, column, heirs)
        return
    table = keys.table_key(_table(fact))
    on = qualify(table.namespace, table.name)
    reserved = context.names.next(column.name)
    context.reserved[fact.key] = reserved
    name, free = quote_ident(column.name), quote_ident(reserved)
    words = sql.table_words(_table(fact))
    forward = [
        statement(
            f"ALTER {words} {on} RENAME COLUMN {name} TO {free}",
            "rename",
            (HazardKind.DELETES_DATA, f"the values of {fact.key.path} are kept in {reserved} until finalize"),
            (HazardKind.BREAKS_OLD_CLIENTS, f"statements that name {fact.key.path} fail"),
        )
    ]
    backward: list[Statement] = []
    is_relaxed = not column.is_nullable and column.default is None and column.identity is None
    backward.append(statement(f"ALTER {words} {on} RENAME COLUMN {free} TO {name}", "rename"))
    if is_relaxed:
        forward.append(statement(f"ALTER {words} {on} ALTER COLUMN {free} DROP NOT NULL", "drop_not_null"))
        backward += _fill_again(context, fact, column, name)
        backward.append(statement(sql.set_not_null(_table(fact), column), "set_not_null"))
    for old, new in _sequence_names(context, fact, column):
        forward.append(
            statement(f"ALTER SEQUENCE {qualify(table.namespace, old)} RENAME TO {quote_ident(new)}", "sequence")
        )
        back = f"ALTER SEQUENCE {qualify(table.namespace, new)} RENAME TO {quote_ident(old)}"
        backward.insert(0, statement(back, "sequence"))
    drop = statement(f"ALTER {words} {on} DROP COLUMN IF EXISTS {free}", "drop_column", is_idempotent=True)
    parked = Parked(original=fact.key, parked=f"{on}.{free}", finalize=(drop,))
    sequences = [f for f in _sequences_of(context.before, fact.key) if context.doing(f.key) is Doing.PARKED]
    removed = {fact.key, *resources_of(fact)}
    for other in (*heirs, *sequences):
        removed |= {other.key, *resources_of(other)}
    context.add(
        Op(
            title=f"park column {fact.key.path}",
            stage=CONTRACT,
            table=table,
            changes=_changes(context, fact.key),
            forward=tuple(forward),
            backward=tuple(backward),
            parks=(parked,),
            removes=frozenset(removed),
            releases=_released(context, fact),
            needs=frozenset({table}),
            rank=20,
        )
    )


def _released(context: Context, fact: Fact) -> frozenset[Key]:
    """What a parked column still uses is parked after it, so that finalize drops it after it."""
    default = context.before.get(fact.key._replace(kind="default"))
    deps = set(fact.deps) | (set(default.deps) if default else set())
    return frozenset(d for d in deps if d.kind not in ("table", "column", "namespace") and context.decisions.is_gone(d))


def _sequences_of(graph: Graph, column: Key) -> list[Fact]:
    return [
        f for f in graph.facts.values() if f.key.kind == "sequence" and getattr(f.value, "owned_by", None) == column
    ]


def _sequence_names(context: Context, fact: Fact, column: Column) -> list[tuple[str, str]]:
    found = []
    if column.identity is not None:
        old = sql.identity_sequence(_table(fact), column)
        found.append((old, context.names.next(old)))
    for sequence in _sequences_of(context.before, fact.key):
        if context.doing(sequence.key) is Doing.PARKED:
            found.append((sequence.key.name, context.names.next(sequence.key.name)))
    return found


def _fill_again(context: Context, fact: Fact, column: Column, name: str) -> list[Statement]:
    """Return what fills the rows inserted while the column was parked, which hold NULL."""
    kind = compare.column_type(column, context.before)
    zero = zero_value(kind)
    if zero is None:
        return []
    table = keys.table_key(_table(fact))
    text = f"UPDATE {qualify(table.namespace, table.name)} SET {name} = {zero} WHERE {name} IS NULL"
    message = f"rows inserted meanwhile get {zero} in {fact.key.path}"
    return [statement(text, "update_rows", (HazardKind.FILLS_ROWS, message))]


def _add_drop_generated(context: Context, fact: Fact, column: Column, heirs: list[Fact]) -> None:
    table = keys.table_key(_table(fact))
    drop = sql.drop_column(_table(fact), column)
    add = sql.add_column(_table(fact), column)
    removed = {fact.key, *resources_of(fact)}
    for other in heirs:
        removed |= {other.key, *resources_of(other)}
    context.add(
        Op(
            title=f"drop generated column {fact.key.path}",
            stage=CONTRACT if context.doing(fact.key) is Doing.DROP else FIX,
            table=table,
            changes=_changes(context, fact.key),
            forward=(
                statement(
                    drop,
                    "drop_column",
                    (HazardKind.BREAKS_OLD_CLIENTS, f"{fact.key.path} goes"),
                ),
            ),
            backward=tuple(statement(text, "add_column_rewrite") for text in add),
            removes=frozenset(removed),
            releases=fact.deps - {table},
            needs=frozenset({table}),
            rank=20,
        )
    )


def _add_create(context: Context, fact: Fact) -> None:
    table = _table(fact)
    table_key = keys.table_key(table)
    if context.doing(table_key) is Doing.REPLACE or context.comes_from_parent(context.after, fact):
        return
    column = fact.value
    assert isinstance(column, Column)
    default_key = fact.key._replace(kind="default")
    default = context.after.get(default_key)
    is_together = default is not None and context.doing(default_key) is Doing.WITH_TABLE
    needs = set(fact.deps) | (set(default.deps) if default and is_together else set())
    heirs = context.heirs(context.after, fact)
    created = {fact.key, *resources_of(fact)}
    for other in heirs:
        created |= {other.key, *resources_of(other)}
    if is_together:
        created.add(default_key)
    forward, prechecks = _add_statements(context, fact, column if is_together else replace(column, default=None))
    backward, saved = _unadd_statements(context, fact, column)
    context.add(
        Op(
            title=f"add column {fact.key.path}",
            stage=EXPAND,
            table=table_key,
            changes=_changes(context, fact.key),
            forward=forward,
            backward=backward,
            prechecks=prechecks,
            backward_parks=saved,
            creates=frozenset(created),
            needs=frozenset(needs) - {fact.key},
            rank=10,
        )
    )


def _add_statements(context: Context, fact: Fact, column: Column) -> tuple[tuple[Statement, ...], tuple[Precheck, ...]]:
    table = _table(fact)
    table_key = keys.table_key(table)
    is_filled = (
        not column.is_nullable and column.default is None and column.generated is None and column.identity is None
    )
    form = "add_column_rewrite" if _is_volatile(column) else "add_column"
    domain = compare.column_type(column, context.after).user
    if is_filled and getattr(domain, "default", None):
        is_filled = False
    if not is_filled or context.is_new_table(table_key):
        return tuple(statement(text, form) for text in sql.add_column(table, column)), ()
    zero = zero_value(compare.column_type(column, context.after))
    if zero is None:
        texts = sql.add_column(table, column)
        return tuple(statement(t, form) for t in texts), (checks.has_rows(table, column.name),)
    first, *rest = sql.add_column(table, replace(column, default=zero))
    hazard = (HazardKind.FILLS_ROWS, f"existing rows get {zero} in {fact.key.path}")
    drop = (
        f"ALTER {sql.table_words(table)} {qualify(*fact.key[1:3])} ALTER COLUMN {quote_ident(column.name)} DROP DEFAULT"
    )
    prechecks = (checks.has_many_rows(table, column.name),) if _is_key(table, column) else ()
    return (
        statement(first, form, hazard),
        statement(drop, "default"),
        *(statement(text, "comment") for text in rest),
    ), prechecks


def _is_volatile(column: Column) -> bool:
    if column.identity is not None or (column.generated is not None and column.generated.is_stored):
        return True
    text = (column.default or "").lower()
    return any(word in text for word in ("nextval(", "random", "uuid", "clock_timestamp("))


def _is_key(table: Table, column: Column) -> bool:
    """Tell whether a filled column alone has to be unique."""
    found: list[PrimaryKey | Unique] = [*table.uniques]
    if table.primary_key is not None:
        found.append(table.primary_key)
    return any([p.column for p in key.parts] == [column.name] for key in found)


def _unadd_statements(context: Context, fact: Fact, column: Column) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    table = _table(fact)
    drop = statement(sql.drop_column(table, column), "drop_column")
    is_foreign = "server" in dict(table.options)
    if column.generated is not None or is_foreign:
        return (drop,), ()
    saved = save_values(context, table, column, context.after, only_where=f"{{c}} IS DISTINCT FROM {_constant(column)}")
    return (*saved[0], drop), saved[1]


def _constant(column: Column) -> str:
    """Return the constant every old row holds, or NULL when the default is not a constant."""
    text = column.default or "NULL"
    is_constant = text.startswith("'") or text.replace(".", "", 1).lstrip("-").isdigit() or text in ("true", "false")
    if column.type in (
        "json",
        "xml",
        "point",
        "polygon",
        "line",
        "lseg",
        "path",
        "box",
        "circle",
    ) or column.type.endswith("]"):
        return "NULL"
    return text if is_constant else "NULL"


def save_values(
    context: Context, table: Table, column: Column, graph: Graph, only_where: str
) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    """Return what copies a column's values with their rows' key into a side table; ``{c}`` is the column."""
    reserved = context.names.next(f"{table.name}_{column.name}")
    there = f"lockgate.{quote_ident(reserved)}"
    name = quote_ident(column.name)
    is_simple = not column.depends_on and column.type not in (
        "json",
        "xml",
        "point",
        "polygon",
        "line",
        "lseg",
        "path",
        "circle",
    )
    compared = name if is_simple else f"{name}::text"
    if table.primary_key is not None:
        listed = [p.column or "" for p in table.primary_key.parts]
    else:
        listed = [c.name for c in table.columns if c.generated is None]
    by_name = {c.name: c for c in table.columns}
    wanted = [n for n in listed if n != column.name and n in by_name and _is_settled(context, table, n)]
    parts = [_portable(by_name[n]) for n in (*wanted, column.name)]
    condition = only_where.replace("{c}", compared)
    if not is_simple and "IS DISTINCT FROM NULL" not in condition:
        condition = f"{compared} IS NOT NULL"
    source = f"{qualify(table.namespace, table.name)} WHERE {condition}"
    text = f"CREATE TABLE {there} AS SELECT {', '.join(parts)} FROM {source}"
    key = keys.child_key(keys.table_key(table), column)
    drop = statement(f"DROP TABLE IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    return (own_schema(), statement(text, "save_rows")), (Parked(original=key, parked=there, finalize=(drop,)),)


def _is_settled(context: Context, table: Table, column: str) -> bool:
    """Tell whether a column is there under its name whenever this plan's ops are undone."""
    key = Key("column", table.namespace, table.name, column)
    return context.doing(key) in (None, Doing.ALTER)


def _portable(column: Column) -> str:
    """Return a column for a side table: types of the schema's own as text, so that nothing depends on them."""
    name = quote_ident(column.name)
    return f"{name}::text AS {name}" if column.depends_on else name


def _add_alters(context: Context, fact: Fact) -> None:
    was = context.before.get(fact.key)
    if was is None or context.doing(keys.table_key(_table(fact))) is Doing.REPLACE:
        return
    before, after = was.value, fact.value
    assert isinstance(before, Column) and isinstance(after, Column)
    from_parent = context.comes_from_parent(context.after, fact)
    if fact.key in context.decisions.retyped and not from_parent:
        add_retype_op(context, was, fact)
    if before.generated is not None and after.generated is None and not from_parent:
        _add_ungenerate(context, was, fact, before)
    if before.is_nullable != after.is_nullable and not (from_parent and _parent_agrees(context, fact)):
        _add_nullability(context, fact, before, after)
    if before.identity != after.identity:
        _add_identity(context, fact, before, after)
    _add_attributes(context, fact, before, after)


def _parent_agrees(context: Context, fact: Fact) -> bool:
    """Tell whether a parent's NOT NULL changes in the same way."""
    table = _table(fact)
    parents = list(table.inherits)
    if table.partition_of is not None:
        parents.append(Key("table", table.partition_of.namespace, table.partition_of.name))
    for parent in parents:
        key = Key("column", parent.namespace, parent.name, fact.key.child)
        old, new = context.before.get(key), context.after.get(key)
        if old and new and getattr(old.value, "is_nullable", 0) != getattr(new.value, "is_nullable", 0):
            return True
    return False


def _add_ungenerate(context: Context, was: Fact, fact: Fact, before: Column) -> None:
    table = _table(fact)
    on = qualify(table.namespace, table.name)
    name = quote_ident(before.name)
    saved = save_values(context, table, replace(before, generated=None), context.after, "{c} IS DISTINCT FROM NULL")
    backward = [*saved[0], statement(sql.drop_column(table, before), "drop_column")]
    backward += [statement(text, "add_column_rewrite") for text in sql.add_column(_table(was), before)]
    context.add(
        Op(
            title=f"make generated column {fact.key.path} an ordinary one",
            stage=FIX,
            table=keys.table_key(table),
            changes=_changes(context, fact.key),
            forward=(statement(f"ALTER TABLE {on} ALTER COLUMN {name} DROP EXPRESSION", "alter_table"),),
            backward=tuple(backward),
            backward_parks=saved[1],
            creates=frozenset({Key("plain", *fact.key[1:])}),
            releases=was.deps - fact.deps,
            rank=5,
        )
    )


def _add_nullability(context: Context, fact: Fact, before: Column, after: Column) -> None:
    table = _table(fact)
    key = keys.table_key(table)
    on, name = qualify(table.namespace, table.name), quote_ident(after.name)
    words = sql.table_words(table)
    flag = Key("not_null", *fact.key[1:])
    if after.is_nullable:
        fill = _refill(context, fact, before)
        context.add(
            Op(
                title=f"let {fact.key.path} be NULL",
                stage=FIX,
                table=key,
                changes=_changes(context, fact.key),
                forward=(statement(f"ALTER {words} {on} ALTER COLUMN {name} DROP NOT NULL", "drop_not_null"),),
                backward=(
                    *fill[0],
                    statement(sql.set_not_null(table, before), "set_not_null"),
                ),
                removes=frozenset({flag}),
                needs=frozenset({fact.key}),
                rank=12,
            )
        )
        return
    _add_not_null(context, fact, flag)


def _refill(context: Context, fact: Fact, before: Column) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    zero = zero_value(compare.column_type(before, context.before))
    if zero is None:
        return (), ()
    table = _table(fact)
    name = quote_ident(before.name)
    text = f"UPDATE {qualify(table.namespace, table.name)} SET {name} = {zero} WHERE {name} IS NULL"
    message = f"NULLs written meanwhile become {zero} in {fact.key.path}"
    return (statement(text, "update_rows", (HazardKind.FILLS_ROWS, message)),), ()


def _add_not_null(context: Context, fact: Fact, flag: Key) -> None:
    table = _table(fact)
    key = keys.table_key(table)
    on, column = qualify(table.namespace, table.name), fact.key.child
    name = quote_ident(column)
    proof = quote_ident(context.names.next(f"{column}_not_null"))
    words = sql.table_words(table)
    drop = statement(f"ALTER {words} {on} DROP CONSTRAINT {proof}", "drop_constraint")
    add = statement(
        f"ALTER {words} {on} ADD CONSTRAINT {proof} CHECK ({name} IS NOT NULL) NOT VALID", "add_check_not_valid"
    )
    hazards = (
        (HazardKind.MAY_FAIL_ON_DATA, f"rows with NULL in {fact.key.path} are refused"),
        (HazardKind.BREAKS_OLD_CLIENTS, f"statements that write NULL to {fact.key.path} fail"),
    )
    marks = [Key("proof", *fact.key[1:]), Key("proven", *fact.key[1:])]
    precheck = (checks.nulls(table, column),) if _is_checkable(context, fact.key) else ()
    changes = _changes(context, fact.key)
    needs = frozenset({fact.key, Key("plain", *fact.key[1:])})
    context.add(
        Op(
            title=f"prepare NOT NULL of {fact.key.path}",
            stage=CONTRACT,
            table=key,
            changes=changes,
            forward=(replace(add, hazards=statement("", "comment", *hazards).hazards),),
            backward=(drop,),
            prechecks=precheck,
            creates=frozenset({marks[0]}),
            needs=needs,
            rank=8,
        )
    )
    context.add(
        Op(
            title=f"prove NOT NULL of {fact.key.path}",
            stage=CONTRACT,
            table=key,
            changes=changes,
            forward=(statement(f"ALTER {words} {on} VALIDATE CONSTRAINT {proof}", "validate"),),
            creates=frozenset({marks[1]}),
            needs=frozenset({marks[0]}),
            rank=9,
        )
    )
    context.add(
        Op(
            title=f"set NOT NULL on {fact.key.path}",
            stage=CONTRACT,
            table=key,
            changes=changes,
            forward=(statement(f"ALTER {words} {on} ALTER COLUMN {name} SET NOT NULL", "set_not_null"), drop),
            backward=(add, statement(f"ALTER {words} {on} ALTER COLUMN {name} DROP NOT NULL", "drop_not_null")),
            creates=frozenset({flag}),
            needs=frozenset({marks[1], fact.key}),
            rank=10,
        )
    )


def _is_checkable(context: Context, column: Key) -> bool:
    """Tell whether a question about a column can be asked before the plan starts."""
    return context.doing(column) in (None, Doing.ALTER) and column not in context.decisions.retyped


def _add_identity(context: Context, fact: Fact, before: Column, after: Column) -> None:
    table = _table(fact)
    key = keys.table_key(table)
    default = Key("default", *fact.key[1:])
    if before.identity is None:
        forward, backward = sql.add_identity(table, after), sql.drop_identity(table, after)
        creates = {default, Key("identity", *fact.key[1:]), *(resources_of(fact) - {Key("attribute", *fact.key[1:])})}
        needs = {fact.key, Key("not_null", *fact.key[1:])}
        removes: set[Key] = set()
        releases: set[Key] = set()
        title = f"make {fact.key.path} an identity column"
    elif after.identity is None:
        was = context.before.facts[fact.key]
        forward, backward = sql.drop_identity(_table(was), before), sql.add_identity(_table(was), before)
        creates, needs = set(), set()
        removes = {default, Key("identity", *fact.key[1:]), *(resources_of(was) - {Key("attribute", *fact.key[1:])})}
        releases = {fact.key, Key("not_null", *fact.key[1:])}
        title = f"end the identity of {fact.key.path}"
    else:
        forward, backward = sql.alter_identity(table, before, after), sql.alter_identity(table, after, before)
        creates, removes, needs, releases = set(), set(), {fact.key}, set()
        title = f"alter the identity of {fact.key.path}"
    if not forward and not backward:
        return
    context.add(
        Op(
            title=title,
            stage=FIX,
            table=key,
            changes=_changes(context, fact.key),
            forward=forward,
            backward=backward,
            creates=frozenset(creates),
            removes=frozenset(removes),
            needs=frozenset(needs),
            releases=frozenset(releases),
            rank=14,
        )
    )


def _add_attributes(context: Context, fact: Fact, before: Column, after: Column) -> None:
    table = _table(fact)
    forward = sql.alter_column_options(table, before, after)
    if not forward:
        return
    context.add(
        Op(
            title=f"alter column {fact.key.path}",
            stage=FIX,
            table=keys.table_key(table),
            changes=_changes(context, fact.key),
            forward=forward,
            backward=sql.alter_column_options(table, after, before),
            needs=frozenset({fact.key, Key("not_null", *fact.key[1:])}),
            rank=16,
        )
    )


def _default_sql(fact: Fact, text: str | None) -> str:
    table = _table(fact)
    on, name = qualify(table.namespace, table.name), quote_ident(fact.key.child)
    words = sql.table_words(table)
    only = "ONLY " if words == "TABLE" else ""
    action = "DROP DEFAULT" if text is None else f"SET DEFAULT {text}"
    return f"ALTER {words} {only}{on} ALTER COLUMN {name} {action}"


def _add_default_before(context: Context, fact: Fact) -> None:
    doing = context.doing(fact.key)
    if doing not in (Doing.DROP, Doing.REPLACE) or _default_goes_with_column(context, fact, context.before):
        return
    if context.is_absorbed(fact.key):
        return
    assert isinstance(fact.value, Default)
    context.add(
        Op(
            title=f"drop the default of {fact.key.path}",
            stage=FIX,
            table=keys.table_key(_table(fact)),
            changes=_changes(context, fact.key._replace(kind="column")),
            forward=(statement(_default_sql(fact, None), "default"),),
            backward=(statement(_default_sql(fact, fact.value.text), "default"),),
            removes=frozenset({fact.key}),
            releases=fact.deps,
            rank=-2,
        )
    )


def _default_goes_with_column(context: Context, fact: Fact, graph: Graph) -> bool:
    column = fact.key._replace(kind="column")
    table = keys.table_key(_table(fact))
    if context.doing(table) is Doing.REPLACE:
        return True
    return context.doing(column) is Doing.REPLACE and context.doing(fact.key) is not Doing.DROP


def _add_default_after(context: Context, fact: Fact) -> None:
    doing = context.doing(fact.key)
    was = context.before.get(fact.key)
    if _default_goes_with_column(context, fact, context.after) or context.is_absorbed(fact.key):
        return
    assert isinstance(fact.value, Default)
    old = was.value.text if was is not None and isinstance(was.value, Default) and doing is Doing.ALTER else None
    context.add(
        Op(
            title=f"set the default of {fact.key.path}",
            stage=FIX,
            table=keys.table_key(_table(fact)),
            changes=_changes(context, fact.key._replace(kind="column")),
            forward=(statement(_default_sql(fact, fact.value.text), "default"),),
            backward=(statement(_default_sql(fact, old), "default"),),
            creates=frozenset({fact.key}),
            needs=fact.deps,
            releases=was.deps - fact.deps if was is not None and doing is Doing.ALTER else frozenset(),
            rank=15,
        )
    )


__all__ = ["ForeignKey", "add_column_ops", "refuse", "save_values"]
