"""Checks of choices that are dear to change later; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.lint import rules_design as rules
from lockgate.lint.here import Checks, Here
from lockgate.lint.state import KnownIndex
from lockgate.model.ddl import Act, ColumnFacts, Kind, Trait
from lockgate.model.finding import Finding

_MONEY = re.compile(r"price|amount|cost|total|balance|salary|fee|tax|payment|revenue|discount|money|wage|budget", re.I)
_NOTED = {
    "serial": (rules.SERIAL, "{name} is {type}"),
    "padded char": (rules.PADDED_CHAR, "{name} is {type}"),
    "limited varchar": (rules.LIMITED_VARCHAR, "{name} is {type}"),
    "timestamp without zone": (rules.NO_ZONE, "{name} is {type}, which has no zone"),
    "time with zone": (rules.TIME_ZONE, "{name} is {type}"),
    "money": (rules.MONEY_TYPE, "{name} is {type}"),
    "json": (rules.JSON, "{name} is json"),
    "enum": (rules.ENUM_COLUMN, "{name} is {type}"),
}


def check_columns(here: Here) -> Iterator[Finding]:
    """The types and properties of new or redefined columns."""
    for column in here.act.defined:
        yield from _check_column(here, column)


def _check_column(here: Here, column: ColumnFacts) -> Iterator[Finding]:
    name = f"{here.act.table}.{column.name}"
    for note in sorted(column.notes & _NOTED.keys()):
        rule, text = _NOTED[note]
        yield here.found(rule, text.format(name=name, type=column.type))
    if "float" in column.notes and _MONEY.search(column.name):
        yield here.found(rules.FLOAT_MONEY, f"{name} is {column.type}")
    if "small integer" in column.notes:
        counts = column.traits & {Trait.SERIAL, Trait.IDENTITY}
        is_key = bool(counts) or Trait.PRIMARY in column.traits or column.name in _key_columns(here.act)
        rule = rules.SMALL_KEY if is_key else rules.SMALL_INTEGER
        if not column.type.startswith("tinyint"):
            yield here.found(rule, f"{name} is {column.type}")
    if Trait.UTF8MB3 in column.traits:
        yield here.found(rules.UTF8MB3, f"{name} holds three bytes a character only")
    if Trait.POSITIONED in column.traits:
        yield here.found(rules.POSITION, f"{name} is put at a place")


def _key_columns(act: Act) -> tuple[str, ...]:
    keys = [part.columns for part in act.parts if part.kind is Kind.ADD_PRIMARY_KEY]
    return keys[0] if keys and len(keys[0]) == 1 else ()


def check_table(here: Here) -> Iterator[Finding]:
    """A new table as a whole."""
    act = here.act
    yield from check_columns(here)
    is_whole = bool(act.defined) and not act.has(Trait.PARTITION_OF) and not act.has(Trait.FROM_QUERY)
    if is_whole and not act.has(Trait.TEMPORARY):
        if not any(part.kind is Kind.ADD_PRIMARY_KEY for part in act.parts):
            yield here.found(rules.NO_KEY, f"{act.table} has no primary key")
        since = here.state.dialect.strict_since
        if since and here.state.server.version >= since and not act.has(Trait.STRICT):
            yield here.found(rules.NOT_STRICT, f"{act.table} takes values of any type")
    if act.has(Trait.NOT_TRANSACTIONAL):
        yield here.found(rules.STORAGE, f"{act.table} is stored without transactions")
    if act.has(Trait.UTF8MB3):
        yield here.found(rules.UTF8MB3, f"{act.table} holds three bytes a character only")
    for part in act.parts:
        if part.kind is Kind.ADD_FOREIGN_KEY and part.has(Trait.CASCADES_DELETES):
            yield here.found(rules.CASCADING_KEY, f"{act.table} loses rows when rows of {part.other} go")


def check_option(here: Here) -> Iterator[Finding]:
    """Table options in ALTER."""
    act = here.act
    if act.has(Trait.UTF8MB3):
        yield here.found(rules.UTF8MB3, f"{act.table or act.name} holds three bytes a character only")
    if act.has(Trait.NOT_TRANSACTIONAL):
        yield here.found(rules.STORAGE, f"{act.table} is stored without transactions")


def check_cascading(here: Here) -> Iterator[Finding]:
    """A foreign key that deletes rows."""
    if here.act.has(Trait.CASCADES_DELETES):
        yield here.found(rules.CASCADING_KEY, f"{here.act.table} loses rows when rows of {here.act.other} go")


def check_index(here: Here) -> Iterator[Finding]:
    """An index that is too wide, or covered by one that is known."""
    act = here.act
    if len(act.columns) > 3 and not act.has(Trait.UNIQUE):
        yield here.found(rules.WIDE_INDEX, f"index {act.name} has {len(act.columns)} columns")
    if act.has(Trait.PARTIAL) or "" in act.columns or act.has(Trait.FULLTEXT):
        return
    mine = KnownIndex(act.name, act.columns, act.has(Trait.UNIQUE), act.value or "btree")
    for known in here.state.indexes.get(act.table, ()):
        if known.name != mine.name or not mine.name:
            yield from _compare(here, mine, known)


def _compare(here: Here, mine: KnownIndex, known: KnownIndex) -> Iterator[Finding]:
    """Say which of two indexes the other covers."""
    if not (mine.what.startswith("btree") and known.what.startswith("btree")):
        return
    a, b = (mine.name or ", ".join(mine.columns)), (known.name or f"the key on {', '.join(known.columns)}")
    if known.columns[: len(mine.columns)] == mine.columns and (not mine.is_unique or mine.columns == known.columns):
        if not mine.is_unique or known.is_unique:
            yield here.found(rules.COVERED, f"index {a} of {here.act.table} is covered by {b}")
    elif mine.columns[: len(known.columns)] == known.columns and not known.is_unique:
        yield here.found(rules.COVERED, f"index {b} of {here.act.table} is covered by the new {a}")


def check_name(here: Here) -> Iterator[Finding]:
    """Names that the server cuts or refuses."""
    longest = here.state.dialect.longest_name
    act = here.act
    if not longest or act.kind in (Kind.COMMENT, Kind.OTHER_DDL, Kind.SERVER_SETTING, Kind.REVOKE):
        return
    names = [*act.table.split("."), *act.name.split("."), *(column.name for column in act.defined)]
    for name in dict.fromkeys(names):
        if len(name.encode()) > longest:
            yield here.found(rules.LONG_NAME, f"{name[:40]}… has {len(name.encode())} bytes, {longest} are kept")


CHECKS: Checks = {
    Kind.CREATE_TABLE: check_table,
    Kind.ADD_COLUMN: check_columns,
    Kind.CHANGE_COLUMN: check_columns,
    Kind.TABLE_OPTION: check_option,
    Kind.REWRITE_TABLE: check_option,
    Kind.ADD_FOREIGN_KEY: check_cascading,
    Kind.CREATE_INDEX: check_index,
}
EVERYWHERE = (check_name,)
