"""Every change, then what only the new schema can hold, then the way back, there again, and back: nothing is lost."""

# ruff: noqa: E501

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, NamedTuple

import pytest

from lockgate.diff.compare import diff_schemas
from lockgate.engine.mysql.lexer import quote_name
from tests.engine.test_mysql_changes import Database


class Case(NamedTuple):
    """``writes`` is what the new application writes; ``soft`` how many constraints are owed after the way back."""

    name: str
    before: str
    after: str
    rows: str
    writes: str
    soft: int = 0


T = "create table t (id int primary key"
ROWS = "insert into t values (1, 5), (2, 6), (3, null)"

CASES = [
    Case(
        "add_nullable",
        f"{T}, a int)",
        f"{T}, a int, n varchar(9), m int default 7)",
        ROWS,
        "update t set n = 'x', m = null where id = 2; insert into t values (9, 9, 'y', 1)",
    ),
    Case(
        "add_not_null_default",
        f"{T}, a int)",
        f"{T}, n int not null default 5, a int)",
        ROWS,
        "update t set n = 8 where id = 1; insert into t values (9, 2, 1)",
    ),
    Case(
        "add_not_null_bare",
        f"{T}, a int)",
        f"{T}, a int, n int not null)",
        ROWS,
        "update t set n = 8 where id = 1; insert into t values (9, 9, 4)",
    ),
    Case(
        "add_volatile",
        f"{T}, a int)",
        f"{T}, a int, n varchar(40) not null default (uuid()))",
        ROWS,
        "insert into t (id) values (9)",
    ),
    Case(
        "add_with_index", f"{T}, a int)", f"{T}, a int, n int, unique key (n))", ROWS, "insert into t values (9, 9, 3)"
    ),
    Case(
        "add_on_update",
        f"{T}, a int)",
        f"{T}, a int, n timestamp not null default '2001-01-01' on update current_timestamp)",
        ROWS,
        "update t set a = 8 where id = 1",
    ),
    Case(
        "add_check",
        f"{T}, a int)",
        f"{T}, a int, n int default 3, check (n > 2))",
        ROWS,
        "insert into t values (9, 9, 3)",
    ),
    Case("add_json", f"{T}, a int)", f"{T}, a int, n json)", ROWS, "insert into t values (9, 9, '{\"a\": 1}')"),
    Case("add_virtual", f"{T}, a int)", f"{T}, a int, n int as (a + 1))", ROWS, "insert into t (id, a) values (9, 9)"),
    Case(
        "add_stored",
        f"{T}, a int)",
        f"{T}, a int, n int as (a + 1) stored)",
        ROWS,
        "insert into t (id, a) values (9, 9)",
    ),
    Case(
        "add_auto_increment",
        "create table t (a int)",
        "create table t (a int, id int auto_increment primary key)",
        "insert into t values (1), (2)",
        "insert into t (a) values (3)",
    ),
    Case(
        "drop_nullable",
        f"{T}, a int, b int)",
        f"{T}, a int)",
        "insert into t values (1, 5, 6)",
        "insert into t values (2, 7)",
    ),
    Case(
        "drop_default",
        f"{T}, a int, b int not null default 4)",
        f"{T}, a int)",
        "insert into t values (1, 5, 6)",
        "insert into t values (2, 7)",
    ),
    Case(
        "drop_not_null",
        f"{T}, a int, b int not null)",
        f"{T}, a int)",
        "insert into t values (1, 5, 6)",
        "insert into t values (2, 7)",
        soft=1,
    ),
    Case(
        "drop_unique_column",
        f"{T}, a int, b varchar(9) not null, unique key (b))",
        f"{T}, a int)",
        "insert into t values (1, 5, 'x')",
        "insert into t values (2, 7), (3, 8)",
        soft=1,
    ),
    Case("default_change", f"{T}, a int default 1)", f"{T}, a int default 2)", ROWS, "insert into t (id) values (8)"),
    Case(
        "to_not_null",
        f"{T}, a int)",
        f"{T}, a int not null)",
        "insert into t values (1, 5)",
        "insert into t values (2, 9)",
    ),
    Case(
        "to_null",
        f"{T}, a int not null)",
        f"{T}, a int)",
        "insert into t values (1, 5)",
        "insert into t values (2, null)",
        soft=1,
    ),
    Case(
        "to_null_default",
        f"{T}, a int not null default 3)",
        f"{T}, a int default 3)",
        "insert into t values (1, 5)",
        "insert into t values (2, null)",
        soft=1,
    ),
    Case(
        "widen_varchar",
        f"{T}, a varchar(3))",
        f"{T}, a varchar(300))",
        "insert into t values (1, 'abc')",
        "insert into t values (2, repeat('x', 290))",
    ),
    Case(
        "widen_varchar_unique",
        f"{T}, a varchar(3), unique key (a))",
        f"{T}, a varchar(300), unique key (a))",
        "insert into t values (1, 'abc')",
        "insert into t values (2, repeat('x', 290))",
    ),
    Case(
        "int_to_bigint",
        f"{T}, a int)",
        f"{T}, a bigint)",
        ROWS,
        "insert into t values (8, 5000000000), (9, -5000000000)",
    ),
    Case(
        "int_to_bigint_not_null",
        f"{T}, a int not null)",
        f"{T}, a bigint not null)",
        "insert into t values (1, 5)",
        "insert into t values (8, 5000000000); update t set a = 6000000000 where id = 1",
    ),
    Case(
        "int_to_bigint_keyless",
        "create table t (a int, b int)",
        "create table t (a bigint, b int)",
        "insert into t values (1, 5)",
        "insert into t values (5000000000, 5)",
    ),
    Case(
        "unsigned",
        f"{T}, a int unsigned not null)",
        f"{T}, a int not null)",
        "insert into t values (1, 5)",
        "insert into t values (2, -3)",
    ),
    Case(
        "decimal_scale",
        f"{T}, a decimal(6,2))",
        f"{T}, a decimal(12,4))",
        "insert into t values (1, 5.25)",
        "insert into t values (2, 12345678.1234), (3, 1.2345)",
    ),
    Case(
        "datetime_precision",
        f"{T}, a datetime)",
        f"{T}, a datetime(6))",
        "insert into t values (1, '2020-01-01 10:00:00')",
        "insert into t values (2, '2020-01-01 10:00:00.123456')",
    ),
    Case(
        "date_to_datetime",
        f"{T}, a date)",
        f"{T}, a datetime)",
        "insert into t values (1, '2020-01-01')",
        "insert into t values (2, '2020-01-01 10:11:12')",
    ),
    Case(
        "timestamp_to_datetime",
        f"{T}, a timestamp null)",
        f"{T}, a datetime)",
        "insert into t values (1, '2020-01-01 10:00:00')",
        "insert into t values (2, '1901-01-01 00:00:00')",
    ),
    Case("int_to_text", f"{T}, a int)", f"{T}, a varchar(20))", ROWS, "insert into t values (8, 'words'), (9, '007')"),
    Case(
        "text_to_int",
        f"{T}, a varchar(9))",
        f"{T}, a int)",
        "insert into t values (1, '007'), (2, '8')",
        "update t set a = 9 where id = 2; insert into t values (3, 1234567890), (4, 7)",
    ),
    Case(
        "decimal_to_int",
        f"{T}, a decimal(8,2))",
        f"{T}, a int)",
        "insert into t values (1, 1.25)",
        "insert into t values (2, 2000000000); update t set a = 3 where id = 1",
    ),
    Case(
        "char_to_varchar",
        f"{T}, a char(5))",
        f"{T}, a varchar(5))",
        "insert into t values (1, 'ab')",
        "insert into t values (2, 'ab ')",
    ),
    Case(
        "enum_append",
        f"{T}, a enum('x','y'))",
        f"{T}, a enum('x','y','z'))",
        "insert into t values (1, 'x')",
        "insert into t values (2, 'z')",
    ),
    Case(
        "enum_append_not_null",
        f"{T}, a enum('x','y') not null)",
        f"{T}, a enum('x','y','z') not null)",
        "insert into t values (1, 'x')",
        "insert into t values (2, 'z')",
    ),
    Case(
        "enum_reorder",
        f"{T}, a enum('x','y'))",
        f"{T}, a enum('z','y','x'))",
        "insert into t values (1, 'x'), (2, 'y')",
        "insert into t values (3, 'z')",
    ),
    Case(
        "enum_remove",
        f"{T}, a enum('x','y','q'))",
        f"{T}, a enum('x','y'))",
        "insert into t values (1, 'x'), (2, 'y')",
        "insert into t values (3, 'y')",
    ),
    Case(
        "set_append",
        f"{T}, a set('x','y'))",
        f"{T}, a set('x','y','z'))",
        "insert into t values (1, 'x')",
        "insert into t values (2, 'x,z')",
    ),
    Case(
        "charset",
        f"{T}, a varchar(9) character set utf8mb3, key (a))",
        f"{T}, a varchar(9) character set utf8mb4, key (a))",
        "insert into t values (1, 'x')",
        "insert into t values (2, '\U0001f600')",
    ),
    Case(
        "collation_unique",
        f"{T}, a varchar(9) character set utf8mb4 collate utf8mb4_general_ci, unique key (a))",
        f"{T}, a varchar(9) character set utf8mb4 collate utf8mb4_bin, unique key (a))",
        "insert into t values (1, 'x')",
        "insert into t values (2, 'X')",
        soft=1,
    ),
    Case(
        "drop_unique",
        f"{T}, a int, unique key u (a))",
        f"{T}, a int)",
        ROWS,
        "insert into t values (8, 5), (9, 5), (10, null)",
        soft=1,
    ),
    Case(
        "drop_unique_pair",
        f"{T}, a int, b varchar(5), unique key u (a, b(2)))",
        f"{T}, a int, b varchar(5))",
        "insert into t values (1, 1, 'abc')",
        "insert into t values (8, 1, 'abd'), (9, 1, null)",
        soft=1,
    ),
    Case(
        "unique_to_plain",
        f"{T}, a int, unique key u (a))",
        f"{T}, a int, key u (a))",
        ROWS,
        "insert into t values (8, 5)",
        soft=1,
    ),
    Case("add_unique", f"{T}, a int)", f"{T}, a int, unique key u (a))", ROWS, "insert into t values (8, 8)"),
    Case("drop_index", f"{T}, a int, key k (a))", f"{T}, a int)", ROWS, "insert into t values (8, 5)"),
    Case(
        "drop_check",
        f"{T}, a int, constraint c check (a > 0))",
        f"{T}, a int)",
        ROWS,
        "insert into t values (8, -5)",
        soft=1,
    ),
    Case(
        "change_check",
        f"{T}, a int, constraint c check (a > 0))",
        f"{T}, a int, constraint c check (a > -9))",
        ROWS,
        "insert into t values (8, -5)",
        soft=1,
    ),
    Case(
        "two_obstacles",
        f"{T}, a int not null, b int, unique key u (b), constraint c check (a > 0))",
        f"{T}, a int, b int)",
        "insert into t values (1, 1, 1)",
        "insert into t values (2, null, 1), (3, -1, 2)",
        soft=3,
    ),
    Case(
        "key_grows",
        "create table t (a int, b int, primary key (a))",
        "create table t (a int, b int, primary key (a, b))",
        "insert into t values (1, 1)",
        "insert into t values (1, 2)",
        soft=1,
    ),
    Case(
        "key_goes",
        "create table t (a int, b int, primary key (a))",
        "create table t (a int, b int)",
        "insert into t values (1, 1)",
        "insert into t values (1, 2), (null, 3)",
        soft=1,
    ),
    Case(
        "key_changes",
        "create table t (a int not null, b int not null, primary key (a))",
        "create table t (a int not null, b int not null, primary key (b))",
        "insert into t values (1, 1)",
        "insert into t values (1, 2)",
        soft=1,
    ),
    Case(
        "key_by_number",
        "create table t (a int not null, primary key (a))",
        "create table t (a int not null, id int auto_increment primary key)",
        "insert into t values (1)",
        "insert into t (a) values (1), (2)",
        soft=1,
    ),
    Case(
        "key_widens",
        "create table t (id int auto_increment primary key, a int)",
        "create table t (id bigint auto_increment primary key, a int)",
        "insert into t values (1, 1)",
        "insert into t values (5000000000, 2)",
        soft=1,
    ),
    Case(
        "unique_widens",
        f"{T}, a smallint not null, b varchar(3) not null, unique key (a), unique key (b))",
        f"{T}, a int not null, b varchar(9) not null, unique key (a), unique key (b))",
        "insert into t values (1, 1, 'abc')",
        "insert into t values (2, 70000, 'abcd')",
        soft=1,
    ),
    Case(
        "create_table",
        "create table o (a int)",
        "create table o (a int); create table n (id int primary key, a int, check (a > 0))",
        "insert into o values (1)",
        "insert into n values (1, 2)",
    ),
    Case(
        "drop_table",
        "create table o (a int); create table n (id int primary key)",
        "create table o (a int)",
        "insert into n values (1)",
        "insert into o values (2)",
    ),
    Case(
        "fk_dropped",
        "create table p (id int primary key); create table t (id int primary key, p int, constraint f foreign key (p) references p (id))",
        "create table p (id int primary key); create table t (id int primary key, p int, key f_fk_dropped (p))",
        "insert into p values (1); insert into t values (1, 1)",
        "insert into t values (2, 77)",
        soft=1,
    ),
    Case(
        "fk_added",
        "create table p (id int primary key); create table t (id int primary key, p int)",
        "create table p (id int primary key); create table t (id int primary key, p int, constraint f foreign key (p) references p (id))",
        "insert into p values (1); insert into t values (1, 1)",
        "insert into t values (2, 1)",
    ),
    Case(
        "generated_to_plain",
        f"{T}, a int, g int as (a + 1) stored)",
        f"{T}, a int, g int)",
        "insert into t (id, a) values (1, 5)",
        "insert into t values (2, 5, 77); update t set g = 3 where id = 1",
    ),
    Case(
        "plain_to_generated",
        f"{T}, a int, g int)",
        f"{T}, a int, g int as (a + 1))",
        "insert into t values (1, 5, 50)",
        "insert into t (id, a) values (2, 5)",
    ),
    Case("comment", f"{T}, a int)", f"{T}, a int comment 'x') comment 'y'", ROWS, "insert into t values (8, 5)"),
]


