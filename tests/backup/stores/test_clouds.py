"""Google Cloud Storage and Azure: our addresses and conditions, against a stand-in of each one's answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lockgate.backup.files import StoredFiles
from lockgate.backup.stores.base import Patience, Store
from lockgate.backup.stores.claim import claim
from lockgate.backup.stores.open import Place, open_store
from lockgate.backup.stores.probe import probe
from lockgate.backup.stores.read import fetch_backup, list_backups
from lockgate.backup.stores.remove import delete_backup
from lockgate.backup.stores.upload import put_backup
from lockgate.errors import StoreFailed
from tests.backup.stores.clouds import Cloud
from tests.backup.stores.conftest import TARGET


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A stand-in."""
    cloud = Cloud()
    yield cloud
    cloud.close()


@pytest.fixture(params=["gs", "az"])
def away(request: pytest.FixtureRequest, cloud: Cloud, tmp_path: Path) -> Store:
    """A store there."""
    account = {
        "gcs_base_url": cloud.url, "disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": "",
    }  # fmt: skip
    environ = {"MY_ACCOUNT": json.dumps(account), "MY_KEY": base64.b64encode(b"secret").decode()}
    if request.param == "gs":
        url = f"gs://bucket/some?service_account_key=${{env:MY_ACCOUNT}}&endpoint={cloud.url}"
    else:
        url = f"az://bucket/some?account=me&account_key=${{env:MY_KEY}}&endpoint={cloud.url}"
    return open_store(url, Place(environ, tmp_path, Patience(2, 0.01), tries=1))


def test_there_and_back(away: Store, cloud: Cloud, publish, tmp_path: Path) -> None:
    found = probe(away)
    assert found.state == "ok", found
    backup = publish(100, (5 << 20) + 1000)
    put_backup(away, TARGET, backup, lambda text: None)
    conditions = {wanted for path, wanted in cloud.seen if "/rows/000" in path or path.endswith("manifest.json")}
    assert conditions in ({"0"}, {"*"})
    assert put_backup(away, TARGET, backup, lambda text: None).sent_files == 0
    assert [item.manifest for item in list_backups(away, TARGET)] == [backup.manifest]
    StoredFiles(fetch_backup(away, TARGET, "latest", tmp_path / "home")).check_stored()
    assert delete_backup(away, TARGET, backup.id) == 5
    assert cloud.objects == {}


def test_a_lease_is_renewed_and_its_loss_noticed(away: Store, cloud: Cloud) -> None:
    now = [datetime.now(UTC)]
    with claim(away, TARGET, "x", "seal", lambda: now[0]) as held:
        for _ in range(3):
            now[0] += timedelta(minutes=10)
            held.check()
        (path,) = cloud.objects
        cloud.put(path, b"{}")
        now[0] += timedelta(minutes=10)
        with pytest.raises(StoreFailed, match="was lost"):
            held.check()
    assert cloud.objects[path][0] == b"{}"
