"""The names of what a pair of tables needs beside the two tables; pure."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql.lexer import quote_name

COPYING, FORTH, BACK = 0, 1, 2
"""What the direction says: changes are noted only, they go to the new table, they go to the old one."""


_LONGEST = 50
"""The server adds ``_ibfk_12`` and the like to a table's name, and allows 64 characters."""


@dataclass(frozen=True)
class PairNames:
    """Reserved names, unquoted.

    ``table``: the name the application uses; ``new``: the new table's while it is the mirror; ``old``: the old one's
    while it is; ``prefix``: begins the names of all else. ``mirror`` marks the pair's rows in our own tables.
    """

    table: str
    new: str
    old: str
    prefix: str

    @property
    def mirror(self) -> str:
        """What marks the pair's rows in our own tables."""
        return self.prefix.rstrip("_")

    def of(self, word: str) -> str:
        """Return a reserved name, quoted."""
        return quote_name(self.prefix + word)

    @property
    def direction(self) -> str:
        """The view that says where changes go, quoted."""
        return self.of("dir")

    def spare(self, direction: int) -> str:
        """Return the name of the view that says ``direction`` while it is not in force, quoted."""
        return self.of(("dir_copying", "dir_forth", "dir_back")[direction])

    @property
    def log(self) -> str:
        """The table of keys whose rows changed while the rows were copied, quoted."""
        return self.of("log")


def make_names(table: str, names: ParkNames) -> PairNames:
    """Return the names of a new pair."""
    short = ParkNames(names.counter, _LONGEST)
    new, old = short.next(table), short.next(table)
    number = names.next("").rstrip("_")
    return PairNames(table, new, old, f"{number}_")
