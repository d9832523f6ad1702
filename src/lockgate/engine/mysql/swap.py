"""Put a loaded database in the place of the live one: one RENAME TABLE for all tables, programs before and after.

A database cannot be renamed. One RENAME TABLE statement moves every table of both at once, and foreign keys follow;
that statement is atomic (MySQL 8.0 manual, "Atomic Data Definition Statement Support"; MariaDB 10.6, "Atomic DDL").
Around it stands what it cannot move: triggers are dropped before, views, routines and events are made anew after, so
that the whole is not atomic, and what a crash left is completed or led back from the record. MySQL keeps others out
meanwhile with LOCK TABLES; MariaDB does not allow RENAME under it (error 1192, measured on 10.11).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

import msgspec

from lockgate.engine.base import Session
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.server import has_rename_under_lock, identify
from lockgate.engine.mysql.session import MysqlSession, connect
from lockgate.engine.mysql.swap_programs import (
    Program,
    active_events,
    as_live,
    drop_all,
    list_programs,
    make_programs,
    read_grants,
    read_programs,
)
from lockgate.engine.swap import Places, SwapCheck, SwapDialect, SwapOptions
from lockgate.errors import InDoubtError, LockgateError, LockTimeout
from lockgate.model import codec
from lockgate.model.restore import Where
from lockgate.model.server import Server
from lockgate.model.target import Target

_LONGEST = 64
_ATTEMPT_MS = 2000
_MOVING = ("trigger", "event")
_OTHERS = ("view", "function", "procedure")
_SESSIONS = (
    "SELECT ID, CONCAT(USER, '@', HOST, ' (', COMMAND, ')') FROM information_schema.PROCESSLIST"
    " WHERE DB = %s AND ID <> CONNECTION_ID()"
)
_FOREIGN = (
    "SELECT DISTINCT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.KEY_COLUMN_USAGE"
    " WHERE REFERENCED_TABLE_SCHEMA = %s AND TABLE_SCHEMA <> %s"
)
_DEFAULTS = (
    "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s"
)


class _Record(msgspec.Struct, frozen=True):
    marker: str
    live: str
    incoming: str
    kept: str
    old_tables: tuple[str, ...]
    new_tables: tuple[str, ...]
    old_programs: tuple[Program, ...]
    old_kept: tuple[Program, ...]
    new_programs: tuple[Program, ...]
    old_defaults: tuple[str, str]
    new_defaults: tuple[str, str]
    grants: tuple[tuple[str, str, str], ...] = ()


def swap() -> SwapDialect:
    """Return how MySQL and MariaDB databases are swapped."""
    return SwapDialect(
        is_atomic=False,
        how="all tables change places in one RENAME TABLE; triggers, views, routines and events are made anew around"
        " it, so that for a moment others may see the tables without them",
        series=2,
        place=lambda target, name: target.with_database(name),
        name=_name,
        check=_check,
        create=_create,
        make_ready=lambda session: None,
        steps=_steps,
        prepare=_prepare,
        swap=_swap,
        back=_back,
        where=_where,
        exists=_exists,
        drop=_drop,
        active=active_events,
        as_live=lambda found, stored, live: as_live(found, stored, live.database),
    )


def _name(target: Target, word: str, restore: str) -> str:
    tail = f"__{word}_{restore}"
    return target.database[: _LONGEST - len(tail)] + tail


def _check(session: Session, places: Places) -> SwapCheck:
    live = places.live.database
    problems = [
        f"a foreign key of {name} in another database refers to a table of this one, and would go with the old one"
        for (name,) in session.query(_FOREIGN, (live, live))
    ]
    sessions = tuple(str(text) for _, text in session.query(_SESSIONS, (live,)))
    return SwapCheck(tuple(problems), (), sessions)


def _create(session: Session, server: Server, place: Target) -> None:
    _make_database(session, place.database, _defaults(session, session.target.database))


def _make_database(session: Session, name: str, defaults: tuple[str, str], word: str = "") -> None:
    session.execute(f"CREATE DATABASE {word}{quote_name(name)} {_words(defaults)}")


def _words(defaults: tuple[str, str]) -> str:
    return f"CHARACTER SET {defaults[0]} COLLATE {defaults[1]}"


def _defaults(session: Session, database: str) -> tuple[str, str]:
    charset, collation = session.query(_DEFAULTS, (database,))[0]
    return str(charset), str(collation)


def _tables(session: Session, database: str) -> tuple[str, ...]:
    """Return the names of a database's tables and sequences, which are renamed like tables."""
    rows = session.query(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_TYPE <> 'VIEW'", (database,)
    )
    return tuple(sorted(str(row[0]) for row in rows))


