"""Faults by a right that is taken away in the middle: nothing that lacks a part is published, no restore is stuck."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lockgate.model.target import parse_target
from tests.fault.backup_kit import oracle
from tests.fault.backup_kit.brood import Brood
from tests.fault.backup_kit.outcome import FAILED, Fault, Outcome, moment
from tests.fault.backup_kit.restores import Scene, run_restore
from tests.fault.backup_kit.users import (
    User,
    backup_user,
    feel_modes,
    file_modes,
    make_user,
    owner,
    run,
    take_mode,
)
from tests.fault.backup_kit.world import Running, World
from tests.fault.kit.program import Done

_OWNED = "guarded"
_IN_DOUBT = 7
Give = Callable[[], None]
Judge = Callable[[World, Done, Brood, tuple[int, ...], bool], Outcome]


def in_create(judge: Judge) -> Callable[[World], Outcome]:
    """Return the fault that strikes a backup; ``judge`` looks at everything afterwards."""

    def run_it(world: World) -> Outcome:
        world.fresh()
        brood = Brood()
        if world.flavor == "sqlite":
            running, user = world.begin("backup", "create", prepare=feel_modes), None
        else:
            user = backup_user(world.flavor, parse_target(world.url).database)
            make_user(world.url, user)
            running = world.begin("backup", "create", env={"LOCKGATE_URL": user.url(world.url)})
        told, is_late, give = _strike(world, world.url, user, running, world.create_s)
        done = world.finish(running)
        give()
        before = {path.name for path in world.pristine.glob("*/b/*")}
        new = [path.name for path in world.published() if path.name not in before]
        # What a user may not see, a dump leaves out without a word: all that is published is restored and compared.
        wrong = [text for name in new for text in oracle.check_restorable(world, name)]
        outcome = judge(world, done, brood, (0, *FAILED), not is_late)
        outcome.wrong = wrong + outcome.wrong
        outcome.told = f"{told}: {outcome.told}"
        return outcome

    return run_it


def in_restore(world: World) -> Outcome:
    """A restore by the database's owner, who is not the superuser, or on a file whose modes are felt."""
    is_file = world.flavor == "sqlite"
    owned = world if is_file else _owned(world)
    user = None if is_file else owner(world.flavor, _OWNED)
    scene = Scene(owned)
    running = run_restore(scene, "--lock-wait", "3", prepare=feel_modes if is_file else None)
    told, is_late, give = _strike(owned, world.url, user, running, owned.restore_s)
    done = owned.finish(running)
    give()
    outcome = scene.end(done, (0, *FAILED, _IN_DOUBT), not is_late)
    outcome.told = f"{told}: {outcome.told}"
    return outcome


def _strike(world: World, url: str, user: User | None, running: Running, seconds: float) -> tuple[str, bool, Give]:
    """Take a right away at any moment, and give it back soon or only when the command is over.

    Returns what was taken, whether the command had ended before, and what gives it back.
    """
    chance = world.chance
    pause = chance.choice((0.05, 0.3, 0.0, 0.0, 0.0))
    time.sleep(moment(world, seconds))
    is_late = running.is_over
    if user is None:
        place, mode = chance.choice(file_modes(Path(parse_target(world.url).path)))
        give, told = take_mode(place, mode), f"{'folder' if place.is_dir() else 'file'} {mode:o}"
    else:
        told = chance.choice(user.take)
        run(url, told)
        give = lambda: user.restore_rights(url)  # noqa: E731
    if pause:
        time.sleep(pause)
        give()
        return f"{told}, for {pause} s", is_late, lambda: None
    return told, is_late, give


def _owned(world: World) -> World:
    """Return the world of a database that is its owner's own, on the same server, made when it is first needed."""
    if world.owned is None:
        user = owner(world.flavor, _OWNED)
        make_user(world.url, user)
        is_postgres = world.flavor == "postgres"
        run(world.url, f"DROP DATABASE IF EXISTS {_OWNED}{' WITH (FORCE)' if is_postgres else ''}")
        run(world.url, f"CREATE DATABASE {_OWNED}{f' OWNER {user.name} TEMPLATE template0' if is_postgres else ''}")
        if not is_postgres:
            # Who is not the superuser may make triggers beside a binary log with it (MySQL 8.4 manual, 27.8).
            run(world.url, "SET GLOBAL log_bin_trust_function_creators = ON")
        url = f"{user.url(world.url).rsplit('/', 1)[0]}/{_OWNED}"
        world.owned = World(url, world.flavor, world.chance, world.is_encrypted, 0.5, world.server, build=_build_some)
    return world.owned


def _build_some(url: str, flavor: str) -> None:
    """Make some of each kind of object that an owner can make: there are rights for each."""
    run(
        url,
        "CREATE TABLE part (id integer PRIMARY KEY, v integer)",
        "INSERT INTO part VALUES (1, 1), (2, 2)",
        "CREATE VIEW parts AS SELECT id, v FROM part",
        *_PROGRAMS["postgres" if flavor == "postgres" else "mysql"],
    )


_PROGRAMS = {
    "postgres": (
        "CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := NEW.v * 2; RETURN NEW; END'",
        "CREATE TRIGGER doubled BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION twice()",
    ),
    "mysql": (
        "CREATE TRIGGER doubled BEFORE INSERT ON part FOR EACH ROW SET NEW.v = NEW.v * 2",
        "CREATE PROCEDURE some() SELECT count(*) FROM part",
        "CREATE EVENT later ON SCHEDULE EVERY 1 DAY STARTS '2036-01-01 00:00:00' DO DELETE FROM part WHERE id < 0",
    ),
}
LOST_IN_RESTORE = (Fault("right lost in a restore", "restore", in_restore, weight=6),)
