"""What each clause of ALTER TABLE blocks and rewrites, as data; each row says where it is from.

Sources: MySQL 8.4 manual, "Online DDL Operations"; MariaDB manual, "InnoDB Online DDL Overview"; rows marked
*measured* were run by the tests of this engine. In doubt a row says the worse.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lockgate.engine.mysql.render_alter import Clause
from lockgate.engine.mysql.server import is_mariadb
from lockgate.model.op import Blocks
from lockgate.model.schema import Table
from lockgate.model.server import Server


class Lock(NamedTuple):
    """What a statement blocks, the engine's name for it, and whether it rewrites the table."""

    blocks: Blocks
    name: str
    rewrites: bool


METADATA = Lock(Blocks.NOTHING, "short exclusive metadata lock", False)
ONLINE = Lock(Blocks.DDL, "in place, writes go on", False)
REBUILD = Lock(Blocks.DDL, "in place with a rebuild, writes go on", True)
SHARED = Lock(Blocks.WRITES, "in place, LOCK=SHARED", False)
COPY = Lock(Blocks.WRITES, "copy, LOCK=SHARED", True)

# kind of clause → (MySQL, MariaDB)
LOCKS: dict[str, tuple[Lock, Lock]] = {
    "add_column": (METADATA, METADATA),  # INSTANT; manual "Column Operations", MariaDB "Instant ADD COLUMN"
    "add_volatile_column": (COPY, COPY),  # expression default; measured on MariaDB 10.11
    "add_virtual_column": (METADATA, METADATA),  # manual "Generated Column Operations"
    "add_stored_column": (COPY, COPY),  # manual "Generated Column Operations"
    "add_auto_increment": (COPY, COPY),  # LOCK=SHARED at least; manual "Column Operations"
    "drop_column": (METADATA, METADATA),  # INSTANT since 8.0.29, MariaDB 10.4
    "rename_column": (METADATA, METADATA),  # INSTANT since 8.0.28
    "modify_column": (METADATA, METADATA),  # default, comment, visibility
    "modify_nullable": (REBUILD, REBUILD),  # manual "Column Operations"
    "modify_type": (COPY, COPY),  # manual "Column Operations"; widening a varchar may be cheaper
    "add_index": (ONLINE, ONLINE),  # INPLACE, LOCK=NONE; manual "Index Operations"
    "add_unique": (ONLINE, ONLINE),
    "add_fulltext_index": (COPY, COPY),  # LOCK=SHARED; the first one rebuilds
    "add_spatial_index": (SHARED, SHARED),  # INPLACE, LOCK=SHARED; measured on MySQL 9.7, MariaDB 10.11
    "add_vector_index": (COPY, COPY),
    "drop_index": (METADATA, METADATA),
    "rename_index": (METADATA, METADATA),
    "index_visibility": (METADATA, METADATA),
    "add_primary_key": (REBUILD, REBUILD),
    "drop_primary_key": (COPY, COPY),  # with a new key in the same statement it is in place
    "add_check": (COPY, COPY),  # measured on MariaDB 10.11; MySQL bug 117450
    "drop_check": (METADATA, METADATA),
    "table_option": (REBUILD, REBUILD),
    "table_charset": (METADATA, METADATA),  # the default alone
    "table_comment": (METADATA, METADATA),
    "engine": (COPY, COPY),
    "partitioning": (COPY, COPY),
    "add_foreign_key": (COPY, COPY),  # with foreign_key_checks on
    "drop_foreign_key": (METADATA, METADATA),
}

_ORDER = [METADATA, ONLINE, REBUILD, SHARED, COPY]
_BUILDS = frozenset(["add_index", "add_unique"])
_MOVES = frozenset(["drop_index", "rename_index"])


def lock_together(kinds: Iterable[str], server: Server) -> Lock:
    """Return what clauses do in one statement that none of them does alone; measured on MySQL 9.7, MariaDB 10.11.

    A column that is added or dropped is INSTANT only where every other clause is; with an index to build (on MySQL: any
    change of an index) the table is built again.
    """
    found = frozenset(kinds)
    if "add_virtual_column" in found and found & {"add_unique", "rename_index", "modify_nullable"}:
        return COPY
    others = _BUILDS if is_mariadb(server) else _BUILDS | _MOVES
    return REBUILD if found & {"add_column", "drop_column"} and found & others else METADATA


def lock_of(kinds: Iterable[str], server: Server) -> Lock:
    """Return the worst lock of some clauses."""
    column = 1 if is_mariadb(server) else 0
    found = set(kinds)
    if "add_primary_key" in found:
        found.discard("drop_primary_key")  # in one statement: in place, LOCK=NONE; measured on MySQL 9.7, MariaDB 10.11
    locks = [*(LOCKS[kind][column] for kind in found), lock_together(found, server)]
    return max(locks, key=_ORDER.index, default=METADATA)


def algorithm_suffix(clauses: list[Clause], table: Table) -> str:
    """Return ``, ALGORITHM=…, LOCK=…`` where the server is known to accept it: plain index builds on InnoDB."""
    if not clauses or any(clause.kind not in ("add_index", "add_unique") for clause in clauses):
        return ""
    is_innodb = dict(table.options).get("engine", "").lower() == "innodb"
    has_special = any(i.kind for i in table.indexes) or any(p.expression for i in table.indexes for p in i.parts)
    has_generated = any(c.generated is not None for c in table.columns)
    is_long_hash = any(" USING HASH" in clause.sql for clause in clauses)
    if not is_innodb or has_special or has_generated or is_long_hash:
        return ""
    return ", ALGORITHM=INPLACE, LOCK=NONE"
