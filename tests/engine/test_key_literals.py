"""The literals of keys: ranges made of them hold every row of a table exactly once, whatever the key's type."""
# ruff: noqa: E501

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Scope, Session
from lockgate.execute.ranges import bind_range, last_key_query
from lockgate.model.keys import table_key
from lockgate.model.op import RANGE, Chunked, ChunkKind
from lockgate.model.schema import Column, Table
from lockgate.model.target import parse_target

# fmt: off

_TEXTS = (
    "''",
    "'a'",
    "'A'",
    "'a b'",
    "'a%sb%%'",
    "'it''s'",
    "'\"q\"'",
    "'ü'",
    "'ÿ∑'",
    "'😀'",
    "'zz'",
    "'0'",
    "'10'",
    "'9'",
)
_INTS = tuple(str(number) for number in (-(2**31), -5, -1, 0, 1, 2, 3, 10, 99, 100, 2**31 - 1))
_BIG = (*_INTS, str(-(2**63) + 1), str(2**63 - 1), "9007199254740993", "9007199254740992")
_DATES = ("'0001-01-01'", "'1969-12-31'", "'2000-02-29'", "'2026-11-22'", "'9999-12-31'")
_TIMES = (
    "'1999-12-31 23:59:59.999999'",
    "'2000-01-01 00:00:00'",
    "'2000-01-01 00:00:00.000001'",
    "'2026-03-29 02:30:00'",
)
_MORE = ("'infinity'", "'-infinity'", "'0044-03-15 BC'")
_STAMPS = (
    "'2025-10-26 00:30:00+00'",
    "'2025-10-26 01:30:00+00'",
    "'2025-10-26 00:59:59+00'",
    "'2025-10-26 01:00:00+00'",
)
_HEX = ("''", "'00'", "'0001'", "'27'", "'5c'", "'25'", "'ff'", "'7f80'", "'ffff'")
_UUIDS = ("'00000000-0000-0000-0000-000000000000'", "'0190a7c0-1111-7000-8000-00000000000a'",
          "'ffffffff-ffff-4fff-bfff-ffffffffffff'", "'0190a7c0-1111-7000-8000-00000000000b'")  # fmt: skip


# fmt: on


class Keyed(NamedTuple):
    """A key's columns, and the values of its rows."""

    columns: str
    key: str
    rows: tuple[str, ...]
    before: str = ""


def _bytes(form: str) -> tuple[str, ...]:
    return tuple(form.format(value.strip("'")) for value in _HEX)


def _pairs(*lists: tuple[str, ...]) -> tuple[str, ...]:
    rows = [""]
    for values in lists:
        rows = [f"{row}, {value}" if row else value for row in rows for value in values]
    return tuple(rows)


