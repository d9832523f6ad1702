"""A text that was read before is not read again; one that differs in a single byte is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from lockgate.engine import load_engine
from lockgate.engine.memo import Memo
from lockgate.engine.mysql import known
from lockgate.engine.mysql.show_create import Defaults, NotModelled, parse_table
from lockgate.engine.sqlite import normalize
from lockgate.engine.sqlite.parse import ParseError
from lockgate.model.schema import Schema, Table

SQLITE_TEXT = "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT NOT NULL DEFAULT 'x', b REFERENCES c(id))"
MYSQL_TEXT = """CREATE TABLE `a` (
  `id` int NOT NULL AUTO_INCREMENT,
  `n` varchar(20) DEFAULT 'x' COMMENT 'y',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci"""
DEFAULTS = Defaults({"utf8mb4": "utf8mb4_0900_ai_ci"}, "no action", True)
MARK = Table(namespace="", name="what was primed", columns=(), text=SQLITE_TEXT)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    for memo in (normalize._tables, normalize._whole, normalize._indexes, normalize._definitions, known._known):
        memo.clear()  # type: ignore[attr-defined]
    yield
    for memo in (normalize._tables, normalize._whole, normalize._indexes, normalize._definitions, known._known):
        memo.clear()  # type: ignore[attr-defined]


def changed_in_one_byte(text: str) -> list[str]:
    """Return the text with each character left out, replaced and doubled in turn."""
    places = range(len(text))
    texts = [text[:i] + new + text[i + 1 :] for i in places for new in ("", "z", " ", text[i] * 2)]
    return [t for t in texts if t != text]


def test_what_sqlite_read_before_stands_for_the_same_text_only() -> None:
    load_engine("sqlite").prime(Schema(engine="sqlite", tables=(MARK,)), ())
    assert normalize.table_from_text(SQLITE_TEXT).name == MARK.name
    for text in changed_in_one_byte(SQLITE_TEXT):
        try:
            assert normalize.table_from_text(text).name != MARK.name, text
        except ParseError:
            continue


def test_a_sqlite_table_is_the_primed_one_only_with_the_same_indexes() -> None:
    index = normalize.index_from_text("CREATE INDEX i ON a (n)")
    primed = replace(MARK, indexes=(index,))
    normalize.prime(Schema(engine="sqlite", tables=(primed,)), ())
    bare = normalize.table_from_text(SQLITE_TEXT)
    assert bare.indexes == ()
    assert normalize.with_indexes(bare, (index,)) is primed
    assert normalize.with_indexes(bare, ()).indexes == ()
    other = normalize.index_from_text("CREATE INDEX i ON a (b)")
    assert normalize.with_indexes(bare, (other,)).indexes == (other,)


def test_what_mysql_read_before_stands_for_the_same_text_and_defaults_only() -> None:
    engine = load_engine("mysql", needs_driver=False)
    engine.prime(Schema(engine="mysql", tables=(MARK,)), (DEFAULTS.digest, MYSQL_TEXT))
    assert known.read_table(MYSQL_TEXT, DEFAULTS) is MARK
    others = Defaults({"utf8mb4": "utf8mb4_general_ci"}, "no action", True)
    assert known.read_table(MYSQL_TEXT, others).name == "a"
    assert known.read_table(MYSQL_TEXT, Defaults(DEFAULTS.collations, "restrict", True)).name == "a"
    assert known.read_table(MYSQL_TEXT, Defaults(DEFAULTS.collations, "no action", False)).name == "a"
    for text in changed_in_one_byte(MYSQL_TEXT):
        try:
            assert known.read_table(text, DEFAULTS) is not MARK, text
        except NotModelled:
            continue


def test_only_the_counter_of_a_table_may_differ() -> None:
    counted = MYSQL_TEXT.replace("ENGINE=InnoDB", "ENGINE=InnoDB AUTO_INCREMENT=4711")
    table = known.read_table(MYSQL_TEXT, DEFAULTS)
    assert known.read_table(counted, DEFAULTS) is table
    assert table == parse_table(counted, DEFAULTS)
    said = MYSQL_TEXT.replace("'y'", "'\n) ENGINE=InnoDB AUTO_INCREMENT=5'")
    assert known.read_table(said, DEFAULTS) == parse_table(said, DEFAULTS)
    noted = [counted + f" COMMENT='\n) ENGINE=x AUTO_INCREMENT={n}'" for n in (1, 2)]
    assert known.read_table(noted[0], DEFAULTS) != known.read_table(noted[1], DEFAULTS)


def test_what_mysql_keeps_for_a_schema_primes_it_again() -> None:
    table = known.read_table(MYSQL_TEXT, DEFAULTS)
    strange = replace(table, name="b")
    schema = Schema(engine="mysql", tables=(table, strange))
    texts = known.texts_of(schema)
    assert texts == (DEFAULTS.digest, MYSQL_TEXT, "")
    known._known.clear()
    copy = replace(schema, tables=(replace(table), strange))
    known.prime(copy, texts)
    assert known.read_table(MYSQL_TEXT, DEFAULTS) is copy.tables[0]


@pytest.mark.parametrize("texts", [(), ("digest",), ("digest", "a", "b")])
def test_texts_that_are_not_the_schemas_prime_nothing(texts: tuple[str, ...]) -> None:
    known.prime(Schema(engine="mysql", tables=(MARK,)), texts)
    assert not list(known._known.items())
    assert known.texts_of(Schema(engine="mysql", tables=(MARK,))) == ()


def test_a_memo_starts_over_when_it_is_full() -> None:
    memo: Memo[int, str] = Memo(most=2)
    for number in range(3):
        memo.put(number, str(number))
    assert list(memo.items()) == [(2, "2")]
    assert memo.get(0) is None
