"""Statements that change one property of a table's part, made from the renderers; pure."""

from __future__ import annotations

import re

from msgspec.structs import replace

from lockgate.engine.postgres.acl import Acl, decode_acl, render_grants
from lockgate.engine.postgres.convert import parse_type
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.engine.postgres.render import (
    is_inherited,
    option,
    options_with,
    render_column,
    render_column_settings,
    render_comment,
    render_constraint,
    render_index,
    table_clause,
)
from lockgate.engine.postgres.render_objects import render_grant_change
from lockgate.engine.postgres.render_table import (
    render_attach,
    render_inherited,
    render_marks,
    render_table,
    render_table_descriptions,
    render_table_index,
    render_trigger_states,
)
from lockgate.model.op import HazardKind, Statement
from lockgate.model.schema import Check, Column, Constraint, Index, Options, PrimaryKey, Table, Unique

_ANY_VERSION = (18,)  # only the schema public has privileges that differ by version
_PLAIN = frozenset(
    [
        "smallint",
        "integer",
        "bigint",
        "real",
        "boolean",
        "date",
        "oid",
        "uuid",
        "money",
        "point",
        "lseg",
        "box",
        "circle",
        "line",
        "macaddr",
        "macaddr8",
        "interval",
    ]
) | {"double precision", "timestamp without time zone", "timestamp with time zone", "time without time zone"}
_MAIN = frozenset(["numeric", "inet", "cidr"])
_TRIGGER_STATES = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "origin": "ENABLE"}


def table_words(table: Table) -> str:
    """Return ``TABLE`` or ``FOREIGN TABLE``."""
    return table_clause(table)


def name_of(table: Table) -> str:
    """Return a table's qualified and quoted name."""
    return qualify(table.namespace, table.name)


def unquote(name: str) -> str:
    """Take the quotes off an identifier."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def create_table(table: Table, parents: list[Table], extra_checks: tuple[Check, ...]) -> list[str]:
    """Return all statements that make a table as it shall be, without its foreign keys."""
    texts = render_table(table, extra_checks=extra_checks)
    if table.inherits:
        texts += render_inherited(table, parents)
    for index in table.indexes:
        texts += render_table_index(table, index)
    if table.partition_of is not None:
        texts.append(render_attach(table))
    marks = _marks_with(table)
    return [*texts, *marks, *render_trigger_states(table), *render_table_descriptions(table, _ANY_VERSION)]


_SETTINGS = ("storage", "compression", "statistics", "attoption")


def _copied(column: Column, settings: tuple[str, ...]) -> Column:
    """Return a column as a copy has it: only some settings, and a NOT NULL that keeps the parent's name."""
    options = (("inherited", "true"), *(o for o in column.options if o[0].startswith(settings)))
    return replace(column, comment=None, options=options)


def create_partition(table: Table, parent: Table) -> list[str]:
    """Return all statements that make a partition like a parent that is there, with whatever columns it has parked."""
    own = replace(table, columns=(), primary_key=None, uniques=(), checks=(), exclusions=(), indexes=(), options=())
    head = render_table(replace(own, options=table.options, partitioning=table.partitioning))[0]
    like = f"LIKE {name_of(parent)} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE"
    texts = [head.replace(" ()", f" ({like})", 1)]
    above = {c.name: c for c in parent.columns}
    for column in table.columns:
        was = above.get(column.name, column)
        clause = f"ALTER {table_clause(table)} ONLY {name_of(table)} ALTER COLUMN {quote_ident(column.name)}"
        if column.default != was.default and column.generated is None:
            texts.append(
                f"{clause} DROP DEFAULT" if column.default is None else f"{clause} SET DEFAULT {column.default}"
            )
        if not column.is_nullable and was.is_nullable:
            texts.append(f"{clause} SET NOT NULL")
        texts += [s.sql for s in alter_column_options(table, _copied(was, ("storage",)), _copied(column, _SETTINGS))]
    for constraint in (table.primary_key, *table.uniques, *table.checks, *table.exclusions):
        if constraint is not None:
            texts.append(f"ALTER TABLE {name_of(table)} ADD {render_constraint(constraint)}")
    for index in table.indexes:
        texts += render_table_index(table, index)
    texts.append(render_attach(table))
    return [*texts, *_marks_with(table), *render_trigger_states(table), *render_table_descriptions(table, _ANY_VERSION)]


