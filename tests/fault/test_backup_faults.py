"""Backups under one fault at a time: no bad one is published, nothing is lost or left over, and every error is told."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.fault.backup_kit.faults import FAULTS, faults_for
from tests.fault.backup_kit.home import Home
from tests.fault.backup_kit.oracle import problems_of
from tests.fault.backup_kit.outcome import Fault
from tests.fault.backup_kit.world import World

SERVERS = ("postgres", "mysql", "mariadb")
CHEAP = (
    "killed",
    "terminated",
    "files limited",
    "schema changed",
    "clock wrong",
    "two backups",
    "bit flipped in data",
    "bit flipped in the manifest",
    "bit flipped in SHA256SUMS",
    "file lost",
    "rows told wrong",
    "key wrong",
    "proof without room",
    "right lost",
    "right lost in a restore",
    "application goes on",
)
BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.fixture(scope="module")
def file_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small SQLite database with a proven, encrypted backup."""
    place = tmp_path_factory.mktemp("faults") / "live.db"
    place.touch()
    world = World(f"sqlite:///{place}", "sqlite", random.Random(5), is_encrypted=True, megabytes=0.5)
    yield world
    world.close()


@pytest.mark.parametrize("name", CHEAP)
def test_a_fault_ends_in_a_clear_error_and_harms_nothing(file_world: World, name: str) -> None:
    outcome = BY_NAME[name].run(file_world)

    assert outcome.wrong == [], outcome.told


def test_the_oracle_sees_what_is_wrong_with_a_published_backup(file_world: World) -> None:
    file_world.fresh()
    folder = file_world.published()[0]
    assert problems_of(folder) == []
    data = max(folder.rglob("*"), key=lambda path: path.stat().st_size)

    data.write_bytes(data.read_bytes()[:-1] + b"\0")
    (folder / "extra").touch()

    assert len(problems_of(folder)) == 2


@pytest.fixture(scope="module", params=SERVERS)
def server_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A database on a server of its own, which may be killed."""
    home = Home(request.param)
    try:
        world = World(home.fresh(), request.param, random.Random(5), is_encrypted=True, server=home.server)
        yield world
        world.close()
    finally:
        home.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_on_a_server_harms_nothing(server_world: World, fault: Fault) -> None:
    if fault not in list(faults_for(server_world.flavor, has_server=True)):
        return
    outcome = fault.run(server_world)

    assert outcome.wrong == [], outcome.told


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(FAULTS)
    assert set(CHEAP) <= set(BY_NAME)
