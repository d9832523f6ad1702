"""The repository: whole backups or none, one writer, ids that only go up."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lockgate.backup.repository import Repository, repository_name
from lockgate.errors import ArtifactError, ConfigError, InputError, LeaseHeld
from lockgate.model.backup import BackupKind, Consistency, Manifest, seal_manifest

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def manifest(backup_id: str, sequence: int, reason: str = "manual") -> Manifest:
    """Return a manifest of nothing."""
    return seal_manifest(
        Manifest(
            id=backup_id, sequence=sequence, kind=BackupKind.FULL, target="app", engine="sqlite", flavor="sqlite",
            server_version="3", database="app.db", tool_version="0", started_at="", snapshot_at="2026-11-22",
            finished_at="", duration_s=0.0, method="", consistency=Consistency.SINGLE_SNAPSHOT, fingerprint="f",
            files=(), reason=reason,
        )
    )  # fmt: skip


def publish(repository: Repository, reason: str = "manual") -> str:
    """Publish an empty backup."""
    backup_id, sequence = repository.next_id(BackupKind.FULL)
    with repository.stage(backup_id) as folder:
        repository.publish(folder, manifest(backup_id, sequence, reason))
    return backup_id


def test_backups_are_listed_by_sequence_and_found_by_name(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "app", now=lambda: NOW)
    assert repository.backups() == () and repository.notes() == ()
    assert not (tmp_path / "app").exists()
    ids = [publish(repository) for _ in range(3)]
    assert ids == [f"20261122T08000{n}Z-000{n + 1}-full" for n in range(3)]
    assert [backup.id for backup in repository.backups()] == ids[::-1]
    assert repository.find("latest").id == ids[2]
    assert repository.find(ids[0]).id == repository.find(str(repository.published / ids[0])).id == ids[0]
    for name in ("verified", "20261122T080000Z-0009-full", "nothing"):
        with pytest.raises(InputError, match="there is no backup"):
            repository.find(name)
    assert [note.type for note in repository.notes()] == ["published"] * 3


def test_a_restores_safety_backup_is_not_the_latest(tmp_path: Path) -> None:
    repository = Repository(tmp_path, now=lambda: NOW)
    safety = publish(repository, "safety")
    assert repository.find("latest").id == safety
    wanted = publish(repository)
    publish(repository, "safety")

    assert repository.find("latest").id == wanted


def test_a_clock_that_went_back_is_refused_a_small_step_is_not(tmp_path: Path) -> None:
    publish(Repository(tmp_path, now=lambda: NOW))
    back = Repository(tmp_path, now=lambda: NOW - timedelta(minutes=4))
    assert back.next_id(BackupKind.MARK) == ("20261122T080001Z-0002-mark", 2)
    with pytest.raises(ConfigError, match="clock of this machine is behind"):
        Repository(tmp_path, now=lambda: NOW - timedelta(hours=1)).next_id(BackupKind.FULL)


def test_a_failure_leaves_nothing_and_a_dead_process_is_cleared_away(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    with pytest.raises(RuntimeError), repository.stage("20261122T080000Z-0001-full") as folder:
        (folder / "x").write_text("x")
        raise RuntimeError
    dead = tmp_path / ".stage" / "20261122T080000Z-0004-full.00000000.1"
    dead.mkdir(parents=True)
    with repository.lock("test"):
        assert repository.clear_stage() == ("20261122T080000Z-0004-full",)
    assert not dead.exists() and repository.backups() == ()


def test_an_edited_or_renamed_backup_is_broken_not_listed(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    first, second, third = publish(repository), publish(repository), publish(repository)
    place = repository.published / first / "manifest.json"
    document = json.loads(place.read_text())
    document["target"] = "other"
    place.write_text(json.dumps(document))
    (repository.published / second).rename(repository.published / "renamed")
    assert [backup.id for backup in repository.backups()] == [third]
    assert len(repository.broken()) == 2
    with pytest.raises(ArtifactError, match="was changed after it was written"):
        repository.find(first)


def test_only_one_process_writes(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    code = (
        "import sys; from pathlib import Path; from lockgate.backup.repository import Repository\n"
        "with Repository(Path(sys.argv[1]), operator='ann').lock('testing'):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        with pytest.raises(LeaseHeld) as caught, repository.lock("other"):
            pass
        assert f"pid {holder.pid} of ann: testing" in str(caught.value)
    finally:
        holder.kill()
        holder.communicate()
    with repository.lock("other"):
        pass


def test_a_journal_that_was_cut_goes_on(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.note("started", "a")
    with open(tmp_path / "journal.jsonl", "ab") as file:
        file.write(b'{"at":"x","ty')
    repository.note("failed", "a")
    assert [note.type for note in repository.notes()] == ["started", "failed"]


def test_a_target_has_a_folder_of_its_own() -> None:
    assert repository_name("app") == "app"
    names = [repository_name(name) for name in ("../x y", "..", "日本", "中国", "_", "database")]
    assert len(set(names)) == 6
    assert not any("/" in name or name.startswith(".") for name in names)
