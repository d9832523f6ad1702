"""Dumps a database at one moment: its schema, its rows by table, its programs; and finds what is not in the dump."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.engine.backup import DumpOptions, OpenSink, Sink, What
from lockgate.engine.base import Session
from lockgate.engine.client.child import capture_client
from lockgate.engine.mysql.backup_facts import read_facts
from lockgate.engine.mysql.backup_look import Contents, Entry, read_catalogue, read_contents
from lockgate.engine.mysql.backup_programs import RowDump, first_error
from lockgate.engine.mysql.backup_text import (
    check_trailer,
    cut_short,
    without_database,
    without_database_in_defaults,
)
from lockgate.engine.mysql.backup_tools import Login, Tools, dump_call
from lockgate.engine.mysql.lexer import unquote_name
from lockgate.engine.mysql.session import MysqlSession
from lockgate.errors import BackupFailed
from lockgate.model.backup import NO_POSITION, Consistency, Position, TableFacts
from lockgate.model.schema import Key, Schema
from lockgate.model.server import Server

SCHEMA_FILE = "schema.sql"
_MOST_TEXT = 1 << 29
_NAME = r"(`(?:[^`]|``)*`)"
_QUOTED = r"(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\")"  # in double quotes where it was made under ANSI_QUOTES
_ACCOUNT = rf"{_QUOTED}(?:@{_QUOTED})?"
_KINDS = {
    "tables": re.compile(rf"^CREATE TABLE {_NAME} \(", re.M),
    "sequences": re.compile(rf"^CREATE SEQUENCE {_NAME} ", re.M),
    "views": re.compile(rf"^/\*!50001 VIEW {_NAME} AS ", re.M),
    "triggers": re.compile(r"^/\*!50003 CREATE\*/ ", re.M),
    "routines": re.compile(rf"^CREATE DEFINER={_ACCOUNT} (?:AGGREGATE )?(?:PROCEDURE|FUNCTION|PACKAGE)\b", re.M),
    "events": re.compile(r"^/\*!50106 CREATE\*/ ", re.M),
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_EMPTY = Schema(engine="mysql")


@dataclass
class MysqlSnapshot:
    """See `lockgate.engine.backup.Snapshot`. ``second``: another snapshot, taken after the dump program's own.

    ``steady_facts`` were measured before on tables without snapshots; ``texts`` are the dumped statements by file.
    """

    server: Server
    database: str
    tools: Tools
    login: Login
    tls: tuple[str, ...]
    options: DumpOptions
    look: MysqlSession
    contents: Contents
    catalogue: frozenset[tuple[str, ...]]
    tables: tuple[Entry, ...]
    roles: tuple[str, ...]
    steady_facts: tuple[TableFacts, ...]
    sessions: tuple[Session, ...] = ()
    dumps: tuple[RowDump, ...] = ()
    second: Session | None = None
    position: Position = NO_POSITION
    consistency: Consistency = Consistency.SHARED_SNAPSHOT
    lock_held_ms: int = 0
    method: str = ""
    taken_at: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    def dump(self, what: What, raw: Path, open_sink: OpenSink) -> None:
        """Let the programs write their rows while the statements are fetched."""
        paths = {name: f"rows/{number:03}.{safe_name(name)}.sql" for number, name in enumerate(self._names(), 1)}

        def open_rows(name: str) -> AbstractContextManager[Sink]:
            return open_sink(paths[name], "rows", (name,))

        for dump in self.dumps:
            dump.take(open_rows)
        self._dump_schema(open_sink)
        self._dump_programs(open_sink)
        for dump in self.dumps:
            dump.join()
        failed = first_error(self.dumps)
        if failed is not None:
            raise failed

    def _names(self) -> list[str]:
        return [table.name for table in self.contents.tables]

    def _dump_schema(self, open_sink: OpenSink) -> None:
        names = [*self.contents.sequences, *self._names()]
        if not names:
            with open_sink(SCHEMA_FILE, "schema") as sink:
                sink.write(b"-- There are no tables.\n")
            return
        self._write(open_sink, SCHEMA_FILE, "schema", ("--no-data", "--skip-triggers"), names, self._plain_defaults)

    def _plain_defaults(self, text: str) -> str:
        return without_database_in_defaults(text, self.database) if self.contents.sequences else text

    def _dump_programs(self, open_sink: OpenSink) -> None:
        contents = self.contents
        only: tuple[str, ...] = ("--no-create-info", "--no-data")
        more: tuple[str, ...]
        if contents.routines or contents.triggers:
            more = (*only, "--triggers", "--routines")
            self._write(open_sink, "programs/1.routines.sql", "programs", more, self._names(), self._plain_programs)
        if contents.views:
            more = ("--no-data", "--skip-triggers")
            self._write(open_sink, "programs/2.views.sql", "programs", more, contents.views, str)
        if contents.events:
            more = (*only, "--skip-triggers", "--events")
            self._write(open_sink, "programs/3.events.sql", "programs", more, self._names(), self._plain_programs)

    def _plain_programs(self, text: str) -> str:
        return without_database(text, self.database)

    def _write(
        self,
        open_sink: OpenSink,
        path: str,
        role: str,
        options: tuple[str, ...],
        names: Sequence[str],
        change: Callable[[str], str],
    ) -> None:
        """Fetch statements whole, for they are little; look at their end; write them."""
        extra = (*options, *self.tls)
        call = dump_call(self.tools, self.login, extra, self.database, names, idle_s=self.options.idle_s)
        text = capture_client(call, _MOST_TEXT).decode(errors="surrogateescape")
        check_trailer(text, path)
        self.texts[path] = text = change(text)
        with open_sink(path, role) as sink:
            sink.write(text.encode(errors="surrogateescape"))

    def check_complete(self) -> None:
        """Compare the objects in the dump with the catalogue, and the catalogue with what it was before."""
        if read_catalogue(self.look) != self.catalogue or read_contents_names(self.look) != names_of(self.contents):
            raise BackupFailed(
                "tables or programs changed while the backup was taken",
                cause="the dump may hold parts of both",
                state="nothing was published",
                hint="repeat the command when nobody changes the schema",
            )
        self._check_objects()
        if measure_steady(self.look, self.tables) != self.steady_facts:
            raise BackupFailed(
                "tables without snapshots changed while they were dumped",
                cause=", ".join(table.name for table in self.tables if not table.has_snapshot),
                state="nothing was published",
                hint="keep writers out of them, or convert them to InnoDB",
            )
        self._check_bracket()

    def _check_objects(self) -> None:
        everything = "\n".join(self.texts.values())
        contents = self.contents
        expected: dict[str, Sequence[str]] = {
            "tables": [table.name for table in contents.tables],
            "sequences": contents.sequences,
            "views": contents.views,
            "triggers": contents.triggers,
            "routines": contents.routines,
            "events": contents.events,
        }
        for kind, names in expected.items():
            found = _KINDS[kind].findall(everything)
            if len(found) != len(names):
                raise cut_short(f"it holds {len(found)} {kind} and the database {len(names)}")
            missing = set(names) - {unquote_name(name) for name in found}
            if kind in ("tables", "sequences", "views") and missing:
                raise cut_short(f"{kind} are missing: {', '.join(sorted(missing)[:5])}")

    def _check_bracket(self) -> None:
        if self.second is None:
            return
        keys = [Key("table", "", table.name) for table in self.tables if not table.is_versioned]
        first, second = read_facts(self.sessions[0], _EMPTY, keys), read_facts(self.second, _EMPTY, keys)
        changed = [one.table for one, other in zip(first, second, strict=True) if one != other]
        if changed:
            raise BackupFailed(
                "rows changed between the two snapshots around the dump, so its own moment is not known",
                cause=f"changed: {', '.join(changed[:5])}; the user may stop writers in no way",
                state="nothing was published",
                hint="grant the user RELOAD, or LOCK TABLES on the database; or repeat it when nobody writes",
            )


def names_of(contents: Contents) -> tuple[tuple[str, ...], ...]:
    """Return the names of all objects but tables, whose columns are compared too."""
    return (contents.views, contents.sequences, contents.triggers, contents.routines, contents.events)


def read_contents_names(session: Session) -> tuple[tuple[str, ...], ...]:
    """Return the names that there are now."""
    return names_of(read_contents(session))


def measure_steady(session: Session, tables: Sequence[Entry]) -> tuple[TableFacts, ...]:
    """Measure the tables that have no snapshots: they must be the same when everything is dumped."""
    keys = [Key("table", "", table.name) for table in tables if not table.has_snapshot]
    return read_facts(session, _EMPTY, keys)


def deal(tables: Sequence[Entry], hands: int) -> list[tuple[str, ...]]:
    """Deal tables to programs, the largest first, so that each has about as many bytes."""
    groups: list[list[str]] = [[] for _ in range(min(hands, len(tables)))]
    loads = [0] * len(groups)
    for table in sorted(tables, key=lambda table: table.bytes, reverse=True):
        least = loads.index(min(loads))
        groups[least].append(table.name)
        loads[least] += table.bytes + 1
    return [tuple(group) for group in groups]


def safe_name(name: str) -> str:
    """Return a part of a file's name for a table."""
    return _UNSAFE.sub("_", name)[:60]
