"""Compare a value with what a check expects: ``5``, ``>= 5``, ``!= 0``, ``null``; pure, and nothing is evaluated."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


def matches(found: object, expect: str) -> bool | None:
    """Tell whether a value is as expected; None when the two cannot be compared (text with ``>``, NULL with a number).

    Numbers are compared as numbers, all else as text; ``null`` is NULL alone.
    """
    sign = next((sign for sign in _OPERATORS if expect.startswith(sign)), "")
    wanted = expect.removeprefix(sign).strip()
    if wanted.lower() == "null" or found is None:
        is_null = found is None and wanted.lower() == "null"
        if sign in ("", "=", "=="):
            return is_null
        return not is_null if sign == "!=" else None
    left, right = _number(found), _number(wanted)
    if left is not None and right is not None:
        return _OPERATORS[sign or "="](left, right)
    if sign in ("", "=", "=="):
        return text_of(found) == wanted
    return text_of(found) != wanted if sign == "!=" else None


def text_of(value: object) -> str:
    """Return a value as people write it in a runbook."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode(errors="replace")
    return "null" if value is None else str(value)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return Decimal(int(value))
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
