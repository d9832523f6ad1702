"""Backups in S3: copied, read back, listed, fetched, deleted; every object written once only."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lockgate.backup.files import StoredFiles
from lockgate.backup.repository import Backup
from lockgate.backup.stores.base import Store
from lockgate.backup.stores.claim import claim, marker_key
from lockgate.backup.stores.probe import probe
from lockgate.backup.stores.read import fetch_backup, find_backup, list_backups, verify_stored
from lockgate.backup.stores.remove import delete_backup
from lockgate.backup.stores.upload import put_backup
from lockgate.errors import BackupDamaged, InputError, LeaseHeld, StoreFailed
from tests.backup.stores.conftest import TARGET, publish_backup
from tests.backup.stores.faults import FaultProxy

MANY = (5 << 20) + 1000
"""More bytes than are sent in one request."""


def silent(text: str) -> None:
    """Say nothing."""


def objects(s3, bucket: str) -> set[str]:
    """Return the names of all objects of a bucket."""
    return {found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", ())}


def test_a_backup_there_and_back(store: Store, bucket: str, s3, publish, tmp_path: Path) -> None:
    backup: Backup = publish(100, MANY, 0)
    done = put_backup(store, TARGET, backup, silent)
    assert (done.files, done.sent_files, done.is_new) == (6, 6, True)
    local = {path.relative_to(backup.folder).as_posix() for path in backup.folder.rglob("*") if path.is_file()}
    assert objects(s3, bucket) == {f"some/where/{TARGET}/b/{backup.id}/{name}" for name in local}
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []

    (listed,) = list_backups(store, TARGET)
    assert listed.manifest == backup.manifest
    assert verify_stored(store, TARGET, "latest").is_passed
    fetched = fetch_backup(store, TARGET, backup.id, tmp_path / "home")
    StoredFiles(fetched).check_stored()
    assert [path.name for path in (tmp_path / "home").iterdir()] == [backup.id]

    assert delete_backup(store, TARGET, backup.id) == 6
    assert objects(s3, bucket) == set()
    with pytest.raises(InputError, match="there is no backup"):
        find_backup(store, TARGET, backup.id)


def test_what_is_there_is_not_sent_again(store: Store, proxy: FaultProxy, publish) -> None:
    backup = publish()
    put_backup(store, TARGET, backup, silent)
    before = proxy.count("PUT", "/b/")
    again = put_backup(store, TARGET, backup, silent)
    assert (again.sent_files, again.is_new) == (0, False)
    assert proxy.count("PUT", "/b/") == before


def test_the_manifest_comes_last_and_under_a_condition(store: Store, proxy: FaultProxy, publish) -> None:
    backup = publish()
    put_backup(store, TARGET, backup, silent)
    sent = [path for method, path, _ in proxy.seen if method == "PUT" and "/b/" in path]
    read = [path for method, path, _ in proxy.seen if method == "GET" and "/rows/" in path]
    assert sent[-1].endswith("/manifest.json")
    assert len(read) == 2
    last_read = max(number for number, (method, path, _) in enumerate(proxy.seen) if "/rows/" in path)
    assert last_read < proxy.seen.index(("PUT", sent[-1], len((backup.folder / "manifest.json").read_bytes())))


def test_another_backup_of_the_same_name_is_never_overwritten(
    store: Store, publish, s3, bucket: str, tmp_path: Path
) -> None:
    backup = publish(500)
    other = _twin(backup, tmp_path)
    put_backup(store, TARGET, backup, silent)
    with pytest.raises(StoreFailed, match="another backup is called"):
        put_backup(store, TARGET, other, silent)
    assert verify_stored(store, TARGET, backup.id).is_passed


def test_two_uploads_at_once_are_one(store: Store, publish, s3, bucket: str, tmp_path: Path) -> None:
    backup = publish(2000, 2000, 2000)
    other = _twin(backup, tmp_path)

    def put(item: Backup) -> object:
        try:
            return put_backup(store, TARGET, item, silent)
        except (LeaseHeld, StoreFailed) as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(put, [backup, other, backup, other]))
    assert any(not isinstance(result, Exception) for result in results)
    (listed,) = list_backups(store, TARGET)
    assert verify_stored(store, TARGET, backup.id).is_passed
    assert listed.manifest in (backup.manifest, other.manifest)
    assert not any("uploading" in name for name in objects(s3, bucket))


def test_a_backup_being_uploaded_is_left_alone(store: Store, publish) -> None:
    backup = publish()
    put_backup(store, TARGET, backup, silent)
    with claim(store, TARGET, backup.id, backup.manifest.seal):
        with pytest.raises(LeaseHeld, match="is being uploaded"):
            delete_backup(store, TARGET, backup.id)
        with pytest.raises(LeaseHeld):
            put_backup(store, TARGET, backup, silent)
    assert delete_backup(store, TARGET, backup.id)


def test_a_bit_that_turned_in_the_store_is_found(store: Store, publish, s3, bucket: str, tmp_path: Path) -> None:
    backup = publish(100, 5000)
    put_backup(store, TARGET, backup, silent)
    name = f"some/where/{TARGET}/b/{backup.id}/{backup.manifest.files[1].path}"
    data = bytearray(s3.get_object(Bucket=bucket, Key=name)["Body"].read())
    data[2500] ^= 4
    s3.put_object(Bucket=bucket, Key=name, Body=bytes(data))
    found = verify_stored(store, TARGET, backup.id)
    assert (found.level, found.is_passed) == (None, False)
    assert "sha256" in found.problem
    with pytest.raises(BackupDamaged, match="is damaged"):
        fetch_backup(store, TARGET, backup.id, tmp_path / "home")
    assert not (tmp_path / "home" / backup.id).exists()
    with pytest.raises(StoreFailed, match="damaged there"):
        put_backup(store, TARGET, backup, silent)


def test_a_damaged_file_here_is_never_completed_there(store: Store, publish, s3, bucket: str) -> None:
    backup = publish(100, MANY)
    path = backup.folder / backup.manifest.files[1].path
    data = bytearray(path.read_bytes())
    data[MANY // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(BackupDamaged, match="damaged on this machine"):
        put_backup(store, TARGET, backup, silent)
    assert not any("/001." in name or name.endswith("manifest.json") for name in objects(s3, bucket))
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_a_manifest_that_leads_out_of_the_folder_is_refused(store: Store, publish, s3, bucket: str, tmp_path) -> None:
    from msgspec.structs import replace

    from lockgate.model import codec
    from lockgate.model.backup import seal_manifest

    backup = publish(10)
    (file,) = backup.manifest.files
    evil = seal_manifest(replace(backup.manifest, files=(replace(file, path="../../evil"),)))
    name = f"some/where/{TARGET}/b/{backup.id}/manifest.json"
    s3.put_object(Bucket=bucket, Key=name, Body=codec.encode_pretty(evil))
    with pytest.raises(BackupDamaged, match="damaged"):
        fetch_backup(store, TARGET, backup.id, tmp_path / "home")
    assert not (tmp_path / "evil").exists()


def test_probe_says_what_is_allowed_and_leaves_nothing(store: Store, s3, bucket: str) -> None:
    found = probe(store)
    states = {right.name: right.state for right in found.rights}
    assert found.state == "ok", found
    assert states == {
        "list": "ok", "write": "ok", "write once": "ok", "read": "ok", "write in parts": "ok", "delete": "ok",
        "encryption": "unknown", "retention": "unknown",
    }  # fmt: skip
    assert objects(s3, bucket) == set()


def test_probe_notices_a_store_that_overwrites(store: Store, proxy: FaultProxy, monkeypatch) -> None:
    monkeypatch.setattr(store.objects._library, "put", _without_condition(store.objects._library.put))
    states = {right.name: right.state for right in probe(store).rights}
    assert states["write once"] == "failed"
    assert states["delete"] == "ok"


def test_marker_of_a_dead_process_is_taken_over(store: Store, publish, s3, bucket: str) -> None:
    backup = publish()
    key = f"some/where/{marker_key(TARGET, backup.id)}"
    with claim(store, TARGET, backup.id, backup.manifest.seal):
        left = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    s3.put_object(Bucket=bucket, Key=key, Body=left.replace(f'"pid":{os.getpid()}', '"pid":4194303'))
    assert put_backup(store, TARGET, backup, silent).is_new
    s3.put_object(Bucket=bucket, Key=key, Body=left.replace('"host":"', '"host":"another-'))
    with pytest.raises(LeaseHeld, match="is being uploaded"):
        put_backup(store, TARGET, backup, silent)

    dead = left.replace(f'"pid":{os.getpid()}', '"pid":4194303').replace(backup.manifest.seal, "another")
    s3.put_object(Bucket=bucket, Key=key, Body=dead)
    with pytest.raises(StoreFailed, match="another backup is called"):
        put_backup(store, TARGET, backup, silent)
    delete_backup(store, TARGET, backup.id)
    assert objects(s3, bucket) == set()


def test_a_lease_is_renewed_and_its_loss_noticed(store: Store, s3, bucket: str) -> None:
    now = [datetime.now(UTC)]
    key = f"some/where/{marker_key(TARGET, 'x')}"
    with claim(store, TARGET, "x", "seal", lambda: now[0]) as held:
        first = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        for _ in range(2):
            now[0] += timedelta(minutes=10)
            held.check()
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() != first
        s3.put_object(Bucket=bucket, Key=key, Body=b"another's")
        now[0] += timedelta(minutes=10)
        with pytest.raises(StoreFailed, match="was lost"):
            held.check()
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"another's"


def _twin(backup: Backup, tmp_path: Path) -> Backup:
    """Another backup of the same name."""
    from msgspec.structs import replace

    from lockgate.backup.manifest import write_manifest
    from lockgate.model.backup import seal_manifest

    other = publish_backup(tmp_path / "other", tuple(file.bytes for file in backup.manifest.files), seed=7)
    manifest = seal_manifest(replace(other.manifest, id=backup.id))
    for name in ("manifest.json", "SHA256SUMS", "RESTORE.txt"):
        (other.folder / name).unlink()
    write_manifest(other.folder, manifest)
    return Backup(other.folder, manifest)


def _without_condition(put: Callable[..., object]) -> Callable[..., object]:
    return lambda *args, mode=None, **others: put(*args, **others)
