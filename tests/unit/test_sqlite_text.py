"""SQLite's texts: tokens, one canonical spelling, the CREATE TABLE and CREATE INDEX parsers, and the splitter."""

from __future__ import annotations

import sqlite3

import pytest

from lockgate.engine.sqlite.normalize import index_from_text, table_from_text
from lockgate.engine.sqlite.parse import ParseError, parse_table
from lockgate.engine.sqlite.render import same_table, table_sql_from_model
from lockgate.engine.sqlite.split import split_sql, statement_problem
from lockgate.engine.sqlite.tokens import canonical, fold, tokenize, unquote


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('SELECT "Id" FROM [Users]', "select id from users"),
        ("a  --x\n + /* y */ b", "a + b"),
        ("CHECK (`a`>1)", "check(A > 1)"),
        ("x'AB'", "X'ab'"),
    ],
)
def test_texts_the_server_reads_alike_have_one_spelling(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("'A'", "'a'"), ('"select"', "select"), ("a < > b", "a <> b"), ("'a  b'", "'a b'"), ('"a b"', "a b"), ("Ä", "ä")],
)
def test_texts_that_mean_something_else_stay_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_canonical_is_idempotent_and_strings_keep_every_character() -> None:
    text = """CREATE TRIGGER "T" AFTER UPDATE OF "a b" ON t BEGIN SELECT 'It''s  -- no /* comment', x->>'$.A'; END"""
    assert canonical(canonical(text)) == canonical(text)
    assert "'It''s  -- no /* comment'" in canonical(text)


def test_tokens_cut_short_end_at_the_end() -> None:
    for text in ("'abc", '"abc', "[abc", "/* abc", "x'", "--"):
        assert sum(t.end - t.start for t in tokenize(text)) <= len(text)
    assert unquote('"a""b"') == 'a"b' and unquote("[a]") == "a" and fold("ÄbC") == "Äbc"


TABLES = [
    "CREATE TABLE t(a)",
    "CREATE TABLE 't' ('a' TEXT, \"b c\" INT, [d]]x] TEXT)".replace("]]x]", "]"),
    "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT NOT NULL DEFAULT 'x;y' COLLATE NOCASE UNIQUE)",
    "CREATE TABLE t (a DECIMAL(10, 2) DEFAULT -1.5, b DEFAULT (1 + (2 * 3)), c DEFAULT CURRENT_TIME, d DEFAULT TRUE)",
    "CREATE TABLE t (a, b, PRIMARY KEY (a COLLATE nocase DESC, b) ON CONFLICT REPLACE, UNIQUE (b) ON CONFLICT IGNORE)",
    "CREATE TABLE t (a TEXT PRIMARY KEY, b INT) WITHOUT ROWID, STRICT",
    "CREATE TABLE t (a INT CONSTRAINT x CHECK (a > ')' AND a IN (1, (2))) CONSTRAINT y NOT NULL, CHECK (t.a <> 3))",
    "CREATE TABLE t (a INT REFERENCES p, b INT REFERENCES p (x) ON DELETE SET NULL ON UPDATE CASCADE"
    ' DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (a, b) REFERENCES "q r" (c, d) MATCH FULL)',
    "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a || 'x, (') STORED, c AS (a + 1), d AS (1) VIRTUAL NOT NULL)",
    'CREATE TABLE t (a unsigned big int, b double precision, "text" text, key int, abort int, generated text)',
    "CREATE TABLE t (a int -- first, (\n, b /* x) */ text\n)",
    "CREATE TABLE t (a INT NULL, b INT NOT NULL ON CONFLICT FAIL, c INT PRIMARY KEY DESC)",
    "CREATE TABLE t (a INT, UNIQUE (a), UNIQUE (a), CHECK (a) CHECK (a < 2))",
    'CREATE TABLE größe (ü TEXT, "a""b" TEXT, `c``d` TEXT)',
    "CREATE TABLE t (id INTEGER, PRIMARY KEY (id AUTOINCREMENT))",
]


