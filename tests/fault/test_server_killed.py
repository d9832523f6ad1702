"""The server dies by ``kill -9`` during a run: nothing is claimed, and once it is back the run is led to an end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lockgate.workflow.status import read_status
from tests.fault.durable import DurableServer, make_durable
from tests.fault.stand import Stand, build_stand, make_stand, read_rows
from tests.servers import TestServer

ENGINES = ("postgres", "mysql", "mariadb")
# An index is there but not noted; a type change is half-way; all steps are done but the last stage is not verified.
POINTS = (("statement_finished", 2), ("statement_finished", 4), ("step_done", 7))
APPLY = ("apply", "plan.json", "--yes")


@dataclass
class Place:
    """A durable server and the stand on it."""

    server: DurableServer
    stand: Stand

    def reset(self) -> None:
        """Make the database anew, so that the plan fits it again."""
        remake(self.server)
        build_stand(self.stand.bench)

    def apply_and_kill(self, event: str, number: int, *, delay_ms: int = 0) -> subprocess.CompletedProcess[str]:
        """Apply, and let the server die at the n-th event of a type; it stays dead."""
        return self.stand.strike(*APPLY, pid=self.server.pid, event=event, number=number, delay_ms=delay_ms)

    def restart(self) -> None:
        """Start the killed server on the same data."""
        self.server.wait_until_dead()
        self.server.start()


def remake(server: DurableServer) -> None:
    """Drop and make the database."""
    force = " WITH (FORCE)" if server.flavor.name == "postgres" else ""
    TestServer(server.flavor.name, server.url()).execute(
        f"DROP DATABASE IF EXISTS stand{force}", "CREATE DATABASE stand"
    )


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One server and one plan for each engine."""
    server = make_durable(request.param)
    try:
        remake(server)
        yield Place(server, make_stand(server.url("stand"), tmp_path_factory.mktemp("stand")))
    finally:
        server.close()


@pytest.fixture
def place(shared: Place) -> Place:
    """The database as before the plan."""
    shared.server.start()
    shared.reset()
    return shared


def check_told(result: subprocess.CompletedProcess[str], *codes: int) -> None:
    """The command ended with one of these codes and said what, where, why, the state and what is next."""
    assert result.returncode in codes, result.stderr
    assert "Traceback" not in result.stderr
    labels = [line.split(":")[0] for line in result.stderr.splitlines()]
    assert [label for label in labels if label in ("error", "where", "cause", "state", "next")] == [
        *("error", "where", "cause", "state", "next")
    ]


def check_at_rest(stand: Stand, fingerprint: str) -> None:
    """The schema is this one, no run is unfinished, and the journal knows the schema as it was left."""
    status = read_status(stand.bench.engine, stand.bench.target)
    assert status.unfinished is None
    assert status.fingerprint == fingerprint
    assert status.is_as_left is not False
    assert not status.holder


def check_before(stand: Stand) -> None:
    """Everything is as before."""
    check_at_rest(stand, stand.plan.before)
    assert read_rows(stand.bench) == stand.rows


def check_after(stand: Stand) -> None:
    """The plan is applied with every row in place, and the way back leads to every value."""
    check_at_rest(stand, stand.plan.after)
    assert read_status(stand.bench.engine, stand.bench.target).runs[0].state.value == "applied"
    bench = stand.bench
    assert bench.rows("SELECT id, customer_id, total FROM orders ORDER BY id") == stand.rows["orders"]
    changed = bench.rows("SELECT id, name, zip, email FROM customers ORDER BY id")
    assert changed == [(i, name, int(str(zip_code)), None) for i, name, zip_code in stand.rows["customers"]]
    back = stand.call("rollback", "--to", "start", "--yes")
    assert back.returncode == 0, back.stderr
    check_before(stand)


