"""How rows come into a new table while the old one is written to, and how the two are compared; pure.

The copy takes no lock on the application's rows: it reads committed rows as they are, and every key that was written to
meanwhile is noted by a trigger in a log. The rows of these keys are then copied again, under locks that are had at once
or not at all; first while changes are still only noted, then again when they go to the new table at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.literals import walk_key
from lockgate.engine.mysql.pair_columns import given_values, json_value, key_obstacles, mirrored_columns, text_of
from lockgate.engine.mysql.pair_names import PairNames
from lockgate.engine.mysql.server import is_mariadb
from lockgate.model.keys import table_key
from lockgate.model.op import RANGE, Chunked, ChunkKind, Statement
from lockgate.model.schema import Table
from lockgate.model.server import Server


@dataclass(frozen=True)
class Copy:
    """One direction of copying and comparing: from the table that the application uses to ``mirror_name``.

    ``is_back``: to the old table, which takes what fits; the rest is kept in salvage.
    """

    names: PairNames
    source: Table
    mirror: Table
    key: tuple[str, ...]
    mirror_name: str
    server: Server
    is_back: bool = False

    @property
    def _from(self) -> str:
        return quote_name(self.names.table)

    @property
    def _to(self) -> str:
        return quote_name(self.mirror_name)

    def fill(self) -> Statement:
        """Return the statement that copies the rows, range by range; rows that are there already stay."""
        columns, values = self._lists("")
        sql = f"INSERT INTO {self._to} ({columns}) SELECT {values} FROM {self._from} WHERE {RANGE}{self._or_keep()}"
        return self._walk(ChunkKind.WRITE, sql)

    def catch_up(self, *, is_locking: bool = True) -> Statement:
        """Return the statement that copies the noted rows again and forgets them.

        Notes are taken first: one that comes meanwhile, even within the range, waits for the next time. While changes
        are only noted, each one that the copy misses has a note of its own, so that no row need be locked.
        """
        columns, values = self._lists("a.")
        noted = ", ".join(f"{self._log_column(number)}" for number in range(len(self.key)))
        taken = f"{RANGE} AND lockgate_taken = 1"
        log = f"(SELECT DISTINCT {noted} FROM {self.names.log} WHERE {taken}) AS l"
        source = f"{log} STRAIGHT_JOIN {self._from} AS a ON {self._log_join('a')}"
        theirs = f"{log} STRAIGHT_JOIN {self._to} AS b ON {self._log_join('b')}"
        insert = f"{self._insert} INTO {self._to} ({columns}) SELECT {values} FROM {source}"
        if self.is_back:
            gone = f"LEFT JOIN {self._from} AS a ON {self._join('b', 'a')} WHERE a.{quote_name(self.key[0])} IS NULL"
            both = f"{source} STRAIGHT_JOIN {self._to} AS b ON {self._join('a', 'b')}"
            copying = (
                f"DELETE b FROM {theirs} {gone}",
                f"UPDATE IGNORE {both} SET {self._assignments()}",
                f"{insert} WHERE {self._takes_key('a.')}",
                *self._salvage(both),
            )
        else:
            copying = (f"DELETE b FROM {theirs}", insert + self._or_keep())
        return self._walk_log(
            f"DELETE FROM {self.names.log} WHERE {taken}",
            (
                f"UPDATE {self.names.log} SET lockgate_taken = 1 WHERE {RANGE}",
                *((f"SELECT COUNT(*) FROM {source} {self._locking}",) if is_locking else ()),
                *copying,
            ),
        )

    def compare(self) -> Statement:
        """Return the statement that counts rows that differ, and repairs them."""
        is_equal = " AND ".join(c.is_equal("a.", "b.") for c in mirrored_columns(self.source, self.mirror))
        a = f"(SELECT {self._names(self.source)} FROM {self._from} WHERE {RANGE}) AS a"
        b = f"(SELECT {self._keys('')} FROM {self._to} WHERE {RANGE}) AS b"
        first = quote_name(self.key[0])
        sql = (
            f"SELECT (SELECT COUNT(*) FROM {a} LEFT JOIN {self._to} AS b ON {self._join('a', 'b')}"
            f" WHERE b.{first} IS NULL OR NOT ({is_equal}))"
            f" + (SELECT COUNT(*) FROM {b} LEFT JOIN {self._from} AS a ON {self._join('a', 'b')}"
            f" WHERE a.{first} IS NULL)"
        )
        same = " AND ".join(c.is_equal("a.", f"{self._to}.") for c in mirrored_columns(self.source, self.mirror))
        return self._walk(ChunkKind.COMPARE, sql, repair=self._repair(f" AND {same}"))

    def compare_keys(self) -> Statement:
        """Return the statement that compares the keys of both tables where their ends differ, and repairs them.

        No trigger sees TRUNCATE; after it the first and last key of the two tables differ. Where they do not, nothing
        is read but these.
        """
        name = quote_name(self.key[0])
        is_same = " AND ".join(
            f"(SELECT {word}({name}) FROM {self._from}) <=> (SELECT {word}({name}) FROM {self._to})"
            for word in ("MIN", "MAX")
        )
        a = f"(SELECT {self._keys('')} FROM {self._from} WHERE {RANGE}) AS a"
        b = f"(SELECT {self._keys('')} FROM {self._to} WHERE {RANGE}) AS b"
        count = (
            f"(SELECT COUNT(*) FROM {a} LEFT JOIN {self._to} AS b ON {self._join('a', 'b')}"
            f" WHERE b.{name} IS NULL AND {self._takes_key('a.')})"
            f" + (SELECT COUNT(*) FROM {b} LEFT JOIN {self._from} AS a ON {self._join('a', 'b')}"
            f" WHERE a.{name} IS NULL)"
        )
        sql = f"SELECT IF({is_same}, 0, {count})"
        source = f"(SELECT {self._keys('')} FROM {self._from} WHERE NOT ({is_same})) AS lockgate_ends"
        return self._walk(ChunkKind.COMPARE, sql, repair=self._repair(""), source=source)

    @property
    def _insert(self) -> str:
        return "INSERT IGNORE" if self.is_back else "INSERT"

    def _assignments(self) -> str:
        pairs = {f"b.{c.name}": c.value("a.") for c in mirrored_columns(self.source, self.mirror)}
        still = (f"b.{quote_name(c.name)}" for c in self.mirror.columns if c.on_update is not None)
        pairs |= {name: name for name in still if name not in pairs}
        return ", ".join(f"{name} = {value}" for name, value in pairs.items())

    def _takes_key(self, prefix: str) -> str:
        """Return the condition that the mirror can hold a row's key."""
        columns = {c.mirror.name: c for c in mirrored_columns(self.source, self.mirror)}
        fitting = [f"NOT ({found})" for name in self.key for found in key_obstacles(columns[name], prefix)]
        return " AND ".join(fitting) or "1 = 1"

    def _salvage(self, both: str) -> tuple[str, ...]:
        """Return what keeps the values that the old table took otherwise than they are."""
        columns = {c.name: c for c in self.source.columns}
        key = ", ".join(f"{quote_string(n)}, {json_value('a.' + quote_name(n), columns[n])}" for n in self.key)
        return tuple(
            f"INSERT INTO lockgate_salvage (mirror, table_name, row_key, column_name, value_text, stand_in, reason)"
            f" SELECT {quote_string(self.names.mirror)}, {quote_string(self.names.table)}, JSON_OBJECT({key}),"
            f" {quote_string(c.mirror.name)}, {text_of('a.' + c.name, c.source)}, {text_of('b.' + c.name, c.mirror)},"
            f" 'copied late' FROM {both} WHERE NOT ({c.is_equal('a.', 'b.')})"
            for c in mirrored_columns(self.source, self.mirror)
            if not c.is_exact
        )

    def _repair(self, same: str) -> tuple[str, ...]:
        """Return what deletes rows that are not the source's and writes those that lack; ``same`` as a condition."""
        columns, values = self._lists("a.")
        to = self._to
        there = " AND ".join(f"a.{quote_name(n)} = {to}.{quote_name(n)}" for n in self.key)
        delete = f"DELETE FROM {to} WHERE {RANGE} AND NOT EXISTS (SELECT 1 FROM {self._from} AS a WHERE {there}{same})"
        insert = (
            f"{self._insert} INTO {to} ({columns}) SELECT {values} FROM {self._from} AS a WHERE {RANGE}"
            f" AND NOT EXISTS (SELECT 1 FROM {to} AS b WHERE {self._join('a', 'b')}) AND {self._takes_key('a.')}"
        )
        return delete, insert

    @property
    def _locking(self) -> str:
        return "LOCK IN SHARE MODE NOWAIT" if is_mariadb(self.server) else "FOR SHARE NOWAIT"

    def _lists(self, prefix: str) -> tuple[str, str]:
        pairs = {c.name: c.value(prefix) for c in mirrored_columns(self.source, self.mirror)}
        pairs |= {quote_name(n): value for n, value in given_values(self.source, self.mirror).items()}
        return ", ".join(pairs), ", ".join(pairs.values())

    def _or_keep(self) -> str:
        first = quote_name(self.key[0])
        return f" ON DUPLICATE KEY UPDATE {self._to}.{first} = {self._to}.{first}"

    def _names(self, table: Table) -> str:
        return ", ".join(quote_name(c.name) for c in table.columns)

    def _keys(self, prefix: str) -> str:
        return ", ".join(f"{prefix}{quote_name(name)}" for name in self.key)

    def _join(self, one: str, other: str) -> str:
        return " AND ".join(f"{other}.{quote_name(n)} = {one}.{quote_name(n)}" for n in self.key)

    @staticmethod
    def _log_column(number: int) -> str:
        return quote_name(f"lockgate_{number}")

    def _log_join(self, alias: str) -> str:
        pairs = (f"{alias}.{quote_name(n)} = l.{self._log_column(i)}" for i, n in enumerate(self.key))
        return " AND ".join(pairs)

    def _walk(self, kind: ChunkKind, sql: str, *, repair: tuple[str, ...] = (), source: str = "") -> Statement:
        columns = {c.name: c for c in self.source.columns}
        walked = walk_key([columns[name] for name in self.key])
        assert walked is not None
        lock = f"SELECT COUNT({quote_name(self.key[0])}) FROM {self._from} WHERE {RANGE} {self._locking}"
        return _chunked(
            sql,
            Chunked(
                kind=kind,
                table=table_key(self.source),
                source=source or self._from,
                columns=walked[0],
                literals=walked[1],
                locks=(lock,) if repair else (),
                repair=repair,
            ),
        )

    def _walk_log(self, sql: str, locks: tuple[str, ...]) -> Statement:
        return _chunked(
            sql,
            Chunked(
                kind=ChunkKind.WRITE,
                table=table_key(self.source),
                source=self.names.log,
                columns=("lockgate_id",),
                literals=("CAST(lockgate_id AS CHAR)",),
                locks=locks,
            ),
        )


def _chunked(sql: str, chunked: Chunked) -> Statement:
    return Statement(sql=sql, lock="row locks", is_transactional=False, is_idempotent=True, chunked=chunked)
