"""Others write while a database is restored: what they were told is done is somewhere, whatever comes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lockgate.backup.restores import RestoreLog
from lockgate.engine.mysql import swap as mysql_swap
from lockgate.errors import BackupFailed, StatementFailed
from lockgate.model.restore import Phase, Restore
from lockgate.workflow import restore as module
from lockgate.workflow import restore_work
from lockgate.workflow.restore_back import drop_kept
from tests.moments import beside
from tests.restore.conftest import RUIN, RUINED, Shop

POSTGRES = pytest.mark.parametrize("shop", ["postgres"], indirect=True)
LATE = "INSERT INTO customers VALUES (9, 'late')"
LATE_NAME = "SELECT name FROM customers WHERE id = 9"


def the_restore(shop: Shop) -> Restore:
    """Return the only restore there is."""
    return RestoreLog(shop.repository.root).list()[0]


@POSTGRES
def test_what_was_written_before_it_was_swapped_back_is_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    find = module.Work.find_wrong

    def late(work: module.Work, *arguments: object, **words: object) -> str:
        if work.item.phase is Phase.SWAPPING:
            shop.bench.run(LATE)  # by a session that has come and gone when others are looked for
        return find(work, *arguments, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(module.Work, "find_wrong", late)
    monkeypatch.setattr(restore_work, "_LOOK_S", 0.0)
    with pytest.raises(BackupFailed, match="after the swap") as error:
        shop.restore(backup)
    item = the_restore(shop)
    assert shop.orders() == RUINED and shop.bench.rows(LATE_NAME) == []
    assert item.phase is Phase.UNDONE and shop.place(item.side).rows(LATE_NAME) == [("late",)]
    assert item.side in error.value.state and f"--drop-kept {item.id}" in error.value.hint
    drop_kept(shop.bench.engine, shop.bench.target, shop.repository, item.id)
    assert not shop.bench.engine.swap().exists(shop.place(item.side).target)


@pytest.mark.parametrize("shop", ["mysql"], indirect=True)
def test_what_was_written_between_renaming_and_a_failure_is_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)

    def refused(*_arguments: object) -> None:
        shop.bench.run(LATE)
        raise StatementFailed("a view cannot be made")

    monkeypatch.setattr(mysql_swap, "_settle", refused)
    with pytest.raises(StatementFailed, match="a view cannot be made"):
        shop.restore(backup)
    item = the_restore(shop)
    assert shop.orders() == RUINED and shop.bench.rows(LATE_NAME) == []
    assert item.phase is Phase.UNDONE and shop.place(item.side).rows(LATE_NAME) == [("late",)]


@contextmanager
def coming_and_going(shop: Shop) -> Iterator[None]:
    """Others connect for a moment each, again and again."""
    is_over = threading.Event()

    def come() -> None:
        while not is_over.wait(0.02):
            shop.bench.rows("SELECT 1")

    with beside(come, is_over.set):
        yield


@POSTGRES
def test_who_comes_for_a_moment_only_is_seen_and_the_restore_stays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    find, used = module.Work.find_wrong, module.Work.is_used

    def late(work: module.Work, *arguments: object, **words: object) -> str:
        if work.item.phase is Phase.SWAPPING:
            shop.bench.run(LATE)
        return find(work, *arguments, **words)  # type: ignore[arg-type]

    def seen(work: module.Work, *arguments: object) -> bool:
        with coming_and_going(shop):
            return used(work, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module.Work, "find_wrong", late)
    monkeypatch.setattr(module.Work, "is_used", seen)
    result = shop.restore(backup)
    assert (result.state, result.is_verified) == ("done", False)
    assert any("others were connected" in note for note in result.notes)
    assert shop.bench.rows(LATE_NAME) == [("late",)]
