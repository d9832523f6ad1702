"""Values that a column of a MySQL table may take, as SQL text, to make a row up with; pure."""

from __future__ import annotations

import re

from lockgate.model.schema import Column, Schema, Table

_BY_TYPE = (
    (r"(tinyint|smallint|mediumint|int|integer|bigint|decimal|numeric|float|double|real)\b", ("1", "0")),
    (r"(char|varchar|tinytext|text|mediumtext|longtext)\b", ("'x'", "''", "'a@b.example'", "'{}'")),
    (r"(binary|varbinary|tinyblob|blob|mediumblob|longblob)\b", ("'x'",)),
    (r"(datetime|timestamp)\b", ("'2000-01-01 00:00:00'",)),
    (r"date\b", ("'2000-01-01'",)),
    (r"time\b", ("'00:00:00'",)),
    (r"year\b", ("2000",)),
    (r"json\b", ("'{}'", "'[]'")),
    (r"bit\b", ("b'0'", "b'1'")),
    (r"uuid\b", ("'00000000-0000-4000-8000-000000000001'",)),
    (r"inet4\b", ("'127.0.0.1'",)),
    (r"inet6\b", ("'::1'",)),
    (r"(geometry|point)\b", ("ST_GeomFromText('POINT(0 0)')",)),
    (r"linestring\b", ("ST_GeomFromText('LINESTRING(0 0,1 1)')",)),
    (r"polygon\b", ("ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')",)),
)
_LISTED = re.compile(r"(enum|set)\s*\((?P<values>.*)\)", re.I | re.S)
_VALUE = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.S)


def sample_values(schema: Schema, table: Table, column: Column) -> tuple[str, ...]:
    """Return values a column may take, the likeliest first; empty when none is known."""
    listed = _LISTED.match(column.type)
    if listed is not None:
        return tuple(_VALUE.findall(listed["values"])[:3])
    return next((values for pattern, values in _BY_TYPE if re.match(pattern, column.type, re.I)), ())