# fmt: off
_ALL = {
    "sqlite": (
        Keyed("k integer PRIMARY KEY", "k", _BIG),
        Keyed("k text PRIMARY KEY NOT NULL", "k", (*_TEXTS, "'a' || char(0) || 'b'", "'a' || char(0)")),
        Keyed("k text COLLATE NOCASE PRIMARY KEY NOT NULL", "k", tuple(t for t in _TEXTS if t != "'A'")),
        Keyed("k PRIMARY KEY NOT NULL", "k", (*_BIG, *_TEXTS, "1.5", "-0.1", "1e300", "0.30000000000000004", *_bytes("x'{}'"))),
        Keyed("a integer, b text, PRIMARY KEY (a, b)", "a, b", _pairs(_INTS[:5], _TEXTS)),
    ),
    "postgres": (
        Keyed("k integer PRIMARY KEY", "k", _INTS),
        Keyed("k bigint PRIMARY KEY", "k", _BIG),
        Keyed("k numeric PRIMARY KEY", "k", (*_BIG, "1.1", "1.10000000000000000000001", "'NaN'")),
        Keyed("k double precision PRIMARY KEY", "k", ("0.1", "0.30000000000000004", "1e308", "'NaN'", "'-Infinity'", "-1")),
        Keyed("k real PRIMARY KEY", "k", ("0.1", "0.3", "1e30", "16777216", "-1")),
        Keyed("k text PRIMARY KEY", "k", (*_TEXTS, "E'a\\\\b'", "E'\\n'")),
        Keyed("k varchar(20) COLLATE \"C\" PRIMARY KEY", "k", _TEXTS),
        Keyed("k char(8) PRIMARY KEY", "k", _TEXTS),
        Keyed("k bytea PRIMARY KEY", "k", _bytes("'\\x{}'")),
        Keyed("k uuid PRIMARY KEY", "k", _UUIDS),
        Keyed("k date PRIMARY KEY", "k", (*_DATES, *_MORE)),
        Keyed("k timestamp PRIMARY KEY", "k", (*_TIMES, *_MORE)),
        Keyed("k timestamptz PRIMARY KEY", "k", (*_TIMES, *_STAMPS, *_MORE), "SET TimeZone = 'Europe/Berlin'; SET DateStyle = 'SQL, DMY'"),
        Keyed("k timetz PRIMARY KEY", "k", ("'10:00+01'", "'10:00+00'", "'09:59:59.999999-12'")),
        Keyed("k interval PRIMARY KEY", "k", ("'1 day'", "'-1 mon 3 days 00:00:01'", "'25 hours'", "'1 year'")),
        Keyed("k boolean PRIMARY KEY", "k", ("true", "false")),
        Keyed("k inet PRIMARY KEY", "k", ("'10.0.0.1'", "'10.0.0.0/8'", "'::1'")),
        Keyed("k \"Mood's\" PRIMARY KEY", "k", ("'sad'", "'it''s ok'", "'happy'"), "CREATE TYPE \"Mood's\" AS ENUM ('sad', 'it''s ok', 'happy')"),
        Keyed("k word PRIMARY KEY", "k", _TEXTS, "CREATE DOMAIN word AS varchar(30) CHECK (value <> 'no')"),
        Keyed("k integer[] PRIMARY KEY", "k", ("'{}'", "'{1,2}'", "'{1,3}'", "'{2}'")),
        Keyed("k jsonb PRIMARY KEY", "k", ("'{}'", "'{\"a\": 1}'", "'[1]'", "'\"x''y\"'")),
        Keyed("k int4range PRIMARY KEY", "k", ("'[1,5)'", "'empty'", "'[2,3)'", "'(,1)'")),
        Keyed("a integer, b text, c uuid, PRIMARY KEY (a, b, c)", "a, b, c", _pairs(_INTS[:4], _TEXTS[:6], _UUIDS[:3])),
    ),
    "mysql": (
        Keyed("k int PRIMARY KEY", "k", _INTS),
        Keyed("k bigint PRIMARY KEY", "k", _BIG),
        Keyed("k bigint unsigned PRIMARY KEY", "k", ("0", "1", "18446744073709551615", "9223372036854775808")),
        Keyed("k decimal(40,20) PRIMARY KEY", "k", ("0.1", "1.00000000000000000001", "-1", "12345678901234567890.5")),
        Keyed("k year PRIMARY KEY", "k", ("0", "1901", "1999", "2000", "2069", "2155")),
        Keyed("k varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY", "k", _TEXTS),
        Keyed("k varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY", "k", tuple(t for t in _TEXTS if t != "'A'")),
        Keyed("k varchar(40) CHARACTER SET latin1 COLLATE latin1_swedish_ci PRIMARY KEY", "k", ("''", "'a'", "'é'", "'it''s'", "'%s'", "'\\\\'", "'z'")),
        Keyed("k char(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY", "k", (*_TEXTS, "'a\\t'")),
        Keyed("k varbinary(20) PRIMARY KEY", "k", _bytes("x'{}'")),
        Keyed("k binary(4) PRIMARY KEY", "k", tuple(t for t in _bytes("x'{}'") if t not in ("x'00'", "x''"))),
        Keyed("k bit(64) PRIMARY KEY", "k", ("b'0'", "b'1'", "x'ffffffffffffffff'", "x'8000000000000000'", "x'7fffffffffffffff'")),
        Keyed("k enum('z','a','it''s','10') PRIMARY KEY", "k", ("'z'", "'a'", "'it''s'", "'10'")),
        Keyed("k set('b','a','c') PRIMARY KEY", "k", ("''", "'b'", "'a'", "'b,a'", "'c'", "'b,a,c'")),
        Keyed("k date PRIMARY KEY", "k", ("'1000-01-01'", *_DATES[1:])),
        Keyed("k datetime(6) PRIMARY KEY", "k", _TIMES),
        Keyed("k time(6) PRIMARY KEY", "k", ("'-838:59:59'", "'-00:00:00.000001'", "'00:00:00'", "'838:59:59'")),
        Keyed("a int, b timestamp(6) NOT NULL DEFAULT '2020-01-01', PRIMARY KEY (a, b)", "a, b",
              _pairs(("1", "2"), ("FROM_UNIXTIME(1761438600)", "FROM_UNIXTIME(1761442200.000001)", "FROM_UNIXTIME(1761440399)", "FROM_UNIXTIME(1761440400)")),
              "SET time_zone = '+05:30'"),
        Keyed("a int, b varchar(20) COLLATE utf8mb4_bin, c datetime, PRIMARY KEY (a, b, c)", "a, b, c", _pairs(_INTS[:4], _TEXTS[:6], _TIMES[1:2])),
    ),
}
_ALL["mariadb"] = (
    *_ALL["mysql"],
    Keyed("k uuid PRIMARY KEY", "k", _UUIDS),
    Keyed("k inet6 PRIMARY KEY", "k", ("'::1'", "'::'", "'ff::'")),
)
# fmt: on
_MODULES = {"sqlite": "sqlite", "postgres": "postgres", "mysql": "mysql", "mariadb": "mysql"}


