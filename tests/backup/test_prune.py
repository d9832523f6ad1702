"""Pruning a repository on disk: two phases, after a success only, and never what is not ours or still needed."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from lockgate.backup.prune import pin, prune, refuse_objection, unpin
from lockgate.backup.settings import KeepSettings
from lockgate.backup.stores.open import Place, open_store
from lockgate.backup.stores.read import list_backups
from lockgate.errors import InputError, LeaseHeld, RefusedError
from lockgate.model.backup import BackupKind, Level
from lockgate.model.run import Checkpoint, Run, RunState
from lockgate.workflow.prune_backups import find_needed, prune_after_success, prune_backups
from lockgate.workflow.prune_store import prune_store
from lockgate.workflow.store_backup import store_backup
from tests.backup.history import History

LAST_2 = KeepSettings(last=2, daily=0, weekly=0, monthly=0, yearly=0, minimum=1)


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Four days of backups."""
    found = History(tmp_path / "backups")
    for _ in range(4):
        found.take(verified=Level.SCHEMA)
        found.wait(days=1)
    return found


def test_what_no_rule_keeps_waits_a_day_in_the_trash_and_is_deleted_then(history: History) -> None:
    ids = history.ids()

    first = prune_backups(history.repository, LAST_2, {}, now=history.clock)

    assert (first.trashed, first.deleted, first.objection) == ((ids[1], ids[0]), (), "")
    assert history.ids() == ids[2:]
    assert set(history.repository.trashed()) == set(ids[:2])
    history.wait(hours=23)
    assert prune_backups(history.repository, LAST_2, {}, now=history.clock).waiting == (ids[0], ids[1])
    history.wait(hours=1)
    assert prune_backups(history.repository, LAST_2, {}, now=history.clock).deleted == (ids[0], ids[1])
    assert history.repository.trashed() == ()
    assert [note.type for note in history.repository.notes()][-4:] == ["trashed", "trashed", "pruned", "pruned"]


def test_a_dry_run_says_the_same_and_changes_nothing(history: History) -> None:
    before = sorted(path for path in history.root.rglob("*"))

    dry = prune_backups(history.repository, LAST_2, {}, is_dry_run=True, now=history.clock)

    assert sorted(path for path in history.root.rglob("*")) == before
    assert dry == prune_backups(history.repository, LAST_2, {}, now=history.clock)


def test_a_pinned_backup_stays_and_one_in_the_trash_comes_back(history: History) -> None:
    ids = history.ids()
    pin(history.repository, ids[1], "before the audit")
    prune_backups(history.repository, LAST_2, {}, now=history.clock)
    assert history.ids() == ids[1:]

    assert pin(history.repository, ids[0]) == ids[0]
    unpin(history.repository, ids[1])

    assert history.ids() == ids
    assert history.repository.pinned() == {ids[0]}
    with pytest.raises(InputError):
        pin(history.repository, "20200101T000000Z-0001-full")


def test_nothing_goes_after_a_failure_and_everything_is_said(history: History) -> None:
    ids = history.ids()
    history.repository.note("failed", "", "the disk is full")

    done = prune_backups(history.repository, LAST_2, {}, now=history.clock)

    assert history.ids() == ids
    assert "the disk is full" in done.objection
    with pytest.raises(RefusedError, match="no backup was pruned"):
        refuse_objection(done)


def test_nothing_goes_when_the_newest_backup_did_not_verify(history: History) -> None:
    ids = history.ids()
    history.verify(history.repository.find("latest"), Level.READABLE, "a row is missing")

    assert "did not pass" in prune_backups(history.repository, LAST_2, {}, now=history.clock).objection
    assert history.ids() == ids


def test_nothing_goes_without_a_journal_for_pins_stood_in_it(history: History) -> None:
    (history.root / "journal.jsonl").unlink()

    assert "journal" in prune_backups(history.repository, LAST_2, {}, now=history.clock).objection


def test_nothing_goes_while_another_machine_writes_here(history: History) -> None:
    folder = history.root / ".stage" / "20260105T021500Z-0005-full.0ther000.77"
    folder.mkdir(parents=True)
    stamp = history.clock.timestamp()
    os.utime(folder, (stamp, stamp))

    assert "another machine" in prune_backups(history.repository, LAST_2, {}, now=history.clock).objection
    later = history.clock + timedelta(hours=2)
    assert prune_backups(history.repository, LAST_2, {}, is_dry_run=True, now=later).objection == ""


def test_folders_without_our_manifest_are_never_touched(history: History) -> None:
    ids = history.ids()
    (history.root / "b" / "my own copy").mkdir()
    (history.root / "b" / ids[0] / "manifest.json").unlink()
    shutil.copytree(history.root / "b" / ids[1], history.root / "b" / "copied by hand")

    done = prune_backups(history.repository, LAST_2, {}, now=history.clock)

    assert done.untouched == (ids[0], "copied by hand", "my own copy")
    assert done.trashed == (ids[1],)
    assert sorted(path.name for path in (history.root / "b").iterdir()) == sorted(
        [*ids[2:], ids[0], "copied by hand", "my own copy"]
    )


