"""How a server's own log is read and played back: the types; each engine that keeps one fills them in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from lockgate.engine.backup import BackupFiles, DumpOptions, LoadOptions, OpenSink, Snapshot, What
from lockgate.engine.base import Session
from lockgate.model.backup import BackupKind, Manifest, Position
from lockgate.model.server import Server
from lockgate.model.target import Target


@dataclass(frozen=True)
class LogDialect:
    """How a server's log gives what changed since a position, and brings a restored copy to a later one.

    * ``position(session)`` is where the log is now; unknown (``kind`` empty) where none is kept or it may not be seen.
    * ``problem(session, since)`` says why the log from a position on cannot be had or would not be exact; empty when it
      can. ``since`` unknown asks whether a log could be had from now on.
    * ``open_snapshot(target, server, what, options)`` is the backup dialect's, at a moment whose position is exact and
      from which the log can be had later: for backups that others of a chain follow.
    * ``open_moment(target, server, options, kind)`` is such a moment for what dumps no rows: a log, which others can
      follow, or a mark.
    * ``release(session, position)`` gives up what the server holds for a position (a slot), if anything.
    * ``held(session, holder)`` is for which positions the server holds its log back for us, and how many bytes by now.
    * ``fetch(target, since, until, open_sink)`` writes the log of that range, this database's changes only,
      into files of a backup, and returns what people should know. BackupFailed when it would not be exact.
    * ``replay(backups, target, options)`` plays the files of log backups, in order, on a copy that was restored from
      their parent under the same database name.
    * ``commands(manifest)`` are the stock commands that do the same, one a line.
    * ``mark(session, name)`` makes a named mark in the log, where there is such a thing and the user may; else "".
    * ``warnings(session)`` is what people should know of the server keeping its log for later.
    * ``holds_ddl``: changes of the schema are in the log; without it no log can follow such a change.
    * ``is_bound_to_name``: it can only be played back under the database's own name.
    """

    position: Callable[[Session], Position]
    problem: Callable[[Session, Position], str]
    open_snapshot: Callable[[Target, Server, What, DumpOptions], AbstractContextManager[Snapshot]]
    open_moment: Callable[[Target, Server, DumpOptions, BackupKind], AbstractContextManager[Snapshot]]
    release: Callable[[Session, Position], None]
    held: Callable[[Session, str], tuple[tuple[Position, int], ...]]
    fetch: Callable[[Target, Position, Position, OpenSink], tuple[str, ...]]
    replay: Callable[[Sequence[BackupFiles], Target, LoadOptions], None]
    commands: Callable[[Manifest], tuple[str, ...]]
    mark: Callable[[Session, str], str]
    warnings: Callable[[Session], tuple[str, ...]]
    holds_ddl: bool = True
    is_bound_to_name: bool = False
