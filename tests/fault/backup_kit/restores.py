"""Faults in restores: whatever happens, the old database or the new one is in place, whole, and one can go on."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from typing import Any

from lockgate.engine import load_engine
from tests.fault.backup_kit import app, oracle
from tests.fault.backup_kit.brood import Brood
from tests.fault.backup_kit.damage import BYTES, LIES
from tests.fault.backup_kit.lies import LOADS, Lie, wrap
from tests.fault.backup_kit.oracle import KILLED
from tests.fault.backup_kit.outcome import (
    FAILED,
    Fault,
    Outcome,
    kill_server,
    moment,
    remove,
    start_server,
    strike_tool,
    told_of,
)
from tests.fault.backup_kit.world import Running, World, limit_files
from tests.fault.kit.clients import Client, Failure
from tests.fault.kit.program import Done

SERVERS = ("postgres", "mysql", "mariadb")
AT_REST = ("done", "failed", "aborted", "undone", "dropped")
TOOLS = ("pg_restore", "psql", "mysql", "mariadb")
LATER = (
    ("CREATE TABLE made_later (id integer)", "DROP TABLE made_later"),
    ("UPDATE orders SET total = total + 1 WHERE id <= 50", "UPDATE orders SET total = total - 1 WHERE id <= 50"),
    (f"INSERT INTO {app.TABLE} VALUES ({app.MARK}, 'old')", f"DELETE FROM {app.TABLE} WHERE id = {app.MARK}"),
)
"""What happened since the backup: a restore takes it away, and nothing else may."""


def _arguments(world: World, *more: str) -> tuple[str, ...]:
    return ("restore", *more, "--confirm", world.repository.name, "--force")


class Scene:
    """The database with something newer than the backup in it; `end` looks at what is there and cleans up."""

    def __init__(self, world: World) -> None:
        world.fresh()
        self.world = world
        client = Client(world.url)
        for there, _ in LATER:
            client.execute(there)
        client.close()
        self.old = world.look()
        self.brood = Brood()
        if not world.restore_s:
            self._calibrate()

    def _calibrate(self) -> None:
        """Restore once without any fault: it must work, and tells how long it takes."""
        done = self.world.call(*_arguments(self.world, "latest"))
        assert done.code == 0, done.err
        self.world.restore_s = done.seconds
        self._clean()
        self.__init__(self.world)  # type: ignore[misc]

    def end(self, done: Done, allowed: tuple[int, ...], is_struck: bool = True) -> Outcome:
        """Look at everything, go on or give up, look again, and put the database back for the next fault."""
        world = self.world
        wrong = oracle.check_words(done, allowed)
        if done.code == KILLED:
            wrong += oracle.check_killed(world, self.brood)
        else:
            wrong += oracle.check_left(world, self.brood)
        wrong += self._judge(done.code)
        unfinished = [item for item in self.listed() if item["phase"] not in AT_REST]
        if unfinished:
            wrong += self._go_on()
        elif done.code and (world.chance.random() < 0.4 or _left_beside(world)):
            wrong += self._again()
        wrong += oracle.check_published(world)
        wrong += self._clean()
        return Outcome(done.code, is_struck, wrong, told_of(done))

    def listed(self) -> list[dict[str, Any]]:
        """Return what ``restore --list`` tells."""
        done = self.world.call("--format", "json", "restore", "--list")
        assert done.code == 0, done.err
        found: list[dict[str, Any]] = json.loads(done.out)["restores"]
        return found

    def where(self) -> str:
        """Return which database is in place: old, new, or how it is neither."""
        now = self.world.look()
        if now == self.old:
            return "old"
        if now == self.world.before:
            return "new"
        rows = [name for name in {*now[2], *self.old[2]} if now[2].get(name) != self.old[2].get(name)]
        return f"neither the old nor the new: {', '.join(sorted(rows))[:200] or 'the schema differs'}"

    def _judge(self, code: int) -> list[str]:
        found = self.where()
        if code == 0 and found != "new":
            return [f"it told success, and in place is {found}"]
        if code in (2, 3, 4, 6, 8) and found != "old":
            return [f"it told failure, and in place is {found}"]
        if found not in ("old", "new") and (self.is_atomic or not self._is_told()):
            return [f"in place is {found}"]
        return []

    @property
    def is_atomic(self) -> bool:
        """Whether the engine promises that one sees the old or the new at any moment."""
        from lockgate.model.target import parse_target

        return load_engine(parse_target(self.world.url).engine).swap().is_atomic

    def _is_told(self) -> bool:
        """Where a swap has several steps, the journal says that one is under way."""
        return any(item["phase"] in ("swapping", "swapping_back", "confirming") for item in self.listed())

    def _go_on(self) -> list[str]:
        is_resumed = self.world.chance.random() < 0.5
        way = "--resume" if is_resumed else "--abort"
        done = self.world.call(*_arguments(self.world, way))
        wrong = [f"{way}: {text}" for text in oracle.check_words(done, (0,))]
        found = self.where()
        if found != ("new" if is_resumed else "old"):
            wrong.append(f"after {way} in place is {found}")
        left = [item["phase"] for item in self.listed() if item["phase"] not in AT_REST]
        return wrong + ([f"after {way} still {left}"] if left else [])

    def _again(self) -> list[str]:
        """What failed can simply be done again, and what it left is gone then."""
        done = self.world.call(*_arguments(self.world, "latest"))
        wrong = [f"again: {text}" for text in oracle.check_words(done, (0,))]
        if self.where() != "new":
            wrong.append(f"again: in place is {self.where()}")
        return wrong

    def _clean(self) -> list[str]:
        """Drop what restores kept, and take back what was newer than the backup."""
        world, wrong = self.world, []
        for item in self.listed():
            if item["phase"] in ("done", "undone"):
                done = world.call(*_arguments(world, "--drop-kept", item["id"])[:-1])
                wrong += [f"dropping the old one: {text}" for text in oracle.check_words(done, (0,))]
        if self.where() != "new":
            _take_back(world)
        if world.look() != world.before:
            wrong.append("the database could not be brought back to how it was")
        for path in list(world.temporary.iterdir()):
            remove(path)
        return wrong + _left_beside(world)


def _take_back(world: World) -> None:
    client = Client(world.url)
    for _, back in LATER:
        try:
            client.execute(back)
        except Failure:
            continue
    client.close()


def _left_beside(world: World) -> list[str]:
    """No database that a restore made is there besides."""
    if world.flavor == "sqlite":
        from pathlib import Path

        from lockgate.model.target import parse_target

        place = Path(parse_target(world.url).path)
        names = [path.name for path in place.parent.glob(f"{place.name}*") if path.name.endswith(("restore", "before"))]
        names += [path.name for path in place.parent.iterdir() if "__restore_" in path.name or "__before_" in path.name]
        return [f"left beside: {', '.join(names)}"] if names else []
    sql = "SELECT datname FROM pg_database" if world.flavor == "postgres" else "SHOW DATABASES"
    client = Client(world.url)
    found = [str(row[0]) for row in client.query(sql) if "__restore_" in str(row[0]) or "__before_" in str(row[0])]
    client.close()
    return [f"left beside: {', '.join(found)}"] if found else []


def run_restore(scene: Scene, *more: str, name: str = "latest", **options: Any) -> Running:
    """Begin a restore of a backup."""
    return scene.world.begin(*_arguments(scene.world, name), *more, **options)


def _ended(number: signal.Signals, codes: tuple[int, ...]) -> Callable[[World], Outcome]:
    def end(world: World) -> Outcome:
        scene = Scene(world)
        running = run_restore(scene)
        running.later(moment(world, world.restore_s), lambda: running.process.send_signal(number))
        done = world.finish(running)
        return scene.end(done, (0, *codes), done.code != 0)

    return end


def tool_killed(world: World) -> Outcome:
    """``kill -9`` of a program that loads."""
    scene = Scene(world)
    running = run_restore(scene)
    is_struck = strike_tool(running, world.chance, TOOLS, world.chance.choice((0.4, 0.1, 0.0)))
    done = world.finish(running)
    return scene.end(done, (0, *FAILED), is_struck and done.code != 0)


def tool_lies(world: World) -> Outcome:
    """The program that loads reads nothing and ends with 0, or fails at its end."""
    scene = Scene(world)
    folder = world.folder / "wrapped"
    if folder.exists():
        remove(folder)
    lie = Lie(world.chance.choice(("deaf", "late_exit", "rows")), calls=world.chance.choice((0, 1, 2)))
    done = world.finish(run_restore(scene, env=wrap(folder, world.flavor, lie, LOADS[world.flavor])))
    outcome = scene.end(done, (0, 3, *FAILED), done.code != 0)
    outcome.told = f"{lie.way} after {lie.calls}: {outcome.told}"
    return outcome


def no_room(world: World) -> Outcome:
    """No file may grow beyond a size."""
    scene = Scene(world)
    size = int(2 ** world.chance.uniform(9, 23))
    done = world.finish(run_restore(scene, prepare=limit_files(size)))
    return scene.end(done, (0, 3, *FAILED), done.code != 0)


def server_killed(world: World) -> Outcome:
    """``kill -9`` of the server at any moment, which is started again."""
    scene = Scene(world)
    running = run_restore(scene)
    pid = world.server.pid
    timer = running.later(moment(world, world.restore_s), lambda: kill_server(pid))
    done = world.finish(running)
    timer.cancel()
    timer.join()
    is_struck = world.server.process.poll() is not None
    start_server(world)
    return scene.end(done, (0, 3, *FAILED, 7), is_struck and done.code != 0)


def damaged(world: World) -> Outcome:
    """The backup is damaged or lies: it is refused, and the old database stays."""
    scene = Scene(world)
    name, damage = world.chance.choice([*BYTES.items(), *LIES.items()])
    folder = world.published()[0]
    told = damage(folder, world.chance)
    asked = "latest" if folder not in world.published() else str(folder)
    done = world.finish(run_restore(scene, name=asked))
    found = scene.where()
    wrong = oracle.check_words(done, (2, 3, 4, 6)) + oracle.check_left(world, scene.brood)
    if found != "old":
        wrong.append(f"a damaged backup was restored: in place is {found}")
    wrong += scene._clean()
    return Outcome(done.code, True, wrong, f"{name}: {told}: {told_of(done)}")


def held(world: World) -> Outcome:
    """Somebody holds the database with an open transaction, for ever or for a while."""
    scene = Scene(world)
    client = Client(world.url)
    client.execute("BEGIN")
    client.query("SELECT count(*) FROM orders")
    running = world.begin(*_arguments(world, "latest"), "--lock-wait", "2")
    time.sleep(world.chance.uniform(0, world.restore_s + 2))
    try:
        client.execute("COMMIT")
    except Failure:
        pass
    client.close()
    done = world.finish(running)
    return scene.end(done, (0, *FAILED, 8))


def two_restores(world: World) -> Outcome:
    """Two restores at once: one is told that another is at work, or they come one after the other."""
    scene = Scene(world)
    first = run_restore(scene)
    time.sleep(world.chance.uniform(0, world.restore_s))
    second = run_restore(scene)
    done, other = world.finish(first), world.finish(second)
    wrong = oracle.check_words(other, (0, *FAILED, 8))
    if done.code and other.code:
        wrong.append(f"neither succeeded: {done.err[-200:]} {other.err[-200:]}")
    outcome = scene.end(done if done.code == 0 else other, (0, *FAILED, 8))
    outcome.wrong += wrong
    return outcome


RESTORES = (
    Fault("restore killed", "restore", _ended(signal.SIGKILL, (KILLED,)), weight=10),
    Fault("restore interrupted", "restore", _ended(signal.SIGINT, (130, -2)), weight=2),
    Fault("restore terminated", "restore", _ended(signal.SIGTERM, (143, -15)), weight=2),
    Fault("load program killed", "restore", tool_killed, SERVERS, weight=5),
    Fault("load program lies", "restore", tool_lies, SERVERS, weight=3),
    Fault("restore without room", "restore", no_room, weight=4),
    Fault("server killed in a restore", "restore", server_killed, SERVERS, weight=5, needs_server=True),
    Fault("damaged backup restored", "restore", damaged, weight=8),
    Fault("database held", "restore", held, weight=2),
    Fault("two restores", "restore", two_restores, weight=2),
)
