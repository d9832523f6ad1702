"""Restoring an SQLite file: what lies beside it, who has it open, how it is kept."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lockgate.backup.restores import RestoreLog
from lockgate.engine.sqlite import swap
from lockgate.errors import InDoubtError, LockgateError, LockTimeout
from lockgate.workflow import restore
from tests.restore.conftest import RUIN, RUINED, WELL, Shop, make_shop


@pytest.fixture(params=["delete", "wal"])
def shop(request: pytest.FixtureRequest, make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Shop]:
    """The shop in a file, in both journal modes."""
    made = make_shop(make_database("sqlite"), tmp_path)
    made.bench.run(f"PRAGMA journal_mode={request.param}", "PRAGMA user_version=7")
    yield made
    made.clean()


@pytest.mark.parametrize("is_back", [False, True])
def test_a_file_that_is_gone_in_the_swap_is_no_bug_and_is_led_back_when_it_is_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_back: bool
) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    (home / "shop.db").touch()
    shop = make_shop(f"sqlite:///{home}/shop.db", tmp_path)
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    keep, failed = swap._keep, restore.failed

    def lose(*arguments: Any) -> None:
        home.rename(away)
        keep(*arguments)

    def come_back(*arguments: Any) -> LockgateError:
        if is_back:
            away.rename(home)
        return failed(*arguments)

    monkeypatch.setattr(swap, "_keep", lose)
    monkeypatch.setattr(restore, "failed", come_back)
    with pytest.raises(LockgateError) as error:
        shop.restore(backup)
    assert isinstance(error.value, InDoubtError) is not is_back
    if not is_back:
        away.rename(home)
        assert shop.abort().state == "aborted"
    assert shop.orders() == RUINED
    assert RestoreLog(shop.repository.root).list()[0].phase.is_at_rest
    shop.clean()


def mode_of(shop: Shop) -> str:
    """Return the live file's journal mode."""
    return str(shop.bench.rows("PRAGMA journal_mode")[0][0])


def test_a_journal_that_was_left_behind_is_not_taken_for_the_new_files(shop: Shop, tmp_path: Path) -> None:
    backup = shop.back_up()
    path, mode = Path(shop.bench.target.path), mode_of(shop)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint=0")
    for statement in RUIN:
        writer.execute(statement)
    copy = tmp_path / "crashed"
    copy.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy2(file, copy / file.name)
    writer.close()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    for file in copy.iterdir():
        shutil.copy2(file, path.parent / file.name)
    assert (mode == "wal") == Path(f"{path}-wal").exists()
    result = shop.restore(backup)
    assert shop.orders() == WELL and mode_of(shop) == mode
    assert shop.place(result.kept).rows("SELECT id, total FROM orders ORDER BY id") == RUINED
    assert shop.bench.rows("PRAGMA user_version") == [(7,)]
    assert shop.bench.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("shop", ["wal"], indirect=True)
def test_who_is_reading_keeps_it_out_and_the_file_stays_as_it_is(shop: Shop) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    reader = sqlite3.connect(shop.bench.target.path, isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM orders").fetchall()
        with pytest.raises(LockTimeout, match="other programs have the database file open"):
            shop.restore(backup, lock_s=0.5)
    finally:
        reader.close()
    assert shop.orders() == RUINED
    assert shop.restore(backup).state == "done"


def test_a_connection_that_is_idle_sees_the_new_rows_and_not_the_old_file(shop: Shop) -> None:
    if mode_of(shop) == "wal":
        shop.bench.run("PRAGMA journal_mode=delete")
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    number = os.stat(shop.bench.target.path).st_ino
    idle = sqlite3.connect(shop.bench.target.path, isolation_level=None)
    try:
        assert idle.execute("SELECT count(*) FROM orders").fetchone() == (2,)
        shop.restore(backup)
        assert idle.execute("SELECT count(*) FROM orders").fetchone() == (3,)
        idle.execute("INSERT INTO orders VALUES (8, 1, 8)")
    finally:
        idle.close()
    assert shop.orders() == [*WELL, (8, 8)] and os.stat(shop.bench.target.path).st_ino == number


def test_another_size_of_pages_is_restored_too(shop: Shop) -> None:
    mode = mode_of(shop)
    backup = shop.back_up()
    shop.bench.run(
        "PRAGMA journal_mode=delete", "PRAGMA page_size=8192", "VACUUM", f"PRAGMA journal_mode={mode}", *RUIN
    )
    shop.restore(backup)
    assert shop.orders() == WELL and mode_of(shop) == mode
    shop.undo()
    assert shop.orders() == RUINED and shop.bench.rows("PRAGMA page_size") == [(8192,)]
