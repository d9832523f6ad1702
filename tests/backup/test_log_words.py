"""What a statement in MySQL's binary log means for one database."""

from __future__ import annotations

import re

import pytest

from lockgate.engine.mysql.binlog_words import judge

OTHERS = frozenset({"other", "Big", "mysql", "information_schema"})


@pytest.mark.parametrize(
    "default, text",
    [
        ("erp", "ALTER TABLE t ADD COLUMN c int"),
        ("erp", "TRUNCATE TABLE `t`"),
        ("erp", "CREATE TABLE erp.t2 LIKE `erp`.t"),
        ("erp", "CREATE VIEW v AS SELECT table_name FROM information_schema.tables"),
        ("erp", "CREATE DEFINER=`a`@`b` TRIGGER tg BEFORE INSERT ON t FOR EACH ROW SET NEW.other = 1"),
        ("erp", "ALTER TABLE t COMMENT 'moved from other.t'"),
        ("erp", "ALTER DATABASE erp CHARACTER SET utf8mb4"),
        ("erp", "RENAME TABLE t TO t2"),
    ],
)
def test_statements_on_our_database_are_kept(default: str, text: str) -> None:
    assert judge(text, default, "erp", OTHERS) == (True, "", "")


@pytest.mark.parametrize(
    "default, text",
    [
        ("other", "ALTER TABLE t ADD COLUMN erp int"),
        ("other", "INSERT INTO t VALUES ('erp.t')"),
        ("other", "CREATE DATABASE other"),
        ("other", "DROP DATABASE other"),
        ("", "CREATE TABLE other.t (erp int)"),
        ("erp", "DROP TEMPORARY TABLE IF EXISTS `other`.`tmp`"),
        ("erp", "DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `tmp`"),
    ],
)
def test_statements_on_other_databases_are_left_out(default: str, text: str) -> None:
    assert judge(text, default, "erp", OTHERS) == (False, "", "")


@pytest.mark.parametrize(
    "text",
    ["CREATE USER x", "CREATE OR REPLACE USER x", "GRANT ALL ON erp.* TO x", "DROP ROLE IF EXISTS r", "FLUSH TABLES"],
)
def test_accounts_are_left_out_and_that_is_said(text: str) -> None:
    found = judge(text, "erp", "erp", OTHERS)
    assert not found.is_kept and not found.problem and "accounts" in found.note


@pytest.mark.parametrize(
    "default, text, why",
    [
        ("erp", "INSERT INTO t VALUES (1)", "not ROW"),
        ("other", "UPDATE `erp`.t SET a = 1", "not ROW"),
        ("other", "ALTER TABLE erp.t ADD COLUMN c int", "another database changed this one"),
        ("", "CREATE TABLE `erp`.`t` (id int)", "another database changed this one"),
        ("erp", "DROP TABLE other.t", r"names another database \(other\)"),
        ("erp", "CREATE VIEW v AS SELECT * FROM `big`.x", r"names another database \(Big\)"),
        ("erp", "DROP DATABASE erp", "created or dropped"),
        ("erp", "CREATE DATABASE IF NOT EXISTS erp", "created or dropped"),
        ("erp", "XA START 'x'", "two phases"),
    ],
)
def test_what_cannot_be_played_back_exactly_is_refused(default: str, text: str, why: str) -> None:
    assert re.search(why, judge(text, default, "erp", OTHERS).problem)
