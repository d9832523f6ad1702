"""The application and the users of the backup kit: they see what is lost, and feel a right that is taken away."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.backup_kit.app import MAKE, MARK, TABLE, App
from tests.fault.backup_kit.users import feel_modes, file_modes, take_mode
from tests.fault.kit.clients import Client
from tests.fault.kit.load import ROOT


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A file with the rows that writers change; it is the old database."""
    place = tmp_path / "live.db"
    place.touch()
    client = Client(f"sqlite:///{place}")
    client.execute("CREATE TABLE orders (id integer PRIMARY KEY, total integer)")
    for number in range(61, 70):
        client.execute("INSERT INTO orders VALUES (?, 100)", (number,))
    client.execute(MAKE)
    client.execute(f"INSERT INTO {TABLE} VALUES ({MARK}, 'old')")
    yield client
    client.close()


@pytest.fixture
def app(client: Client, tmp_path: Path) -> App:
    """An application that wrote for a moment."""
    app = App(f"sqlite:///{tmp_path / 'live.db'}", random.Random(1))
    has_written = app.wait_for_writes(time.monotonic())
    app.stop()
    assert has_written
    return app


def test_nothing_is_found_wrong_when_all_is_there(client: Client, app: App) -> None:
    assert app.told(is_old=True) and not app.told(is_old=False)
    assert app.judge(client, is_old=True) == []

    app.take_back(client)

    assert client.query(f"SELECT id FROM {TABLE}") == [(MARK,)]
    assert client.query("SELECT sum(total), min(total), max(total) FROM orders") == [(900, 100, 100)]


def test_an_acknowledged_write_that_is_missing_is_found(client: Client, app: App) -> None:
    client.execute(f"DELETE FROM {TABLE} WHERE id = {max(app.told(is_old=True))}")

    lost, half = app.judge(client, is_old=True)

    assert "1 of" in lost and "are not in the old database" in lost and "half of a transaction" in half


def test_a_write_of_the_other_database_is_found(client: Client, app: App) -> None:
    client.execute(f"INSERT INTO {TABLE} VALUES (99, 'nobody')")

    assert app.judge(client, is_old=True) == ["1 writes are in the old database that nobody made there"]


def test_half_of_a_transaction_is_found(client: Client, app: App) -> None:
    client.execute("UPDATE orders SET total = total + 1 WHERE id = 61")

    (found,) = app.judge(client, is_old=True)

    assert "half of a transaction" in found


@pytest.mark.parametrize("number", range(4))
def test_a_mode_that_is_taken_away_is_felt_by_whoever_runs_the_tests(tmp_path: Path, number: int) -> None:
    place = tmp_path / "own" / "live.db"
    place.parent.mkdir()
    place.write_text("rows")
    wanted, mode = file_modes(place)[number]
    program = "import sys; open(sys.argv[1], 'r+').close(); open(sys.argv[1] + '-journal', 'x').close()"
    command = [sys.executable, "-S", "-c", program, str(place)]

    give = take_mode(wanted, mode)
    done = subprocess.run(command, preexec_fn=feel_modes, capture_output=True, text=True, check=False)
    give()

    assert "PermissionError" in done.stderr
    assert subprocess.run(command, preexec_fn=feel_modes, check=False).returncode == 0


def test_a_database_whose_folder_may_not_be_entered_is_told(tmp_path: Path) -> None:
    place = tmp_path / "own" / "live.db"
    place.parent.mkdir()
    place.touch()
    command = [sys.executable, "-m", "lockgate", "status"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "LOCKGATE_URL": f"sqlite:///{place}"}

    give = take_mode(place.parent, 0)
    done = subprocess.run(
        command, preexec_fn=feel_modes, capture_output=True, text=True, check=False, env=env, cwd=tmp_path
    )
    give()

    assert done.returncode == 2 and "the database file cannot be looked at" in done.stderr
    assert "Permission denied" in done.stderr
