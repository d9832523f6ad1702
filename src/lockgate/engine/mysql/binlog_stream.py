"""The binary log as a server sends it to a replica: event by event, through an ordinary connection, with flat memory.

Source: MySQL 9 internals, "COM_BINLOG_DUMP", "Binlog Event Header"; MariaDB manual, "COM_BINLOG_DUMP".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import pymysql

from lockgate.engine.mysql.errors import errno_of, text_of
from lockgate.engine.mysql.session import MysqlSession
from lockgate.errors import LogUnusable
from lockgate.model.backup import Position

HEADER = struct.Struct("<IBIIIH")
MAGIC = b"\xfebin"
ROTATE, FORMAT = 4, 15
_DUMP, _NON_BLOCKING = 0x12, 1
_CHECKSUM_CRC32 = 1
_IDLE_S = 120
"""A server that sends nothing for so long, though it has more, is given up."""
_RIGHTS = (1227, 1045, 1142)


class Event(NamedTuple):
    """One event of the log: its place and its bytes, header and checksum included.

    ``start`` and ``end`` are places in ``file``; both 0 for what the server makes up for the reader.
    """

    file: str
    kind: int
    time: int
    start: int
    end: int
    flags: int
    data: bytes
    body: memoryview


def stream_events(session: MysqlSession, since: Position) -> Iterator[Event]:
    """Yield the events from a position to the end of the log; the session is of no use for anything else afterwards.

    Raises:
        LogUnusable: The server refuses (rights, a file that is gone), or the connection broke.
    """
    connection: Any = session._connection
    try:
        for name in ("source_binlog_checksum", "master_binlog_checksum"):
            session.execute(f"SET @{name} = @@GLOBAL.binlog_checksum")
        session.execute("SET @mariadb_slave_capability = 4")
        is_summed = str(session.query("SELECT @@GLOBAL.binlog_checksum")[0][0]).upper() == "CRC32"
        # Server id 0: a reader that is no replica; it ends at the log's end and is not listed among the replicas.
        asked = struct.pack("<IHI", since.offset, _NON_BLOCKING, 0) + since.file.encode()
        connection._read_timeout = _IDLE_S
        connection._execute_command(_DUMP, asked)
        yield from _read(connection, since.file, 4 if is_summed else 0)
    except pymysql.MySQLError as error:
        raise _refused(error) from None


def _read(connection: Any, file: str, checksum: int) -> Iterator[Event]:
    while True:
        packet = connection._read_packet()
        if packet.is_eof_packet():
            return
        data = bytes(packet.get_all_data())[1:]
        time, kind, _, size, end, flags = HEADER.unpack_from(data)
        if size != len(data):
            raise LogUnusable("the server sent an event of its log that is cut short", state="nothing was published")
        if kind == FORMAT:
            checksum = 4 if data[-5] == _CHECKSUM_CRC32 else 0
        body = memoryview(data)[HEADER.size : len(data) - checksum]
        yield Event(file, kind, time, max(end - size, 0) if end else 0, end, flags, data, body)
        if kind == ROTATE:
            file = bytes(body[8:]).decode()


def _refused(error: pymysql.MySQLError) -> LogUnusable:
    is_right = errno_of(error) in _RIGHTS
    return LogUnusable(
        "the server's log cannot be read",
        cause=text_of(error),
        state="nothing was published",
        hint="grant the user REPLICATION SLAVE" if is_right else "take a full backup: lockgate backup create",
    )
