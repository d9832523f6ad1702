"""Runs and servers killed while a table is changed beside its writers: nothing torn, no acknowledged write lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.operations import BY_NAME
from tests.fault.kill_world import AFTER, BEFORE, Home, World

APPLY = ("apply", "plan.json", "--yes")
BACK = ("rollback", "--to", "start", "--yes")


@contextmanager
def world_of(engine: str, operation: str, rows: int = 600) -> Iterator[World]:
    """Give a table under load and the plan of one change."""
    home = Home(engine)
    try:
        world = World(home, BY_NAME[operation], "online", rows, random.Random(7))
        try:
            yield world
        finally:
            world.close()
    finally:
        home.close()


def check(world: World, *expected: str) -> None:
    """The schema is one of these, the journal agrees, and every acknowledged write is there; the load goes on."""
    where, wrong = world.look()
    assert wrong == []
    assert where in expected
    assert world.lost() == []
    assert not world.errors()
    world.load.run()


def hurt(world: World, verb: tuple[str, ...], number: int, *, is_server: bool, is_finish: bool) -> None:
    """Kill a command or its server at an event, and recover."""
    pid = world.home.server.pid if is_server and world.home.server else 0
    assert world.fault(verb, pid, number, 0).code != 0
    world.revive()
    done = world.recover(is_finish=is_finish)
    assert done.code == 0, done.err


@pytest.mark.parametrize("engine", ("sqlite", "postgres", "mysql", "mariadb"))
def test_a_change_beside_its_writers_is_killed_there_and_back(engine: str) -> None:
    with world_of(engine, "type") as world:
        hurt(world, APPLY, 9, is_server=False, is_finish=False)
        check(world, BEFORE)
        hurt(world, APPLY, 19, is_server=engine != "sqlite", is_finish=True)
        check(world, AFTER)
        hurt(world, BACK, 7, is_server=False, is_finish=False)
        check(world, BEFORE, AFTER)
