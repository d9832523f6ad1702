"""The fingerprint of a schema that stays the same when pg_dump writes it down and another server reads it again; pure.

pg_dump prints what the server stored; read back, some expressions are stored another way, which means the same, and
options of foreign servers are put in the order of their names.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import msgspec

from lockgate.engine.postgres.normalize import closing_bracket, is_inside_string
from lockgate.model import codec
from lockgate.model.schema import Schema

_OPTIONS = re.compile(r" OPTIONS \((.*)\)")
_OPTION = re.compile(r"((?:\"(?:[^\"]|\"\")*\"|[\w$]+) (?:E?'(?:[^']|'')*'))(?:, |$)")
_ARRAY = re.compile(r"\(+ARRAY\[")
_CASTS = re.compile(r"\]\)::((?:[\w$\". ]|\(\d+(?:,\d+)?\))+)\[\](?:\)::((?:[\w$\". ]|\(\d+(?:,\d+)?\))+)\[\])?")


def settled_fingerprint(schema: Schema) -> str:
    """Return the fingerprint of a schema in the form it has after a dump and a load."""
    settled = _settle(json.loads(codec.encode(codec.canonical_schema(schema))))
    return hashlib.sha256(msgspec.json.encode(settled, order="sorted")).hexdigest()


def _settle(value: Any) -> Any:
    if isinstance(value, str):
        return settle_text(value)
    if isinstance(value, list):
        return [_settle(part) for part in value]
    if isinstance(value, dict):
        return {name: _settle(part) for name, part in value.items()}
    return value


def settle_text(text: str) -> str:
    """Return an expression or statement as it reads after a dump and a load."""
    if "ARRAY[" in text:
        text = _cast_elements(text)
    if " OPTIONS (" in text:
        text = _OPTIONS.sub(_sort_options, text)
    return text


def _sort_options(match: re.Match[str]) -> str:
    found = [option[1] for option in _OPTION.finditer(match[1])]
    if ", ".join(found) != match[1]:
        return match[0]
    return f" OPTIONS ({', '.join(sorted(found))})"


def _cast_elements(text: str) -> str:
    """Write the cast of a whole array as casts of its elements: ``(ARRAY[a, b])::text[]`` is read back so.

    Source: transformArrayExpr, parse_expr.c: a cast around ARRAY[…] is handed down to the elements.
    """
    pieces: list[str] = []
    done = 0
    for match in _ARRAY.finditer(text):
        start = match.end()
        if match.start() < done or is_inside_string(text, match.start()):
            continue
        end = closing_bracket(text, start)
        casts = _CASTS.match(text, end) if end >= 0 else None
        if casts is None:
            continue
        wrapped = 2 if casts[2] else 1
        opened = start - len("ARRAY[") - wrapped
        if opened < match.start():
            continue
        elements = ", ".join(f"({element})::{casts[2] or casts[1]}" for element in _split(text[start:end]))
        pieces += [text[done:opened], f"ARRAY[{elements}]"]
        done = casts.end()
    return "".join(pieces) + text[done:]


def _split(text: str) -> list[str]:
    """Split at commas that are in no brackets and no quotes."""
    parts, depth, start, quote = [], 0, 0, ""
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]
