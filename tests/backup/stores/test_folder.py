"""A second folder as a store: the same promises, with nothing but files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lockgate.backup.files import StoredFiles
from lockgate.backup.repository import Repository
from lockgate.backup.stores import folder as folder_module
from lockgate.backup.stores.base import Store, Taken
from lockgate.backup.stores.open import Place, open_store
from lockgate.backup.stores.probe import probe
from lockgate.backup.stores.read import fetch_backup, list_backups, list_targets, verify_stored
from lockgate.backup.stores.remove import delete_backup
from lockgate.backup.stores.upload import put_backup
from lockgate.errors import StoreFailed
from lockgate.workflow.store_backup import fetch_into, store_backup
from tests.backup.stores.conftest import TARGET, publish_backup


@pytest.fixture
def second(tmp_path: Path) -> Store:
    """A second folder."""
    (tmp_path / "second").mkdir()
    return open_store(f"file://{tmp_path}/second", Place({}, tmp_path))


def test_there_and_back(second: Store, publish, tmp_path: Path) -> None:
    backup = publish(100, 3 << 20)
    assert put_backup(second, TARGET, backup, lambda text: None).sent_files == 5
    assert put_backup(second, TARGET, backup, lambda text: None).sent_files == 0
    copy = tmp_path / "second" / TARGET / "b" / backup.id
    assert sorted(path.name for path in copy.rglob("*") if path.is_file()) == sorted(
        path.name for path in backup.folder.rglob("*") if path.is_file()
    )
    assert list_targets(second) == (TARGET,)
    assert [found.id for found in list_backups(second, TARGET)] == [backup.id]
    assert verify_stored(second, TARGET, "latest").is_passed
    StoredFiles(fetch_backup(second, TARGET, "latest", tmp_path / "home")).check_stored()
    assert probe(second).state == "ok"
    delete_backup(second, TARGET, backup.id)
    assert [path.name for path in (tmp_path / "second").iterdir() if path.is_dir()] == []


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path: Path, publish) -> None:
    store = open_store(str(tmp_path / "not" / "mounted"), Place({}, tmp_path))
    with pytest.raises(StoreFailed, match="is not there"):
        put_backup(store, TARGET, publish(), lambda text: None)
    assert not (tmp_path / "not").exists()


def test_where_there_are_no_links_nothing_is_overwritten_either(
    second: Store, monkeypatch: pytest.MonkeyPatch, publish
) -> None:
    def link(*args: object, **others: object) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr(folder_module.os, "link", link)
    second.objects.put_new("a/b", [b"one"], 3)
    with pytest.raises(Taken):
        second.objects.put_new("a/b", [b"two"], 3)
    assert second.read_small("a/b") == b"one"
    put_backup(second, TARGET, publish(), lambda text: None)


def test_a_fetch_that_was_cut_off_goes_on(second: Store, publish, tmp_path: Path) -> None:
    backup = publish(3 << 20)
    put_backup(second, TARGET, backup, lambda text: None)
    (file,) = backup.manifest.files
    part = tmp_path / "home" / f".{backup.id}.fetch" / file.path
    part.parent.mkdir(parents=True)
    part.write_bytes((backup.folder / file.path).read_bytes()[: 1 << 20])
    read: list[int] = []
    inner = second.objects.read
    second.objects.read = lambda key, offset=0: (read.append(offset), inner(key, offset))[1]  # type: ignore[method-assign]
    fetch_backup(second, TARGET, backup.id, tmp_path / "home")
    assert 1 << 20 in read
    assert not part.parent.exists()


def test_a_full_disk_is_said(second: Store, publish, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(place: Path, chunks: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(folder_module, "_write", full)
    with pytest.raises(StoreFailed, match="cannot be used") as caught:
        put_backup(second, TARGET, publish(), lambda text: None)
    assert "No space left" in caught.value.cause


def test_what_a_backup_needs_comes_along(second: Store, tmp_path: Path) -> None:
    home, other = Repository(tmp_path / "home" / TARGET), Repository(tmp_path / "other" / TARGET)
    full = publish_backup(home.root, (100,))
    log = publish_backup(home.root, (50,), 2, parents=(full.id,))
    place = Place({}, tmp_path)
    (copy,) = store_backup(home, log, ["second"], place)
    assert copy.error is None
    assert {found.id for found in list_backups(second, TARGET)} == {full.id, log.id}
    assert [backup.id for backup in fetch_into(second, other, "latest")] == [full.id, log.id]
    assert [backup.id for backup in other.backups()] == [log.id, full.id]
    assert [note.type for note in home.notes() if "stored" in note.type] == ["stored", "stored"]