@pytest.mark.parametrize(("event", "number"), POINTS)
def test_a_run_whose_server_died_is_undone_when_it_is_back(place: Place, event: str, number: int) -> None:
    check_told(place.apply_and_kill(event, number), 7)
    check_told(place.stand.call("recover", "--yes"), 2)
    place.restart()
    assert read_status(place.stand.bench.engine, place.stand.bench.target).unfinished is not None
    recovered = place.stand.call("recover", "--yes")
    assert recovered.returncode == 0, recovered.stderr
    check_before(place.stand)


@pytest.mark.parametrize("event", ("statement_started", "statement_finished"))
def test_a_run_whose_server_died_is_finished_when_it_is_back(place: Place, event: str) -> None:
    check_told(place.apply_and_kill(event, 4), 7)  # the old values are about to be kept, or kept and not noted
    place.restart()
    recovered = place.stand.call("recover", "--finish", "--yes")
    assert recovered.returncode == 0, recovered.stderr
    check_after(place.stand)


def test_a_server_that_is_back_soon_lets_the_run_lead_itself_back(place: Place) -> None:
    process = place.stand.begin(*APPLY, pid=place.server.pid, event="statement_finished", number=4, name="SIGKILL")
    place.restart()
    out, err = process.communicate(timeout=120)
    result = subprocess.CompletedProcess(APPLY, process.returncode, out, err)
    check_told(result, 6, 7)
    if result.returncode == 7:  # it was not back soon enough
        assert place.stand.call("recover", "--yes").returncode == 0
    check_before(place.stand)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("delay_ms", (0, 2))
def test_a_server_killed_at_every_event(shared: Place, delay_ms: int) -> None:
    """Every event in turn; what is unfinished then is undone and finished by turns."""
    number = 0
    while True:
        number += 1
        shared.server.start()
        shared.reset()
        result = shared.apply_and_kill("any", number, delay_ms=delay_ms)
        if result.returncode == 0 and shared.server.process.poll() is None:
            break
        shared.restart()
        was_begun = read_status(shared.stand.bench.engine, shared.stand.bench.target).unfinished is not None
        if result.returncode == 0:
            check_after(shared.stand)  # it died after the last commit
            continue
        check_told(result, 6, 7)
        recovered = shared.stand.call("recover", "--yes", *(["--finish"] if number % 2 else []))
        assert recovered.returncode == 0, (number, recovered.stderr)
        if number % 2 if was_begun else _is_applied(shared.stand):
            check_after(shared.stand)
        else:
            check_before(shared.stand)


def _is_applied(stand: Stand) -> bool:
    runs = read_status(stand.bench.engine, stand.bench.target).runs
    return bool(runs) and runs[0].state.value == "applied"


@pytest.mark.parametrize("any_url", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize(("event", "number"), (("statement_started", 2), ("stage_verified", 2)))
def test_sigterm_winds_down_and_ends_with_143(any_url: str, tmp_path: Path, event: str, number: int) -> None:
    stand = make_stand(any_url, tmp_path)
    result = stand.strike(*APPLY, pid=0, name="SIGTERM", event=event, number=number)
    check_told(result, 143)
    check_before(stand)


def test_sigterm_before_a_run_ends_with_143_too(sqlite_url: str, tmp_path: Path) -> None:
    stand = make_stand(sqlite_url, tmp_path)
    os.mkfifo(tmp_path / "pipe.json")
    process = stand.begin("apply", "pipe.json", "--yes", pid=0, event="none", number=1, name="SIGTERM")
    with (tmp_path / "pipe.json").open("w"):  # from here on it waits for the plan
        process.terminate()
        out, err = process.communicate(timeout=60)
    check_told(subprocess.CompletedProcess((), process.returncode, out, err), 143)
    check_before(stand)


@pytest.mark.parametrize("any_url", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize("number", (1, 4))
def test_sigterm_does_not_stop_a_recovery(any_url: str, tmp_path: Path, number: int) -> None:
    stand = make_stand(any_url, tmp_path)
    assert stand.strike(*APPLY, pid=0, event="statement_finished", number=6).returncode == -signal.SIGKILL
    result = stand.strike("recover", "--yes", pid=0, name="SIGTERM", event="any", number=number)
    assert result.returncode == 0, result.stderr
    check_before(stand)