def _marks_with(table: Table) -> list[str]:
    names = (
        {i.name for i in table.indexes}
        | {u.name for u in table.uniques}
        | ({table.primary_key.name} if table.primary_key else set())
    )
    return [m for m in render_marks(table) if not _points_elsewhere(m, names)]


def _points_elsewhere(mark: str, names: set[str]) -> bool:
    match = re.search(r" (?:CLUSTER ON|USING INDEX) (.+)$", mark)
    return match is not None and unquote(match[1]) not in names


def drop_column(table: Table, column: Column) -> str:
    """Return ALTER TABLE … DROP COLUMN."""
    return f"ALTER {table_clause(table)} {name_of(table)} DROP COLUMN {quote_ident(column.name)}"


def add_column(table: Table, column: Column) -> list[str]:
    """Return ALTER TABLE … ADD COLUMN and the statements for what it cannot say."""
    bare = replace(column, options=tuple(o for o in column.options if o[0] != "inherited"))
    text = f"ALTER {table_clause(table)} {name_of(table)} ADD COLUMN {render_column(bare, namespace=table.namespace)}"
    clause = f"ALTER {table_clause(table)} ONLY"
    only = replace(table, columns=(bare,), comment=None, primary_key=None, uniques=(), checks=(), exclusions=())
    only = replace(only, foreign_keys=(), indexes=(), options=())
    return [
        text,
        *render_column_settings(name_of(table), bare, clause=clause),
        *render_table_descriptions(only, _ANY_VERSION),
    ]


def set_not_null(table: Table, column: Column) -> str:
    """Return what makes a column NOT NULL again, under the name its constraint had (PostgreSQL 18)."""
    name = option(column.options, "not_null_name")
    head = f"ALTER {table_clause(table)} {name_of(table)}"
    if name:
        inherit = " NO INHERIT" if option(column.options, "not_null_no_inherit") else ""
        return f"{head} ADD CONSTRAINT {quote_ident(name)} NOT NULL {quote_ident(column.name)}{inherit}"
    return f"{head} ALTER COLUMN {quote_ident(column.name)} SET NOT NULL"


def identity_sequence(table: Table, column: Column) -> str:
    """Return the name of an identity column's sequence."""
    given = option(column.identity.options, "sequence") if column.identity is not None else ""
    return given or make_object_name(table.name, column.name, "seq")


def add_identity(table: Table, column: Column) -> tuple[Statement, ...]:
    """Return what makes a column an identity that goes on after the values it has."""
    assert column.identity is not None
    identity = render_column(
        replace(column, default=None, is_nullable=True, collation=None, options=()), namespace=table.namespace
    )
    clause = identity[identity.index("GENERATED ") :]
    name = quote_ident(column.name)
    head = f"ALTER {table_clause(table)} {name_of(table)} ALTER COLUMN {name}"
    sequence = quote_literal(qualify(table.namespace, identity_sequence(table, column)))
    advance = (
        f"SELECT pg_catalog.setval({sequence}, max({name})) FROM {name_of(table)} HAVING max({name}) >= "
        f"(SELECT seqstart FROM pg_catalog.pg_sequence WHERE seqrelid = {sequence}::pg_catalog.regclass)"
    )
    only = replace(
        table, columns=(replace(column, comment=None, options=()),), comment=None, primary_key=None, uniques=()
    )
    only = replace(only, checks=(), exclusions=(), foreign_keys=(), indexes=(), options=())
    extras = [statement(t, "comment") for t in render_table_descriptions(only, _ANY_VERSION)]
    ascending = not option(column.identity.options, "increment").startswith("-")
    found = [statement(f"{head} ADD {clause}", "identity")]
    return (*found, *([statement(advance, "sequence")] if ascending else []), *extras)