@pytest.mark.parametrize("flavor", list(_ALL))
def test_ranges_of_every_kind_of_key_hold_every_row_exactly_once(
    flavor: str, make_database: Callable[[str], str]
) -> None:
    target = parse_target(make_database(flavor))
    engine = load_engine(target.engine)
    session = engine.connect(target, is_read_only=False)
    try:
        for keyed in _ALL[flavor]:
            for statement in filter(None, keyed.before.split("; ")):
                session.execute(statement)
            session.execute(f"CREATE TABLE w (n integer, {keyed.columns})")
            rows = list(keyed.rows)
            random.Random(7).shuffle(rows)
            for number, row in enumerate(rows):
                session.execute(f"INSERT INTO w ({keyed.key}, n) VALUES ({row}, {number})")
            schema = engine.inspect(session, engine.identify(session), Scope())
            table = next(table for table in schema.tables if table.name == "w")
            for size in (1, 2, 3, 1000):
                found = _walk(session, _chunked(flavor, table), size, len(rows))
                assert sorted(found) == list(range(len(rows))), (keyed, size)
            session.execute("DROP TABLE w")
    finally:
        session.close()


def _chunked(flavor: str, table: Table) -> Chunked:
    literals = importlib.import_module(f"lockgate.engine.{_MODULES[flavor]}.literals")
    key = table.primary_key
    assert key is not None
    by_name = {column.name: column for column in table.columns}
    columns: list[Column] = [by_name[part.column or ""] for part in key.parts]
    found = literals.walk_key(columns)
    assert found is not None, columns
    return Chunked(kind=ChunkKind.WRITE, table=table_key(table), source=table.name, columns=found[0], literals=found[1])


def _walk(session: Session, chunked: Chunked, size: int, most: int) -> list[int]:
    found: list[int] = []
    after: tuple[str, ...] = ()
    for _ in range(most + 2):
        last = session.query(last_key_query(chunked, after, size))
        until = tuple(str(value) for value in last[0]) if last else ()
        rows = session.query(bind_range(f"SELECT n FROM w WHERE {RANGE}", chunked, after, until))
        found.extend(int(row[0]) for row in rows)
        if not until:
            return found
        after = until
    raise AssertionError(f"the walk does not end: {chunked}, {after}")


@pytest.mark.parametrize(
    ("engine", "kind"),
    [("postgres", "json"), ("postgres", "point"), ("mysql", "double"), ("mysql", "timestamp"), ("mysql", "json")],
)
def test_a_type_without_an_exact_literal_cannot_be_walked(engine: str, kind: str) -> None:
    literals = importlib.import_module(f"lockgate.engine.{engine}.literals")
    assert literals.key_literal(Column(name="k", type=kind)) is None
    assert literals.walk_key([Column(name="k", type=kind)]) is None
