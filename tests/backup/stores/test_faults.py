"""Whatever goes wrong on the way to a store: it is tried again, or said; never is something half taken for whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.backup.files import StoredFiles
from lockgate.backup.stores.base import Patience, Store
from lockgate.backup.stores.open import Place, open_store, probe_store
from lockgate.backup.stores.read import fetch_backup, list_backups, verify_stored
from lockgate.backup.stores.upload import put_backup
from lockgate.errors import BackupDamaged, ConfigError, LockgateError, StoreFailed
from tests.backup.stores.conftest import KEY, SECRET, TARGET, publish_backup
from tests.backup.stores.faults import Fault, FaultProxy

MANY = (5 << 20) + 1000

PASSING = {
    "service": [
        Fault("busy", "PUT", "rows", 2),
        Fault("broken", "PUT", "manifest.json", 3),
        Fault("busy", "GET", "list-type", 2),
        Fault("slow", "PUT", "rows", 1),
    ],
    "network": [
        Fault("reset", "PUT", "rows", 2),
        Fault("lost", "PUT", "rows", 1),
        Fault("lost", "PUT", "manifest.json", 1),
        Fault("lost", "PUT", "uploading", 1),
        Fault("lost", "POST", "delete", 1),
    ],
    "answers": [Fault("truncate", "GET", "rows", 2), Fault("flip", "GET", "rows", 1)],
    "parts": [
        Fault("reset", "PUT", "partNumber", 1),
        Fault("lost", "POST", "uploadId", 1),
        Fault("hidden_error", "POST", "uploadId", 1),
    ],
}


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_is_tried_again(store: Store, proxy: FaultProxy, publish, s3, bucket: str, kind: str) -> None:
    backup = publish(3000, *((MANY,) if kind == "parts" else ()))
    proxy.faults = [Fault(fault.kind, fault.method, fault.part, fault.times) for fault in PASSING[kind]]
    put_backup(store, TARGET, backup, lambda text: None)
    assert [fault.times for fault in proxy.faults] == [0] * len(PASSING[kind])
    proxy.faults = []
    assert verify_stored(store, TARGET, backup.id).is_passed
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_fetching_goes_on_after_what_passes(store: Store, proxy: FaultProxy, publish, tmp_path: Path) -> None:
    backup = publish(2 << 20, 3000, 3000, 3000)
    put_backup(store, TARGET, backup, lambda text: None)
    kinds = ("truncate", "busy", "flip", "reset")
    proxy.faults = [Fault(kind, "GET", f"rows/{number:03}") for number, kind in enumerate(kinds)]
    StoredFiles(fetch_backup(store, TARGET, backup.id, tmp_path / "home")).check_stored()
    assert [fault.times for fault in proxy.faults] == [0] * 4


@pytest.mark.parametrize(
    ("kind", "method", "part", "words"),
    [
        ("busy", "PUT", "rows", "cannot be reached or is not working"),
        ("expired", "PUT", "rows", "does not accept the credentials"),
        ("denied", "PUT", "manifest", "refuses it"),
        ("denied", "GET", "list-type", "refuses it"),
        ("flip", "GET", "rows", "is not stored as it was sent"),
        ("truncate", "GET", "rows", "cannot be read to its end"),
    ],
)
def test_what_does_not_pass_is_said_and_nothing_is_published(
    store: Store, proxy: FaultProxy, publish, kind: str, method: str, part: str, words: str
) -> None:
    backup = publish(3000)
    proxy.faults = [Fault(kind, method, part, 1000)]
    with pytest.raises(StoreFailed, match=words) as caught:
        put_backup(store, TARGET, backup, lambda text: None)
    assert "on this machine" in caught.value.state
    assert "CANARY" not in str(vars(caught.value))
    proxy.faults = []
    assert [found.manifest for found in list_backups(store, TARGET)] in ([], [None])
    StoredFiles(backup).check_stored()
    put_backup(store, TARGET, backup, lambda text: None)
    assert verify_stored(store, TARGET, backup.id).is_passed


def test_a_bucket_that_is_missing(opened: Callable[[str], Store], s3_port: int, publish) -> None:
    store = opened(f"s3://no-such-bucket?endpoint=http://127.0.0.1:{s3_port}")
    with pytest.raises(StoreFailed, match="the bucket does not exist"):
        put_backup(store, TARGET, publish(), lambda text: None)


def test_nobody_listens(opened: Callable[[str], Store], publish) -> None:
    store = opened("s3://bucket?endpoint=http://127.0.0.1:9")
    with pytest.raises(StoreFailed, match="cannot be reached") as caught:
        list_backups(store, TARGET)
    assert "no connection" in caught.value.cause or "nobody listens" in caught.value.cause


def test_without_credentials_nothing_is_known(tmp_path: Path, publish) -> None:
    place = Place({"AWS_EC2_METADATA_DISABLED": "true"}, tmp_path)
    found = probe_store("s3://bucket/x", place)
    assert found.state == "unknown"
    assert {right.state for right in found.rights} == {"unknown"}
    with pytest.raises(StoreFailed, match="there are no credentials"):
        open_store("s3://bucket/x", place)


def test_without_the_right_to_write_the_probe_fails(keys: None, proxy: FaultProxy, bucket: str, tmp_path: Path) -> None:
    proxy.faults = [Fault("denied", "PUT", "", 100)]
    found = probe_store(f"s3://{bucket}?endpoint={proxy.url}", Place(os.environ, tmp_path, Patience(2, 0.01), 1))
    states = {right.name: right.state for right in found.rights}
    assert (found.state, states["list"], states["write"], states["read"]) == ("failed", "ok", "failed", "unknown")


UPLOAD = """
import os, sys
from pathlib import Path
from lockgate.backup.manifest import read_manifest
from lockgate.backup.repository import Backup
from lockgate.backup.stores.open import Place, open_store
from lockgate.backup.stores.read import fetch_backup
from lockgate.backup.stores.upload import put_backup
store = open_store(sys.argv[1], Place(os.environ, Path.cwd()))
folder = Path(sys.argv[2])
done = put_backup(store, "shop", Backup(folder, read_manifest(folder)), lambda text: None)
fetch_backup(store, "shop", "latest", Path(sys.argv[3]))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(done.sent_files, int(peak.split()[1]) // 1024)
"""


def upload(url: str, folder: Path, home: Path) -> subprocess.Popen[str]:
    """Upload in a process of its own."""
    source = Path(__file__).parents[3] / "src"
    return subprocess.Popen(
        [sys.executable, "-c", UPLOAD, url, str(folder), str(home)],
        env={**os.environ, "PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_upload_that_was_killed_goes_on(
    keys: None, store: Store, proxy: FaultProxy, bucket: str, publish, tmp_path: Path
) -> None:
    backup = publish(3000, 3001, 3002, 3003, 3004, 3005)
    running: list[subprocess.Popen[str]] = []

    def kill(method: str, path: str) -> None:
        if method == "PUT" and "rows/004" in path and running[0].poll() is None:
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()

    proxy.on_request = kill
    running.append(upload(f"s3://{bucket}/some/where?endpoint={proxy.url}", backup.folder, tmp_path / "home"))
    running[0].communicate(timeout=60)
    assert running[0].returncode == -signal.SIGKILL
    (found,) = list_backups(store, TARGET)
    assert found.manifest is None
    assert found.marker is not None
    assert not found.is_uploading
    done = put_backup(store, TARGET, backup, lambda text: None)
    assert 0 < done.sent_files < done.files
    assert verify_stored(store, TARGET, backup.id).is_passed


def test_memory_does_not_grow_with_the_backup(keys: None, s3_port: int, bucket: str, tmp_path: Path) -> None:
    peaks = []
    for size in (1 << 20, 60 << 20):
        backup = publish_backup(tmp_path / str(size), (size,))
        url = f"s3://{bucket}/{size}?endpoint=http://127.0.0.1:{s3_port}"
        running = upload(url, backup.folder, tmp_path / f"home{size}")
        out, err = running.communicate(timeout=120)
        assert running.returncode == 0, err
        peaks.append(int(out.split()[1]))
    assert peaks[1] < 200, peaks
    assert peaks[1] - peaks[0] < 50, peaks


def test_no_key_is_ever_shown(
    keys: None, store: Store, proxy: FaultProxy, bucket: str, publish, capfd: pytest.CaptureFixture[str], s3
) -> None:
    backup, said = publish(3000), []
    kinds = ("expired", "denied", "busy", "hidden_error")
    for kind in kinds:
        proxy.faults = [Fault(kind, method, "", 1000) for method in ("PUT", "GET", "HEAD", "POST")]
        with pytest.raises(LockgateError) as caught:
            put_backup(store, TARGET, backup, said.append)
        said.append(str(vars(caught.value)) + str(caught.value) + repr(caught.value))
    proxy.faults = []
    put_backup(store, TARGET, backup, said.append)
    for found in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        if "rows" not in found["Key"]:
            said.append(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read().decode())
    said += [repr(store), *capfd.readouterr()]
    assert not any("CANARY" in text.upper() or KEY in text or SECRET in text for text in said)


def test_an_address_never_holds_a_secret() -> None:
    place = Place({"SECRET_OF_MINE": SECRET, "ID_OF_MINE": KEY}, Path("/tmp"))
    for url in (f"s3://{KEY}:secretcanary@bucket/x", "s3://bucket?secret_access_key=secretcanary"):
        with pytest.raises(ConfigError) as caught:
            open_store(url, place)
        assert "secretcanary" not in str(vars(caught.value))
    for url in ("s3://bucket?endpoint=nonsense", "s3://bu cket", "s3://b?endpoint=http://x:0", "ftp://x", "s3://", ""):
        with pytest.raises(ConfigError):
            open_store(url, place)
    seen: list[str] = []
    url = "s3://bucket/x?access_key_id=${env:ID_OF_MINE}&secret_access_key=${env:SECRET_OF_MINE}"
    store = open_store(url, place, seen.append)
    assert store.display == "s3://bucket/x"
    assert seen == [KEY, SECRET]
    assert SECRET not in repr(store)
    with pytest.raises(ConfigError, match="NOT_THERE is not set"):
        open_store("s3://bucket?access_key_id=${env:NOT_THERE}", place)


def test_damage_in_the_answer_twice_is_damage(store: Store, proxy: FaultProxy, publish, tmp_path: Path) -> None:
    backup = publish(3000)
    put_backup(store, TARGET, backup, lambda text: None)
    proxy.faults = [Fault("flip", "GET", "rows", 100)]
    with pytest.raises(BackupDamaged):
        fetch_backup(store, TARGET, backup.id, tmp_path / "home")
    assert not verify_stored(store, TARGET, backup.id).is_passed


def test_ctrl_c_ends_an_upload_and_gives_the_right_back(
    keys: None, store: Store, proxy: FaultProxy, bucket: str, publish, tmp_path: Path
) -> None:
    backup = publish(3000, 3001, 3002, 3003)
    proxy.faults = [Fault("slow", "PUT", "rows", 100)]
    running: list[subprocess.Popen[str]] = []

    def stop(method: str, path: str) -> None:
        if method == "PUT" and "rows/000" in path:
            running[0].send_signal(signal.SIGINT)

    proxy.on_request = stop
    running.append(upload(f"s3://{bucket}/some/where?endpoint={proxy.url}", backup.folder, tmp_path / "home"))
    _, err = running[0].communicate(timeout=60)
    assert "KeyboardInterrupt" in err
    (found,) = list_backups(store, TARGET)
    assert (found.manifest, found.marker) == (None, None)


def test_a_key_that_cannot_be_sent_is_said(
    opened: Callable[[str], Store], proxy: FaultProxy, monkeypatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA\nCANARY")
    with pytest.raises(StoreFailed, match="cannot work with what is set") as caught:
        list_backups(opened(f"s3://bucket?endpoint={proxy.url}"), TARGET)
    assert "CANARY" not in str(vars(caught.value)) + capfd.readouterr().err