def drop_identity(table: Table, column: Column) -> tuple[Statement, ...]:
    """Return what makes an identity column an ordinary one."""
    head = f"ALTER {table_clause(table)} {name_of(table)} ALTER COLUMN {quote_ident(column.name)}"
    return (statement(f"{head} DROP IDENTITY", "identity"),)


_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def alter_identity(table: Table, before: Column, after: Column) -> tuple[Statement, ...]:
    """Return what changes an identity's generation, sequence name and attributes."""
    assert before.identity is not None and after.identity is not None
    head = f"ALTER {table_clause(table)} {name_of(table)} ALTER COLUMN {quote_ident(after.name)}"
    found: list[Statement] = []
    old, new = identity_sequence(table, before), identity_sequence(table, after)
    if old != new:
        text = f"ALTER SEQUENCE {qualify(table.namespace, old)} RENAME TO {quote_ident(new)}"
        found.append(statement(text, "sequence"))
    sets: list[str] = []
    if before.identity.generation != after.identity.generation:
        sets.append(f"SET GENERATED {after.identity.generation.upper()}")
    was, now = dict(before.identity.options), dict(after.identity.options)
    names = ("type", "increment", "min_value", "max_value", "start", "cache", "cycle")
    if before.type != after.type or any(was.get(n) != now.get(n) for n in names):
        found.append(statement(_sequence_text(table, new, after), "sequence"))
    if sets:
        found.append(statement(f"{head} {' '.join(sets)}", "identity"))
    target = f"SEQUENCE {qualify(table.namespace, new)}"
    if was.get("comment") != now.get("comment"):
        found.append(statement(render_comment(target, now.get("comment")), "comment"))
    if was.get("acl") != now.get("acl"):
        pair = decode_acl(was.get("acl"), "sequence"), decode_acl(now.get("acl"), "sequence")
        found += [statement(t, "grant") for t in render_grants(target, *pair, "sequence")]
    if was.get("persistence") != now.get("persistence"):
        word = (now.get("persistence") or ("unlogged" if option(table.options, "persistence") else "logged")).upper()
        found.append(statement(f"ALTER {target} SET {word}", "sequence"))
    return tuple(found)


def _sequence_text(table: Table, name: str, column: Column) -> str:
    assert column.identity is not None
    options = dict(column.identity.options)
    kind = options.get("type") or column.type
    step = int(options.get("increment", "1"))
    size = _LIMITS.get(kind, 2**63)
    low, high = (1, size - 1) if step > 0 else (-size, -1)
    low, high = int(options.get("min_value", low)), int(options.get("max_value", high))
    start = options.get("start") or (low if step > 0 else high)
    cycle = "CYCLE" if options.get("cycle") else "NO CYCLE"
    return (
        f"ALTER SEQUENCE {qualify(table.namespace, name)} AS {kind} INCREMENT BY {step} MINVALUE {low}"
        f" MAXVALUE {high} START WITH {start} CACHE {options.get('cache', '1')} {cycle}"
    )


