"""Scripts are split as the mysql client splits them, with and without DELIMITER."""

from __future__ import annotations

import pytest

from lockgate.engine.mysql.split import split_sql, statement_problem


def texts(script: str) -> list[str]:
    return [statement.text for statement in split_sql(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("select 1; select 2", ["select 1", "select 2"]),
        ('select \'a;b\\\';c\'; select "x;""y"; select `a;b`', ["select 'a;b\\';c'", 'select "x;""y"', "select `a;b`"]),
        ("select 1--1; select 2 -- x;\n; select 3 # y;\n", ["select 1--1", "select 2 -- x;", "select 3 # y;"]),
        ("/* a; */ select /* ; */ 2; /*!50000 select 3 */;", ["select /* ; */ 2", "/*!50000 select 3 */"]),
        ("-- nothing but a comment;\n/* ; */", []),
        (";;select 1;;", ["select 1"]),
        ("delimiter //\nselect 1; select 2//\ndelimiter ;\nselect 3", ["select 1; select 2", "select 3"]),
        ("DELIMITER $$\nselect 1$$\nselect 2 $$\nDELIMITER ;", ["select 1", "select 2"]),
        (
            "create table `begin` (`end` int, begin_at int); select 1",
            ["create table `begin` (`end` int, begin_at int)", "select 1"],
        ),
    ],
)
def test_statements_end_at_the_delimiter_and_nowhere_else(script: str, expected: list[str]) -> None:
    assert texts(script) == expected


@pytest.mark.parametrize(
    "body",
    [
        "begin if a then select 1; end if; case x when 1 then select 2; end case; end",
        "begin while i < 1 do set i = i + 1; end while; repeat set i = repeat('a', 2); until i > 1 end repeat; end",
        "l: loop if (a) then leave l; elseif b then select 2; else set c = if(a, 1, 2); end if; end loop l",
        "begin declare continue handler for not found begin end; for i in (select 1) do select 2; end for; end",
        "begin start transaction; commit; xa begin 'a'; end",
        "select case when 1 then 2 else 3 end",
        "begin begin begin end; end; select 'end; begin'; -- end;\n end",
    ],
)
def test_bodies_without_delimiter_stay_whole(body: str) -> None:
    statement = f"create definer=`a`@`%` procedure p(in a int) {body}"
    assert texts(f"{statement}; select 9") == [statement, "select 9"]


def test_trigger_with_a_compound_body_stays_whole() -> None:
    trigger = "create trigger t1 after update on t for each row if new.a then set @a = 1; end if"
    assert texts(f"{trigger}; select 5") == [trigger, "select 5"]


def test_lines_count_from_one_and_point_at_the_statement() -> None:
    found = split_sql("-- one\nselect 1;\n\n  select\n 2;\ndelimiter //\nselect 3//")
    assert [(s.line, s.text) for s in found] == [(2, "select 1"), (4, "select\n 2"), (7, "select 3")]


@pytest.mark.parametrize(
    "statement",
    [
        "use other",
        "create table other.t (a int)",
        "create trigger other.tr before insert on t for each row set new.a = 1",
        "create table t (a int references other.p (a))",
        "rename table a to other.c",
        "grant all on *.* to x",
        "create /* x */ user u",
        "drop database d",
        "set global sql_mode = ''",
        "set @@global.sql_mode = ''",
        "create event e on schedule every 1 day do select 1",
        "load data infile 'x' into table t",
    ],
)
def test_statements_that_leave_the_database_are_named(statement: str) -> None:
    assert statement_problem(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (a int)",
        "create trigger tr before update on t for each row set new.a = old.a",
        "create view v as select t.a from t join u on t.a = u.b",
        "alter table t add column b int",
        "insert into t values (1)",
    ],
)
def test_statements_that_stay_are_let_through(statement: str) -> None:
    assert statement_problem(statement) is None
