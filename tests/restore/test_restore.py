"""A backup comes back beside the database, is compared, and swapped in; the old one stays."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.backup.restores import RestoreLog
from lockgate.errors import BackupDamaged, BackupFailed, InputError, LeaseHeld, RefusedError
from lockgate.model.restore import Phase
from lockgate.store.lease import lease_name
from lockgate.store.restored import mark_under_way
from lockgate.store.tables import Store, ensure_tables
from lockgate.workflow import restore as module
from lockgate.workflow import restore_work
from lockgate.workflow.restore_back import drop_kept
from lockgate.workflow.status import read_status
from tests.restore.conftest import RUIN, RUINED, WELL, Shop, copy_of, damage, keys


def test_a_bad_migration_is_gone_and_what_came_since_is_in_the_kept_database(shop: Shop) -> None:
    backup = shop.back_up()
    before = shop.tables()
    shop.bench.run(*RUIN)
    plan = shop.plan(backup)
    assert {(item.table.rsplit(".")[-1], item.now, item.backup) for item in plan.lost} == {
        ("audit", 1, -1),
        ("customers", 4, 3),
        ("orders", 2, 3),
    }
    result = shop.restore(backup)
    assert (result.state, result.is_verified) == ("done", True)
    assert shop.orders() == WELL and shop.tables() == before
    assert len(shop.bench.rows("SELECT id FROM rich")) == 2
    kept = shop.place(result.kept)
    assert kept.rows("SELECT id, total FROM orders ORDER BY id") == RUINED
    assert kept.rows("SELECT name FROM customers WHERE id = 4") == [("since",)]
    assert len(kept.rows("SELECT * FROM poor")) == 2
    assert not shop.bench.engine.swap().exists(shop.place(RestoreLog(shop.repository.root).list()[0].side).target)
    shop.bench.run("INSERT INTO orders VALUES (9, 3, 9)")
    with pytest.raises(Exception, match=r"(?i)foreign key|refused"):
        shop.bench.run("INSERT INTO orders VALUES (10, 77, 9)")
    assert read_status(shop.bench.engine, shop.bench.target).restoring == ""
    assert [note.type for note in shop.repository.notes()][-1] == "restored"


def test_undo_swaps_the_old_one_in_again_and_keeps_what_was_restored(shop: Shop) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    done = shop.restore(backup)
    shop.bench.run("INSERT INTO customers VALUES (5, 'after')")
    result = shop.undo()
    assert result.state == "undone" and shop.orders() == RUINED
    item = RestoreLog(shop.repository.root).find(shop.bench.target.display, done.restore)
    assert shop.place(item.side).rows("SELECT name FROM customers WHERE id = 5") == [("after",)]
    assert not shop.bench.engine.swap().exists(shop.place(item.kept).target)
    again = shop.restore(backup)
    assert again.state == "done" and shop.orders() == WELL
    with pytest.raises(RefusedError, match="not kept any more"):
        shop.undo(done.restore)


@pytest.mark.parametrize("shop", ["sqlite", "postgres", "mysql"], indirect=True)
def test_single_tables_come_into_a_database_beside_and_never_over_the_live_ones(shop: Shop) -> None:
    name = next(table for table in (k.table for k in shop.back_up().manifest.tables) if table.endswith("orders"))
    backup = shop.repository.backups()[0]
    shop.bench.run(*RUIN)
    result = shop.restore(backup, tables=keys(name))
    assert result.state == "done" and not result.kept
    assert shop.orders() == RUINED
    assert shop.place(result.database).rows("SELECT id, total FROM orders ORDER BY id") == WELL
    with pytest.raises(RefusedError, match="cannot be restored here"):
        shop.plan(backup, tables=keys("nonsense"))


def test_a_whole_backup_comes_into_a_new_database_by_name(shop: Shop, tmp_path: Path) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    name = shop.bench.engine.swap().name(shop.bench.target, "copy", "1")
    result = shop.restore(backup, into=name)
    assert result.database.endswith(name) and shop.orders() == RUINED
    assert shop.place(name).rows("SELECT id, total FROM orders ORDER BY id") == WELL
    with pytest.raises(RefusedError, match="cannot be restored as it is"):
        shop.restore(backup, into=name)
    with pytest.raises(RefusedError, match="keeps nothing that may be dropped"):
        drop_kept(shop.bench.engine, shop.bench.target, shop.repository, result.restore)
    assert shop.place(name).rows("SELECT id, total FROM orders ORDER BY id") == WELL


def test_a_damaged_backup_does_not_stop_the_application(shop: Shop) -> None:
    file = shop.hooks()
    backup = shop.back_up(is_proven=False)
    damage(backup)
    with pytest.raises(BackupDamaged):
        shop.restore(backup)
    assert file.read_text() == "3\n" and not Path(f"{file}.log").exists()
    assert RestoreLog(shop.repository.root).list() == ()
    assert shop.orders() == WELL


def test_the_application_is_stopped_and_its_recorded_state_put_back(shop: Shop) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    file = shop.hooks(3)
    result = shop.restore(backup)
    assert file.read_text() == "3\n" and Path(f"{file}.log").read_text() == "stop\nstart\n"
    assert result.app == "started, its state is 3 as before"
    shop.undo()
    assert file.read_text() == "3\n" and Path(f"{file}.log").read_text() == "stop\nstart\n" * 2


def test_a_restore_that_loses_a_row_fails_by_name_and_both_counts_and_changes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shop.hooks(3)
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    load = module.Work.load

    def lossy(work: module.Work, *arguments: object) -> None:
        load(work, *arguments)  # type: ignore[arg-type]
        shop.place(work.item.side).run("DELETE FROM orders WHERE id = 2")

    monkeypatch.setattr(module.Work, "load", lossy)
    with pytest.raises(BackupFailed, match=r"orders has 2 rows, expected 3") as error:
        shop.restore(backup)
    assert error.value.state.startswith("the old database is in place")
    assert shop.orders() == RUINED and file.read_text() == "3\n"
    item = RestoreLog(shop.repository.root).list()[0]
    assert item.phase is Phase.FAILED and not shop.bench.engine.swap().exists(shop.place(item.side).target)
    assert read_status(shop.bench.engine, shop.bench.target).restoring == ""


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_a_file_that_the_system_refuses_leaves_nothing_unfinished(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)

    def refused(work: module.Work, *_arguments: object) -> None:
        (shop.repository.root / "no such folder" / "file").touch()

    monkeypatch.setattr(module.Work, "check_side", refused)
    with pytest.raises(BackupFailed, match="the system refused a file") as error:
        shop.restore(backup)
    assert error.value.state.startswith("the old database is in place") and shop.orders() == RUINED
    assert RestoreLog(shop.repository.root).list()[0].phase is Phase.FAILED


@pytest.mark.parametrize("shop", ["sqlite", "postgres", "mysql"], indirect=True)
def test_what_differs_after_the_swap_is_swapped_back_by_itself(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    mark = module.Work.mark_side

    def lossy(work: module.Work, *arguments: object) -> None:
        mark(work, *arguments)  # type: ignore[arg-type]
        shop.place(work.item.side).run("DELETE FROM orders WHERE id = 2")

    monkeypatch.setattr(module.Work, "mark_side", lossy)
    monkeypatch.setattr(restore_work, "_LOOK_S", 0.0)
    with pytest.raises(BackupFailed, match="after the swap"):
        shop.restore(backup)
    assert shop.orders() == RUINED
    # On SQLite nobody else was let in, so that there is nothing to keep.
    item, is_file = RestoreLog(shop.repository.root).list()[0], bool(shop.bench.target.path)
    assert item.phase is (Phase.FAILED if is_file else Phase.UNDONE)
    assert shop.bench.engine.swap().exists(shop.place(item.side).target) is not is_file


def test_a_dry_run_tells_everything_and_touches_nothing(shop: Shop) -> None:
    shop.hooks(3)
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    print_before, rows = shop.bench.fingerprint(), shop.orders()
    plan = shop.plan(backup)
    text = "\n".join(plan.steps)
    assert "stop hook" in text and "swap: " in text and "start hook" in text and plan.kept in text
    assert text.index("stop hook") < text.index("load ") < text.index("swap: ") < text.index("start hook")
    assert (shop.bench.fingerprint(), shop.orders()) == (print_before, rows)
    assert not (shop.repository.root / "restores").exists()


@pytest.mark.parametrize("shop", ["postgres"], indirect=True)
def test_a_backup_elsewhere_is_found_by_its_folder(shop: Shop, tmp_path: Path) -> None:
    backup = shop.back_up()
    folder = copy_of(backup, tmp_path)
    shop.bench.run(*RUIN)
    found = shop.repository.find(str(folder))
    result = shop.restore(found)
    assert result.state == "done" and shop.orders() == WELL


@pytest.mark.parametrize("shop", ["postgres"], indirect=True)
def test_a_runner_at_work_keeps_a_restore_out(shop: Shop) -> None:
    backup = shop.back_up()
    session = shop.connect()
    try:
        assert session.acquire_lease(lease_name(shop.bench.target))
        with pytest.raises(LeaseHeld):
            shop.restore(backup)
    finally:
        session.close()
    assert shop.orders() == WELL


def test_a_backup_of_another_engine_is_refused(shop: Shop) -> None:
    from msgspec.structs import replace as with_fields

    backup = shop.back_up()
    other = replace(backup, manifest=with_fields(backup.manifest, flavor="other"))
    with pytest.raises(RefusedError, match="cannot be restored here"):
        shop.plan(other)
    newer = replace(backup, manifest=with_fields(backup.manifest, version=(99, 0)))
    if shop.bench.engine.swap().series:
        with pytest.raises(RefusedError, match="cannot be restored here"):
            shop.plan(newer)


@pytest.mark.parametrize("shop", ["postgres"], indirect=True)
def test_dropping_what_is_kept_ends_the_way_back(shop: Shop) -> None:
    backup = shop.back_up()
    done = shop.restore(backup)
    side = shop.place(RestoreLog(shop.repository.root).list()[0].side).target
    with closing(shop.connect()) as session:
        # It stays, empty, when the right to drop it is lost at the end.
        shop.bench.engine.swap().create(session, shop.bench.engine.identify(session), side)
    drop_kept(shop.bench.engine, shop.bench.target, shop.repository, done.restore)
    assert not any(shop.bench.engine.swap().exists(place) for place in (shop.place(done.kept).target, side))
    with pytest.raises(RefusedError, match="not kept any more"):
        shop.undo(done.restore)
    with pytest.raises(InputError):
        shop.undo()
    assert shop.orders() == WELL


def test_a_mark_without_a_record_is_cleared_by_force_only(shop: Shop) -> None:
    session = shop.connect()
    try:
        store = Store(session, shop.bench.engine.state)
        ensure_tables(store)
        mark_under_way(store, "lost")
    finally:
        session.close()
    backup = shop.back_up()
    with pytest.raises(RefusedError, match="unfinished"):
        shop.restore(backup)
    with pytest.raises(RefusedError, match="no restore is unfinished"):
        shop.abort()
    shop.options = replace(shop.options, is_forced=True)
    assert shop.abort().restore == "lost"
    assert read_status(shop.bench.engine, shop.bench.target).restoring == ""