def alter_column_options(table: Table, before: Column, after: Column) -> tuple[Statement, ...]:
    """Return what changes storage, compression, statistics, attribute options, comment, grants, NOT NULL's name."""
    clause = f"ALTER {table_clause(table)} ONLY"
    head = f"{clause} {name_of(table)} ALTER COLUMN {quote_ident(after.name)}"
    was, now = dict(before.options), dict(after.options)
    is_retyped = before.type != after.type
    found: list[Statement] = []
    if now.get("storage") if is_retyped else was.get("storage") != now.get("storage"):
        found.append(
            statement(f"{head} SET STORAGE {(now.get('storage') or _default_storage(after)).upper()}", "storage")
        )
    if was.get("compression") != now.get("compression"):
        found.append(statement(f"{head} SET COMPRESSION {now.get('compression', 'default')}", "storage"))
    if was.get("statistics") != now.get("statistics"):
        found.append(statement(f"{head} SET STATISTICS {now.get('statistics', '-1')}", "statistics"))
    found += set_and_reset(head, "attoption:", before.options, after.options, "statistics")
    found += _fdw_changes(head, before.options, after.options)
    column = f"COLUMN {name_of(table)}.{quote_ident(after.name)}"
    if before.comment != after.comment:
        found.append(statement(render_comment(column, after.comment), "comment"))
    if was.get("acl") != now.get("acl"):
        pair = _column_acl(was), _column_acl(now)
        texts = render_grants(f"TABLE {name_of(table)}", *pair, "column", column=after.name)
        found += [statement(t, "grant") for t in texts]
    return tuple(found + _not_null_changes(table, before, after))


def _column_acl(options: dict[str, str]) -> Acl:
    return decode_acl(options["acl"], "column") if "acl" in options else {}


def _default_storage(column: Column) -> str:
    kind = parse_type(column.type)
    if kind.is_array:
        return "extended"
    return "plain" if kind.base in _PLAIN else "main" if kind.base in _MAIN else "extended"


def set_and_reset(head: str, prefix: str, before: Options, after: Options, form: str) -> list[Statement]:
    """Return what changes parameters: all go and are set again, for a dump tells in which order they were set."""
    old, new = options_with(before, prefix), options_with(after, prefix)
    if list(old.items()) == list(new.items()):
        return []
    found = []
    if old:
        found.append(statement(f"{head} RESET ({', '.join(map(_parameter, old))})", form))
    if new:
        is_text = prefix == "reloption:"
        pairs = [f"{_parameter(n)} = {quote_literal(v) if is_text else v}" for n, v in new.items()]
        found.append(statement(f"{head} SET ({', '.join(pairs)})", form))
    return found


def _parameter(name: str) -> str:
    return ".".join(quote_ident(part) for part in name.split("."))


def _fdw_changes(head: str, before: Options, after: Options) -> list[Statement]:
    old, new = options_with(before, "fdw_option:"), options_with(after, "fdw_option:")
    words = [f"DROP {quote_ident(n)}" for n in old if n not in new]
    words += [f"ADD {quote_ident(n)} {quote_literal(v)}" for n, v in new.items() if n not in old]
    words += [f"SET {quote_ident(n)} {quote_literal(v)}" for n, v in new.items() if n in old and old[n] != v]
    return [statement(f"{head} OPTIONS ({', '.join(words)})", "alter_table")] if words else []


def _not_null_changes(table: Table, before: Column, after: Column) -> list[Statement]:
    """Return what changes the NOT NULL constraint's name, reach and comment (PostgreSQL 18)."""
    if after.is_nullable or (is_inherited(before) and is_inherited(after)):
        return []
    standard = make_object_name(table.name, after.name, "not_null")
    old = (option(before.options, "not_null_name") if not before.is_nullable else "") or standard
    new = option(after.options, "not_null_name") or standard
    found = []
    if old != new:
        text = f"ALTER TABLE {name_of(table)} RENAME CONSTRAINT {quote_ident(old)} TO {quote_ident(new)}"
        found.append(statement(text, "rename"))
    if option(before.options, "not_null_no_inherit") != option(after.options, "not_null_no_inherit"):
        word = "NO INHERIT" if option(after.options, "not_null_no_inherit") else "INHERIT"
        found.append(
            statement(f"ALTER TABLE {name_of(table)} ALTER CONSTRAINT {quote_ident(new)} {word}", "alter_table")
        )
    old_text = option(before.options, "not_null_comment") if not before.is_nullable else ""
    text = option(after.options, "not_null_comment")
    if old_text != text:
        target = f"CONSTRAINT {quote_ident(new)} ON {name_of(table)}"
        found.append(statement(render_comment(target, text or None), "comment"))
    return found


