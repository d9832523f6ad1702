"""Turn parsed texts into model values: one spelling for what SQLite takes as the same; pure."""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from lockgate.engine.memo import Memo
from lockgate.engine.sqlite.parse import ParsedColumn, ParsedConstraint, ParsedTable, parse_table
from lockgate.engine.sqlite.parse_index import parse_index
from lockgate.engine.sqlite.tokens import canonical, fold, tokenize
from lockgate.model.schema import (
    Check,
    Column,
    Definition,
    ForeignKey,
    Generated,
    Index,
    IndexPart,
    Options,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)

_STANDARD_TYPES = frozenset(["any", "blob", "int", "integer", "real", "text"])

_tables: Memo[str, Table] = Memo()
_whole: Memo[str, Table] = Memo()
_indexes: Memo[str, Index] = Memo()
_definitions: Memo[tuple[str, str, str | None, str], Definition] = Memo()


def prime(schema: Schema, _texts: tuple[str, ...]) -> None:
    """Take what this version of the program read before for what it would read from the same texts now."""
    for table in schema.tables:
        _tables.put(table.text, replace(table, indexes=()) if table.indexes else table)
        _whole.put(table.text, table)
        for index in table.indexes:
            _indexes.put(index.text, index)
    for definition in schema.definitions:
        _definitions.put((definition.kind, definition.name, definition.table, definition.text), definition)


def with_indexes(table: Table, indexes: tuple[Index, ...]) -> Table:
    """Return the table with exactly these indexes; the very value that was primed when it has them."""
    known = _whole.get(table.text)
    if known is not None and known.indexes == indexes:
        return known
    return replace(table, indexes=indexes) if indexes else table


def table_from_text(text: str) -> Table:
    """Read a CREATE TABLE text into the model, without indexes.

    Raises:
        ParseError: It is not understood.
    """
    known = _tables.get(text)
    return known if known is not None else _tables.put(text, _read_table(parse_table(text)))


def _read_table(parsed: ParsedTable) -> Table:
    primary_key = _primary_key(parsed)
    return Table(
        namespace="",
        name=parsed.name,
        columns=tuple(_column(c, parsed, primary_key) for c in parsed.columns),
        primary_key=primary_key,
        uniques=_uniques(parsed, primary_key),
        foreign_keys=_foreign_keys(parsed),
        checks=_checks(parsed),
        options=_options(parsed),
        text=parsed.text,
    )


def all_constraints(parsed: ParsedTable, kind: str) -> list[ParsedConstraint]:
    """Return the constraints of a kind in the order of the text, those of columns first."""
    inline = [c for column in parsed.columns for c in column.constraints]
    return [c for c in (*inline, *parsed.constraints) if c.kind == kind]


def _options(parsed: ParsedTable) -> Options:
    flags = {"strict": parsed.is_strict, "without_rowid": parsed.is_without_rowid}
    return tuple((name, "yes") for name, is_set in sorted(flags.items()) if is_set)


def _column(column: ParsedColumn, parsed: ParsedTable, primary_key: PrimaryKey | None) -> Column:
    by_kind = {c.kind: c for c in column.constraints}
    generated = by_kind.get("generated")
    default = by_kind.get("default")
    collate = by_kind.get("collate")
    not_null = by_kind.get("not_null")
    is_key = primary_key is not None and any(_same(p.column, column.name) for p in primary_key.parts)
    forced = is_key and parsed.is_without_rowid
    key = next((c for c in all_constraints(parsed, "primary_key")), None)
    options = {"not_null_conflict": not_null.conflict if not_null else ""}
    return Column(
        name=column.name,
        type=_type(column),
        is_nullable=not (not_null or forced),
        default=None if default is None else default.expression,
        generated=Generated(expression=generated.expression, is_stored=generated.is_stored) if generated else None,
        is_auto_increment=bool(key and key.is_autoincrement and is_key),
        collation=fold(collate.expression) if collate and fold(collate.expression) != "binary" else None,
        options=tuple((k, v) for k, v in options.items() if v),
    )


def _type(column: ParsedColumn) -> str:
    """Return the declared type in lower case; SQLite compares it so. Spaces are part of it."""
    if any(c.kind == "generated" for c in column.constraints) and fold(column.type).endswith("generated always"):
        return fold(column.type)[: -len("generated always")].rstrip()
    return _plain_type(column.type)


@lru_cache(maxsize=1024)
def _plain_type(text: str) -> str:
    tokens = tokenize(text)
    return fold(tokens[0].name) if len(tokens) == 1 else fold(text)


def _same(a: str | None, b: str) -> bool:
    return a is not None and fold(a) == fold(b)


def _spelling(parsed: ParsedTable, name: str) -> str:
    """Return a column's name as its definition spells it."""
    return next((c.name for c in parsed.columns if fold(c.name) == fold(name)), name)


def _parts(parsed: ParsedTable, constraint: ParsedConstraint) -> tuple[IndexPart, ...]:
    return tuple(
        IndexPart(
            column=_spelling(parsed, p.column),
            is_descending=p.is_descending,
            collation=_part_collation(parsed, p.column, p.collation),
        )
        for p in constraint.parts
    )


