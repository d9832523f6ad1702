"""A logical replication slot of ours: made with a snapshot that fits it exactly, looked at, dropped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from lockgate.engine.base import Session
from lockgate.engine.postgres.backup_dump import lsn_number
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.session import open_replication
from lockgate.errors import LogUnusable
from lockgate.model.backup import Position
from lockgate.model.target import Target

KIND, PREFIX = "wal", "lockgate_"
_HELD = """
SELECT slot_name, confirmed_flush_lsn::text,
       coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn), -1)::bigint
FROM pg_catalog.pg_replication_slots WHERE starts_with(slot_name, %s) ORDER BY 1
"""
_COLUMNS = """
SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(
    pg_catalog.format('%s.%s.%s', a.attrelid, a.attnum, a.xmin), ',' ORDER BY a.attrelid, a.attnum), ''))
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
"""


@contextmanager
def create_slot(target: Target, holder: str, wait_ms: int) -> Iterator[tuple[str, Position]]:
    """Make a slot and yield the snapshot that belongs to it: all commits before the position are in, none after.

    The snapshot can be taken as long as the block lasts; the slot stays. It is made when all transactions that write
    have ended.

    Raises:
        LogUnusable: The server refuses, or such transactions went on for longer than ``wait_ms``.
    """
    name = f"{PREFIX}{holder}_{time.time_ns():x}"
    connection = open_replication(target)
    timer = threading.Timer(max(wait_ms, 1000) / 1000, connection.cancel)
    try:
        timer.start()
        try:
            row = connection.execute(
                f"CREATE_REPLICATION_SLOT {quote_ident(name)} LOGICAL test_decoding EXPORT_SNAPSHOT".encode()
            ).fetchone()
        except psycopg.errors.QueryCanceled:
            raise _refused(target, f"transactions that write went on for more than {wait_ms} ms") from None
        except psycopg.Error as error:
            raise _refused(target, error.diag.message_primary or str(error)) from None
        finally:
            timer.cancel()
        assert row is not None
        yield str(row[2]), Position(kind=KIND, file=name, offset=lsn_number(str(row[1])))
    finally:
        connection.close()


def read_columns(session: Session) -> str:
    """Return a digest that any change of a table's columns changes, also one that was undone."""
    return str(session.query(_COLUMNS)[0][0])


def held_slots(session: Session, holder: str) -> tuple[tuple[Position, int], ...]:
    """Return the slots of a holder, and how many bytes of log the server keeps for each.

    They stay with the database they were made in, which may have another name by now, as after a restore.
    """
    rows = session.query(_HELD, (f"{PREFIX}{holder}_",))
    return tuple(
        (Position(kind=KIND, file=str(name), offset=lsn_number(str(place or "0/0"))), int(size))
        for name, place, size in rows
    )


def release_slot(session: Session, position: Position) -> None:
    """Drop a slot of ours; nothing when it is gone."""
    session.query(
        "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots"
        " WHERE slot_name = %s AND starts_with(slot_name, %s) AND NOT active",
        (position.file, PREFIX),
    )


def lsn_text(number: int) -> str:
    """Return a place in the log as the server writes it."""
    return f"{number >> 32:X}/{number & 0xFFFFFFFF:X}"


def _refused(target: Target, cause: str) -> LogUnusable:
    return LogUnusable(
        "the server did not begin to keep its log for later",
        where=target.display,
        cause=cause,
        state="nothing was published, and the server keeps nothing for us",
        hint="repeat the command when the server is less busy, or set [backup] log = false",
    )
