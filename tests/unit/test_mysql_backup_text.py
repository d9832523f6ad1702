"""What dump programs write is told apart by table wherever it is cut, and names of the database are taken out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lockgate.engine.mysql.backup_dump import deal
from lockgate.engine.mysql.backup_load import deal_files
from lockgate.engine.mysql.backup_look import Entry, _covers
from lockgate.engine.mysql.backup_text import (
    RowSplitter,
    with_events_off,
    without_database,
    without_database_in_defaults,
    without_definer,
)
from lockgate.engine.mysql.backup_views import order_dependents_first
from lockgate.errors import BackupFailed
from lockgate.model.backup import StoredFile

HEAD = b"-- MySQL dump\n\n/*!40101 SET NAMES utf8mb4 */;\n"
ONE = b"INSERT INTO `one` VALUES (1,'a\\n-- Dumping data for table `two`\\n');\nINSERT INTO `one` VALUES (2,'b');\n"
TWO = b"INSERT INTO `tw``o` VALUES\n(3,'c');\n"
FOOT = b"/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n\n-- Dump completed\n"


def _table(name: bytes, rows: bytes) -> bytes:
    return b"\n--\n-- Dumping data for table `" + name + b"`\n--\n\n" + rows


DUMP = HEAD + _table(b"one", ONE) + _table(b"empty", b"") + _table(b"tw``o", TWO) + FOOT


class Files:
    def __init__(self) -> None:
        self.done: dict[str, bytes] = {}
        self.thrown: list[str] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[File]:
        file = File()
        try:
            yield file
        except BaseException:
            self.thrown.append(name)
            raise
        self.done[name] = bytes(file.data)


class File:
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes | memoryview) -> int:
        self.data += data
        return len(data)


def _split(data: bytes, step: int, tables: tuple[str, ...] = ("one", "empty", "tw`o")) -> Files:
    files = Files()
    splitter = RowSplitter(tables, files)
    try:
        for at in range(0, len(data), step):
            splitter.write(data[at : at + step])
        splitter.finish()
    except BackupFailed as error:
        splitter.abandon(error)
        raise
    return files


@pytest.mark.parametrize("step", [1, 7, 64, 1 << 20])
def test_each_table_gets_its_rows_and_the_settings_they_need(step: int) -> None:
    files = _split(DUMP, step)

    assert list(files.done) == ["one", "tw`o"]
    for name, rows in (("one", ONE), ("tw`o", TWO)):
        assert files.done[name].startswith(HEAD)
        assert rows in files.done[name]
        assert files.done[name].rstrip().endswith(b"-- Dump completed")
    assert ONE not in files.done["tw`o"]


@pytest.mark.parametrize(
    ("data", "tables"),
    [
        (DUMP[: -len(b"-- Dump completed\n")], ("one", "empty", "tw`o")),
        (DUMP[: DUMP.index(TWO)], ("one", "empty", "tw`o")),
        (DUMP[: DUMP.index(ONE) + 20], ("one", "empty", "tw`o")),
        (DUMP, ("one", "empty", "tw`o", "more")),
        (DUMP, ("one", "other", "tw`o")),
        (HEAD + FOOT, ("one",)),
        (b"", ("one",)),
    ],
)
def test_a_dump_that_is_cut_or_of_other_tables_is_refused(data: bytes, tables: tuple[str, ...]) -> None:
    with pytest.raises(BackupFailed, match="not complete"):
        _split(data, 50, tables)


def test_triggers_and_database_defaults_lose_their_database() -> None:
    text = (
        "ALTER DATABASE `my``db` CHARACTER SET latin1 COLLATE latin1_bin ;\n"
        "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 trigger `my``db`.`t` before insert on `my``db`.x"
        " for each row insert into `my``db`.y values (1) */;;\n"
    )

    found = without_database(text, "my`db")

    assert "ALTER DATABASE CHARACTER SET latin1" in found
    assert "trigger `t` before insert on x for each row insert into `my``db`.y" in found


def test_an_alias_with_the_name_of_the_database_stays() -> None:
    text = "/*!50003 CREATE*/ /*!50003 TRIGGER `shop` AFTER INSERT ON `shop` FOR EACH ROW SET @a = shop.b */;;\n"

    assert without_database(text, "shop") == text


def test_a_default_from_a_sequence_loses_its_database() -> None:
    text = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL DEFAULT nextval(`shop`.`s`),\n  `v` int COMMENT 'nextval'\n)"

    assert "nextval(`s`)" in without_database_in_defaults(text, "shop")


def test_events_are_made_so_that_they_do_not_run() -> None:
    event = (
        "/*!50106 CREATE*/ /*!50106 EVENT `{}` ON SCHEDULE EVERY 1 DAY"
        " ON COMPLETION NOT PRESERVE {} DO select 1 */ ;;\n"
    )

    text = with_events_off(event.format("a", "ENABLE") + event.format("b", "DISABLE") + event.format("c", "ENABLE"))

    assert text.count("PRESERVE DISABLE DO") == 3
    assert "ENABLE" not in text


def test_only_one_account_is_left_out_as_definer() -> None:
    text = "CREATE DEFINER=`a`@`%` PROCEDURE `p`() select 1;;\nCREATE DEFINER=`b`@`%` PROCEDURE `q`() select 1;;\n"

    assert without_definer(text, "`a`@`%`") == text.replace("DEFINER=`a`@`%` ", "")


def test_views_come_before_those_they_are_made_over() -> None:
    texts = {"base": "select 1", "middle": "select * from `base`", "top": "select * from `middle` join `base`"}

    assert order_dependents_first(texts) == ["top", "middle", "base"]


def test_tables_are_dealt_by_their_size() -> None:
    tables = [Entry("a", "InnoDB", 100), Entry("b", "InnoDB", 60), Entry("c", "InnoDB", 50), Entry("d", "InnoDB", 0)]

    assert deal(tables, 2) == [("a", "d"), ("b", "c")]
    assert deal(tables[:1], 4) == [("a",)]
    assert deal([], 2) == []


def test_large_files_go_alone_and_first_little_ones_together() -> None:
    sizes = {"little1": 10, "large": 50 << 20, "middle": 3 << 20, "little2": 20}
    files = [
        StoredFile(path=name, role="rows", bytes=1, sha256="", bytes_plain=size, sha256_plain="")
        for name, size in sizes.items()
    ]

    parts = [[file.path for file in part] for part in deal_files(files)]

    assert parts == [["large"], ["middle", "little2", "little1"]]


@pytest.mark.parametrize(
    ("level", "expected"),
    [("`shop\\_1`.*", True), ("`shop%`.*", True), ("`shop_1`.*", True), ("`shopx1`.*", False), ("`shop_1`.`t`", False)],
)
def test_a_grant_covers_a_database_by_its_pattern(level: str, expected: bool) -> None:
    assert _covers(level, "shop_1") is expected
