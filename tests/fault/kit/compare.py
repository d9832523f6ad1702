"""Two states of a database, row by row: what a table holds as text and a checksum of it, and where two differ."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tests.fault.kit.clients import Client

Row = tuple[str, ...]


@dataclass(frozen=True)
class State:
    """The rows of a table by key, as text, and the checksum of all."""

    columns: tuple[str, ...]
    rows: dict[str, Row]
    checksum: str


def read_state(url: str, table: str, columns: Sequence[str], key: str = "id") -> State:
    """Read a table as it is now. Values are compared as what they mean: 1 and Decimal('1.0') are the same number."""
    client = Client(url)
    try:
        names = ", ".join((key, *columns))
        found = {
            normal(first): tuple(normal(value) for value in rest)
            for first, *rest in client.stream(f"SELECT {names} FROM {table}")
        }
    finally:
        client.close()
    digest = hashlib.sha256()
    for number in sorted(found):
        digest.update(repr((number, found[number])).encode())
    return State(tuple(columns), found, digest.hexdigest())


def normal(value: object) -> str:
    """Return a value as text that tells its kind and exact content, whatever type the driver gave it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return f"n:{int(value)}"
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value)).normalize()
        return f"n:{number:f}" if number else "n:0"
    if isinstance(value, bytes | bytearray | memoryview):
        return f"b:{bytes(value).hex()}"
    if isinstance(value, datetime.date | datetime.time):
        return f"d:{value.isoformat()}"
    return f"s:{value}"


def differences(before: State, after: State, limit: int = 20) -> list[str]:
    """Return where two states of the same columns differ; empty when they are the same to the value."""
    if before.columns == after.columns and before.checksum == after.checksum:
        return []
    found = [f"row {key}: is gone" for key in before.rows.keys() - after.rows.keys()]
    found += [f"row {key}: is new" for key in after.rows.keys() - before.rows.keys()]
    found += [
        f"row {key}: {before.rows[key]} became {after.rows[key]}"
        for key in before.rows.keys() & after.rows.keys()
        if before.rows[key] != after.rows[key]
    ]
    return sorted(found)[:limit] or ["the states are of different columns"]