def test_a_log_keeps_the_full_backup_it_begins_at_and_counts_for_nothing_without_it(tmp_path: Path) -> None:
    history = History(tmp_path)
    full = history.take()
    history.wait(hours=1)
    for _ in range(3):
        history.take()
        history.wait(hours=1)
    log = history.take(kind=BackupKind.LOG, parents=(full.id,), since=full.manifest.position)
    lost = history.take(kind=BackupKind.LOG, parents=("20250101T000000Z-0001-full",))

    done = prune(history.repository, LAST_2, {}, history.clock)

    rules = {item.id: item.rules for item in done.kept}
    assert done.objection == f"the last backup, {lost.id}, did not pass its verification or is gone"
    shutil.rmtree(lost.folder)
    history.take(kind=BackupKind.MARK)
    done = prune(history.repository, LAST_2, {}, history.clock)
    rules = {item.id: item.rules for item in done.kept}
    assert f"parent of {log.id}" in rules[full.id] and "minimum 1" in rules[log.id]
    assert len(done.trashed) == 1


def test_a_prune_waits_for_nobody_and_a_failing_one_fails_no_backup(history: History) -> None:
    other = History(history.root)
    with other.repository.lock("backup"), pytest.raises(LeaseHeld):
        prune_backups(history.repository, LAST_2, {}, now=history.clock)
    (history.root / ".trash").write_text("in the way")

    done = prune_after_success(history.repository, LAST_2, {}, history.clock)

    assert done.objection
    assert len(history.ids()) == 4


def _run(number: int, state: RunState, changed_at: str = "2026-01-01T00:00:00+00:00") -> Run:
    return Run(id=f"r{number}", number=number, target="shop", digest="", plan="", state=state, changed_at=changed_at)


def _point(name: str, run: str, at: str = "2026-01-01T00:00:00+00:00") -> Checkpoint:
    return Checkpoint(id=name, run=run, run_number=1, position=0, stage=0, created_at=at, fingerprint="")


def test_runs_and_checkpoints_need_their_backups_until_they_are_closed(tmp_path: Path) -> None:
    history = History(tmp_path)
    young = "2026-01-09T00:00:00+00:00"
    facts = {
        "finalized": {"run": "r1", "checkpoint": "cp1"},
        "applied": {"run": "r2", "checkpoint": "cp3"},
        "a checkpoint of that": {"checkpoint": "cp3"},
        "rolled back": {"run": "r3"},
        "parked nothing": {"run": "r4"},
        "parked nothing, young": {"run": "r5"},
        "a young checkpoint": {"checkpoint": "cp2"},
        "in doubt": {"run": "r6"},
        "by hand": {},
    }
    taken = {name: history.take(**fields).id for name, fields in facts.items()}
    known = (
        _run(1, RunState.FINALIZED), _run(2, RunState.APPLIED), _run(3, RunState.ROLLED_BACK),
        _run(4, RunState.APPLIED), _run(5, RunState.APPLIED, young), _run(6, RunState.IN_DOUBT),
    )  # fmt: skip
    points = (_point("cp1", "r1"), _point("cp2", "r1", young), _point("cp3", "r2"))
    manifests = [backup.manifest for backup in history.repository.backups()]

    needed = find_needed(manifests, known, points, frozenset({"r2"}), history.clock + timedelta(days=7))

    assert needed == {
        taken["applied"]: "run r2 (applied)",
        taken["a checkpoint of that"]: "checkpoint cp3",
        taken["parked nothing, young"]: "run r5 (applied)",
        taken["a young checkpoint"]: "checkpoint cp2",
        taken["in doubt"]: "run r6 (in_doubt)",
    }


def test_a_store_is_pruned_by_the_same_rules_and_never_while_the_last_backup_is_not_in_it(
    history: History, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    repository, place = history.repository, Place({}, tmp_path)
    url, ids = str(tmp_path / "second"), history.ids()
    store = open_store(url, place)
    for backup in reversed(repository.backups()):
        store_backup(repository, backup, [url], place)
    pin(repository, ids[0])

    dry = prune_store(repository, store, LAST_2, lambda _: {}, is_dry_run=True, now=history.clock)
    done = prune_store(repository, store, LAST_2, lambda _: {}, now=history.clock)

    assert dry == done and done.deleted == (ids[1],)
    assert [item.id for item in list_backups(store, repository.root.name)] == [ids[3], ids[2], ids[0]]
    assert history.ids() == ids
    history.take()
    assert "is gone" in prune_store(repository, store, LAST_2, lambda _: {}, now=history.clock).objection
    (history.root / "journal.jsonl").unlink()
    assert "journal" in prune_store(repository, store, LAST_2, lambda _: {}, now=history.clock).objection


def test_a_prune_that_was_killed_is_finished_by_the_next(history: History) -> None:
    ids = history.ids()
    history.repository.note("trashed", ids[0], "killed before the rename")
    assert prune_backups(history.repository, LAST_2, {}, now=history.clock).trashed == (ids[1], ids[0])
    history.wait(hours=25)
    history.repository.note("pruned", ids[0])
    (history.root / ".trash" / ids[0] / "manifest.json").unlink()

    done = prune_backups(history.repository, LAST_2, {}, now=history.clock)

    assert done.deleted == (ids[0], ids[1]) and history.repository.trashed() == ()


def test_nothing_is_pruned_while_a_backup_is_read(history: History) -> None:
    with history.repository.reading(), pytest.raises(LeaseHeld, match="being read"):
        prune_backups(history.repository, LAST_2, {}, now=history.clock)
    assert prune_backups(history.repository, LAST_2, {}, now=history.clock).trashed
