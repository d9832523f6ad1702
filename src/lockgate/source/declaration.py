"""What a source of schemas gives: SQL for a scratch database, and what was found while reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lockgate.engine.base import Engine, Session
from lockgate.model.finding import Finding
from lockgate.model.server import Server


@dataclass(frozen=True)
class SqlFile:
    """One file's text; ``name`` as the user gave it.

    ``lines`` maps a statement's first line in ``text`` (from 1) to ``(file, line)`` in what the user wrote, for text
    that was generated from something else; empty for the user's own SQL.
    """

    name: str
    text: str
    lines: dict[int, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceContext:
    """What a schema is read for: the engine and the server whose dialect it must be in."""

    engine: Engine
    server: Server


@dataclass(frozen=True)
class Declaration:
    """A declared schema before a server has read it.

    ``files`` are run in a scratch database: in any order until all have passed, or, when ``is_ordered``, once each from
    the first to the last. ``fill`` then works in that database on its own (a migration tool). ``unread`` are findings
    on what could not be read: with any, the declaration is not used. ``findings`` are the others. ``bookkeeping`` names
    the tables (PostgreSQL: ``schema.table`` when not in the default one) that the tool keeps in a live database and
    nobody declares. ``cache_key`` covers everything that ``fill`` reads; with an empty one nothing is cached.
    ``checked`` counts what was read, by kind in plural. ``takes_extensions``: it cannot declare extensions, and takes
    those of the live database as given, with the schemas there that it only refers to.
    """

    files: tuple[SqlFile, ...] = ()
    is_ordered: bool = False
    fill: Callable[[Session], None] | None = None
    cache_key: str = ""
    unread: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()
    bookkeeping: tuple[str, ...] = ()
    checked: dict[str, int] = field(default_factory=dict)
    takes_extensions: bool = False


ReadDeclaration = Callable[[str, SourceContext], Declaration]
"""A source: reads what stands after ``name:`` in a spec. Raises InputError; parts it cannot read are ``unread``."""
