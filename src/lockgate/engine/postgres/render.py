"""Write the parts of a table as PostgreSQL's DDL: columns, constraints, indexes, comments; pure, reused by the planner.

Each function returns text without a trailing semicolon. Names are quoted as needed and always with their schema.
"""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.engine.postgres.quote import qualify, quote_ident, quote_list, quote_literal
from lockgate.model.schema import (
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Options,
    PrimaryKey,
    Table,
    Unique,
)

_SEQUENCE_WORDS = (
    ("start", "START WITH"),
    ("increment", "INCREMENT BY"),
    ("min_value", "MINVALUE"),
    ("max_value", "MAXVALUE"),
    ("cache", "CACHE"),
)


def option(options: Options, name: str, default: str = "") -> str:
    """Return one option's value."""
    return next((value for key, value in options if key == name), default)


def options_with(options: Options, prefix: str) -> dict[str, str]:
    """Return the options that begin with a prefix, by the rest of their name, in the order the server keeps them."""
    found = {name[len(prefix) :]: value for name, value in options if name.startswith(prefix)}
    order = option(options, prefix.removesuffix(":") + "_order")
    return {name: found[name] for name in order.split(",") if name in found} if order else found


def split_options(prefix: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    """Turn ``name=value`` texts into pairs with a prefix; their order is kept when it is not the alphabetical one."""
    pairs = [(name, value) for name, _, value in (text.partition("=") for text in texts)]
    names = [name for name, _ in pairs]
    options = [(prefix + name, value) for name, value in pairs]
    if names != sorted(names):
        options.append((prefix.removesuffix(":") + "_order", ",".join(names)))
    return options


def render_column(column: Column, *, with_default: bool = True, namespace: str = "") -> str:
    """Return a column as it stands in CREATE TABLE or after ADD COLUMN.

    Args:
        column: The column; its storage, statistics, comment and grants need statements of their own.
        with_default: Leave the default out (a generated column's expression always stays).
        namespace: The table's schema, for the name of an identity's sequence.
    """
    parts = [quote_ident(column.name), column.type]
    fdw = options_with(column.options, "fdw_option:")
    if fdw:
        parts.append(f"OPTIONS ({render_fdw_options(fdw)})")
    compression = option(column.options, "compression")
    if compression:
        parts.append(f"COMPRESSION {compression}")
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    if column.generated is not None:
        kind = " STORED" if column.generated.is_stored else " VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({column.generated.expression}){kind}")
    elif column.default is not None and with_default:
        parts.append(f"DEFAULT {column.default}")
    if column.identity is not None:
        parts.append(render_identity(column.identity, namespace))
    if not column.is_nullable:
        parts.append(render_not_null(column))
    return " ".join(parts)


def render_not_null(column: Column) -> str:
    """Return ``[CONSTRAINT name] NOT NULL [NO INHERIT]``."""
    name = option(column.options, "not_null_name")
    text = f"CONSTRAINT {quote_ident(name)} NOT NULL" if name else "NOT NULL"
    return f"{text} NO INHERIT" if option(column.options, "not_null_no_inherit") else text


def render_identity(identity: Identity, namespace: str = "") -> str:
    """Return ``GENERATED … AS IDENTITY [(options)]``."""
    words = []
    name = option(identity.options, "sequence")
    if name:
        words.append(f"SEQUENCE NAME {qualify(namespace, name)}")
    persistence = option(identity.options, "persistence")
    if persistence:
        words.append(persistence.upper())
    words += render_sequence_options(identity.options)
    text = f"GENERATED {identity.generation.upper()} AS IDENTITY"
    return f"{text} ({' '.join(words)})" if words else text


def render_sequence_options(options: Options) -> list[str]:
    """Return the words for a sequence's attributes that stand in options."""
    words = [f"{word} {value}" for name, word in _SEQUENCE_WORDS if (value := option(options, name))]
    return [*words, "CYCLE"] if option(options, "cycle") else words


