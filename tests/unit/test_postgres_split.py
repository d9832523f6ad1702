"""The PostgreSQL statement splitter, against scripts made to mislead it."""

from __future__ import annotations

import pytest

from lockgate.engine.postgres.split import split_sql, statement_problem
from lockgate.errors import SourceError


def texts(script: str) -> list[str]:
    return [s.text for s in split_sql(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", []),
        ("  \n -- only a comment\n /* and ; another */ ;;; ", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("\ufeffSELECT 1;", ["SELECT 1"]),
        ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
        ("SELECT 'it''s; fine'; SELECT 2", ["SELECT 'it''s; fine'", "SELECT 2"]),
        (r"SELECT 'back\'; SELECT 2", [r"SELECT 'back\'", "SELECT 2"]),
        (r"SELECT E'quote\'; still'; SELECT 2", [r"SELECT E'quote\'; still'", "SELECT 2"]),
        (r"SELECT e'a\\'; SELECT 2", [r"SELECT e'a\\'", "SELECT 2"]),
        (r"SELECT E'it''s\''; SELECT 2", [r"SELECT E'it''s\''", "SELECT 2"]),
        (r"SELECT U&'\0041;'; SELECT 2", [r"SELECT U&'\0041;'", "SELECT 2"]),
        (r"SELECT price'x\'; SELECT 2", [r"SELECT price'x\'", "SELECT 2"]),
        ('SELECT "a;""b"; SELECT 2', ['SELECT "a;""b"', "SELECT 2"]),
        ("SELECT $$;$$; SELECT 2", ["SELECT $$;$$", "SELECT 2"]),
        ("SELECT $a$ $$ ; $b$ ; $a$; SELECT 2", ["SELECT $a$ $$ ; $b$ ; $a$", "SELECT 2"]),
        ("SELECT a$b$c; SELECT $1;", ["SELECT a$b$c", "SELECT $1"]),
        ("SELECT $ä$;$ä$; SELECT 2", ["SELECT $ä$;$ä$", "SELECT 2"]),
        ("SELECT /* ; /* nested ; */ ; */ 1; SELECT 2", ["SELECT /* ; /* nested ; */ ; */ 1", "SELECT 2"]),
        ("SELECT 1 -- ; 'open\n + 1; SELECT 2", ["SELECT 1 -- ; 'open\n + 1", "SELECT 2"]),
        ("SELECT 1 - -1; SELECT 2", ["SELECT 1 - -1", "SELECT 2"]),
        ("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
         ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"]),
        ("SELECT 1\n; -- trailing", ["SELECT 1"]),
    ],
)  # fmt: skip
def test_statements_end_where_psql_ends_them(script: str, expected: list[str]) -> None:
    assert texts(script) == expected


def test_the_body_of_a_sql_routine_is_one_statement() -> None:
    body = """CREATE OR REPLACE FUNCTION f(x int) RETURNS int LANGUAGE sql
    BEGIN ATOMIC
        SELECT CASE WHEN x > 0 THEN CASE x WHEN 1 THEN 2 END ELSE 0 END;
        SELECT 'END;';
        SELECT 1 AS "end";
    END"""
    assert texts(f"{body};\nSELECT 1;") == [body, "SELECT 1"]


def test_begin_and_end_outside_of_routines_are_statements() -> None:
    assert texts("BEGIN; SELECT 1; END; BEGIN ATOMIC; SELECT 2") == [
        "BEGIN",
        "SELECT 1",
        "END",
        "BEGIN ATOMIC",
        "SELECT 2",
    ]


def test_lines_count_from_one_and_name_the_statement_not_its_comment() -> None:
    script = "-- head\nSELECT 1;\n\n/* two\nlines */ SELECT\n 2; SELECT 3;"
    assert [(s.text, s.line) for s in split_sql(script)] == [("SELECT 1", 2), ("SELECT\n 2", 5), ("SELECT 3", 6)]


@pytest.mark.parametrize(
    ("script", "line", "word"),
    [
        ("SELECT 1;\nSELECT 'open", 2, "string"),
        ('SELECT "open', 1, "name"),
        ("\n\nSELECT $x$ open $y$", 3, "$x$"),
        ("/* open /* */", 1, "comment"),
        ("SELECT 1;\n\\connect other\nSELECT 2", 2, "psql"),
        ("SELECT 1 \\gexec", 1, "psql"),
        ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;", 1, "ATOMIC"),
        ("SELECT 1;\nCOPY t (a) FROM stdin;\n1\n\\.\n", 2, "COPY"),
    ],
)
def test_what_only_psql_understands_is_refused_with_its_line(script: str, line: int, word: str) -> None:
    with pytest.raises(SourceError) as caught:
        split_sql(script)
    assert caught.value.line == line
    assert word in str(caught.value)


def test_a_long_script_is_split_in_linear_time() -> None:
    script = "CREATE TABLE t (a integer DEFAULT 1, b text DEFAULT ';'); -- x\n" * 20_000
    assert len(split_sql(script)) == 20_000


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE x",
        "-- hidden\n/* deep */ DROP DATABASE x",
        "ALTER SYSTEM SET a = 1",
        "GRANT admin TO bob",
        "GRANT CONNECT ON DATABASE x TO y",
        "COPY t TO PROGRAM 'rm'",
        "DO $$ BEGIN END $$",
        "SELECT dblink('x', 'y')",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT pg_terminate_backend(1)'",
    ],
)
def test_statements_that_reach_beyond_a_database_are_named(statement: str) -> None:
    assert statement_problem(statement)


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE role (a int)", "GRANT SELECT ON t TO bob", "CREATE SCHEMA x", "COMMENT ON TABLE t IS 'database'"],
)
def test_plain_schema_statements_are_no_problem(statement: str) -> None:
    assert statement_problem(statement) is None
