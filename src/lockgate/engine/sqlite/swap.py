"""Put a verified SQLite file in the place of the live one: its pages go into the live file, under an exclusive lock.

The live file is never replaced by copying or renaming over it: a left-over ``-wal`` would then be taken for the new
file's, and programs that have the old file open would go on writing to it. SQLite's backup API writes all pages in one
transaction of the live file, so that a death at any moment leaves the old content (its journal is played back) or the
new one, and whoever has the file open sees the new one. Source: SQLite, "Using the SQLite Online Backup API", "How To
Corrupt An SQLite Database File" §1.2–1.4, pragma locking_mode.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote as url_quote

import msgspec

from lockgate.engine.base import Session
from lockgate.engine.sqlite.errors import is_busy, translate
from lockgate.engine.sqlite.session import SqliteSession, prepare
from lockgate.engine.sqlite.tokens import literal
from lockgate.engine.swap import Places, SwapCheck, SwapDialect, SwapOptions
from lockgate.errors import BackupFailed, InDoubtError, LockTimeout
from lockgate.model import codec
from lockgate.model.restore import Where
from lockgate.model.server import Server
from lockgate.model.target import Target

_SIDE_FILES = ("", "-wal", "-shm", "-journal", ".lockgate-lease")


class _Record(msgspec.Struct, frozen=True):
    marker: str
    live: str
    incoming: str
    kept: str


def swap() -> SwapDialect:
    """Return how SQLite files are swapped."""
    return SwapDialect(
        is_atomic=True,
        how="all pages are written into the live file in one transaction, under its exclusive lock",
        series=0,
        place=_place,
        name=_name,
        check=_check,
        create=_create,
        make_ready=lambda session: None,
        steps=_steps,
        prepare=_prepare,
        swap=_swap,
        back=lambda session, record, options: session,
        where=lambda target, record, marker: Where.NEW if marker and marker == _read(record).marker else Where.OLD,
        exists=lambda target: Path(target.path).exists(),
        drop=_drop,
    )


def _place(target: Target, name: str) -> Target:
    """Return the file of a name beside the live one (or the path itself when it names a folder)."""
    path = Path(name)
    if path.parent == Path():
        path = Path(os.path.realpath(target.path)).parent / path
    return Target(engine=target.engine, scheme=target.scheme, path=str(path), params=target.params)


def _name(target: Target, word: str, restore: str) -> str:
    path = Path(target.path)
    return f"{path.stem}__{word}_{restore}{path.suffix or '.db'}"


def _check(session: Session, places: Places) -> SwapCheck:
    folder = Path(places.live.path).resolve().parent
    problems = []
    if not os.access(folder, os.W_OK):
        problems.append(f"the folder {folder} cannot be written, and the new file must stand beside the live one")
    if not os.access(places.live.path, os.W_OK):
        problems.append(f"the file {places.live.path} cannot be written")
    return SwapCheck(problems=tuple(problems))


def _create(session: Session, server: Server, place: Target) -> None:
    try:
        os.close(os.open(place.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupFailed(
            "the file to restore into cannot be made",
            where=place.path,
            cause=error.strerror or str(error),
            state="nothing was touched",
            hint="name another one, or move this one away",
        ) from None
    connection = sqlite3.connect(place.path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA encoding={literal(server.setting('encoding', 'UTF-8'))}")
    finally:
        connection.close()


def _steps(session: Session, places: Places, tables: Sequence[str]) -> tuple[str, ...]:
    live, kept, incoming = places.live.path, places.kept.path, places.incoming.path
    return (
        f"lock {live} exclusively (PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT)",
        f"copy its pages to {kept} (SQLite backup API)",
        f"write the pages of {incoming} into {live} in one transaction (SQLite backup API)",
        f"remove {incoming}",
    )


def _prepare(session: Session, places: Places, marker: str, active: Sequence[str]) -> str:
    record = _Record(marker, places.live.path, places.incoming.path, places.kept.path)
    return msgspec.json.encode(record).decode()


def _read(record: str) -> _Record:
    return codec.read_json(record, _Record)


def _swap(session: Session, record: str, options: SwapOptions) -> Session:
    """Swap under one exclusive lock: keep the old content, write the new one, look at it, let go."""
    names = _read(record)
    assert isinstance(session, SqliteSession)
    with session.set_aside():
        live = _open_exclusively(names.live, options.lock_s)
        try:
            if _marker_of(live) == names.marker:
                return session
            mode = str(live.execute("PRAGMA journal_mode").fetchone()[0])
            _keep(live, names)
            _write(names.incoming, live, mode)
            try:
                options.check(SqliteSession(session.target, live))
            except BaseException:
                _put_back(names, live, mode)
                raise
        except sqlite3.Error as error:
            raise translate(
                error, f"write the pages of {names.incoming} into {names.live}", waited_ms=0, is_timed_out=False
            ) from None
        finally:
            live.close()
    return session


def _open_exclusively(path: str, lock_s: float) -> sqlite3.Connection:
    """Open a file so that nobody else can read or write it until the connection is closed.

    Raises:
        LockTimeout: Others have it open (in WAL mode even when they are idle), and stayed.
    """
    began = time.monotonic()
    uri = f"file:{url_quote(os.path.abspath(path))}?mode=rw"
    while True:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=0.2)
        try:
            # Before the first look into the file: WAL then works without shared memory, and so without others.
            connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            return prepare(connection, path, is_read_only=False)
        except sqlite3.Error as error:
            connection.close()
            waited_ms = int((time.monotonic() - began) * 1000)
            if not is_busy(error):
                raise translate(error, f"lock {path}", waited_ms=0, is_timed_out=False) from None
            if waited_ms > lock_s * 1000:
                raise LockTimeout(
                    "other programs have the database file open",
                    where=path,
                    waited_ms=waited_ms,
                    blockers=(f"waited {waited_ms / 1000:.0f} s for it; stop them, or name hooks that do",),
                ) from None
        time.sleep(0.1)


def _keep(live: sqlite3.Connection, names: _Record) -> None:
    """Copy the live content to the kept file, which appears under its name when it is whole."""
    partial = Path(f"{names.kept}.partial")
    partial.unlink(missing_ok=True)
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy_pages(live, partial)
        if found := _quick_check(partial):
            raise _not_kept(partial, found)
        shutil.copymode(names.live, partial)
        _sync(partial)
        os.replace(partial, names.kept)
        _sync(partial.parent)
    except OSError as error:
        raise _not_kept(partial, error.strerror or str(error)) from None
    except sqlite3.Error as error:
        raise _not_kept(partial, str(error)) from None
    finally:
        partial.unlink(missing_ok=True)


def _not_kept(place: Path, cause: str) -> BackupFailed:
    return BackupFailed(
        "the old database could not be kept",
        where=str(place),
        cause=cause,
        state="the live file was not written",
        hint="free space there, then repeat the command",
    )


def _marker_of(live: sqlite3.Connection) -> str:
    """Return the restore that the live file's own journal names: what is in place already is not swapped in again."""
    try:
        row = live.execute("SELECT meta_value FROM lockgate_meta WHERE meta_name = 'restore'").fetchone()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def _copy_pages(source: sqlite3.Connection, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    try:
        source.backup(other, pages=-1)
        # One file for one database: nothing of it may stand in a file beside it.
        other.execute("PRAGMA journal_mode=DELETE").fetchall()
    finally:
        other.close()


def _quick_check(path: Path) -> str:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)").fetchall()]
    except sqlite3.Error as error:
        return str(error)
    finally:
        connection.close()
    return "" if found == ["ok"] else "; ".join(found)


