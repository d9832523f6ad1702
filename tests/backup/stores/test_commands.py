"""``lockgate backup`` with stores: created and copied, listed, shown, proven, probed, fetched, deleted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lockgate.cli.app import root
from tests.backup.stores.conftest import KEY, SECRET
from tests.backup.stores.faults import Fault, FaultProxy


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: None, bucket: str, proxy: FaultProxy
) -> Callable[..., Result]:
    """Run commands in a folder with a database, a second folder and a bucket as stores."""
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.executescript("create table t (a integer primary key, b text); insert into t values (1, 'x')")
    connection.close()
    (tmp_path / "second").mkdir()
    (tmp_path / "lockgate.toml").write_text(
        f'url = "sqlite:///app.db"\n[backup]\nstores = ["second", "s3://{bucket}/x?endpoint={proxy.url}'
        '&access_key_id=${env:MY_ID}&secret_access_key=${env:MY_SECRET}"]\n'
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("MY_ID", KEY)
    monkeypatch.setenv("MY_SECRET", SECRET)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> Result:
        done = CliRunner().invoke(root, ["backup", *arguments], standalone_mode=False)
        assert KEY not in done.output
        assert SECRET not in done.output
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            assert SECRET not in str(vars(done.exception))
        return done

    return invoke


def test_the_whole_way(run: Callable[..., Result], tmp_path: Path, bucket: str, proxy: FaultProxy) -> None:
    store = f"s3://{bucket}/x?endpoint={proxy.url}&access_key_id=${{env:MY_ID}}&secret_access_key=${{env:MY_SECRET}}"
    made = json.loads(run("create", "--format", "json").stdout)
    assert [copy["is_stored"] for copy in made["copies"]] == [True, True]
    assert made["copies"][1]["store"].startswith(f"s3://{bucket}/x at 127.0.0.1")
    (listed,) = json.loads(run("list", "--store", store, "--format", "json").stdout)["backups"]
    assert (listed["id"], listed["state"]) == (made["id"], "whole")
    assert made["id"] in run("list", "--store", "second").stdout
    assert "without Lockgate" in run("show", "latest", "--store", store).stdout
    left = tmp_path / ".lockgate/backups/app/.fetch/verify-0-4194303-x"
    left.mkdir(parents=True)
    proven = json.loads(run("verify", "latest", "--store", store, "--format", "json").stdout)
    assert (proven["level"], proven["problem"]) == ("schema", "")
    assert proven["place"].startswith("s3://")
    assert not left.exists()
    assert "was in" in run("copy").stdout

    shutil.rmtree(tmp_path / ".lockgate")
    assert made["id"] in run("fetch", "--store", store).stdout
    assert run("verify", "latest", "--level", "readable").return_value == 0
    assert not list((tmp_path / ".lockgate/backups/app").glob(".fetch/*"))

    probe = json.loads(run("probe", "--format", "json").stdout)
    assert probe["state"] == "ok"
    assert [len(item["rights"]) for item in probe["stores"]] == [8, 8]
    assert run("delete", made["id"], "--store", store, "--confirm", "app").return_value == 0
    assert "no backups of app" in run("list", "--store", store).stdout


def test_restoring_from_a_store(run: Callable[..., Result], tmp_path: Path) -> None:
    run("create")
    shutil.rmtree(tmp_path / ".lockgate")
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.execute("delete from t")
    connection.commit()
    connection.close()
    done = CliRunner().invoke(
        root, ["restore", "latest", "--store", "second", "--confirm", "app"], standalone_mode=False
    )
    assert done.return_value == 0, done.output + str(done.exception)
    connection = sqlite3.connect(tmp_path / "app.db")
    assert connection.execute("select * from t").fetchall() == [(1, "x")]
    connection.close()
    both = CliRunner().invoke(root, ["restore", "--backup-file", "x", "--store", "second"], standalone_mode=False)
    assert "exclude each other" in str(both.exception)


def test_a_store_that_fails_costs_no_backup(run: Callable[..., Result], proxy: FaultProxy) -> None:
    proxy.faults = [Fault("denied", "PUT", "", 100)]
    done = run("create")
    assert done.exception is not None
    assert done.exception.exit_code == 6
    assert "is published and whole in" in done.exception.state
    assert "second" in done.exception.state
    assert "copied to" in done.stdout
    assert "NOT copied to s3://" in done.stdout
    assert run("verify", "latest", "--level", "readable").return_value == 0
    assert run("probe").return_value == 3
    proxy.faults = []
    assert "copied to s3://" in run("copy").stdout


def test_without_a_store_the_command_says_what_to_set(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "lockgate.toml").write_text('url = "sqlite:///app.db"\n')
    done = run("fetch")
    assert done.exception is not None
    assert (done.exception.exit_code, done.exception.what) == (2, "no store is given")