def _steps(session: Session, places: Places, tables: Sequence[str]) -> tuple[str, ...]:
    live, incoming, kept = (place.database for place in (places.live, places.incoming, places.kept))
    old = _tables(session, live)
    programs = list_programs(session)
    return (
        f"CREATE DATABASE IF NOT EXISTS {quote_name(kept)} {_words(_defaults(session, live))}",
        *(f"DROP {kind.upper()} {quote_name(name)}" for kind, name in programs if kind in _MOVING),
        _rename(old, tables, live, incoming, kept),
        *(f"DROP {kind.upper()} {quote_name(name)}" for kind, name in programs if kind in _OTHERS),
        f"make the views, triggers, routines and events of the backup in {quote_name(live)}, events last",
        f"make those of the old one in {quote_name(kept)}, events off",
    )


def _rename(old: Sequence[str], new: Sequence[str], live: str, incoming: str, kept: str) -> str:
    moves = [f"{_at(live, name)} TO {_at(kept, name)}" for name in old]
    moves += [f"{_at(incoming, name)} TO {_at(live, name)}" for name in new]
    return f"RENAME TABLE {', '.join(moves)}"


def _at(database: str, name: str) -> str:
    return f"{quote_name(database)}.{quote_name(name)}"


def _prepare(session: Session, places: Places, marker: str, active: Sequence[str]) -> str:
    live, incoming, kept = (place.database for place in (places.live, places.incoming, places.kept))
    other = connect(places.incoming, is_read_only=True)
    try:
        new_programs = read_programs(other, active, live)
    finally:
        other.close()
    record = _Record(
        marker=marker,
        live=live,
        incoming=incoming,
        kept=kept,
        old_tables=_tables(session, live),
        new_tables=_tables(session, incoming),
        old_programs=read_programs(session, None),
        old_kept=read_programs(session, ()),
        new_programs=new_programs,
        old_defaults=_defaults(session, live),
        new_defaults=_defaults(session, incoming),
        grants=read_grants(session),
    )
    return msgspec.json.encode(record).decode()


def _read(record: str) -> _Record:
    return codec.read_json(record, _Record)


def _swap(session: Session, record: str, options: SwapOptions) -> Session:
    names = _read(record)
    try:
        _make_database(session, names.kept, names.old_defaults, "IF NOT EXISTS ")
        if not _is_moved(session, names):
            _move(session, names, options.lock_s)
        options.on_live()
        _settle_in_time(session, names, options.lock_s)
    except LockgateError as error:
        _lead_back(session, record, options, error)
        raise
    options.check(session)
    return session


def _lead_back(session: Session, record: str, options: SwapOptions, error: LockgateError) -> None:
    try:
        _back(session, record, options)
    except LockgateError as second:
        raise InDoubtError(
            "the swap failed half-way and could not be led back",
            where=session.target.display,
            cause=f"{error}; then: {second}",
            state="all rows are there, in the databases that the restore names; programs may be missing",
            hint="remove the cause, then: lockgate restore --resume or lockgate restore --abort",
        ) from second


def _is_moved(session: Session, names: _Record) -> bool:
    """Tell whether the tables have changed places, which they do all at once.

    Raises:
        InDoubtError: They are neither here nor there.
    """
    incoming = set(_tables(session, names.incoming))
    if incoming >= set(names.new_tables):
        return False
    if not incoming & set(names.new_tables) and set(_tables(session, names.kept)) >= set(names.old_tables):
        return True
    raise InDoubtError(
        "the tables are neither where they were nor where they should be",
        where=names.live,
        cause=f"{len(incoming)} tables are in {names.incoming}, {len(names.new_tables)} or none should be",
        state=f"nothing was dropped: look into {names.live}, {names.kept} and {names.incoming}",
    )


def _move(session: Session, names: _Record, lock_s: float) -> None:
    """Drop what forbids it and rename, again and again until nobody is in the way or the time is over."""
    other = connect(session.target.with_database(names.incoming), is_read_only=False)
    end = time.monotonic() + lock_s
    try:
        drop_all(other, _MOVING)
    finally:
        other.close()
    try:
        while True:
            session.set_limits(_ATTEMPT_MS, 0)
            try:
                _rename_all(session, names)
                return
            except LockTimeout:
                if time.monotonic() > end:
                    raise
                _end_others(session, names.live)
    finally:
        session.set_limits(0, 0)