def _part_collation(parsed: ParsedTable, column: str, own: str | None) -> str | None:
    """Return a collation that differs from the column's own."""
    declared = next((c for c in parsed.columns if fold(c.name) == fold(column)), None)
    inline = declared.constraints if declared else []
    base = next((fold(k.expression) for k in inline if k.kind == "collate"), "binary")
    return fold(own) if own is not None and fold(own) != base else None


def _conflict(constraint: ParsedConstraint) -> Options:
    return (("on_conflict", constraint.conflict),) if constraint.conflict not in ("", "abort") else ()


def _primary_key(parsed: ParsedTable) -> PrimaryKey | None:
    found = next(iter(all_constraints(parsed, "primary_key")), None)
    if found is None:
        return None
    return PrimaryKey(name="", parts=_parts(parsed, found), options=_conflict(found))


def is_rowid_alias(table: Table) -> bool:
    """Tell whether the primary key is the rowid itself: INTEGER PRIMARY KEY without DESC."""
    key = table.primary_key
    if key is None or len(key.parts) != 1 or ("without_rowid", "yes") in table.options:
        return False
    column = next((c for c in table.columns if _same(key.parts[0].column, c.name)), None)
    return column is not None and fold(column.type) == "integer" and not key.parts[0].is_descending


def rowid_column(table: Table) -> str | None:
    """Return the column that is the rowid, or None."""
    key = table.primary_key
    return key.parts[0].column if key is not None and is_rowid_alias(table) else None


def _uniques(parsed: ParsedTable, primary_key: PrimaryKey | None) -> tuple[Unique, ...]:
    """Return UNIQUE constraints; one that repeats another or the primary key's index does not exist for SQLite."""
    seen: set[tuple[tuple[str, str | None], ...]] = set()
    if primary_key is not None and not _is_alias(parsed, primary_key):
        seen.add(_shape(primary_key.parts))
    result: list[Unique] = []
    for constraint in all_constraints(parsed, "unique"):
        parts = _parts(parsed, constraint)
        if _shape(parts) not in seen:
            seen.add(_shape(parts))
            result.append(Unique(name="", parts=parts, options=_conflict(constraint)))
    return tuple(sorted(result, key=lambda u: _shape(u.parts).__repr__()))


def _is_alias(parsed: ParsedTable, primary_key: PrimaryKey) -> bool:
    if len(primary_key.parts) != 1 or parsed.is_without_rowid or primary_key.parts[0].is_descending:
        return False
    column = next((c for c in parsed.columns if _same(primary_key.parts[0].column, c.name)), None)
    return column is not None and _type(column) == "integer"


def _shape(parts: tuple[IndexPart, ...]) -> tuple[tuple[str, str | None], ...]:
    return tuple((fold(p.column or ""), p.collation) for p in parts)


def _foreign_keys(parsed: ParsedTable) -> tuple[ForeignKey, ...]:
    found: list[ForeignKey] = []
    for constraint in all_constraints(parsed, "foreign_key"):
        found.append(
            ForeignKey(
                name="",
                columns=tuple(_spelling(parsed, c) for c in constraint.columns),
                ref_namespace="",
                ref_table=constraint.ref_table,
                ref_columns=constraint.ref_columns,
                on_update=constraint.on_update,
                on_delete=constraint.on_delete,
                match=constraint.match if constraint.match not in ("", "none") else "simple",
                deferrable=constraint.deferrable if constraint.deferrable == "deferred" else None,
            )
        )
    return tuple(sorted(found, key=lambda f: (f.columns, f.ref_table, f.ref_columns, f.on_update, f.on_delete)))


def _checks(parsed: ParsedTable) -> tuple[Check, ...]:
    """Return CHECKs without their names, which SQLite keeps as text only (they show in its error messages)."""
    return tuple(
        sorted(
            (Check(name="", expression=c.expression) for c in all_constraints(parsed, "check")),
            key=lambda c: c.expression,
        )
    )


def index_from_text(text: str) -> Index:
    """Read a CREATE INDEX text into the model.

    Raises:
        ParseError: It is not understood.
    """
    known = _indexes.get(text)
    return known if known is not None else _indexes.put(text, _read_index(text))


def _read_index(text: str) -> Index:
    parsed = parse_index(text)
    parts = tuple(
        IndexPart(
            column=p.column,
            expression=p.expression,
            collation=None if p.collation is None else fold(p.collation),
            is_descending=p.is_descending,
        )
        for p in parsed.parts
    )
    return Index(
        name=parsed.name,
        parts=parts,
        is_unique=parsed.is_unique,
        where=parsed.where,
        options=(("sql", canonical(text)),),
        text=text,
    )


def definition_from_text(kind: str, name: str, table: str | None, text: str) -> Definition:
    """Make a view's, trigger's or virtual table's value; ``sql`` is the spelling that is compared."""
    key = (kind, name, table, text)
    known = _definitions.get(key)
    if known is not None:
        return known
    read = Definition(kind=kind, namespace="", name=name, sql=canonical(text), table=table, text=text)
    return _definitions.put(key, read)
