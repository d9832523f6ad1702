"""The table that the load writes: which columns there are, and what stands in each row before anything happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.fault.kit.clients import Client

Values = tuple[object, ...]
_BATCH = 1000
_WIDTH = 60


@dataclass(frozen=True)
class Shape:
    """A table of numbered rows.

    ``columns`` are (name, type with its attributes), the key ``id`` first; ``tracked`` the two whose values the load
    writes and the ledger knows: a number and a text. ``indexes`` are statements.
    """

    columns: tuple[tuple[str, str], ...] = (
        ("id", "INTEGER NOT NULL PRIMARY KEY"),
        ("k", "INTEGER NOT NULL"),
        ("c", "VARCHAR(120)"),
        ("pad", "CHAR(60)"),
    )
    table: str = "t"
    tracked: tuple[str, str] = ("k", "c")
    indexes: tuple[str, ...] = ("CREATE INDEX t_k ON t (k)",)
    options: str = ""

    def ddl(self, **changed: str) -> str:
        """Return the statements that make it, each with its semicolon; ``changed`` are other types of columns.

        A type of ``""`` leaves the column out; a name the table does not have is a further column.
        """
        names = {name for name, _ in self.columns}
        columns = [(name, changed.get(name, kind)) for name, kind in self.columns]
        columns += [(name, kind) for name, kind in changed.items() if name not in names]
        body = ",\n  ".join(f"{name} {kind}" for name, kind in columns if kind)
        return "\n".join((f"CREATE TABLE {self.table} (\n  {body}\n){self.options};", *(f"{i};" for i in self.indexes)))


def first_values(number: int) -> Values:
    """Return the tracked values of a row as it is made: the number is spread, the text unique."""
    return number * 7919 % 1_000_003, f"row {number}"


def build(client: Client, shape: Shape, rows: int) -> None:
    """Make the table and its rows 1..``rows``; the indexes last, for they are built faster so."""
    head, *indexes = shape.ddl().split(";\n")
    client.execute(head.rstrip(";"))
    fill(client, shape, rows)
    for index in indexes:
        client.execute(index.rstrip(";"))


def fill(client: Client, shape: Shape, rows: int) -> None:
    """Insert the rows: a few thousand from here, doubled within the server up to the number asked for."""
    with_pad = any(name == "pad" for name, _ in shape.columns)
    names = ["id", *shape.tracked, *(["pad"] if with_pad else [])]
    have = min(rows, _BATCH)
    _insert(client, shape, names, range(1, have + 1))
    while have < rows:
        more = min(have, rows - have)
        number = f"(id + {have})"
        text = f"concat('row ', {number})" if client.scheme == "mysql" else f"'row ' || {number}"
        values = [
            number,
            f"({number} * {'CAST(7919 AS SIGNED)' if client.scheme == 'mysql' else _big(client)}) % 1000003",
        ]
        values += [text, *(["pad"] if with_pad else [])]
        client.execute(
            f"INSERT INTO {shape.table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {shape.table}"
            f" WHERE id <= {more}"
        )
        have += more


def _big(client: Client) -> str:
    return "7919::bigint" if client.scheme == "postgres" else "7919"


def _insert(client: Client, shape: Shape, names: Sequence[str], numbers: Sequence[int]) -> None:
    rows = []
    for number in numbers:
        k, c = first_values(number)
        pad = [f"'{'x' * _WIDTH}'"] if "pad" in names else []
        rows.append(f"({', '.join([str(number), str(k), repr(c), *pad])})")
    client.execute(f"INSERT INTO {shape.table} ({', '.join(names)}) VALUES {', '.join(rows)}")
