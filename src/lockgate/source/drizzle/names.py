"""The names drizzle-kit gives: constraints, indexes, and columns under the ``casing`` option."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORDS = re.compile(r"[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+")
_APOSTROPHES = re.compile("['\u2019]")


def words_of(name: str) -> list[str]:
    """Split a name into words at capitals and at everything that is no letter or digit."""
    return _WORDS.findall(_APOSTROPHES.sub("", name))


def to_snake_case(name: str) -> str:
    """``createdAt`` → ``created_at``."""
    return "_".join(word.lower() for word in words_of(name))


def to_camel_case(name: str) -> str:
    """``created_at`` → ``createdAt``."""
    words = words_of(name)
    return "".join(word.lower() if i == 0 else word[0].upper() + word[1:] for i, word in enumerate(words))


def cased(name: str, casing: str) -> str:
    """Return a column's name as the casing option writes it; empty: as it is."""
    if casing == "snake_case":
        return to_snake_case(name)
    return to_camel_case(name) if casing == "camelCase" else name


def unique_name(table: str, columns: Iterable[str]) -> str:
    """``orders_email_unique``."""
    return f"{table}_{'_'.join(columns)}_unique"


def primary_key_name(table: str, columns: Iterable[str]) -> str:
    """``orders_a_b_pk``."""
    return f"{table}_{'_'.join(columns)}_pk"


def foreign_key_name(table: str, columns: Iterable[str], foreign: str, foreign_columns: Iterable[str]) -> str:
    """``orders_user_id_users_id_fk``."""
    return "_".join([table, *columns, foreign, *foreign_columns]) + "_fk"


def index_name(table: str, columns: Iterable[str]) -> str:
    """``orders_email_index``."""
    return f"{table}_{'_'.join(columns)}_index"


def recase(name: str, before: Sequence[str], after: Sequence[str]) -> str:
    """Replace each column's first occurrence in a generated or given name, as the casing option does."""
    for old, new in zip(before, after, strict=True):
        name = name.replace(old, new, 1)
    return name
