"""How far the checks for defects go; values only."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Fail = Callable[[str, str, str], Exception]
"""Makes the error of a key: the key under ``validate``, what is wrong with it, and what is allowed."""
_KEYS = {
    "max_rows": (0, 10**15),
    "statement_seconds": (0, 86_400),
    "overflow_percent": (1, 100),
    "money": (0, 0),
    "not_money": (0, 0),
    "ignore": (0, 0),
}
"""The least and the greatest number of each key; 0 and 0: a list of words."""

MONEY_WORDS = (
    "amount",
    "amounts",
    "amt",
    "balance",
    "balances",
    "budget",
    "charge",
    "cost",
    "costs",
    "credit",
    "debit",
    "deposit",
    "discount",
    "fee",
    "fees",
    "money",
    "paid",
    "payment",
    "payout",
    "price",
    "prices",
    "refund",
    "revenue",
    "salary",
    "salaries",
    "subtotal",
    "tax",
    "total",
    "vat",
    "wage",
    "wages",
)
NOT_MONEY_WORDS = (
    "rate",
    "ratio",
    "percent",
    "percentage",
    "pct",
    "factor",
    "count",
    "qty",
    "quantity",
    "hours",
    "minutes",
    "seconds",
    "ms",
    "time",
    "weight",
    "distance",
    "score",
)


@dataclass(frozen=True)
class DefectSettings:
    """How far to look.

    ``max_rows``: rows of a larger table (by statistics) are not counted, and the report says so. One question may take
    ``statement_ms``, 0 without a limit, and waits ``lock_ms`` for a lock. ``overflow_percent``: from where on a counter
    is near its end. ``money_words`` in a column's name speak of money, unless one of ``not_money_words`` is there too.
    ``ignored`` are findings agreed on: a code, or ``code:pattern`` of objects or files.
    """

    max_rows: int = 2_000_000
    statement_ms: int = 60_000
    lock_ms: int = 2_000
    overflow_percent: int = 80
    money_words: tuple[str, ...] = MONEY_WORDS
    not_money_words: tuple[str, ...] = NOT_MONEY_WORDS
    ignored: tuple[str, ...] = ()


def parse_defect_settings(data: Mapping[str, Any], fail: Fail) -> DefectSettings:
    """Read the table ``[validate]``: max_rows, statement_seconds, overflow_percent, money, not_money, ignore.

    Raises:
        Whatever ``fail`` makes: a key is unknown or a value cannot be.
    """
    for key, value in data.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1)
            guess = f"; did you mean {near[0]}?" if near else ""
            raise fail(key, "is no key Lockgate knows", f"allowed here: {', '.join(sorted(_KEYS))}{guess}")
        low, high = _KEYS[key]
        if high == 0:
            if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
                raise fail(key, "has the wrong type", "allowed is a list of texts")
        elif isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise fail(key, f"cannot be {value!r}", f"allowed is a number from {low:,} to {high:,}")
    plain = DefectSettings()
    return DefectSettings(
        max_rows=data.get("max_rows", plain.max_rows),
        statement_ms=data.get("statement_seconds", plain.statement_ms // 1000) * 1000,
        overflow_percent=data.get("overflow_percent", plain.overflow_percent),
        money_words=(*plain.money_words, *(word.lower() for word in data.get("money", ()))),
        not_money_words=(*plain.not_money_words, *(word.lower() for word in data.get("not_money", ()))),
        ignored=tuple(data.get("ignore", ())),
    )
