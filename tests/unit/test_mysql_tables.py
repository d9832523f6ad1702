"""SHOW CREATE TABLE is read in full and written back the same; what is not understood is refused."""

from __future__ import annotations

import pytest

from lockgate.engine.mysql.conversions import convert, zero_of
from lockgate.engine.mysql.lexer import quote_string, strip_database, unquote_string
from lockgate.engine.mysql.render import render_table
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.show_create import Defaults, NotModelled, parse_table
from lockgate.model.schema import Column, Table
from lockgate.model.server import Server

MYSQL = Server(engine="mysql", flavor="mysql", version=(8, 4, 0), version_text="8.4.0")
DEFAULTS = Defaults({"utf8mb4": "utf8mb4_0900_ai_ci", "latin1": "latin1_swedish_ci"}, "no action", True)

EVERYTHING = """CREATE TABLE `a` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `v` varchar(20) DEFAULT 'it''s \\\\ x\\ny' COMMENT 'co''m\\\\m',
  `e` enum('a,b','b''c)') DEFAULT 'a,b',
  `g` int GENERATED ALWAYS AS ((`id` + 1)) VIRTUAL COMMENT 'x',
  `ts` timestamp NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `inv` int DEFAULT NULL /*!80023 INVISIBLE */,
  `l` text CHARACTER SET latin1 COLLATE latin1_bin,
  `p` point NOT NULL /*!80003 SRID 4326 */,
  PRIMARY KEY (`id`),
  UNIQUE KEY `u` (`v`(5) DESC,(lower(`e`))) COMMENT 'idx' /*!80000 INVISIBLE */,
  FULLTEXT KEY `f` (`l`) /*!50100 WITH PARSER `ngram` */ ,
  CONSTRAINT `fk` FOREIGN KEY (`id`) REFERENCES `p` (`x`) ON DELETE SET NULL,
  CONSTRAINT `ck` CHECK ((`v` <> _utf8mb4'a\\'b')) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci ROW_FORMAT=DYNAMIC COMMENT='t''b'
/*!50100 PARTITION BY RANGE (`id`)
(PARTITION p0 VALUES LESS THAN (10) COMMENT = 'a  b' ENGINE = InnoDB,
 PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */"""


def test_every_clause_lands_in_the_model() -> None:
    table = parse_table(EVERYTHING, DEFAULTS)
    columns = {c.name: c for c in table.columns}
    assert columns["v"].comment == "co'm\\m"
    assert columns["e"].type == "enum('a,b','b''c)')"
    assert columns["g"].generated is not None and not columns["g"].generated.is_stored
    assert columns["ts"].on_update == "CURRENT_TIMESTAMP(3)"
    assert columns["inv"].is_invisible
    assert (columns["l"].charset, columns["l"].collation) == ("latin1", "latin1_bin")
    assert columns["p"].options == (("srid", "4326"),)
    unique = next(i for i in table.indexes if i.name == "u")
    assert unique.is_invisible and unique.is_unique and unique.parts[0].prefix_length == 5
    assert unique.parts[1].expression == "lower(`e`)"
    assert table.foreign_keys[0].on_delete == "set null" and table.foreign_keys[0].on_update == "no action"
    assert not table.checks[0].is_enforced
    assert table.comment == "t'b" and "auto_increment" not in dict(table.options)
    assert table.partitioning is not None and len(table.partitioning.partitions) == 2
    assert "'a  b'" in table.partitioning.partitions[0]


def test_what_was_written_reads_back_the_same() -> None:
    table = parse_table(EVERYTHING, DEFAULTS)
    again = parse_table(render_table(table, MYSQL), DEFAULTS)
    assert [c.name for c in again.columns] == [c.name for c in table.columns]
    assert again.columns == table.columns
    assert (again.indexes, again.primary_key, again.checks) == (table.indexes, table.primary_key, table.checks)
    assert (again.options, again.comment, again.partitioning) == (table.options, table.comment, table.partitioning)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE `a` (\n  `b` int SURPRISE\n) ENGINE=InnoDB",
        "CREATE TABLE `a` (\n  `b` int,\n  KEY `k` (`b`) SURPRISE\n) ENGINE=InnoDB",
        "CREATE TABLE `a` (\n  `b` int\n) ENGINE=InnoDB WITH SYSTEM VERSIONING",
        "CREATE TABLE `a` (\n  `s` date, `e` date, PERIOD FOR `p` (`s`, `e`)\n) ENGINE=InnoDB",
        "CREATE TABLE `a` (\n  `b` int\n) ENGINE=InnoDB %%",
    ],
)
def test_what_is_not_understood_is_never_left_out(text: str) -> None:
    with pytest.raises(NotModelled):
        parse_table(text, DEFAULTS)


@pytest.mark.parametrize("value", ["", "it's", "a\\b", "line\nbreak", "\0\x1a", "%s %%", 'ünï`"', "\\'"])
def test_strings_survive_quoting(value: str) -> None:
    assert unquote_string(quote_string(value)) == value


def test_the_own_database_is_removed_outside_strings_only() -> None:
    text = "select `db`.`t`.`a` AS `db`, 'x`db`.y' from `db`.`t` where `t`.`db` = 1"
    assert strip_database(text, "db") == "select `t`.`a` AS `db`, 'x`db`.y' from `t` where `t`.`db` = 1"


def test_an_alter_and_its_inverse_are_the_same_function_swapped() -> None:
    old = Table(namespace="", name="t", columns=(Column(name="a", type="int"), Column(name="b", type="int")))
    new = Table(namespace="", name="t", columns=(Column(name="x", type="int"), Column(name="a", type="bigint")))
    there = alter_statement(old, new, MYSQL)
    assert there == "ALTER TABLE `t` DROP COLUMN `b`, ADD COLUMN `x` int FIRST, MODIFY COLUMN `a` bigint"
    back = alter_statement(new, old, MYSQL)
    assert back == "ALTER TABLE `t` DROP COLUMN `x`, MODIFY COLUMN `a` int, ADD COLUMN `b` int"
    assert alter_statement(old, old, MYSQL) == ""


@pytest.mark.parametrize(
    ("before", "after", "is_lossy", "obstacles"),
    [
        ("int", "bigint", False, 0),
        ("bigint", "int", False, 1),
        ("int", "int unsigned", False, 1),
        ("varchar(10)", "varchar(20)", False, 0),
        ("varchar(20)", "varchar(10)", False, 1),
        ("varchar(10)", "int", True, 2),
        ("decimal(10,2)", "decimal(12,2)", False, 0),
        ("decimal(10,2)", "decimal(10,1)", True, 1),
        ("decimal(10,2)", "int", True, 1),
        ("datetime(6)", "datetime", True, 0),
        ("datetime", "datetime(6)", False, 0),
        ("enum('a','b')", "enum('a','b','c')", False, 0),
        ("enum('a','b')", "enum('a')", True, 1),
        ("text", "json", True, 1),
        ("double", "float", True, 0),
    ],
)
def test_conversions_are_lossless_refused_or_kept(before: str, after: str, is_lossy: bool, obstacles: int) -> None:
    found = convert(Column(name="c", type=before), Column(name="c", type=after))
    assert (found.is_lossy, len(found.obstacles)) == (is_lossy, obstacles)


def test_zero_values_fit_their_types() -> None:
    zero = {t: zero_of(Column(name="c", type=t)) for t in ("int", "varchar(3)", "enum('x','y')", "date", "json")}
    assert zero == {"int": "0", "varchar(3)": "''", "enum('x','y')": "'x'", "date": "'1970-01-01'", "json": "'null'"}
