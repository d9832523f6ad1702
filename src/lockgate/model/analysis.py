"""What a baseline and an analysis of a database say: facts that were measured, and what could not be; pure."""

from __future__ import annotations

from collections import Counter

import msgspec

from lockgate.model.finding import Finding
from lockgate.model.keys import table_key
from lockgate.model.schema import Schema, Table, Unmanaged, Value

_SMALLEST_GROUP = 3


class TableFacts(Value, frozen=True, omit_defaults=False):
    """One table. ``rows`` and ``bytes`` are estimates from statistics, -1 when unknown."""

    name: str
    columns: int
    indexes: int
    foreign_keys: int
    rows: int
    bytes: int
    has_primary_key: bool


class TableGroup(Value, frozen=True, omit_defaults=False):
    """Tables that belong together by namespace or by the first word of their names."""

    name: str
    tables: tuple[TableFacts, ...]


class Section(Value, frozen=True, omit_defaults=False):
    """One group of checks in a document. ``status``: clean, found, unknown or not_run; ``note`` says why."""

    name: str
    status: str
    note: str = ""
    checked: dict[str, int] = msgspec.field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()


class Baseline(Value, frozen=True, omit_defaults=False):
    """What a database looked like at one moment. ``taken_at`` is UTC, ISO 8601; ``settings`` are the server's."""

    target: str
    engine: str
    flavor: str
    server_version: str
    taken_at: str
    fingerprint: str
    counts: dict[str, int]
    settings: dict[str, str]
    groups: tuple[TableGroup, ...]
    unmanaged: tuple[Unmanaged, ...] = ()
    drift: str = ""
    sections: tuple[Section, ...] = ()
    format_version: int = 1


def group_tables(schema: Schema, facts: dict[str, TableFacts]) -> tuple[TableGroup, ...]:
    """Return the tables in groups, by name; ``facts`` by the table's path.

    With several namespaces a group is a namespace; else it is the first word of the name where three tables or more
    share it, and ``other`` for the rest.
    """
    by_namespace = len({table.namespace for table in schema.tables}) > 1
    words = Counter(_first_word(table) for table in schema.tables)
    groups: dict[str, list[TableFacts]] = {}
    for table in schema.tables:
        word = _first_word(table)
        name = table.namespace if by_namespace else word if words[word] >= _SMALLEST_GROUP else "other"
        groups.setdefault(name, []).append(facts[table_key(table).path])
    return tuple(TableGroup(name=name, tables=tuple(groups[name])) for name in sorted(groups, key=_other_last))


def _first_word(table: Table) -> str:
    return table.name.partition("_")[0].lower()


def _other_last(name: str) -> tuple[bool, str]:
    return name == "other", name
