"""Say in the table of salvage what a side table keeps, so that people find it; nothing where it is not there; pure.

A scratch copy has none of our tables: the statement is made by the server when it is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lockgate.engine.mysql.draft import dml, setting
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.model.op import Statement
from lockgate.model.schema import Column

_BYTES = re.compile(r"(var)?binary|(tiny|medium|long)?blob|bit|geom|point|line|poly|multi", re.I)
_TABLE = "lockgate_salvage"


def note_kept(side: str, table: str, keys: Sequence[str], column: Column, value: str, stand_in: str) -> list[Statement]:
    """Return the statements that tell of every row of a side table.

    Args:
        keys: Columns of the row's key, which the side table has, too.
        column: Whose value is kept.
        value: Column of the side table with the value.
        stand_in: Column of the side table with what the row holds instead.
    """
    pairs = ", ".join(f"{quote_string(name)}, {quote_name(name)}" for name in keys)
    chosen = [
        quote_string(side),
        quote_string(table),
        f"JSON_OBJECT({pairs})",
        quote_string(column.name),
        _text(value, column),
        _text(stand_in, column),
        "'does not fit'",
    ]
    insert = (
        f"INSERT IGNORE INTO {_TABLE} (mirror, table_name, row_key, column_name, value_text, stand_in, reason)"
        f" SELECT {', '.join(chosen)} FROM {quote_name(side)} WHERE NOT {quote_name(value)} <=> {quote_name(stand_in)}"
        f" AND NOT EXISTS (SELECT 1 FROM {_TABLE} WHERE mirror = {quote_string(side)}"
        f" AND column_name = {quote_string(column.name)} AND state = 'kept')"
    )
    return _where_there(insert)


def note_used(side: str) -> list[Statement]:
    """Return the statements that say that the values of a side table are back in their rows."""
    return _where_there(f"UPDATE {_TABLE} SET state = 'used' WHERE mirror = {quote_string(side)} AND state = 'kept'")


def _text(name: str, column: Column) -> str:
    quoted = quote_name(name)
    return f"CONCAT('0x', HEX({quoted}))" if _BYTES.match(column.type) else f"CAST({quoted} AS CHAR)"


def _where_there(sql: str) -> list[Statement]:
    there = (
        f"EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{_TABLE}')"
    )
    return [
        setting(f"SET @lockgate_note = IF({there}, {quote_string(sql)}, 'DO 0')"),
        setting("PREPARE lockgate_note FROM @lockgate_note"),
        dml("EXECUTE lockgate_note"),
        setting("DEALLOCATE PREPARE lockgate_note"),
    ]
