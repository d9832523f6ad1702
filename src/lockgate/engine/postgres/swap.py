"""Put a loaded PostgreSQL database in the place of the live one: two renames in one transaction.

``ALTER DATABASE … RENAME`` may run in a transaction (unlike CREATE and DROP DATABASE) and holds an exclusive lock on
the database while it waits for sessions to leave. So the sessions are ended only when that lock is held: nobody new
comes in, no state is ever visible in which the name leads nowhere, and a death at any moment leaves the old database
connectable under its name. Measured on 15.18: a connection attempt in between waits for the commit and is then told
that the database was renamed. Source: PostgreSQL manual, ALTER DATABASE; src/backend/commands/dbcommands.c.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import msgspec

from lockgate.engine.base import Session
from lockgate.engine.postgres.quote import quote_ident, quote_literal
from lockgate.engine.postgres.scratch import locale_words
from lockgate.engine.postgres.session import connect
from lockgate.engine.postgres.swap_settings import read_settings
from lockgate.engine.swap import Places, SwapCheck, SwapDialect, SwapOptions
from lockgate.errors import BackupFailed, LockgateError, LockTimeout, StatementFailed
from lockgate.model import codec
from lockgate.model.restore import Where
from lockgate.model.server import Server
from lockgate.model.target import Target

_LONGEST = 63
_IN_USE = "55006"
_SESSIONS = (
    "SELECT pid, coalesce(usename, '') || coalesce('@' || host(client_addr), '') || ' '"
    " || coalesce(application_name, '') || ' (' || coalesce(state, backend_type) || ')'"
    " FROM pg_catalog.pg_stat_activity"
    " WHERE datname = %s AND pid <> pg_catalog.pg_backend_pid() AND backend_type NOT LIKE 'autovacuum%%'"
)
_RIGHTS = (
    "SELECT r.rolsuper, r.rolcreatedb, pg_catalog.pg_has_role(d.datdba, 'USAGE'), d.datistemplate,"
    " pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')"
    " FROM pg_catalog.pg_roles r, pg_catalog.pg_database d WHERE r.rolname = current_user AND d.datname = %s"
)
_LOCKED = (
    "SELECT 1 FROM pg_catalog.pg_locks WHERE pid = %s AND locktype = 'object' AND mode = 'AccessExclusiveLock'"
    " AND granted AND classid = 'pg_catalog.pg_database'::regclass"
)


class _Record(msgspec.Struct, frozen=True):
    marker: str
    live: str
    incoming: str
    kept: str
    settings: tuple[str, ...] = ()


def swap() -> SwapDialect:
    """Return how PostgreSQL databases are swapped."""
    return SwapDialect(
        is_atomic=True,
        how="two ALTER DATABASE … RENAME in one transaction; connected sessions are ended while its lock is held",
        series=1,
        place=lambda target, name: target.with_database(name),
        name=_name,
        check=_check,
        create=_create,
        make_ready=lambda session: _run(session, "ANALYZE"),
        steps=_steps,
        prepare=_prepare,
        swap=_swap,
        back=lambda session, record, options: session,
        where=_where,
        exists=_exists,
        drop=_drop,
    )


def _run(session: Session, sql: str) -> None:
    session.execute(sql)


def _name(target: Target, word: str, restore: str) -> str:
    tail = f"__{word}_{restore}"
    return target.database.encode()[: _LONGEST - len(tail)].decode(errors="ignore") + tail


def _admin(target: Target) -> Target:
    """Return the database from which others are renamed."""
    return target.with_database("template1" if target.database == "postgres" else "postgres")


def _check(session: Session, places: Places) -> SwapCheck:
    name = places.live.database
    is_super, may_create, is_owner, is_template, may_signal = session.query(_RIGHTS, (name,))[0]
    problems, warnings = [], []
    if not is_super and not (may_create and is_owner):
        problems.append("renaming a database needs its owner with CREATEDB, or a superuser")
    if is_template:
        problems.append("the database is a template")
    prepared = session.query("SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = %s", (name,))
    if prepared:
        problems.append(f"prepared transactions hold the database: {', '.join(str(row[0]) for row in prepared[:5])}")
    slots = session.query("SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE database = %s", (name,))
    if slots:
        names = ", ".join(str(row[0]) for row in slots)
        warnings.append(f"replication slots stay with the kept database: {names}")
    sessions = tuple(str(row[1]).strip() for row in session.query(_SESSIONS, (name,)))
    if sessions and not is_super and not may_signal:
        warnings.append("without pg_signal_backend only sessions of the same role can be ended")
    return SwapCheck(tuple(problems), tuple(warnings), sessions)


def _create(session: Session, server: Server, place: Target) -> None:
    owner, space, given = session.query(
        "SELECT pg_catalog.pg_get_userbyid(d.datdba), t.spcname,"
        " (SELECT o.dattablespace FROM pg_catalog.pg_database o WHERE o.datname = 'template0') = t.oid"
        " FROM pg_catalog.pg_database d"
        " JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = current_database()"
    )[0]
    # Who names even the default tablespace needs CREATE on it, which owners of databases have not (CREATE DATABASE).
    named = "" if given else f" TABLESPACE {quote_ident(space)}"
    session.execute(
        f"CREATE DATABASE {quote_ident(place.database)} TEMPLATE template0"
        f" OWNER {quote_ident(owner)} ENCODING {quote_literal(server.setting('encoding', 'UTF8'))}"
        f"{locale_words(server)}{named}"
    )


def _steps(session: Session, places: Places, tables: Sequence[str]) -> tuple[str, ...]:
    record = _record(session, places, "")
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {quote_literal(record.live)}"
    return ("BEGIN", f"{_renames(record)[0]}  -- meanwhile, in another session: {end}", *_renames(record)[1:], "COMMIT")


def _renames(record: _Record) -> tuple[str, ...]:
    live, incoming, kept = map(quote_ident, (record.live, record.incoming, record.kept))
    return (f"ALTER DATABASE {live} RENAME TO {kept}", f"ALTER DATABASE {incoming} RENAME TO {live}", *record.settings)


def _prepare(session: Session, places: Places, marker: str, active: Sequence[str]) -> str:
    return msgspec.json.encode(_record(session, places, marker)).decode()


def _record(session: Session, places: Places, marker: str) -> _Record:
    live, incoming, kept = (place.database for place in (places.live, places.incoming, places.kept))
    return _Record(marker, live, incoming, kept, read_settings(session, live, incoming))


def _read(record: str) -> _Record:
    return codec.read_json(record, _Record)


def _swap(session: Session, record: str, options: SwapOptions) -> Session:
    names = _read(record)
    target = session.target.with_database(names.live)
    if _where(target, record, "") is not Where.NEW:
        _rename(session, names, options.lock_s)
    options.on_live()
    return _enter(target, options)


def _rename(session: Session, names: _Record, lock_s: float) -> None:
    """Rename both, again and again until nobody is connected or the time is over.

    Raises:
        LockTimeout: Sessions stayed; names them. The old database is in place.
    """
    end = time.monotonic() + lock_s
    with _Renaming(session, names) as renaming:
        while not renaming.attempt():
            if time.monotonic() > end:
                raise LockTimeout(
                    "the database could not be renamed: others are connected and cannot be ended",
                    where=names.live,
                    waited_ms=int(lock_s * 1000),
                    blockers=renaming.sessions(),
                )


class _Renaming:
    """Two sessions in the maintenance database: one renames, the other ends who is in the way."""

    def __init__(self, session: Session, names: _Record) -> None:
        self._own, self._names = session, names
        admin = _admin(session.target)
        self._worker, self._helper = connect(admin), connect(admin)
        self._worker.set_limits(10_000, 0)

    def __enter__(self) -> _Renaming:
        return self

    def __exit__(self, *_error: object) -> None:
        self._worker.close()
        self._helper.close()

    def sessions(self) -> tuple[str, ...]:
        """Return who is connected."""
        return tuple(str(row[1]).strip() for row in self._helper.query(_SESSIONS, (self._names.live,)))

    def attempt(self) -> bool:
        """Rename both in one transaction; False when somebody was still connected. Nothing is changed then."""
        statements = _renames(self._names)
        self._worker.begin()
        try:
            self._rename_live(statements[0])
            for sql in statements[1:]:
                self._worker.execute(sql)
            self._worker.commit()
        except StatementFailed as error:
            self._worker.rollback()
            if error.code != _IN_USE:
                raise
            return False
        except LockTimeout:
            self._worker.rollback()
            return False
        return True

    def _rename_live(self, sql: str) -> None:
        """Rename the live one: it waits for others to leave, and they are ended once its lock keeps new ones out."""
        failure: list[LockgateError] = []

        def rename() -> None:
            try:
                self._worker.execute(sql)
            except LockgateError as error:
                failure.append(error)

        thread = threading.Thread(target=rename, daemon=True)
        thread.start()
        while thread.is_alive():
            if self._helper.query(_LOCKED, (int(self._worker.session_id),)):
                self._own.close()
                self._helper.query(
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                    " WHERE datname = %s AND pid <> pg_catalog.pg_backend_pid()",
                    (self._names.live,),
                )
            thread.join(0.02)
        if failure:
            raise failure[0]


def _enter(target: Target, options: SwapOptions) -> Session:
    """Return a session on what is live now that holds the lease, once it was looked at."""
    session = connect(target, is_read_only=False)
    try:
        end = time.monotonic() + options.lock_s
        while not session.acquire_lease(options.lease):
            if time.monotonic() > end:
                raise BackupFailed("another runner took the lease at once", where=target.display)
            time.sleep(0.1)
        options.check(session)
    except BaseException:
        session.close()
        raise
    return session


def _databases(target: Target) -> set[str]:
    session = connect(_admin(target), is_read_only=True)
    try:
        return {str(row[0]) for row in session.query("SELECT datname FROM pg_catalog.pg_database")}
    finally:
        session.close()


def _where(target: Target, record: str, marker: str) -> Where:
    names = _read(record)
    there = _databases(target)
    return Where.NEW if names.kept in there and names.incoming not in there else Where.OLD


def _exists(target: Target) -> bool:
    return target.database in _databases(target)


def _drop(target: Target) -> None:
    session = connect(_admin(target), is_read_only=False)
    try:
        session.execute(f"DROP DATABASE IF EXISTS {quote_ident(target.database)} WITH (FORCE)")
    finally:
        session.close()