def _write(incoming: str, live: sqlite3.Connection, mode: str) -> None:
    """Write all pages of a file into the live one, which keeps its journal mode."""
    source = sqlite3.connect(f"file:{url_quote(os.path.abspath(incoming))}?mode=ro", uri=True)
    try:
        sizes = [int(c.execute("PRAGMA page_size").fetchone()[0]) for c in (source, live)]
        if sizes[0] != sizes[1] and mode == "wal":
            # In WAL mode the size of pages is fixed.
            live.execute("PRAGMA journal_mode=DELETE").fetchall()
        source.backup(live, pages=-1)
    finally:
        source.close()
    live.execute(f"PRAGMA journal_mode={mode}").fetchall()


def _put_back(names: _Record, live: sqlite3.Connection, mode: str) -> None:
    try:
        _write(names.kept, live, mode)
    except sqlite3.Error as error:
        raise InDoubtError(
            "the old database could not be put back",
            where=names.live,
            cause=str(error),
            state=f"the old content is whole in {names.kept}",
            hint="stop every program that has the file open, then run: lockgate restore --abort",
        ) from None


def _drop(place: Target) -> None:
    for ending in (*_SIDE_FILES, ".partial"):
        Path(place.path + ending).unlink(missing_ok=True)


def _sync(place: Path) -> None:
    """Make sure that a file's content, or a folder's names, are on the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
