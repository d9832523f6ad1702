"""A real S3 service on loopback, a proxy before it, and small published backups to copy."""

from __future__ import annotations

import hashlib
import logging
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from lockgate.backup.repository import Backup, Repository
from lockgate.backup.stores import cloud, probe
from lockgate.backup.stores.base import Patience, Store
from lockgate.backup.stores.open import Place, open_store
from lockgate.model.backup import BackupKind, Consistency, Manifest, StoredFile, seal_manifest
from tests.backup.stores.faults import FaultProxy

KEY, SECRET = "AKIACANARY0000000000", "canary/Secret+Key0000000000000000000000"
TARGET = "shop"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send in parts from 5 MiB on, the least that S3 allows."""
    for module in (cloud, probe):
        monkeypatch.setattr(module, "WHOLE", 5 << 20)


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    """The port of an S3 service of our own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(scope="session")
def s3(s3_port: int) -> boto3.client:
    """Another client, to look at what is really there."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{s3_port}",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )


@pytest.fixture
def bucket(s3: boto3.client, request: pytest.FixtureRequest) -> str:
    """An empty bucket."""
    name = "b" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def proxy(s3_port: int) -> Iterator[FaultProxy]:
    """What goes wrong between us and the service."""
    proxy = FaultProxy(s3_port)
    yield proxy
    proxy.close()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in the environment, where the library looks for them."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture
def opened(keys: None, tmp_path: Path) -> Callable[[str], Store]:
    """Open a store, without much patience."""

    def open_it(url: str) -> Store:
        return open_store(url, Place(os.environ, tmp_path, Patience(4, 0.01), tries=1))

    return open_it


@pytest.fixture
def store(opened: Callable[[str], Store], bucket: str, proxy: FaultProxy) -> Store:
    """A store in the bucket, through the proxy."""
    return opened(f"s3://{bucket}/some/where?endpoint={proxy.url}")


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Backup]:
    """Publish a backup with files of these sizes; the bytes are the same for the same seed."""

    def make(*sizes: int, seed: int = 1, root: Path | None = None) -> Backup:
        return publish_backup(root or tmp_path / "local", sizes or (100, 3000), seed)

    return make


def publish_backup(root: Path, sizes: tuple[int, ...], seed: int = 1, parents: tuple[str, ...] = ()) -> Backup:
    """Publish a backup whose files hold what a seed gives; one with parents is a log."""
    repository = Repository(root)
    kind = BackupKind.LOG if parents else BackupKind.FULL
    backup_id, sequence = repository.next_id(kind)
    chance = random.Random(seed)
    with repository.stage(backup_id) as folder:
        files = []
        for number, size in enumerate(sizes):
            path = f"rows/{number:03}.tablé %41.sql"
            (folder / path).parent.mkdir(exist_ok=True)
            data = chance.randbytes(size)
            (folder / path).write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            files.append(
                StoredFile(path=path, role="rows", bytes=size, sha256=digest, bytes_plain=size, sha256_plain=digest)
            )
        manifest = Manifest(
            id=backup_id,
            sequence=sequence,
            kind=kind,
            parents=parents,
            target=TARGET,
            engine="sqlite",
            flavor="sqlite",
            server_version="3",
            database=TARGET,
            tool_version="1",
            started_at="2026-01-01T00:00:00+00:00",
            snapshot_at="2026-01-01T00:00:00+00:00",
            finished_at=f"2026-01-01T00:00:{seed:02}+00:00",
            duration_s=1.0,
            method="test",
            consistency=Consistency.SINGLE_SNAPSHOT,
            fingerprint="f",
            files=tuple(files),
            restore=("cat rows/*",),
        )
        return repository.publish(folder, seal_manifest(manifest))
