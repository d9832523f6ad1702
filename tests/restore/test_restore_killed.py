"""Killed at any phase a restore leaves the old database or the new one, and leads on or back from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.backup.restores import RestoreLog
from lockgate.errors import BackupFailed, RefusedError
from lockgate.model.restore import Phase
from lockgate.workflow.restore_work import Work
from lockgate.workflow.status import read_status
from tests.restore.conftest import ALL, RUIN, RUINED, WELL, Shop

ROOT = Path(__file__).parents[2]
PHASES = ("begun", "stopping", "loading", "checking", "swapping", "confirming", "starting")
Kill = Callable[..., None]


@pytest.fixture
def kill(shop: Shop) -> Kill:
    """Run a verb in a process of its own that dies at a phase."""

    def run(verb: str, phase: str, backup: str = "", delay_ms: int = 0) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        command = [sys.executable, str(Path(__file__).parent / "child.py"), shop.bench.url, str(shop.folder)]
        done = subprocess.run(
            [*command, verb, phase, str(delay_ms), backup],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
        )
        assert done.returncode in (-signal.SIGKILL, 0 if delay_ms else -signal.SIGKILL), done.stderr[-2000:]
        shop.bench.wait_until_free()

    return run


def ruin(shop: Shop) -> str:
    """Back the shop up, ruin it, and give it an application; return the backup's id."""
    backup = shop.back_up()
    shop.bench.run(*RUIN)
    shop.hooks(3)
    return backup.id


def check_rest(shop: Shop, *, is_restored: bool) -> None:
    """Look at everything once it has come to rest."""
    assert shop.orders() == (WELL if is_restored else RUINED)
    assert ("poor" in shop.tables()) is not is_restored
    assert (shop.folder / "instances").read_text() == "3\n"
    assert read_status(shop.bench.engine, shop.bench.target).restoring == ""
    assert all(item.phase.is_at_rest for item in RestoreLog(shop.repository.root).list())


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("shop", ["sqlite", "postgres"], indirect=True)
def test_killed_as_the_swap_begins(shop: Shop, kill: Kill, way: str) -> None:
    backup = ruin(shop)
    kill("restore", "swapping", backup)
    assert shop.orders() == RUINED
    status = read_status(shop.bench.engine, shop.bench.target)
    assert status.restoring and status.next_command == "lockgate restore --resume"
    with pytest.raises(RefusedError, match="unfinished"):
        shop.plan(shop.repository.find(backup))
    getattr(shop, way)()
    check_rest(shop, is_restored=way == "resume")


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_what_goes_on_and_meets_a_file_that_the_system_refuses_leads_back(
    shop: Shop, kill: Kill, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill("restore", "swapping", ruin(shop))

    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied", str(shop.folder))

    monkeypatch.setattr(Work, "swap", refuse)
    with pytest.raises(BackupFailed, match="the system refused a file") as error:
        shop.resume()
    assert error.value.state.startswith("the old database is in place")
    check_rest(shop, is_restored=False)


@pytest.mark.parametrize("shop", ["sqlite", "postgres", "mysql"], indirect=True)
def test_killed_when_the_new_one_is_in_place(shop: Shop, kill: Kill) -> None:
    backup = ruin(shop)
    kill("restore", "confirming", backup)
    assert shop.orders() == WELL
    shop.bench.run("INSERT INTO customers VALUES (7, 'written since')")
    shop.resume()
    check_rest(shop, is_restored=True)
    assert shop.bench.rows("SELECT name FROM customers WHERE id = 7") == [("written since",)]
    kill("undo", "swapping_back")
    shop.resume()
    check_rest(shop, is_restored=False)
    item = RestoreLog(shop.repository.root).list()[0]
    assert item.phase is Phase.UNDONE
    assert shop.place(item.side).rows("SELECT name FROM customers WHERE id = 7") == [("written since",)]


@pytest.mark.slow
@ALL
@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("delay_ms", [0, 5, 20, 60, 150])
def test_killed_at_any_phase(shop: Shop, kill: Kill, phase: str, delay_ms: int, way: str) -> None:
    backup = ruin(shop)
    kill("restore", phase, backup, delay_ms)
    assert shop.orders() in (WELL, RUINED)
    items = RestoreLog(shop.repository.root).list()
    if items[0].phase.is_at_rest:
        check_rest(shop, is_restored=items[0].phase is Phase.DONE)
        return
    getattr(shop, way)()
    check_rest(shop, is_restored=way == "resume")


@pytest.mark.slow
@ALL
@pytest.mark.parametrize("delay_ms", [0, 5, 20, 60, 150])
def test_killed_on_the_way_back(shop: Shop, kill: Kill, delay_ms: int) -> None:
    backup = ruin(shop)
    shop.restore(shop.repository.find(backup))
    kill("undo", "swapping_back", delay_ms=delay_ms)
    items = RestoreLog(shop.repository.root).list()
    if not items[0].phase.is_at_rest:
        shop.resume()
    check_rest(shop, is_restored=False)
