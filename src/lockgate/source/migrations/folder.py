"""A folder of migrations as its tool reads it, before any server is asked; values without I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from lockgate.model.finding import Finding


class Order(enum.Enum):
    """What a tool does with a migration that is older than the newest applied one."""

    SKIPPED = "never applies it, and says nothing"
    REFUSED = "refuses to go on"
    APPLIED = "applies it late"


class Kind(enum.Enum):
    """How a migration runs. Superseded: only on databases older than a baseline; a new one begins with that."""

    VERSIONED = "versioned"
    BASELINE = "baseline"
    SUPERSEDED = "superseded"
    REPEATABLE = "repeatable"


@dataclass(frozen=True)
class Tool:
    """A migration tool, as far as its rules matter here.

    ``tables``: where it keeps what it applied, ``schema.name`` for another schema than the default one; the first that
    exists is read by the ``history`` reader of that name. ``late`` says what becomes of an out-of-order migration.
    ``knows_text``: it records a hash, so that an edit after the fact can be seen. ``is_by_number``: the number is the
    identity, so two files with one number are one migration to it. ``is_program``: migrations are programs, not SQL.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    history: str = ""
    late: Order = Order.APPLIED
    knows_text: bool = False
    is_by_number: bool = True
    also_keeps: tuple[str, ...] = ()
    is_program: bool = False

    @property
    def bookkeeping(self) -> tuple[str, ...]:
        """All tables of the tool in a live database."""
        return (*self.tables, *self.also_keeps)


@dataclass(frozen=True)
class Migration:
    """One migration.

    ``id`` is what the tool knows it by (tag, version, folder, revision), ``number`` the prefix as written (``0020``),
    ``file`` its path as the user would write it. ``hashes`` are what the tool may have recorded for the present text;
    ``when`` is the time it compares (Drizzle), -1 where it has none. ``text`` is the whole file. ``line`` is its line
    in a journal. ``after`` are the ids it builds on, ``replaces`` those it stands for, where it says so.
    ``snapshot`` is the file of the schema after it.
    """

    id: str
    number: str
    file: str
    text: str
    hashes: tuple[str, ...] = ()
    when: int = -1
    kind: Kind = Kind.VERSIONED
    line: int = 0
    after: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    snapshot: str = ""


@dataclass(frozen=True)
class Folder:
    """All migrations of a folder in the order of their tool.

    ``journal`` is the file that lists them, or empty. ``strays`` are SQL files that the tool never runs, ``lost`` the
    ids that the journal lists without a file (with the journal's line). ``unread`` and ``findings`` were made while
    reading; with any ``unread`` the folder is not the whole truth. ``files`` counts migration files, strays included.
    """

    tool: Tool
    path: str
    migrations: tuple[Migration, ...]
    journal: str = ""
    dialect: str = ""
    strays: tuple[str, ...] = ()
    lost: tuple[tuple[str, int], ...] = ()
    unread: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()
    files: int = 0

    @property
    def runs(self) -> tuple[Migration, ...]:
        """What runs on a new database, in order."""
        return tuple(migration for migration in self.migrations if migration.kind is not Kind.SUPERSEDED)
