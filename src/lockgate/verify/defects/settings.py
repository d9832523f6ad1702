"""How far the checks for defects go; values only."""

from __future__ import annotations

from dataclasses import dataclass

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

    ``max_rows``: rows of a larger table (by statistics) are not counted, and the report says so; ``statement_ms``: one
    question may take that long, 0 without a limit. ``overflow_percent``: from where on a counter is near its end.
    """

    max_rows: int = 2_000_000
    statement_ms: int = 60_000
    overflow_percent: int = 80
    money_words: tuple[str, ...] = MONEY_WORDS
    not_money_words: tuple[str, ...] = NOT_MONEY_WORDS
