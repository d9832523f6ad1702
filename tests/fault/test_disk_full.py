"""The disk becomes full while a table is changed: nothing is claimed, and with room again all is as before."""

from __future__ import annotations

import random

import pytest

from bench.operations import BY_NAME
from tests.fault.kill_world import AFTER, BEFORE, Home, World
from tests.fault.kit.disk import small_disk


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("engine", ("postgres", "mysql", "mariadb"))
@pytest.mark.parametrize("spare_mb", (2, 6))
def test_a_change_on_a_disk_that_becomes_full_is_undone(engine: str, spare_mb: int) -> None:
    with small_disk(600) as disk:
        home = Home(engine, str(disk.folder))
        try:
            world = World(home, BY_NAME["type"], "online", 60_000, random.Random(3))
            try:
                assert home.server is not None
                disk.pid = home.server.pid
                disk.fill(spare_mb << 20)
                done = world.fault(("apply", "plan.json", "--yes"), 0, 0, 0)
                disk.free()
                world.revive()
                assert done.code in (0, 6, 7), done.err
                if done.code == 7:
                    recovered = world.recover(is_finish=False)
                    assert recovered.code == 0, recovered.err
                where, wrong = world.look()
                assert wrong == []
                assert where == (AFTER if done.code == 0 else BEFORE)
                assert world.lost() == []
            finally:
                world.close()
        finally:
            home.close()