def _script(case: Case, text: str) -> str:
    """Return a script with the case's name in the names of its tables and constraints, which all share a database."""
    text = re.sub(r"\b(table|into|update|references) (?!current_)(\w+)", rf"\1 {case.name}_\2", text)
    return re.sub(r"\bconstraint (\w+)", rf"constraint \1_{case.name}", text)


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_nothing_is_lost_on_the_way_back(flavor: str, make_database: Any) -> None:
    live, desired = Database(make_database(flavor)), Database(make_database(flavor))
    for case in CASES:
        live.load(_script(case, case.before))
        live.load(_script(case, case.rows))
        desired.load(_script(case, case.after))
    before, wanted, start = live.inspect(), desired.inspect(), live.dump()
    ops = live.plan(wanted)
    live.run(ops)
    assert diff_schemas(live.inspect(), wanted) == ()
    for case in CASES:
        live.load(_script(case, case.writes))
    there = live.rows()
    used = live.undo(ops)
    tables = [ops[number].table for number, _ in used]
    owed = Counter(
        case.name for case in CASES for key in tables if key and re.fullmatch(rf"{case.name}_[a-z]", key.name)
    )
    assert owed == {case.name: case.soft for case in CASES if case.soft}
    here = live.rows()
    assert {n: len(rows) for n, rows in here.items() if n in there} == {n: len(there[n]) for n in here if n in there}
    assert {change.table.name.rpartition("_")[0] for change in diff_schemas(live.inspect(), before)} <= owed.keys()  # type: ignore[union-attr]
    live.redo(ops, used)
    assert diff_schemas(live.inspect(), wanted) == ()
    assert live.dump() == desired.dump()
    assert live.rows() == there
    again = live.undo(ops)
    assert again.keys() == used.keys()
    assert live.rows() == here
    in_the_way = [(ops[number].table, live.session.query(soft.rows)) for (number, _), soft in again.items()]
    assert all(rows for _, rows in in_the_way)
    for table, rows in in_the_way:
        assert table is not None
        _delete_rows(live, table.name, rows)
    live.settle(again)
    assert diff_schemas(live.inspect(), before) == ()
    assert live.dump() == start


def _delete_rows(live: Database, table: str, rows: list[tuple[Any, ...]]) -> None:
    for key, _ in rows:
        pairs = json.loads(key)
        where = " AND ".join(f"{quote_name(name)} <=> %s" for name in pairs)
        live.session.query(f"DELETE FROM {quote_name(table)} WHERE {where}", tuple(pairs.values()))
