"""The literal of a key's value, as an SQL expression over its column; pure.

Texts and bytes are written as hexadecimal with their character set, so that quotes, backslashes, ``%`` and sql_mode
play no part. `tests/engine/test_key_literals.py` walks tables of every type on MySQL and MariaDB.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lockgate.engine.mysql.lexer import quote_name
from lockgate.model.schema import Column

_NUMBER = re.compile(r"(tinyint|smallint|mediumint|int|integer|bigint|decimal|numeric|year)\b")
# Ordered by their number, but compared with a text as texts; a number compares by number.
_NUMBERED = re.compile(r"(enum|set|bit)\b")
_BYTES = re.compile(r"(var)?binary\b|(tiny|medium|long)?blob\b")
_TEXT = re.compile(r"(var)?char\b|(tiny|medium|long)?text\b")
_QUOTED = re.compile(r"(datetime|date|time|uuid|inet4|inet6)\b")
_TIMESTAMP = re.compile(r"timestamp\b")


def key_literal(column: Column) -> str | None:
    """Return an SQL expression that turns a column's value into the text of a literal which is read as that value.

    None: the type cannot be walked. Floating-point numbers have no exact text, and a TIMESTAMP none that is the same
    in every time zone (but see `walk_key`).
    """
    name = quote_name(column.name)
    if _NUMBER.match(column.type):
        return f"CAST({name} AS CHAR)"
    if _NUMBERED.match(column.type):
        return f"CAST({name} + 0 AS CHAR)"
    if _BYTES.match(column.type):
        return f"CONCAT('x''', HEX({name}), '''')"
    if _TEXT.match(column.type):
        return f"CONCAT('_', CHARSET({name}), ' x''', HEX({name}), '''')"
    if _QUOTED.match(column.type):
        return f"CONCAT('''', CAST({name} AS CHAR), '''')"
    return None


def walk_key(columns: Sequence[Column]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return `Chunked.columns` and `Chunked.literals` for a key of these columns; None when it cannot be walked.

    A TIMESTAMP that is not the first column is compared by its number of seconds, which no time zone changes.
    """
    names: list[str] = []
    literals: list[str] = []
    for number, column in enumerate(columns):
        name, literal = quote_name(column.name), key_literal(column)
        if literal is None and number and _TIMESTAMP.match(column.type):
            name = f"UNIX_TIMESTAMP({name})"
            literal = f"CAST({name} AS CHAR)"
        if literal is None:
            return None
        names.append(name)
        literals.append(literal)
    return tuple(names), tuple(literals)
