"""Quote names and literals for PostgreSQL; pure."""

from __future__ import annotations

import re

_SAFE = re.compile(r"[a-z_][a-z0-9_]*\Z")
_WORDS = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
current_date current_role current_schema current_time current_timestamp current_user dec decimal default
deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant
greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join
json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national
natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay
placing position precision primary real references returning right row select session_user setof similar
smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true
union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat
xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
_KEYWORDS = frozenset(_WORDS.split())


def quote_ident(name: str) -> str:
    """Quote a name where PostgreSQL needs it (capitals, signs, keywords), as the server's quote_ident does."""
    if _SAFE.match(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Quote a string; ``E''`` is used when it holds a backslash, so the setting of the session does not matter."""
    escaped = text.replace("'", "''")
    if "\\" in escaped:
        return "E'" + escaped.replace("\\", "\\\\") + "'"
    return "'" + escaped + "'"


def qualify(namespace: str, name: str) -> str:
    """Return ``namespace.name``, both quoted as needed; only the name when there is no namespace."""
    if not namespace:
        return quote_ident(name)
    return f"{quote_ident(namespace)}.{quote_ident(name)}"


def quote_list(names: tuple[str, ...] | list[str]) -> str:
    """Return quoted names joined by a comma."""
    return ", ".join(map(quote_ident, names))