def render_fdw_options(options: dict[str, str]) -> str:
    """Return ``name 'value', …`` for foreign objects."""
    return ", ".join(f"{quote_ident(name)} {quote_literal(value)}" for name, value in options.items())


def render_reloptions(options: Options) -> str:
    """Return ``name='value', …`` of the storage parameters, or nothing."""
    found = options_with(options, "reloption:")
    return ", ".join(f"{_reloption_name(name)}={quote_literal(value)}" for name, value in found.items())


def _reloption_name(name: str) -> str:
    return ".".join(quote_ident(part) for part in name.split("."))


def render_constraint(constraint: Constraint) -> str:
    """Return ``CONSTRAINT name …`` as it stands in CREATE TABLE or after ADD."""
    return f"CONSTRAINT {quote_ident(constraint.name)} {render_constraint_body(constraint)}"


def render_constraint_body(constraint: Constraint) -> str:
    """Return a constraint without its name."""
    match constraint:
        case PrimaryKey() | Unique():
            return _render_key(constraint)
        case ForeignKey():
            return _render_foreign_key(constraint)
        case Check():
            return _render_check(constraint)
        case Exclusion():
            return _render_exclusion(constraint)


def _render_key(key: PrimaryKey | Unique) -> str:
    columns = [quote_ident(part.column or "") for part in key.parts]
    if option(key.options, "without_overlaps"):
        columns[-1] += " WITHOUT OVERLAPS"
    word = "PRIMARY KEY" if isinstance(key, PrimaryKey) else "UNIQUE"
    if isinstance(key, Unique) and key.nulls_not_distinct:
        word += " NULLS NOT DISTINCT"
    include = f" INCLUDE ({quote_list(key.include)})" if key.include else ""
    return f"{word} ({', '.join(columns)}){include}{_index_clauses(key.options)}{_deferrable(key.deferrable)}"


def _index_clauses(options: Options) -> str:
    parameters = render_reloptions(options)
    tablespace = option(options, "tablespace")
    text = f" WITH ({parameters})" if parameters else ""
    return f"{text} USING INDEX TABLESPACE {quote_ident(tablespace)}" if tablespace else text


def _deferrable(state: str | None) -> str:
    if state is None:
        return ""
    return " DEFERRABLE INITIALLY DEFERRED" if state == "deferred" else " DEFERRABLE"


def _render_check(check: Check) -> str:
    text = f"CHECK ({check.expression})"
    if check.is_no_inherit:
        text += " NO INHERIT"
    if not check.is_enforced:
        return text + " NOT ENFORCED"
    return text if check.is_validated else text + " NOT VALID"


def _render_foreign_key(key: ForeignKey) -> str:
    columns, refs = list(map(quote_ident, key.columns)), list(map(quote_ident, key.ref_columns))
    if option(key.options, "period"):
        columns[-1], refs[-1] = f"PERIOD {columns[-1]}", f"PERIOD {refs[-1]}"
    text = f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {qualify(key.ref_namespace, key.ref_table)}"
    text += f"({', '.join(refs)})"
    if key.match != "simple":
        text += f" MATCH {key.match.upper()}"
    if key.on_update != "no action":
        text += f" ON UPDATE {key.on_update.upper()}"
    if key.on_delete != "no action":
        text += f" ON DELETE {key.on_delete.upper()}"
        targets = option(key.options, "delete_columns")
        text += f" ({targets})" if targets else ""
    text += _deferrable(key.deferrable)
    if not key.is_enforced:
        return text + " NOT ENFORCED"
    return text if key.is_validated else text + " NOT VALID"


def _render_exclusion(exclusion: Exclusion) -> str:
    clauses = _index_clauses(exclusion.options)
    head, where, condition = exclusion.definition.partition(" WHERE (")
    return f"{head}{clauses}{where}{condition}{_deferrable(exclusion.deferrable)}"