def _rename_all(session: Session, names: _Record) -> None:
    statement = _rename(names.old_tables, names.new_tables, names.live, names.incoming, names.kept)
    with ExitStack() as stack:
        drop_all(session, ("event",))
        if has_rename_under_lock(identify(session)) and (names.old_tables or names.new_tables):
            tables = [_at(names.live, name) for name in names.old_tables]
            tables += [_at(names.incoming, name) for name in names.new_tables]
            triggers = [name for kind, name in list_programs(session) if kind == "trigger"]
            stack.callback(session.execute, "UNLOCK TABLES")
            session.execute(f"LOCK TABLES {', '.join(f'{table} WRITE' for table in tables)}")
            for name in triggers:
                session.execute(f"DROP TRIGGER {quote_name(name)}")
        else:
            drop_all(session, ("trigger",))
        session.execute(statement)


def _end_others(session: Session, database: str) -> None:
    """End the sessions that are in the database: one of them holds a table in a transaction."""
    for number, _ in session.query(_SESSIONS, (database,)):
        session.end_session(str(number))


def _settle_in_time(session: Session, names: _Record, lock_s: float) -> None:
    """Do what follows the renaming, from its start again when somebody else's lock was in the way."""
    end = time.monotonic() + lock_s
    while True:
        try:
            _settle(session, names)
            return
        except LockTimeout:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _set_defaults(session: Session, names: _Record, defaults: tuple[str, str]) -> None:
    if _defaults(session, names.live) != defaults:
        session.execute(f"ALTER DATABASE {quote_name(names.live)} {_words(defaults)}")


def _settle(session: Session, names: _Record) -> None:
    """Make the programs of the new database in the live one, and those of the old one beside the kept tables."""
    _set_defaults(session, names, names.new_defaults)
    drop_all(session, (*_MOVING, *_OTHERS))
    make_programs(session, names.new_programs)
    _grant(session, names, names.new_programs)
    kept = connect(session.target.with_database(names.kept), is_read_only=False)
    try:
        drop_all(kept, (*_MOVING, *_OTHERS))
        make_programs(kept, names.old_kept)
    finally:
        kept.close()


def _grant(session: Session, names: _Record, programs: Sequence[Program]) -> None:
    there = {(program.kind, program.name) for program in programs}
    for kind, name, statement in names.grants:
        if (kind, name) in there:
            session.execute(statement)


def _back(session: Session, record: str, options: SwapOptions) -> Session:
    """Put the old tables and programs back, however far the swap came."""
    names = _read(record)
    if _is_moved(session, names):
        options.on_live()
        kept = connect(session.target.with_database(names.kept), is_read_only=False)
        try:
            drop_all(kept, (*_MOVING, *_OTHERS))
        finally:
            kept.close()
        drop_all(session, _MOVING)
        moves = [f"{_at(names.live, name)} TO {_at(names.incoming, name)}" for name in names.new_tables]
        moves += [f"{_at(names.kept, name)} TO {_at(names.live, name)}" for name in names.old_tables]
        session.execute(f"RENAME TABLE {', '.join(moves)}")
    _set_defaults(session, names, names.old_defaults)
    drop_all(session, (*_MOVING, *_OTHERS))
    make_programs(session, names.old_programs)
    _grant(session, names, names.old_programs)
    session.execute(f"DROP DATABASE IF EXISTS {quote_name(names.kept)}")
    return session


def _where(target: Target, record: str, marker: str) -> Where:
    names = _read(record)
    session = connect(target, is_read_only=True)
    try:
        if not _has_database(session, names.incoming):
            return Where.NEW if _has_database(session, names.kept) else Where.OLD
        is_moved = _is_moved(session, names)
        there = set(list_programs(session))
        wanted = {(program.kind, program.name) for program in (names.new_programs if is_moved else names.old_programs)}
        if there != wanted or (is_moved and not _is_kept_whole(session.target, names)):
            return Where.BETWEEN
        return Where.NEW if is_moved else Where.OLD
    finally:
        session.close()


def _is_kept_whole(target: Target, names: _Record) -> bool:
    kept = connect(target.with_database(names.kept), is_read_only=True)
    try:
        return set(list_programs(kept)) == {(program.kind, program.name) for program in names.old_kept}
    finally:
        kept.close()


def _has_database(session: Session, name: str) -> bool:
    return bool(session.query("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s", (name,)))


def _server_session(target: Target, *, is_read_only: bool) -> MysqlSession:
    return connect(target.with_database(""), is_read_only=is_read_only)


def _exists(target: Target) -> bool:
    session = _server_session(target, is_read_only=True)
    try:
        return _has_database(session, target.database)
    finally:
        session.close()


def _drop(target: Target) -> None:
    session = _server_session(target, is_read_only=False)
    try:
        session.execute(f"DROP DATABASE IF EXISTS {quote_name(target.database)}")
    finally:
        session.close()
