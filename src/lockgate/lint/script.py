"""A script as lint reads it: statements with their lines, and comments that allow; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lockgate.engine.base import SourceStatement
from lockgate.lint.allow import Allowance, read_allowances
from lockgate.model.ddl import Ddl, DdlDialect
from lockgate.model.server import Server


@dataclass(frozen=True)
class Item:
    """One statement: its text, its first and last line, what it does, and the statement's place among the others."""

    text: str
    line: int
    end_line: int
    ddl: Ddl
    number: int


@dataclass(frozen=True)
class Script:
    """One file.

    ``is_wrapped``: the tool runs it in one transaction. ``has_way_back`` is None for formats without a down part.
    ``unread`` says why its statements could not even be told apart, with the line.
    """

    name: str
    items: tuple[Item, ...]
    allowances: tuple[Allowance, ...] = ()
    is_wrapped: bool = False
    has_way_back: bool | None = None
    unread: tuple[tuple[int, str], ...] = ()
    lines: dict[int, tuple[str, int]] = field(default_factory=dict)


def read_script(
    name: str,
    text: str,
    split: Callable[[str], tuple[SourceStatement, ...]],
    dialect: DdlDialect,
    server: Server,
    *,
    comments_in: str | None = None,
    is_wrapped: bool = False,
    has_way_back: bool | None = None,
) -> Script:
    """Read a file's statements.

    ``text`` is what runs, each line at its place; ``comments_in`` the whole file, where that is more.

    Raises:
        SourceError: The text cannot be split.
    """
    items = []
    for number, statement in enumerate(split(text)):
        last = statement.line + statement.text.count("\n")
        items.append(Item(statement.text, statement.line, last, dialect.read(statement.text, server), number))
    spans = [(item.line, item.end_line) for item in items]
    allowances = read_allowances(dialect.find_comments(comments_in or text), spans)
    return Script(name, tuple(items), allowances, is_wrapped=is_wrapped, has_way_back=has_way_back)