def render_index(
    index: Index, namespace: str, table: str, *, is_concurrent: bool = False, with_options: bool = True
) -> str:
    """Return CREATE INDEX.

    Args:
        index: The index; its comment and per-expression statistics need statements of their own.
        namespace: The table's schema.
        table: The table's (or materialised view's) name.
        is_concurrent: Build it without blocking writes; not inside a transaction, not on a partitioned table.
        with_options: Write storage parameters and tablespace.
    """
    words = ["CREATE"]
    if index.is_unique:
        words.append("UNIQUE")
    words.append("INDEX CONCURRENTLY" if is_concurrent else "INDEX")
    words += [quote_ident(index.name), "ON"]
    if option(index.options, "only"):
        words.append("ONLY")
    words += [qualify(namespace, table), "USING", quote_ident(index.method or "btree")]
    words.append(f"({', '.join(map(render_index_part, index.parts))})")
    if index.include:
        words.append(f"INCLUDE ({quote_list(index.include)})")
    if index.nulls_not_distinct:
        words.append("NULLS NOT DISTINCT")
    if with_options:
        parameters, tablespace = render_reloptions(index.options), option(index.options, "tablespace")
        words += [f"WITH ({parameters})"] if parameters else []
        words += [f"TABLESPACE {quote_ident(tablespace)}"] if tablespace else []
    if index.where:
        words.append(f"WHERE {index.where}")
    return " ".join(words)


def render_index_part(part: IndexPart) -> str:
    """Return one key of an index."""
    text = quote_ident(part.column) if part.column is not None else part.expression or ""
    if part.collation:
        text += f" COLLATE {part.collation}"
    if part.operator_class:
        text += f" {part.operator_class}"
    if part.is_descending:
        text += " DESC"
    return f"{text} NULLS {part.nulls.upper()}" if part.nulls else text


def render_comment(target: str, comment: str | None) -> str:
    """Return COMMENT ON; ``target`` is for example ``TABLE public.users``; no comment takes it away."""
    return f"COMMENT ON {target} IS {'NULL' if comment is None else quote_literal(comment)}"


def render_drop_constraint(namespace: str, table: str, name: str) -> str:
    """Return ALTER TABLE ONLY … DROP CONSTRAINT."""
    return f"ALTER TABLE {qualify(namespace, table)} DROP CONSTRAINT {quote_ident(name)}"


def render_column_settings(table: str, column: Column, *, clause: str = "ALTER TABLE ONLY") -> list[str]:
    """Return the statements that set storage, statistics and attribute options of a column just made.

    Args:
        table: The table's qualified and quoted name.
        column: The column.
        clause: ``ALTER TABLE ONLY``, ``ALTER FOREIGN TABLE ONLY`` or ``ALTER MATERIALIZED VIEW``.
    """
    head = f"{clause} {table} ALTER COLUMN {quote_ident(column.name)}"
    statements = []
    storage, statistics = option(column.options, "storage"), option(column.options, "statistics")
    if storage:
        statements.append(f"{head} SET STORAGE {storage.upper()}")
    if statistics:
        statements.append(f"{head} SET STATISTICS {statistics}")
    attributes = options_with(column.options, "attoption:")
    if attributes:
        pairs = ", ".join(f"{quote_ident(name)} = {value}" for name, value in attributes.items())
        statements.append(f"{head} SET ({pairs})")
    return statements


def is_inherited(column: Column) -> bool:
    """Tell whether a column comes from a parent only."""
    return bool(option(column.options, "inherited"))


def table_clause(table: Table) -> str:
    """Return ``TABLE`` or ``FOREIGN TABLE``."""
    return "FOREIGN TABLE" if option(table.options, "server") else "TABLE"


def join_lines(lines: Iterable[str]) -> str:
    """Return the lines of a CREATE's body, indented, separated by commas."""
    return ",\n".join(f"    {line}" for line in lines)
