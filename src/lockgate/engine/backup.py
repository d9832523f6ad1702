"""How a database is dumped and loaded with its own tools: the types; each engine fills them in its ``backup.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from lockgate.engine.base import Scratch, ScratchOptions, Session
from lockgate.model import codec
from lockgate.model.backup import Consistency, Manifest, Position, StoredFile, TableFacts, Tool
from lockgate.model.schema import Key, Schema
from lockgate.model.server import Server
from lockgate.model.target import Target


class Sink(Protocol):
    """One file of a backup being written: plain bytes in; hashed, compressed and encrypted on the way to the disk."""

    def write(self, data: bytes | memoryview) -> int:
        """Take plain bytes.

        Raises:
            FailedError: The disk is full or the like.
            Interrupted: A stop was asked for; the engine ends its programs and lets this through.
        """


class OpenSink(Protocol):
    """Opens a file of the backup. Leaving the block without an error completes it; with one it is thrown away.

    ``path`` is relative without the endings of compression and encryption (``rows/001.orders.sql``). It may be called
    from several threads at once, each with files of its own.
    """

    def __call__(self, path: str, role: str, tables: Sequence[str] = ()) -> AbstractContextManager[Sink]:
        """Open one."""


@dataclass(frozen=True)
class What:
    """What to dump: ``tables`` None for all; ``has_rows`` false for the schema only.

    Nothing is left out, our own tables neither: what a run parked (``lockgate_p<N>_…``) and salvaged is people's data,
    triggers of ours write into our tables, and the journal of that very moment is the one that fits the rows.
    """

    tables: tuple[Key, ...] | None = None
    has_rows: bool = True


@dataclass(frozen=True)
class DumpOptions:
    """How to dump. ``jobs``: programs at a time; ``lock_ms``: how long to wait for a lock before giving up;
    ``idle_s``: a program that gives no byte for so long is ended; ``tool``: another program to prefer (mydumper).
    ``raw``: an empty folder on the backup's disk, removed afterwards; ``holder``: in whose name the server keeps its
    log for later, where it must be told to."""

    jobs: int = 2
    lock_ms: int = 5000
    idle_s: float = 120.0
    tool: str = ""
    raw: Path = Path()
    holder: str = ""


@dataclass(frozen=True)
class Preflight:
    """What was found before a dump. ``problems`` forbid it; ``warnings`` go into the manifest; bytes are an estimate.

    ``lossy`` names, by dotted table name, columns whose values the tool's format cannot carry exactly.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    bytes: int = -1
    tools: tuple[Tool, ...] = ()
    lossy: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Snapshot(Protocol):
    """One moment of a database, held open; everything read through it is of that moment.

    ``sessions`` (one at least) see the moment and only read; each may be used by a thread of its own. ``method`` is
    said in the manifest: ``pg_dump -Fd -j2``; ``roles`` are the roles that owners and grants name.
    """

    sessions: tuple[Session, ...]
    position: Position
    consistency: Consistency
    lock_held_ms: int
    method: str
    taken_at: str
    roles: tuple[str, ...]

    def dump(self, what: What, raw: Path, open_sink: OpenSink) -> None:
        """Dump into sinks; ``raw`` is an empty folder on the backup's disk for tools that write files themselves.

        Raises:
            FailedError: A tool failed, was cut short or gave nothing for too long; its words are masked.
        """

    def check_complete(self) -> None:
        """Refuse a dump without trailers, or that holds other objects than the catalogue at that moment.

        Raises:
            FailedError: It says what is missing.
        """


class BackupFiles(Protocol):
    """The files of one backup, given back as they were before compression and encryption."""

    manifest: Manifest

    def open(self, file: StoredFile) -> AbstractContextManager[BinaryIO]:
        """Open one for reading its plain bytes; checked against the manifest when it is read to its end.

        Raises:
            BackupDamaged: It is not what was stored, or cannot be decrypted or decoded.
        """

    def unpack(self, files: Sequence[StoredFile], folder: Path) -> None:
        """Write the plain files below a folder, under their paths, and check them."""


@dataclass(frozen=True)
class LoadOptions:
    """How to load. ``work`` an empty folder for what tools read from files; ``tables`` only these (None: all).

    ``is_private``: the database is on a throw-away server of ours.
    """

    work: Path
    jobs: int = 2
    tables: tuple[Key, ...] | None = None
    is_private: bool = True
    idle_s: float = 600.0


@dataclass(frozen=True)
class BackupDialect:
    """How a database is dumped and loaded.

    * ``preflight(session, server, what, options)`` looks for what forbids a dump: tools that are missing or too old,
      rights the user lacks (found by comparing what it sees with the catalogue), tables without a snapshot. ConfigError
      when a tool is missing.
    * ``open_snapshot(target, server, what, options)`` takes the moment and holds it.
    * ``read_facts(session, schema, tables)`` rows and checksum of tables, the same way on the snapshot and on a copy.
    * ``commands(manifest)`` the stock commands that restore the backup without us, one a line, for people.
    * ``open_server(manifest, options)`` a private server (or given place) of the backup's series with the roles it
      names; it never asks the target. ScratchUnavailable.
    * ``load(files, target, options)`` loads a backup (full, tables or schema) into an empty database; any error of a
      tool is one.
    * ``check(session)`` the engine's own check of a database's structure (amcheck, CHECK TABLE, integrity_check);
      returns what is wrong.
    * ``has_one_stream``: nearly all bytes go through one sink, so that compressing must be spread over the cores.
    * ``is_always_whole``: single tables cannot be taken.
    * ``fingerprint(schema)`` of a schema as it reads after a dump and a load: a tool may write an expression so that
      the server stores it another way, which means the same.
    """

    preflight: Callable[[Session, Server, What, DumpOptions], Preflight]
    open_snapshot: Callable[[Target, Server, What, DumpOptions], AbstractContextManager[Snapshot]]
    read_facts: Callable[[Session, Schema, Sequence[Key]], tuple[TableFacts, ...]]
    commands: Callable[[Manifest], tuple[str, ...]]
    open_server: Callable[[Manifest, ScratchOptions], AbstractContextManager[Scratch]]
    load: Callable[[BackupFiles, Target, LoadOptions], None]
    check: Callable[[Session], tuple[str, ...]]
    has_one_stream: bool = False
    is_always_whole: bool = False
    fingerprint: Callable[[Schema], str] = codec.fingerprint
