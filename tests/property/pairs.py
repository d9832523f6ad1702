"""Random pairs of schemas with rows, written in one engine's SQL; the second is a mutation of the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

NAMES = ("t", "users", "order", "Größe", "a b", "Mixed", "tbl_" + "x" * 40)
COLUMNS = ("a", "b", "select", "é", "c d", "Total", "col_" + "y" * 44)

TYPES: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {
        "INTEGER": ("1", "-7", "NULL"),
        "TEXT": ("'x'", "'007'", "'it''s'", "NULL"),
        "VARCHAR(20)": ("'42'", "''", "NULL"),
        "REAL": ("1.5", "NULL"),
        "NUMERIC(10,2)": ("12.25", "NULL"),
        "BLOB": ("x'00ff'", "NULL"),
    },
    "postgres": {
        "integer": ("1", "-7", "NULL"),
        "bigint": ("5000000000", "1", "NULL"),
        "varchar(20)": ("'42'", "''", "'it''s'", "NULL"),
        "text": ("'007'", "'x'", "NULL"),
        "numeric(10,2)": ("12.25", "NULL"),
        "boolean": ("true", "NULL"),
        "timestamp": ("'2020-02-29 12:00:00.123456'", "NULL"),
        "jsonb": ("'{\"k\": [1, 2]}'", "NULL"),
        "mood": ("'calm'", "NULL"),
    },
    "mysql": {
        "int": ("1", "-7", "NULL"),
        "bigint unsigned": ("18446744073709551615", "1", "NULL"),
        "varchar(20)": ("'42'", "''", "'it''s'", "NULL"),
        "text": ("'007'", "'x'", "NULL"),
        "decimal(10,2)": ("12.25", "NULL"),
        "datetime(6)": ("'2020-02-29 12:00:00.123456'", "NULL"),
        "enum('calm','wild')": ("'wild'", "NULL"),
        "json": ("'{\"k\": [1, 2]}'", "NULL"),
    },
}
TYPES["mariadb"] = TYPES["mysql"]
NUMBERS = {"INTEGER", "integer", "bigint", "int"}
INDEXABLE = NUMBERS | {"VARCHAR(20)", "varchar(20)", "NUMERIC(10,2)", "numeric(10,2)", "decimal(10,2)", "TEXT"}
DEFAULTS = {"INTEGER": "5", "integer": "5", "int": "5", "VARCHAR(20)": "'d'", "varchar(20)": "'d'", "TEXT": "'d'"}


@dataclass(frozen=True)
class Col:
    name: str
    type: str
    is_required: bool = False
    has_default: bool = False


@dataclass(frozen=True)
class Tab:
    """A table whose primary key is ``id``; the rest by column name."""

    name: str
    columns: tuple[Col, ...]
    unique: str = ""
    check: str = ""
    index: tuple[str, ...] = ()
    parent: str = ""
    view: str = ""


@dataclass(frozen=True)
class Pair:
    """Scripts: the live database with its rows, and the declared schema."""

    before: str
    after: str


@dataclass(frozen=True)
class Dialect:
    """How one engine writes it."""

    flavor: str

    def quote(self, name: str) -> str:
        mark = "`" if self.flavor in ("mysql", "mariadb") else '"'
        return mark + name + mark

    def schema(self, tables: Sequence[Tab], labels: Sequence[str]) -> list[str]:
        head = [f"CREATE TYPE mood AS ENUM ({', '.join(repr(x) for x in labels)})"] if self.flavor == "postgres" else []
        ordered = sorted(tables, key=lambda t: bool(t.parent))
        return [*head, *(s for t in ordered for s in self.table(t, tables))]

    def table(self, table: Tab, others: Sequence[Tab]) -> list[str]:
        q = self.quote
        names = {c.name for c in table.columns}
        lines = [f"{q('id')} {'int' if self.flavor in ('mysql', 'mariadb') else 'integer'} NOT NULL PRIMARY KEY"]
        lines += [self.column(c) for c in table.columns]
        if table.unique in names:
            lines.append(f"CONSTRAINT {q('u_' + table.name[:20])} UNIQUE ({q(table.unique)})")
        if table.check in names:
            lines.append(f"CONSTRAINT {q('c_' + table.name[:20])} CHECK ({q(table.check)} > -100)")
        if table.parent and table.parent != table.name and any(o.name == table.parent for o in others):
            lines.append(f"{q('parent_id')} {'int' if self.flavor in ('mysql', 'mariadb') else 'integer'}")
            lines.append(
                f"CONSTRAINT {q('f_' + table.name[:20])} FOREIGN KEY ({q('parent_id')}) "
                f"REFERENCES {q(table.parent)} ({q('id')}) ON DELETE CASCADE"
            )
        statements = [f"CREATE TABLE {q(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"]
        if table.index and set(table.index) <= names:
            columns = ", ".join(map(q, table.index))
            statements.append(f"CREATE INDEX {q('i_' + table.name[:20])} ON {q(table.name)} ({columns})")
        if table.view in names:
            statements.append(
                f"CREATE VIEW {q('v_' + table.name[:20])} AS SELECT {q('id')}, {q(table.view)} FROM {q(table.name)}"
            )
        return statements

    def column(self, column: Col) -> str:
        text = f"{self.quote(column.name)} {column.type}"
        if column.has_default and column.type in DEFAULTS:
            text += f" DEFAULT {DEFAULTS[column.type]}"
        return text + (" NOT NULL" if column.is_required else "")

    def rows(self, table: Tab) -> list[str]:
        """Two rows that fit the table."""
        result = []
        for number in (1, 2):
            values = []
            for column in table.columns:
                choices = TYPES[self.flavor][column.type]
                value = choices[number % len(choices)]
                if (value == "NULL" and column.is_required) or column.name == table.unique:
                    value = choices[0] if number == 1 else choices[1]
                    value = choices[0] if value == "NULL" else value
                if column.name == table.unique and number == 2 and choices[1] == "NULL":
                    return result
                values.append(value)
            names = ", ".join(map(self.quote, ("id", *(c.name for c in table.columns))))
            result.append(
                f"INSERT INTO {self.quote(table.name)} ({names}) VALUES ({', '.join([str(number), *values])})"
            )
        return result


@st.composite
def columns(draw: Any, flavor: str) -> Col:
    type_ = draw(st.sampled_from(sorted(TYPES[flavor])))
    return Col(draw(st.sampled_from(COLUMNS)), type_, draw(st.booleans()), draw(st.booleans()))


@st.composite
def tables(draw: Any, flavor: str, name: str) -> Tab:
    found = draw(st.lists(columns(flavor), min_size=1, max_size=4, unique_by=lambda c: c.name))
    plain = [c.name for c in found if c.type in INDEXABLE and c.type != "TEXT"]
    numbers = [c.name for c in found if c.type in NUMBERS]
    pick = lambda names: draw(st.sampled_from(["", *names]))  # noqa: E731
    return Tab(
        name,
        tuple(found),
        unique=pick(plain),
        check=pick(numbers),
        index=tuple(draw(st.lists(st.sampled_from(plain), max_size=2, unique=True))) if plain else (),
        parent=draw(st.sampled_from(("", "t", "users", "order"))),
        view=pick([c.name for c in found]),
    )


@st.composite
def pairs(draw: Any, flavor: str) -> Pair:
    """A schema with rows, and one that differs from it in up to four ways."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    before = [draw(tables(flavor, name)) for name in names]
    # A parent must stand before its child and have no parent itself, so that both scripts load in order.
    roots = {t.name for t in before if not t.parent}
    before = [t if t.parent in roots else replace(t, parent="") for t in before]
    after = list(before)
    labels = ["calm", "wild"]
    for _ in range(draw(st.integers(0, 4))):
        after = draw(mutations(flavor, after))
    roots = {t.name for t in after if not t.parent}
    after = [t if t.parent in roots else replace(t, parent="") for t in after]
    new_labels = draw(st.sampled_from((labels, ["wild", "calm"], ["calm", "new", "wild"])))
    dialect = Dialect(flavor)
    rows = [r for t in sorted(before, key=lambda t: bool(t.parent)) for r in dialect.rows(t)]
    script = ";\n".join(dialect.schema(before, labels) + rows) + ";\n"
    return Pair(script, ";\n".join(dialect.schema(after, new_labels)) + ";\n" if after else "")