def alter_table_options(before: Table, after: Table) -> tuple[Statement, ...]:
    """Return what changes a table's own settings, comment and grants."""
    name, words = name_of(after), table_clause(after)
    was, now = dict(before.options), dict(after.options)
    found: list[Statement] = []

    def changes(key: str) -> bool:
        return was.get(key) != now.get(key)

    if changes("persistence"):
        word = "UNLOGGED" if now.get("persistence") else "LOGGED"
        hazard = (HazardKind.WEAKENS_PROTECTION, f"{name} is emptied after a crash")
        found.append(
            statement(f"ALTER TABLE {name} SET {word}", "rewrite_table", *([hazard] if word == "UNLOGGED" else []))
        )
    if changes("access_method"):
        found.append(
            statement(f"ALTER TABLE {name} SET ACCESS METHOD {now.get('access_method', 'heap')}", "rewrite_table")
        )
    if changes("tablespace"):
        found.append(
            statement(f"ALTER TABLE {name} SET TABLESPACE {now.get('tablespace', 'pg_default')}", "rewrite_table")
        )
    found += set_and_reset(f"ALTER {words} {name}", "reloption:", before.options, after.options, "reloptions")
    found += _fdw_changes(f"ALTER {words} {name}", before.options, after.options)
    found += _marks(name, was, now)
    for key in sorted({k for k in (*was, *now) if k.startswith("validated:")}):
        if changes(key) and key in now:
            text = f"ALTER TABLE ONLY {name} VALIDATE CONSTRAINT {quote_ident(key.removeprefix('validated:'))}"
            found.append(statement(text, "validate"))
    for key in sorted({k for k in (*was, *now) if k.startswith("trigger:")}):
        if changes(key):
            text = f"ALTER TABLE {name} {_TRIGGER_STATES[now.get(key, 'origin')]} TRIGGER {quote_ident(key[8:])}"
            found.append(statement(text, "trigger"))
    if changes("of_type"):
        kind = now.get("of_type")
        found.append(
            statement(f"ALTER TABLE {name} OF {kind}" if kind else f"ALTER TABLE {name} NOT OF", "alter_table")
        )
    if before.comment != after.comment:
        found.append(statement(render_comment(f"{words} {name}", after.comment), "comment"))
    if changes("acl"):
        texts = render_grant_change(after, before.options, after.options, _ANY_VERSION)
        found += [statement(t, "grant") for t in texts]
    return tuple(found)


def _marks(name: str, was: dict[str, str], now: dict[str, str]) -> list[Statement]:
    found = []
    if was.get("clustered_on") != now.get("clustered_on"):
        index = now.get("clustered_on")
        text = f"CLUSTER ON {quote_ident(index)}" if index else "SET WITHOUT CLUSTER"
        found.append(statement(f"ALTER TABLE {name} {text}", "alter_table"))
    if was.get("replica_identity") != now.get("replica_identity"):
        word, _, index = now.get("replica_identity", "default").partition(" ")
        text = f"USING INDEX {index}" if index else word.upper()
        found.append(statement(f"ALTER TABLE ONLY {name} REPLICA IDENTITY {text}", "alter_table"))
    if was.get("row_security") != now.get("row_security"):
        is_on = bool(now.get("row_security"))
        hazard = (HazardKind.WEAKENS_PROTECTION, f"row security of {name} is turned off")
        text = f"ALTER TABLE {name} {'ENABLE' if is_on else 'DISABLE'} ROW LEVEL SECURITY"
        found.append(statement(text, "alter_table", *([] if is_on else [hazard])))
    if was.get("force_row_security") != now.get("force_row_security"):
        word = "FORCE" if now.get("force_row_security") else "NO FORCE"
        found.append(statement(f"ALTER TABLE ONLY {name} {word} ROW LEVEL SECURITY", "alter_table"))
    return found