@pytest.mark.parametrize("text", TABLES)
def test_a_table_written_from_the_model_reads_back_equal(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(text)
    stored = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'").fetchone()[0]
    table = table_from_text(stored)
    again = table_from_text(table_sql_from_model(table))
    assert same_table(table, again)
    other = sqlite3.connect(":memory:")
    other.execute(table_sql_from_model(table))
    name = table.name.replace('"', '""')
    ask = f"SELECT name, upper(type), \"notnull\", pk, hidden FROM pragma_table_xinfo('{name}')"
    assert connection.execute(ask).fetchall() == other.execute(ask).fetchall()


def test_the_parser_refuses_what_it_does_not_understand() -> None:
    for text in (
        "CREATE TABLE t",
        "CREATE TABLE t (a INT",
        "CREATE TABLE t (a) WITHOUT MERCY",
        "CREATE TABLE t AS SELECT 1",
    ):
        with pytest.raises(ParseError):
            parse_table(text)


def test_the_parser_reads_names_types_and_places() -> None:
    parsed = parse_table('CREATE TABLE "a.b" ("x" VARCHAR (5) NOT NULL, y, CONSTRAINT k PRIMARY KEY (y))')
    assert (parsed.name, [c.name for c in parsed.columns]) == ("a.b", ["x", "y"])
    assert parsed.columns[0].type == "VARCHAR (5)"
    assert parsed.text[: parsed.columns_end].endswith(", y")
    assert parsed.constraints[0].name == "k"


def test_an_index_is_read_with_its_parts() -> None:
    index = index_from_text('CREATE UNIQUE INDEX "i" ON t (a COLLATE NOCASE DESC, lower(b), c ASC) WHERE a IS NOT NULL')
    assert index.is_unique and index.where == "a is not null"
    assert [(p.column, p.expression, p.collation, p.is_descending) for p in index.parts] == [
        ("a", None, "nocase", True),
        (None, "lower(b)", None, False),
        ("c", None, None, False),
    ]


TRIGGER = """CREATE TRIGGER tr AFTER INSERT ON t WHEN CASE WHEN NEW.a THEN 1 ELSE 0 END
BEGIN
  -- a comment; with END;
  UPDATE t SET b = CASE a WHEN 1 THEN ';' ELSE 'END;' END, "end" = 1 WHERE t."begin" = 2;
  INSERT INTO log VALUES ('it''s; over'); /* END; */
END"""


def test_a_script_is_split_at_the_right_semicolons() -> None:
    view = "CREATE VIEW v AS SELECT ';' AS [a;b], \"c;d\", `e;f`"
    script = f"-- head;\nCREATE TABLE t (a DEFAULT ';');;\n\n{TRIGGER};\n{view};"
    found = split_sql(script)
    assert [s.text.split()[1] for s in found] == ["TABLE", "TRIGGER", "VIEW"]
    assert [s.line for s in found] == [2, 4, 10]
    assert found[1].text == TRIGGER


def test_begin_of_a_transaction_is_a_statement_of_its_own() -> None:
    assert [s.text for s in split_sql("BEGIN; CREATE TABLE t(a); END; COMMIT")] == [
        *("BEGIN", "CREATE TABLE t(a)", "END", "COMMIT"),
    ]
    assert split_sql(" ; ;; -- nothing\n/* at; all */") == ()


@pytest.mark.parametrize("name", ['"begin"', "[case]", "`end`"])
def test_quoted_words_do_not_nest(name: str) -> None:
    script = f"CREATE TEMP TRIGGER IF NOT EXISTS {name} AFTER DELETE ON t BEGIN SELECT {name}; SELECT 1; END; SELECT 2"
    assert len(split_sql(script)) == 2


def test_statements_that_leave_the_file_are_named() -> None:
    for text in (
        "ATTACH 'x.db' AS x",
        "VACUUM INTO 'y.db'",
        "SELECT load_extension('z')",
        "PRAGMA temp_store_directory='/'",
    ):
        assert statement_problem(text)
    for text in ("CREATE TABLE t (a)", "PRAGMA foreign_keys = ON", "VACUUM", "INSERT INTO t VALUES ('attach')"):
        assert statement_problem(text) is None


def test_a_table_text_that_is_cut_or_damaged_anywhere_is_read_or_refused_and_never_hangs() -> None:
    text = "CREATE TABLE a (id INT NOT NULL DEFAULT (1), b REFERENCES c(d) NOT DEFERRABLE, CHECK (id > 1)) STRICT"
    damaged = [text[:i] for i in range(len(text))]
    damaged += [text[:i] + other + text[i + 1 :] for i in range(len(text)) for other in ("", " ", "x", "(", "'")]
    refused = 0
    for one in damaged:
        try:
            parse_table(one)
        except ParseError:
            refused += 1
    assert refused > len(text)
