"""Values that a column of a PostgreSQL table may take, as SQL text, to make a row up with; pure."""

from __future__ import annotations

import re

from lockgate.engine.postgres.quote import quote_literal
from lockgate.model.schema import Column, Schema, Table

_BY_TYPE = (
    (r"(smallint|integer|bigint|real|double precision|numeric)\b", ("1", "0")),
    (r"money\b", ("'1'",)),
    (r"boolean\b", ("true", "false")),
    (r"(character varying|text|character|citext|name)\b", ("'x'", "''", "'a@b.example'", "'X1'")),
    (r"timestamp|date\b", ("'2000-01-01'",)),
    (r"time\b", ("'00:00'",)),
    (r"interval\b", ("'1 day'",)),
    (r"uuid\b", ("'00000000-0000-4000-8000-000000000001'",)),
    (r"jsonb?\b", ("'{}'", "'[]'")),
    (r"xml\b", ("'<x/>'",)),
    (r"bytea\b", ("'x'",)),
    (r"(inet|cidr)\b", ("'127.0.0.1'",)),
    (r"macaddr8?\b", ("'08:00:2b:01:02:03'",)),
    (r"(int4|int8|num|ts|tstz|date)(multi)?range\b", ("'empty'", "'{}'")),
    (r"ts(vector|query)\b", ("'x'",)),
    (r"point\b", ("'(0,0)'",)),
    (r"(box|lseg)\b", ("'(0,0),(1,1)'",)),
    (r"(path|polygon)\b", ("'((0,0),(1,1))'",)),
    (r"circle\b", ("'<(0,0),1>'",)),
    (r"line\b", ("'{1,1,0}'",)),
    (r"(oid|regclass|xid)\b", ("'1'",)),
    (r"ltree\b", ("'x'",)),
    (r"hstore\b", ("''",)),
    (r"vector\((\d+)\)", ()),
)


def sample_values(schema: Schema, table: Table, column: Column) -> tuple[str, ...]:
    """Return values a column may take, the likeliest first; empty when none is known."""
    text = column.type
    for domain in schema.domains:
        if text in (domain.name, f"{domain.namespace}.{domain.name}"):
            text = domain.type
    if text.endswith("]"):
        return ("'{}'",)
    for enum in schema.enums:
        if text in (enum.name, f"{enum.namespace}.{enum.name}", f'"{enum.name}"', f'{enum.namespace}."{enum.name}"'):
            return tuple(quote_literal(value) for value in enum.values[:3])
    bits = re.match(r"bit( varying)?\((\d+)\)", text)
    if text.startswith("bit"):
        return (f"B'{'0' * int(bits[2] if bits and not bits[1] else 1)}'",)
    return next((values for pattern, values in _BY_TYPE if re.match(pattern, text)), ())