def constraint_extras(table: Table, constraint: Constraint) -> list[str]:
    """Return the comments of a constraint just made, and the marks of the table that point at its index."""
    found = []
    if constraint.comment is not None:
        found.append(
            render_comment(f"CONSTRAINT {quote_ident(constraint.name)} ON {name_of(table)}", constraint.comment)
        )
    text = option(constraint.options, "index_comment")
    if text:
        found.append(comment_on_index(table, constraint.name, text))
    return found + _marks_at(table, constraint.name)


def _marks_at(table: Table, index: str) -> list[str]:
    return [
        m
        for m in render_marks(table)
        if m.endswith((f"CLUSTER ON {quote_ident(index)}", f"USING INDEX {quote_ident(index)}"))
    ]


def comment_on_index(table: Table, index: str, text: str | None) -> str:
    """Return COMMENT ON INDEX."""
    return render_comment(f"INDEX {qualify(table.namespace, index)}", text)


def create_index(table: Table, index: Index, is_concurrent: bool) -> list[str]:
    """Return CREATE INDEX and the statements for what it cannot say."""
    _, *rest = render_table_index(table, index)
    first = render_index(index, table.namespace, table.name, is_concurrent=is_concurrent)
    comment = [comment_on_index(table, index.name, index.comment)] if index.comment is not None else []
    return [first, *rest, *comment, *_marks_at(table, index.name)]


def alter_index(table: Table, before: Index, after: Index) -> tuple[Statement, ...]:
    """Return what changes an index's settings and comment."""
    name = f"ALTER INDEX {qualify(table.namespace, after.name)}"
    found = _index_settings(name, before.options, after.options)
    was, now = options_with(before.options, "statistics:"), options_with(after.options, "statistics:")
    for number in sorted(was.keys() | now.keys()):
        if was.get(number) != now.get(number):
            found.append(
                statement(f"{name} ALTER COLUMN {number} SET STATISTICS {now.get(number, '-1')}", "statistics")
            )
    old, new = option(before.options, "extension_dependency"), option(after.options, "extension_dependency")
    for extension in old.split(", ") if old else ():
        if extension not in new.split(", "):
            found.append(statement(f"{name} NO DEPENDS ON EXTENSION {quote_ident(extension)}", "catalogue"))
    for extension in new.split(", ") if new else ():
        if extension not in old.split(", "):
            found.append(statement(f"{name} DEPENDS ON EXTENSION {quote_ident(extension)}", "catalogue"))
    if before.comment != after.comment:
        found.append(statement(comment_on_index(table, after.name, after.comment), "comment"))
    return tuple(found)


def _index_settings(name: str, before: Options, after: Options) -> list[Statement]:
    found = set_and_reset(name, "reloption:", before, after, "reloptions")
    if option(before, "tablespace") != option(after, "tablespace"):
        target = quote_ident(option(after, "tablespace") or "pg_default")
        found.append(statement(f"{name} SET TABLESPACE {target}", "rewrite_table"))
    return found


def alter_constraint(table: Table, before: Constraint, after: Constraint) -> tuple[Statement, ...]:
    """Return what changes a constraint's comments and the settings of its index."""
    found: list[Statement] = []
    if isinstance(after, PrimaryKey | Unique) or hasattr(after, "definition"):
        found += _index_settings(f"ALTER INDEX {qualify(table.namespace, after.name)}", before.options, after.options)
    if before.comment != after.comment:
        target = f"CONSTRAINT {quote_ident(after.name)} ON {name_of(table)}"
        found.append(statement(render_comment(target, after.comment), "comment"))
    old, new = option(before.options, "index_comment"), option(after.options, "index_comment")
    if old != new:
        found.append(statement(comment_on_index(table, after.name, new or None), "comment"))
    return tuple(found)


__all__ = ["is_inherited"]
