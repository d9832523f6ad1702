"""Cuts one database's changes out of the binary log, and refuses what could not be played back exactly.

What is written is a binary log again, which mysqlbinlog reads: whole transactions without the other databases' rows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lockgate.engine.mysql.binlog_stream import FORMAT, ROTATE, Event
from lockgate.engine.mysql.binlog_words import judge
from lockgate.errors import LogUnusable
from lockgate.model.backup import Position

QUERY, XID, TABLE_MAP, INCIDENT = 2, 16, 19, 26
_ROWS = frozenset({23, 24, 25, 30, 31, 32, 39, 166, 167, 168, 169, 170, 171})
_BEGINS = frozenset({33, 34, 42, 162})
_MARIADB_GTID = 162
_BEFORE_STATEMENT = frozenset({5, 13, 14})
_LOADS = frozenset({6, 8, 9, 10, 11, 12, 17, 18})
_PAYLOAD, _XA_PREPARE, _QUERY_COMPRESSED = 40, 38, 165
_LEFT_OUT = frozenset({ROTATE, 3, 27, 28, 29, 35, 36, 37, 41, 160, 161, 163})
"""Of no use for the copy: ends and beginnings of files, signs of life, texts of statements, sets of GTIDs."""
_STATEMENT_END, _IGNORABLE, _STANDALONE, _XA = 1, 0x80, 1, 64 | 128
_MOST_OFFSET = 1 << 32


@dataclass
class Cut:
    """What is kept of a log: ``write`` is asked for each event. ``notes`` are for people."""

    database: str
    others: frozenset[str]
    notes: list[str] = field(default_factory=list)
    _pending: list[bytes] = field(default_factory=list)
    _maps: list[bytes] = field(default_factory=list)
    _is_ours: bool = False
    _is_kept: bool = False
    _is_inside: bool = False
    _in_rows: bool = False

    def write(self, event: Event) -> Iterator[bytes]:
        """Yield what to write for an event, in order; nothing for what is left out.

        Raises:
            LogUnusable: The log could not be played back exactly because of it.
        """
        kind = event.kind
        if kind == FORMAT:
            yield event.data
        elif kind in _BEGINS:
            self._begin(event)
        elif kind == TABLE_MAP:
            self._maps.append(event.data)
            self._is_ours |= database_of_map(event.body) == self.database
        elif kind in _ROWS:
            yield from self._rows(event)
        elif kind in (QUERY, _QUERY_COMPRESSED):
            yield from self._query(event)
        elif kind == XID:
            yield from self._end(event)
        elif kind == _PAYLOAD:
            yield from self._keep(event)
        elif kind in _BEFORE_STATEMENT:
            yield from self._hold(event)
        elif kind not in _LEFT_OUT and not event.flags & _IGNORABLE:
            raise inexact(_why_not(kind), event)

    def _begin(self, event: Event) -> None:
        self._pending, self._is_kept, self._is_inside = [event.data], False, False
        if event.kind == _MARIADB_GTID:
            flags = event.body[12]
            if flags & _XA:
                raise inexact("it has a transaction in two phases (XA)", event)
            self._is_inside = not flags & _STANDALONE

    def _rows(self, event: Event) -> Iterator[bytes]:
        """Rows of statements that touch our database; those of others are left out, statement by statement."""
        if not self._in_rows:
            self._in_rows = True
            if self._is_ours:
                yield from self._flush()
                yield from self._maps
        if self._is_ours:
            yield event.data
        if int.from_bytes(event.body[6:8], "little") & _STATEMENT_END:
            self._maps, self._is_ours, self._in_rows = [], False, False

    def _query(self, event: Event) -> Iterator[bytes]:
        default, text = statement_of(event)
        word = text.strip().upper()
        if word in ("BEGIN", "START TRANSACTION"):
            self._is_inside = True
            self._pending.append(event.data)
        elif word in ("COMMIT", "ROLLBACK"):
            yield from self._end(event)
        elif word.startswith(("SAVEPOINT", "ROLLBACK TO", "RELEASE SAVEPOINT")):
            yield from self._hold(event)
        else:
            verdict = judge(text, default, self.database, self.others)
            if verdict.problem:
                raise inexact(verdict.problem, event)
            if verdict.note and verdict.note not in self.notes:
                self.notes.append(verdict.note)
            if verdict.is_kept:
                yield from self._keep(event)
            elif not self._is_inside:
                self._pending = []

    def _keep(self, event: Event) -> Iterator[bytes]:
        yield from self._flush()
        yield event.data

    def _hold(self, event: Event) -> Iterator[bytes]:
        if self._is_kept:
            yield event.data
        else:
            self._pending.append(event.data)

    def _end(self, event: Event) -> Iterator[bytes]:
        if self._is_kept:
            yield event.data
        self._pending, self._is_kept, self._is_inside = [], False, False

    def _flush(self) -> Iterator[bytes]:
        yield from self._pending
        self._pending, self._is_kept = [], True


def cut_range(events: Iterable[Event], cut: Cut, since: Position, until: Position) -> Iterator[tuple[str, bytes]]:
    """Yield file and bytes of what is kept of the events of a range.

    Raises:
        LogUnusable: The log ends before the range does, is another one, or could not be played back exactly.
    """
    if since.offset >= _MOST_OFFSET or until.offset >= _MOST_OFFSET:
        raise LogUnusable("the server's log has a file of more than 4 GB", hint="take a full backup")
    if (since.file, since.offset) == (until.file, until.offset):
        return
    for event in events:
        if event.kind == FORMAT and event.file == since.file and since.time and event.time > since.time:
            raise inexact(f"the file {since.file} was begun anew since", event)
        if event.file == until.file and event.end > until.offset:
            raise inexact("an event goes over the position that was asked for", event)
        for data in cut.write(event):
            yield event.file, data
        if event.file == until.file and event.end == until.offset:
            return
    raise LogUnusable(
        "the server's log ends before the position that was asked for",
        where=f"{until.file}:{until.offset}",
        state="nothing was published",
        hint="take a full backup: lockgate backup create",
    )


def database_of_map(body: memoryview) -> str:
    """Return the database a table map is for: table id (6), flags (2), length of the name, the name."""
    return bytes(body[9 : 9 + body[8]]).decode(errors="replace")


def statement_of(event: Event) -> tuple[str, str]:
    """Return the default database and the text of a statement in the log."""
    body = event.body
    status = int.from_bytes(body[11:13], "little")
    start = 13 + status
    default = bytes(body[start : start + body[8]]).decode(errors="replace")
    text = bytes(body[start + body[8] + 1 :])
    if event.kind == _QUERY_COMPRESSED:
        text = zlib.decompress(text[1 + (text[0] & 7) :])
    return default, text.decode(errors="replace")


def inexact(why: str, event: Event) -> LogUnusable:
    """Return the error for a log that cannot be played back exactly."""
    return LogUnusable(
        "the server's log cannot be played back exactly",
        where=f"{event.file}:{event.start}",
        cause=why,
        state="nothing was published",
        hint="take a full backup: lockgate backup create --kind full",
    )


def _why_not(kind: int) -> str:
    if kind == INCIDENT:
        return "the server noted that changes are missing in it"
    if kind == _XA_PREPARE:
        return "it has a transaction in two phases (XA)"
    if kind in _LOADS:
        return "it has a file that was loaded as a statement"
    return f"it has an event of kind {kind}, which is not known"
