"""Pairs of schemas on real servers: there, back with every row, there again, and finalized."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lockgate.diff.compare import diff_schemas
from lockgate.engine.base import ParkNames, Scope, Session
from lockgate.engine.mysql import ENGINE
from lockgate.engine.mysql.lexer import quote_name
from lockgate.errors import StatementFailed
from lockgate.model.codec import encode, fingerprint
from lockgate.model.op import Op, Soft, Statement
from lockgate.model.schema import Schema
from lockgate.model.target import parse_target
from lockgate.plan.order import order_ops
from tests.engine.mysql_pairs import BOTH, MARIADB_ONLY, MYSQL_ONLY, Pair

Rows = dict[str, list[str]]


class InTheWay(Exception):
    """A precheck counted rows."""


class Database:
    """One database and what is asked of it here."""

    def __init__(self, url: str) -> None:
        self.session: Session = ENGINE.connect(parse_target(url), is_read_only=False)
        self.server = ENGINE.identify(self.session)

    def load(self, script: str) -> None:
        hidden = "IGNORED" if self.server.flavor == "mariadb" else "INVISIBLE"
        for statement in ENGINE.split_sql(script.replace("INVISIBLE_OR_IGNORED", hidden)):
            self.session.execute(statement.text)
        self.session.execute("SET SESSION sql_mode = DEFAULT, SESSION foreign_key_checks = 1")

    def inspect(self) -> Schema:
        schema = ENGINE.inspect(self.session, self.server, Scope())
        assert not schema.unmanaged
        return schema

    def rows(self) -> Rows:
        result: Rows = {}
        for table in self.inspect().tables:
            names = sorted(quote_name(c.name) for c in table.columns if c.generated is None)
            rows = self.session.query(f"SELECT {', '.join(names)} FROM {quote_name(table.name)}")
            result[table.name] = sorted(map(repr, rows))
        return result

    def dump(self) -> Any:
        return ENGINE.dump_schema(self.session, self.server)

    def plan(self, after: Schema) -> tuple[Op, ...]:
        before = self.inspect()
        names = ParkNames([ENGINE.next_park_number(self.session)])
        return order_ops(ENGINE.plan_ops(diff_schemas(before, after), before, after, self.server, names))

    def run(self, ops: tuple[Op, ...]) -> None:
        """Run ops forward."""
        for op in ops:
            for check in op.prechecks:
                if self.session.query(check.sql)[0][0]:
                    raise InTheWay(check.message)
            self._send(op.forward)

    def undo(self, ops: tuple[Op, ...]) -> dict[tuple[int, int], Soft]:
        """Undo ops that were done to their end; return the soft forms that stand in, by op and check."""
        used: dict[tuple[int, int], Soft] = {}
        for number, op in reversed(list(enumerate(ops))):
            statements = op.backward if op.revert is None else op.revert
            for n, check in reversed(list(enumerate(op.backward_prechecks))):
                if not self.session.query(check.sql)[0][0]:
                    continue
                if check.soft is None:
                    raise InTheWay(check.message)
                used[number, n] = soft = check.soft
                statements = (*statements[: soft.first], *soft.instead, *statements[soft.last + 1 :])
            self._send(statements)
        return used

    def redo(self, ops: tuple[Op, ...], used: dict[tuple[int, int], Soft]) -> None:
        """Do ops again that were undone, lifting what stands in."""
        for number, op in enumerate(ops):
            statements = op.forward if op.redo is None else op.redo
            for soft in sorted((s for (o, _), s in used.items() if o == number), key=lambda s: -s.lift_first):
                end = max(soft.lift_last + 1, soft.lift_first)
                statements = (*statements[: soft.lift_first], *soft.lift, *statements[end:])
            self._send(statements)

    def settle(self, used: dict[tuple[int, int], Soft]) -> None:
        """Put the exact state in place once the rows in the way are gone."""
        for soft in used.values():
            assert self.session.query(soft.rows) == []
            self._send(soft.settle)

    def run_back(self, ops: tuple[Op, ...]) -> None:
        """Run the statements that undo a beginning."""
        for op in reversed(ops):
            self._send(op.backward)

    def _send(self, statements: tuple[Statement, ...]) -> None:
        for statement in statements:
            self.session.execute(statement.sql)

    def finalize(self, ops: tuple[Op, ...]) -> None:
        for op in ops:
            for parked in op.parks:
                for statement in parked.finalize:
                    self.session.execute(statement.sql)


def _lead_there_and_back(pair: Pair, live: Database, desired: Database) -> None:
    live.load(pair.before)
    live.load(pair.rows)
    desired.load(pair.after)
    before, after = live.inspect(), desired.inspect()
    start, rows = live.dump(), live.rows()
    ops = live.plan(after)
    assert encode(ops) == encode(live.plan(after))
    if pair.expected == "refused":
        with pytest.raises(InTheWay):
            live.run(ops)
        return
    live.run(ops)
    assert diff_schemas(live.inspect(), after) == ()
    there = live.rows()
    for _ in range(2):
        assert live.undo(ops) == {}
        assert live.dump() == start
        assert fingerprint(live.inspect()) == fingerprint(before)
        assert live.rows() == rows
        live.redo(ops, {})
        assert diff_schemas(live.inspect(), after) == ()
        assert live.rows() == there
    live.run_back(ops)
    assert fingerprint(live.inspect()) == fingerprint(before)
    assert live.rows() == rows
    again = live.plan(after)
    live.run(again)
    live.finalize(again)
    assert live.dump() == desired.dump()
    assert live.session.query("SELECT @@SESSION.foreign_key_checks, @@SESSION.sql_mode = @@GLOBAL.sql_mode") == [(1, 1)]


@pytest.mark.parametrize("pair", [*BOTH, *MYSQL_ONLY], ids=lambda pair: pair.name)
def test_mysql_is_led_there_and_back(pair: Pair, make_database: Any) -> None:
    _lead_there_and_back(pair, Database(make_database("mysql")), Database(make_database("mysql")))


@pytest.mark.parametrize("pair", [*BOTH, *MARIADB_ONLY], ids=lambda pair: pair.name)
def test_mariadb_is_led_there_and_back(pair: Pair, make_database: Any) -> None:
    _lead_there_and_back(pair, Database(make_database("mariadb")), Database(make_database("mariadb")))


def _changed(make_database: Any, flavor: str, before: str, rows: str, after: str) -> tuple[Database, tuple[Op, ...]]:
    live, desired = Database(make_database(flavor)), Database(make_database(flavor))
    live.load(before)
    live.load(rows)
    desired.load(after)
    ops = live.plan(desired.inspect())
    live.run(ops)
    return live, ops


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_values_written_after_a_lossy_change_survive_the_way_back(make_database: Any, flavor: str) -> None:
    live, ops = _changed(
        make_database,
        flavor,
        "create table t (id int primary key, a varchar(5))",
        "insert into t values (1, '007'), (2, '8'), (3, null)",
        "create table t (id int primary key, a bigint)",
    )
    live.load("update t set a = 9 where id = 2; insert into t values (4, 12345678901), (5, null)")
    live.undo(ops)
    assert live.session.query("SELECT id, a FROM t ORDER BY id")[:3] == [(1, "007"), (2, "9"), (3, None)]
    side = next(name for name in ENGINE.list_own(live.session) if "." not in name)
    assert (4, 12345678901) in live.session.query(f"SELECT id, a FROM {side}")


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_rows_written_while_a_column_was_parked_come_back_filled(make_database: Any, flavor: str) -> None:
    live, ops = _changed(
        make_database,
        flavor,
        "create table t (id int primary key, a varchar(5) not null, b int not null default 4)",
        "insert into t values (1, 'x', 2)",
        "create table t (id int primary key)",
    )
    live.load("insert into t values (2)")
    used = live.undo(ops)
    assert live.session.query("SELECT * FROM t ORDER BY id") == [(1, "x", 2), (2, None, 4)]
    with pytest.raises(StatementFailed, match="cannot be null"):
        live.load("insert into t (id) values (3)")
    (soft,) = used.values()
    assert [(json.loads(key), value) for key, value in live.session.query(soft.rows)] == [({"id": 2}, None)]
    live.load("update t set a = '' where id = 2")
    live.settle(used)
    (table,) = live.inspect().tables
    assert not next(c for c in table.columns if c.name == "a").is_nullable


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_rows_of_a_new_table_and_values_of_a_new_column_are_kept_on_the_way_back(
    make_database: Any, flavor: str
) -> None:
    live, ops = _changed(
        make_database,
        flavor,
        "create table t (id int primary key)",
        "insert into t values (1), (2)",
        "create table t (id int primary key, c varchar(9)); create table n (a int)",
    )
    live.load("update t set c = 'kept' where id = 2; insert into n values (77)")
    live.undo(ops)
    assert live.session.query("SELECT * FROM t") == [(1,), (2,)]
    live.load("insert into t values (3)")
    live.redo(ops, {})
    assert live.session.query("SELECT * FROM t") == [(1, None), (2, "kept"), (3, None)]
    assert live.session.query("SELECT * FROM n") == [(77,)]


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_nulls_written_after_a_column_was_relaxed_stay(make_database: Any, flavor: str) -> None:
    live, ops = _changed(
        make_database,
        flavor,
        "create table t (id int primary key, a int not null)",
        "insert into t values (1, 5)",
        "create table t (id int primary key, a int)",
    )
    live.load("insert into t values (2, null)")
    used = live.undo(ops)
    assert live.session.query("SELECT * FROM t ORDER BY id") == [(1, 5), (2, None)]
    with pytest.raises(StatementFailed, match="cannot be null"):
        live.load("update t set a = null where id = 1")
    live.load("update t set id = 20 where id = 2")
    live.redo(ops, used)
    live.load("update t set a = null where id = 1")
    assert live.undo(ops).keys() == used.keys()


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_what_the_model_cannot_hold_is_unmanaged(make_database: Any, flavor: str) -> None:
    live = Database(make_database(flavor))
    if flavor == "mysql":
        live.load("create table m (a int) engine=myisam; create table t (a int) engine=merge union=(m)")
        expected = 0
    else:
        live.load("create table t (a int) with system versioning")
        expected = 1
    schema = ENGINE.inspect(live.session, live.server, Scope())
    assert len(schema.unmanaged) == expected


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_checksums_see_values_and_neither_order_nor_parked_columns(make_database: Any, flavor: str) -> None:
    live = Database(make_database(flavor))
    live.load("create table t (a int, b varchar(5)); insert into t values (1, 'x'), (2, null)")
    key = ENGINE.inspect(live.session, live.server, Scope()).tables[0]
    from lockgate.model.keys import table_key

    first = ENGINE.checksum_rows(live.session, table_key(key))
    live.load("create table u like t; insert into u select * from t order by a desc; drop table t; rename table u to t")
    live.load("alter table t modify a int after b, add lockgate_p1_x int default 3")
    assert ENGINE.checksum_rows(live.session, table_key(key)) == first
    live.load("update t set b = '' where a = 2")
    assert ENGINE.checksum_rows(live.session, table_key(key)) != first
    assert ENGINE.count_rows(live.session, [table_key(key)]) == {table_key(key): 2}
    assert ENGINE.list_own(live.session) == ("t.lockgate_p1_x",)


def test_an_error_of_the_server_is_ours(make_database: Any) -> None:
    live = Database(make_database("mariadb"))
    with pytest.raises(StatementFailed):
        live.session.execute("DROP TABLE no_such_table")
