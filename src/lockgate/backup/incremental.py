"""Which kind of backup a checkpoint can be: the log where the server keeps it, else touched tables, else all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lockgate.backup.chain import newest_link
from lockgate.backup.repository import Backup, Repository
from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import InputError
from lockgate.model import codec
from lockgate.model.backup import BackupKind
from lockgate.model.keys import table_key
from lockgate.model.schema import Key, Schema, Table


@dataclass(frozen=True)
class Choice:
    """A kind of backup and why it is that one; ``parent`` is what a log follows."""

    kind: BackupKind
    why: str
    parent: Backup | None = None


def choose_kind(
    engine: Engine, session: Session, repository: Repository, *, since: Backup | None = None, has_tables: bool = False
) -> Choice:
    """Choose the smallest kind that brings back every row of this moment.

    ``since`` is the backup to follow (None: the newest that can be followed); ``has_tables``: the caller knows which
    tables are touched, and those will do where no log can be had.
    """
    parent = since or newest_link(repository.backups())
    fingerprint = codec.fingerprint(engine.inspect(session, engine.identify(session), Scope()))
    problem = why_no_log(engine, session, parent, fingerprint)
    if not problem and parent is not None:
        return Choice(BackupKind.LOG, f"the server keeps its log since {parent.id}", parent)
    kind = BackupKind.TABLES if has_tables else BackupKind.FULL
    return Choice(kind, f"a log cannot be taken: {problem}")


def why_no_log(engine: Engine, session: Session, parent: Backup | None, fingerprint: str) -> str:
    """Say why no log can follow a backup; empty when one can. ``fingerprint`` is the schema's now."""
    logs = engine.logs()
    if logs is None:
        return "this database keeps no log that could be had"
    if parent is None:
        return "there is no earlier full backup with a place in the log"
    if not logs.holds_ddl and parent.manifest.fingerprint != fingerprint:
        return f"the schema was changed since {parent.id}, which this server's log does not tell"
    return logs.problem(session, parent.manifest.position)


def find_parent(repository: Repository, name: str) -> Backup:
    """Return the backup that a log is to follow: ``name``, or the newest that can be when it is empty.

    Raises:
        InputError: There is none.
    """
    if name:
        return repository.find(name)
    found = newest_link(repository.backups())
    if found is None:
        raise InputError(
            "there is no backup that a log could follow",
            where=str(repository.root),
            cause="a log needs a full backup that was taken with its place in the server's log",
            state="nothing was touched",
            hint="lockgate backup create --kind full",
        )
    return found


def find_tables(schema: Schema, names: Iterable[str]) -> tuple[Key, ...]:
    """Return the tables of these dotted names; the namespace may be left out where that is clear.

    Raises:
        InputError: There is none of a name, or more than one.
    """
    found = []
    for name in names:
        keys = [table_key(table) for table in schema.tables if name in (table_key(table).path, table.name)]
        exact = [key for key in keys if key.path == name]
        if len(exact or keys) != 1:
            raise InputError(
                f"there is no table {name}" if not keys else f"there is more than one table {name}",
                cause="; ".join(key.path for key in keys),
                state="nothing was touched",
                hint="name tables as `lockgate inspect` does, with their schema",
            )
        found.append((exact or keys)[0])
    return tuple(found)


def with_connected(schema: Schema, wanted: Iterable[Key]) -> tuple[Key, ...]:
    """Return tables with all that foreign keys, partitions and inheritance connect them with, in the schema's order.

    Tables that are not there (yet) are left out.
    """
    keys = {table_key(table) for table in schema.tables}
    near: dict[Key, set[Key]] = {key: set() for key in keys}
    for table in schema.tables:
        key = table_key(table)
        for other in _neighbours(table):
            if other in keys:
                near[key].add(other)
                near[other].add(key)
    reached: set[Key] = set()
    waiting = [key for key in wanted if key in keys]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting.extend(near[key])
    return tuple(key for key in map(table_key, schema.tables) if key in reached)


def _neighbours(table: Table) -> Iterator[Key]:
    for foreign in table.foreign_keys:
        yield Key("table", foreign.ref_namespace, foreign.ref_table)
    if table.partition_of is not None:
        yield Key("table", table.partition_of.namespace, table.partition_of.name)
    yield from table.inherits