@st.composite
def mutations(draw: Any, flavor: str, found: list[Tab]) -> list[Tab]:
    """One difference."""
    what = draw(st.sampled_from(("add_table", "drop_table", "add", "drop", "change", "rename", "parts", "parts")))
    taken = {t.name for t in found}
    if what == "add_table" or not found:
        free = [n for n in NAMES if n not in taken]
        return [*found, draw(tables(flavor, draw(st.sampled_from(free))))] if free else found
    table = draw(st.sampled_from(found))
    rest = [t for t in found if t is not table]
    if what == "drop_table":
        return rest
    if what == "parts":
        other = draw(tables(flavor, table.name))
        names = {c.name for c in table.columns if c.type in INDEXABLE - {"TEXT"}}
        keep = lambda name: name if name in names else ""  # noqa: E731
        return [*rest, replace(table, unique=keep(other.unique), index=tuple(filter(keep, other.index)), parent="")]
    return [*rest, replace(table, columns=_mutate_columns(draw, flavor, what, table.columns), check="", view="")]


def _mutate_columns(draw: Any, flavor: str, what: str, found: tuple[Col, ...]) -> tuple[Col, ...]:
    other = draw(columns(flavor))
    index = draw(st.integers(0, len(found) - 1))
    names = {c.name for c in found}
    if what == "drop" and len(found) > 1:
        return found[:index] + found[index + 1 :]
    if what == "change":
        return (*found[:index], replace(other, name=found[index].name), *found[index + 1 :])
    if other.name in names:
        return found
    if what == "rename":
        return (*found[:index], replace(found[index], name=other.name), *found[index + 1 :])
    return (*found, other)
