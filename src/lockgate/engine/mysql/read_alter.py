"""Read ALTER TABLE of MySQL and MariaDB, clause by clause; pure."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from lockgate.engine.ddl_columns import ColumnRead, read_column
from lockgate.engine.ddl_cursor import DdlCursor, ReadError
from lockgate.engine.mysql.locks import COPY, METADATA, Lock, lock_together
from lockgate.engine.mysql.read_acts import clause, made, with_stated
from lockgate.engine.mysql.read_column import DIALECT
from lockgate.engine.mysql.read_table import column_parts, read_index, read_table_option, sees_index
from lockgate.engine.mysql.server import copies_online
from lockgate.model.ddl import Act, Kind, Trait
from lockgate.model.server import Server

_PARTITION_WORK = ("ANALYZE", "CHECK", "OPTIMIZE", "REBUILD", "REPAIR", "COALESCE", "REORGANIZE")
_OPTION_KINDS = {
    "COMMENT": "table_comment",
    "CHARSET": "table_charset",
    "COLLATE": "table_charset",
    "ENGINE": "engine",
    "TYPE": "engine",
    "AUTO_INCREMENT": "table_comment",
    "STATS_PERSISTENT": "table_comment",
    "STATS_AUTO_RECALC": "table_comment",
    "STATS_SAMPLE_PAGES": "table_comment",
}


_CLAUSE_KINDS = {
    Kind.DROP_COLUMN: "drop_column",
    Kind.DROP_INDEX: "drop_index",
}


def _clause_kind(act: Act) -> str:
    """Return the kind of clause that an act was read from, as far as it matters beside others."""
    if act.kind is Kind.ADD_COLUMN:
        is_virtual = act.has(Trait.GENERATED) and not act.has(Trait.STORED)
        return "add_virtual_column" if is_virtual else "add_column"
    if act.kind is Kind.CREATE_INDEX:
        return "add_unique" if act.has(Trait.UNIQUE) else "add_index"
    if act.kind is Kind.CHANGE_INDEX:
        return "rename_index" if act.other else "index_visibility"
    return _CLAUSE_KINDS.get(act.kind, "")


def _with_lock(act: Act, lock: Lock) -> Act:
    """Return an act on columns with the lock that it takes beside the others of its statement."""
    if act.kind not in (Kind.ADD_COLUMN, Kind.DROP_COLUMN) or act.lock.rewrites:
        return act
    return replace(act, lock=made(act.kind, lock).lock)


def _perhaps_online(act: Act) -> Act:
    """Return an act whose copy keeps writers out only where the server cannot follow them."""
    return replace(act, lock=replace(act.lock, is_certain=False)) if act.lock.name == COPY.name else act


def _perhaps_kept(act: Act) -> Act:
    """Return an index that is dropped and made again: the server does nothing where both are the same."""
    return replace(act, lock=replace(act.lock, is_certain=False)) if act.kind is Kind.CREATE_INDEX else act


class AlterReader:
    """One ALTER TABLE: its table, the acts so far, and the algorithm and lock it demands."""

    def __init__(self, cursor: DdlCursor, server: Server) -> None:
        self.cursor, self.server = cursor, server
        self.algorithm = self.lock = ""
        self.acts: list[Act] = []
        self.table = ""

    def read(self) -> tuple[Act, ...]:
        """Read what follows ALTER TABLE."""
        cursor = self.cursor
        cursor.accept_if_exists()
        self.table = cursor.qualified()
        self._read_wait()
        while not cursor.is_done:
            self.acts += self._read_clause()
            cursor.accept_mark(",")
        acts = self._merged()
        if copies_online(self.server):
            acts = [_perhaps_online(act) for act in acts]
        return with_stated(acts, self.algorithm, self.lock)

    def _read_wait(self) -> None:
        if self.cursor.accept("WAIT"):
            self.cursor.take()
        else:
            self.cursor.accept("NOWAIT")

    def _merged(self) -> list[Act]:
        """Return the acts; a new primary key in the place of the old one is built in place."""
        kinds = {act.kind for act in self.acts}
        if {Kind.ADD_PRIMARY_KEY, Kind.DROP_PRIMARY_KEY} <= kinds:
            merged = clause(Kind.DROP_PRIMARY_KEY, "add_primary_key", self.server, table=self.table)
            return [merged if act.kind is Kind.DROP_PRIMARY_KEY else act for act in self.acts]
        dropped = {act.name for act in self.acts if act.kind is Kind.DROP_INDEX}
        self.acts = [_perhaps_kept(act) if act.name in dropped else act for act in self.acts]
        together = lock_together(map(_clause_kind, self.acts), self.server)
        return self.acts if together is METADATA else [_with_lock(act, together) for act in self.acts]

    def _clause(self, kind: Kind, how: str, *traits: Trait | bool, is_certain: bool = True, **fields: Any) -> Act:
        return clause(kind, how, self.server, *traits, is_certain=is_certain, table=self.table, **fields)

    def _read_clause(self) -> list[Act]:
        cursor = self.cursor
        if cursor.accept_any("ALGORITHM"):
            cursor.accept_mark("=")
            self.algorithm = cursor.name()
            return []
        if cursor.accept_any("LOCK"):
            cursor.accept_mark("=")
            self.lock = cursor.name()
            return []
        if cursor.accept("ADD"):
            return self._read_add()
        if cursor.accept("DROP"):
            return [self._read_drop()]
        if cursor.accept("ALTER"):
            return [self._read_alter_part()]
        if cursor.accept("MODIFY"):
            cursor.accept("COLUMN")
            cursor.accept_if_exists()
            return self._changed(read_column(cursor, DIALECT), "")
        if cursor.accept("CHANGE"):
            cursor.accept("COLUMN")
            cursor.accept_if_exists()
            old = cursor.name()
            return self._changed(read_column(cursor, DIALECT), old)
        if cursor.accept("RENAME"):
            return [self._read_rename()]
        return self._read_rest()

    def _read_add(self) -> list[Act]:
        cursor = self.cursor
        if cursor.accept("PARTITION"):
            cursor.skip_until(words=("ALGORITHM", "LOCK"))
            return [made(Kind.PARTITIONING, METADATA, table=self.table, value="ADD PARTITION", is_certain=False)]
        if cursor.accept("SYSTEM", "VERSIONING"):
            return [self._clause(Kind.REWRITE_TABLE, "partitioning", value="SYSTEM VERSIONING")]
        if sees_index(cursor):
            return [read_index(cursor, self.table, self.server)]
        cursor.accept("COLUMN")
        guard = cursor.accept_if_not_exists() and Trait.IF_NOT_EXISTS
        if not cursor.sees_mark("("):
            return self._added(read_column(cursor, DIALECT), guard)
        cursor.expect_mark("(")
        acts: list[Act] = []
        while True:
            if sees_index(cursor):
                acts.append(read_index(cursor, self.table, self.server))
            else:
                acts += self._added(read_column(cursor, DIALECT), guard)
            if cursor.accept_mark(")"):
                return acts
            cursor.expect_mark(",")

    def _added(self, column: ColumnRead, guard: Trait | bool) -> list[Act]:
        if Trait.IDENTITY in column.traits:
            kind = "add_auto_increment"
        elif Trait.STORED in column.traits:
            kind = "add_stored_column"
        elif Trait.GENERATED in column.traits:
            kind = "add_virtual_column"
        else:
            kind = "add_volatile_column" if Trait.VOLATILE_DEFAULT in column.traits else "add_column"
        main = clause(
            Kind.ADD_COLUMN, kind, self.server, guard, *column.traits,
            table=self.table, name=column.name, columns=(column.name,), defined=(column.facts(),),
        )  # fmt: skip
        return [main, *column_parts(column, self.table, self.server)]

    def _changed(self, column: ColumnRead, old: str) -> list[Act]:
        acts = []
        if old and old != column.name:
            acts.append(self._clause(Kind.RENAME_COLUMN, "rename_column", name=old, columns=(old,), other=column.name))
        main = clause(
            Kind.CHANGE_COLUMN, "modify_type", self.server, *column.traits,
            is_certain=False, table=self.table, name=old or column.name, columns=(old or column.name,),
            value=column.type, defined=(column.facts(),),
        )  # fmt: skip
        parts = [p for p in column_parts(column, self.table, self.server) if p.kind is not Kind.ADD_CHECK]
        return [*acts, main, *parts]

    def _read_drop(self) -> Act:
        cursor = self.cursor
        if cursor.accept("PRIMARY", "KEY"):
            return self._clause(Kind.DROP_PRIMARY_KEY, "drop_primary_key")
        if cursor.accept("PARTITION"):
            guard = cursor.accept_if_exists() and Trait.IF_EXISTS
            names = cursor.skip_until(words=("ALGORITHM", "LOCK"))
            return made(Kind.DROP_PARTITION, METADATA, guard, table=self.table, name=names, is_certain=False)
        if cursor.accept("SYSTEM", "VERSIONING"):
            return self._clause(Kind.REWRITE_TABLE, "partitioning", value="SYSTEM VERSIONING")
        if cursor.accept("PERIOD", "FOR"):
            cursor.name()
            return made(Kind.OTHER_DDL, METADATA, table=self.table)
        for words, kind, lock in (
            (("FOREIGN", "KEY"), Kind.DROP_CONSTRAINT, "drop_foreign_key"),
            (("CONSTRAINT",), Kind.DROP_CONSTRAINT, "drop_check"),
            (("CHECK",), Kind.DROP_CONSTRAINT, "drop_check"),
            (("INDEX",), Kind.DROP_INDEX, "drop_index"),
            (("KEY",), Kind.DROP_INDEX, "drop_index"),
            (("COLUMN",), Kind.DROP_COLUMN, "drop_column"),
        ):
            if cursor.sees(*words) and (cursor.peek(1).kind in ("word", "name")):
                cursor.accept(*words)
                return self._dropped(kind, lock)
        return self._dropped(Kind.DROP_COLUMN, "drop_column")

    def _dropped(self, kind: Kind, lock: str) -> Act:
        guard = self.cursor.accept_if_exists() and Trait.IF_EXISTS
        name = self.cursor.name()
        self.cursor.accept_any("CASCADE", "RESTRICT")
        return self._clause(kind, lock, guard, name=name, columns=(name,) if kind is Kind.DROP_COLUMN else ())

    def _read_alter_part(self) -> Act:
        cursor = self.cursor
        if cursor.accept_any("INDEX", "KEY"):
            name = cursor.name()
            hidden = not cursor.accept("VISIBLE") and not cursor.accept("NOT", "IGNORED")
            if hidden:
                cursor.take()
            return self._clause(Kind.CHANGE_INDEX, "index_visibility", hidden and Trait.HIDDEN, name=name)
        if cursor.sees("CHECK") or cursor.sees("CONSTRAINT"):
            cursor.take()
            name = cursor.name()
            is_loose = cursor.accept("NOT", "ENFORCED")
            if not is_loose:
                cursor.expect("ENFORCED")
            kind = Kind.DROP_CONSTRAINT if is_loose else Kind.ADD_CHECK
            return self._clause(kind, "drop_check" if is_loose else "add_check", name=name)
        cursor.accept("COLUMN")
        name = cursor.name()
        if cursor.accept("DROP", "DEFAULT"):
            return self._clause(Kind.DROP_DEFAULT, "modify_column", name=name, columns=(name,))
        cursor.expect("SET")
        if cursor.accept_any("VISIBLE", "INVISIBLE"):
            return self._clause(Kind.TABLE_OPTION, "modify_column", name=name, value="visibility")
        cursor.expect("DEFAULT")
        value = cursor.parentheses() if cursor.sees_mark("(") else cursor.skip_until(marks=(",",))
        return self._clause(Kind.SET_DEFAULT, "modify_column", name=name, columns=(name,), value=value)

    def _read_rename(self) -> Act:
        cursor = self.cursor
        if cursor.accept("COLUMN"):
            cursor.accept_if_exists()
            name = cursor.name()
            cursor.expect("TO")
            return self._clause(Kind.RENAME_COLUMN, "rename_column", name=name, columns=(name,), other=cursor.name())
        if cursor.sees("INDEX") or cursor.sees("KEY"):
            cursor.take()
            cursor.accept_if_exists()
            name = cursor.name()
            cursor.expect("TO")
            return self._clause(Kind.CHANGE_INDEX, "rename_index", name=name, other=cursor.name())
        if not cursor.accept_any("TO", "AS"):
            cursor.accept_mark("=")
        return made(Kind.RENAME_TABLE, METADATA, table=self.table, name=self.table, other=cursor.qualified())

    def _read_rest(self) -> list[Act]:
        cursor = self.cursor
        if cursor.accept("CONVERT", "TO"):
            traits: set[Trait] = set()
            read_table_option(cursor, traits)
            if cursor.sees("COLLATE"):
                read_table_option(cursor, traits)
            return [self._rewrite("CONVERT TO CHARACTER SET", *traits)]
        if cursor.accept("ORDER", "BY"):
            cursor.rest()
            return [self._rewrite("ORDER BY")]
        if cursor.accept_any("FORCE"):
            return [self._clause(Kind.REWRITE_TABLE, "table_option", value="FORCE")]
        if cursor.accept_any("NOWAIT", "ONLINE"):
            return []
        if cursor.accept("WITHOUT", "VALIDATION") or cursor.accept("WITH", "VALIDATION"):
            return []
        if cursor.sees("DISABLE", "KEYS") or cursor.sees("ENABLE", "KEYS"):
            cursor.at += 2
            return [made(Kind.TABLE_OPTION, METADATA, table=self.table, value="keys")]
        if cursor.sees("DISCARD") or cursor.sees("IMPORT"):
            is_discard = cursor.take().word == "DISCARD"
            cursor.skip_until(marks=(",",))
            return [made(Kind.TRUNCATE if is_discard else Kind.OTHER_DDL, METADATA, table=self.table)]
        return self._read_partitions() or [self._read_option()]

    def _rewrite(self, value: str, *traits: Trait) -> Act:
        return made(Kind.REWRITE_TABLE, COPY, *traits, table=self.table, value=value)

    def _read_partitions(self) -> list[Act]:
        cursor = self.cursor
        if cursor.sees("PARTITION", "BY") or cursor.sees("REMOVE", "PARTITIONING"):
            cursor.rest()
            return [self._clause(Kind.REWRITE_TABLE, "partitioning", value="partitioning")]
        if cursor.word in _PARTITION_WORK and cursor.peek(1).word == "PARTITION":
            word = cursor.take().word
            cursor.rest()
            kind = Kind.MAINTAIN if word in ("ANALYZE", "CHECK") else Kind.REWRITE_TABLE
            lock = METADATA if kind is Kind.MAINTAIN else COPY
            return [made(kind, lock, table=self.table, value=f"{word} PARTITION")]
        if cursor.accept("TRUNCATE", "PARTITION"):
            return [made(Kind.TRUNCATE, METADATA, table=self.table, name=cursor.rest())]
        if cursor.accept("EXCHANGE", "PARTITION") or cursor.accept("CONVERT", "PARTITION"):
            name = cursor.rest()
            return [made(Kind.DETACH_PARTITION, METADATA, Trait.CONCURRENTLY, table=self.table, name=name)]
        if cursor.accept("CONVERT", "TABLE"):
            other = cursor.rest()
            return [made(Kind.PARTITIONING, METADATA, table=self.table, value=other, is_certain=False)]
        return []

    def _read_option(self) -> Act:
        traits: set[Trait] = set()
        name = read_table_option(self.cursor, traits)
        if not name:
            raise ReadError(f"not understood: {self.cursor.near()}")
        kind = _OPTION_KINDS.get(name, "table_option")
        if name in ("ENGINE", "TYPE") and Trait.NOT_TRANSACTIONAL not in traits:
            return self._clause(Kind.REWRITE_TABLE, "engine", is_certain=False, value="ENGINE")
        is_light = kind in ("table_comment", "table_charset")
        act_kind = Kind.TABLE_OPTION if is_light else Kind.REWRITE_TABLE
        return self._clause(act_kind, kind, *traits, value=name)
