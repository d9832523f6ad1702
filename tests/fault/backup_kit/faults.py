"""The faults: each strikes one real command once and returns what then did not hold."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from tests.fault.backup_kit import oracle
from tests.fault.backup_kit.brood import Brood
from tests.fault.backup_kit.goes_on import GOES_ON
from tests.fault.backup_kit.lies import DUMPS, Lie, some_lie, wrap
from tests.fault.backup_kit.oracle import KILLED
from tests.fault.backup_kit.outcome import (
    ALL,
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
from tests.fault.backup_kit.proofs import PROOFS
from tests.fault.backup_kit.restores import RESTORES
from tests.fault.backup_kit.rights import LOST_IN_RESTORE, in_create
from tests.fault.backup_kit.world import World, limit_files
from tests.fault.kit.clients import Client, Failure
from tests.fault.kit.disk import SmallDisk, small_disk
from tests.fault.kit.program import Done

SERVERS = ALL[1:]
TOOLS = ("pg_dump", "mysqldump", "mariadb-dump", "mydumper", "zstd", "age", "gzip")


def _judge_create(world: World, done: Done, brood: Brood, allowed: tuple[int, ...], is_struck: bool = True) -> Outcome:
    """Look at everything after a backup that was disturbed."""
    wrong = oracle.check_words(done, allowed)
    new = [path for path in world.published() if path.name not in _before(world)]
    if done.code == 0 and not new:
        wrong.append("it told success and published nothing")
    # A signal may come between the publication and the end; then only the words could be wrong.
    if new and (done.code in FAILED or "nothing was published" in done.err):
        wrong.append(f"it told failure and published {new[0].name}")
    wrong += oracle.check_published(world)
    if done.code == KILLED:
        wrong += oracle.check_killed(world, brood)
        for path in list(world.temporary.iterdir()):
            remove(path)
    else:
        wrong += oracle.check_left(world, brood) + oracle.check_stage(world)
    wrong += oracle.check_database(world)
    if new and world.chance.random() < 0.3:
        wrong += oracle.check_restorable(world, new[0].name)
    wrong += oracle.check_next(world, is_restored=world.chance.random() < 0.2)
    return Outcome(done.code, is_struck, wrong, told_of(done))


def _before(world: World) -> set[str]:
    return {path.name for path in world.pristine.glob("*/b/*")}


# the command itself is killed or ended


def kill_us(world: World) -> Outcome:
    """``kill -9`` of the command at any moment."""
    world.fresh()
    brood = Brood()
    running = world.begin("backup", "create")
    running.later(moment(world, world.create_s), running.process.kill)
    done = world.finish(running)
    return _judge_create(world, done, brood, (0, KILLED), done.code == KILLED)


def _end_us(number: signal.Signals, codes: tuple[int, ...]) -> Callable[[World], Outcome]:
    def end(world: World) -> Outcome:
        world.fresh()
        brood = Brood()
        running = world.begin("backup", "create")
        running.later(moment(world, world.create_s), lambda: running.process.send_signal(number))
        done = world.finish(running)
        return _judge_create(world, done, brood, (0, *codes), done.code != 0)

    return end


def kill_tool(world: World) -> Outcome:
    """``kill -9`` of a dump program, or one of its workers, at any moment of its life."""
    world.fresh()
    brood = Brood()
    for longest in (0.4, 0.1, 0.0):
        running = world.begin("backup", "create")
        is_struck = strike_tool(running, world.chance, TOOLS, longest)
        done = world.finish(running)
        if is_struck and done.code:
            break
        world.fresh()
    return _judge_create(world, done, brood, (0, 6), is_struck)


# the disk is full


def files_limited(world: World) -> Outcome:
    """No file may grow beyond a size: a write fails as on a full disk."""
    world.fresh()
    size = world.chance.randrange(1, max(2, _biggest(world)))
    brood = Brood()
    done = world.finish(world.begin("backup", "create", prepare=limit_files(size)))
    return _judge_create(world, done, brood, (0, *FAILED), done.code != 0)


def disk_full(world: World) -> Outcome:
    """The repository is on a small file system that becomes full."""
    world.fresh()
    need = sum(path.stat().st_size for path in world.published()[0].rglob("*"))
    with small_disk(64) as disk:
        if not disk.is_mounted:
            return files_limited(world)
        repositories = world.repositories
        kept = repositories.rename(repositories.with_name("kept"))
        shutil.copytree(kept, disk.folder / "backups")
        repositories.symlink_to(disk.folder / "backups")
        is_late = world.chance.random() < 0.6
        if not is_late:
            disk.fill(world.chance.randrange(1, need))
        brood = Brood()
        try:
            running = world.begin("backup", "create")
            if is_late:
                # It looked for room when it began; now something else takes it all.
                timer = running.later(moment(world, world.create_s), lambda: _fill_whole(disk))
            done = world.finish(running)
            if is_late:
                timer.cancel()
                timer.join()
            disk.free()
            return _judge_create(world, done, brood, (0, *FAILED), done.code != 0)
        finally:
            repositories.unlink()
            kept.rename(repositories)


def _fill_whole(disk: SmallDisk) -> None:
    with suppress(OSError), (disk.folder / "ballast").open("ab", buffering=0) as ballast:
        while ballast.write(bytes(1 << 16)):
            pass


def _biggest(world: World) -> int:
    return max(path.stat().st_size for path in world.published()[0].rglob("*") if path.is_file())


# programs that lie


def tool_lies(world: World) -> Outcome:
    """The dump program ends with 0 after a part of its output, without its last line, with a changed digit, …"""
    return _with_lie(world, some_lie(world.chance))


def tool_hangs(world: World) -> Outcome:
    """The dump program stops in the middle and does not end."""
    return _with_lie(world, Lie("hang", at=world.chance.random()))


def _with_lie(world: World, lie: Lie) -> Outcome:
    world.fresh()
    folder = world.folder / "wrapped"
    if folder.exists():
        remove(folder)
    env = wrap(folder, world.flavor, lie, DUMPS[world.flavor])
    brood = Brood()
    # Only a test restore can know of a changed digit; all else must be known without one.
    proof = ("--verify", "schema") if lie.way == "flip" else ()
    done = world.call("backup", "create", *proof, env=env)
    if lie.way == "flip" and done.code == 3:
        return _judge_found(world, done, brood)
    # pg_dump's files are stored as they end: what is spoiled afterwards may be stored already, whole.
    is_late = world.flavor == "postgres" and lie.way in ("half", "no_trailer")
    allowed = (0, *FAILED) if lie.calls or is_late or lie.way in ("slow", "flip") else FAILED
    outcome = _judge_create(world, done, brood, allowed, done.code != 0)
    if done.code == 0:
        newest = world.published()[1 if len(world.published()) > 2 else 0]
        outcome.wrong += oracle.check_restorable(world, newest.name)
    outcome.told = f"{lie.way} at {lie.at}, after {lie.calls}: {outcome.told}"
    return outcome


def _judge_found(world: World, done: Done, brood: Brood) -> Outcome:
    """A backup was published, and found wrong at once: it is in quarantine."""
    wrong = oracle.check_words(done, (3,)) + oracle.check_published(world) + oracle.check_left(world, brood)
    if len(world.published()) != len(_before(world)):
        wrong.append("what does not hold stands among the published")
    return Outcome(done.code, True, wrong + oracle.check_database(world), told_of(done))


# the server, the schema, the clock


def server_killed(world: World) -> Outcome:
    """``kill -9`` of the server at any moment, which is started again."""
    world.fresh()
    brood = Brood()
    running = world.begin("backup", "create")
    pid = world.server.pid
    timer = running.later(moment(world, world.create_s), lambda: kill_server(pid))
    done = world.finish(running)
    timer.cancel()
    timer.join()
    is_struck = timer.finished.is_set() and world.server.process.poll() is not None
    start_server(world)
    return _judge_create(world, done, brood, (0, *FAILED), is_struck and done.code != 0)


DDL = (
    ("ALTER TABLE customers ADD COLUMN added integer DEFAULT 7", "ALTER TABLE customers DROP COLUMN added"),
    ("CREATE TABLE added (id integer)", "DROP TABLE added"),
    ("ALTER TABLE no_key RENAME TO no_key_any_more", "ALTER TABLE no_key_any_more RENAME TO no_key"),
    ("CREATE INDEX added ON orders (status)", "DROP INDEX added{on}"),
    ("CREATE VIEW added AS SELECT id FROM orders", "DROP VIEW added"),
)


def ddl(world: World) -> Outcome:
    """Somebody changes the schema at any moment, and back again a little later or only afterwards."""
    world.fresh()
    there, back = world.chance.choice(DDL)
    back = back.format(on=" ON orders" if world.flavor in ("mysql", "mariadb") else "")
    pause = world.chance.choice((0.0, 0.02, 0.1, world.create_s * 2))
    brood = Brood()
    running = world.begin("backup", "create")
    time.sleep(moment(world, world.create_s))
    is_over = running.is_over
    _change(world, there)
    time.sleep(pause)
    if pause < world.create_s:
        _change(world, back)
    done = world.finish(running)
    new = [path for path in world.published() if path.name not in _before(world)]
    wrong = [text for path in new for text in oracle.check_restorable(world, path.name)]
    if pause >= world.create_s:
        _change(world, back)
    outcome = _judge_create(world, done, brood, (0, *FAILED), not is_over)
    outcome.wrong += wrong
    return outcome


def _change(world: World, sql: str) -> None:
    """Run a statement as an application would: again when a lock is in its way."""
    end = time.monotonic() + 60
    while True:
        client = Client(world.url)
        try:
            client.execute(sql)
            return
        except Failure:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        finally:
            client.close()


def writes(world: World) -> Outcome:
    """Somebody moves stock from one row to another all the while, and takes it back; the backup is of one moment."""
    world.fresh()
    brood = Brood()
    running = world.begin("backup", "create", "--verify", "schema")
    moved = 0
    client = Client(world.url)
    while not running.is_over:
        step = 1 if moved == 0 else -1
        try:
            client.execute("BEGIN")
            client.execute(f"UPDATE orders SET total = total - {step} WHERE id = 1")
            client.execute(f"UPDATE orders SET total = total + {step} WHERE id = 2")
            client.execute("COMMIT")
            moved += step
        except Failure:
            client.close()
            client = Client(world.url)
        time.sleep(0.005)
    if moved:
        client.execute("UPDATE orders SET total = total + 1 WHERE id = 1")
        client.execute("UPDATE orders SET total = total - 1 WHERE id = 2")
    client.close()
    return _judge_create(world, world.finish(running), brood, (0, 6))


def wrong_clock(world: World) -> Outcome:
    """The clock is hours behind or ahead, for one run; the next one has the right time again."""
    world.fresh()
    skew = world.chance.choice((-86400 * 400, -7200, -400, -200, -1, 30, 200, 86400))
    brood = Brood()
    env = {"LOCKGATE_FAULT_CLOCK_S": str(skew)}
    module = "tests.fault.backup_kit.clocked"
    done = world.finish(world.begin("backup", "create", module=module, env=env))
    wrong = oracle.check_words(done, (0, *FAILED)) + oracle.check_published(world) + oracle.check_left(world, brood)
    wrong += _check_order(world)
    again = world.call("backup", "create")
    # A backup from the future is no reason to overwrite or to mix up: it is refused, or gets a later name.
    wrong += oracle.check_words(again, (0,) if skew < 0 else (0, *FAILED)) + _check_order(world)
    wrong += oracle.check_stage(world) + oracle.check_database(world)
    return Outcome(done.code, True, wrong, f"{skew} s: {told_of(done)}")


def _check_order(world: World) -> list[str]:
    """Names go up as sequences do, whatever the clock says."""
    names = [path.name for path in reversed(world.published())]
    return [] if names == sorted(names) else [f"the names are not in order: {names}"]


# two at once


def two_backups(world: World) -> Outcome:
    """Two backups at once: one is told that another is at work, or they come one after the other."""
    world.fresh()
    brood = Brood()
    first = world.begin("backup", "create")
    time.sleep(world.chance.uniform(0, world.create_s))
    second = world.begin("backup", "create")
    done, other = world.finish(first), world.finish(second)
    wrong = oracle.check_words(done, (0, 8)) + oracle.check_words(other, (0, 8))
    good = [item for item in (done, other) if item.code == 0]
    new = [path for path in world.published() if path.name not in _before(world)]
    if not good or len(new) != len(good):
        wrong.append(f"{len(good)} told success, {len(new)} were published")
    wrong += oracle.check_published(world) + oracle.check_left(world, brood) + oracle.check_stage(world)
    return Outcome(max(done.code, other.code), True, wrong, told_of(done) or told_of(other))


def beside_apply(world: World) -> Outcome:
    """A backup beside a schema change by Lockgate: one of them waits or is refused, both are whole."""
    world.fresh()
    (world.folder / "plan.json").unlink(missing_ok=True)
    desired = world.call("inspect", "--format", "sql")
    extra = "\nCREATE TABLE added_by_plan (id integer NOT NULL PRIMARY KEY);\n"
    (world.folder / "desired.sql").write_text(desired.out + extra, encoding="utf-8")
    planned = world.call("plan", "--desired", "desired.sql", "-o", "plan.json", "--allow", "all")
    if planned.code:
        return Outcome(planned.code, False, [], f"no plan: {told_of(planned)}")
    brood = Brood()
    first = world.begin("apply", "plan.json", "--yes")
    time.sleep(world.chance.uniform(0, 0.8))
    second = world.begin("backup", "create")
    applied, done = world.finish(first), world.finish(second)
    wrong = oracle.check_words(done, (0, *FAILED, 8)) + oracle.check_words(applied, (0, 6, 8))
    new = [path for path in world.published() if path.name not in _before(world)]
    wrong += oracle.check_published(world) + oracle.check_left(world, brood)
    wrong += [text for path in new for text in oracle.check_restorable(world, path.name)]
    if applied.code == 0:
        back = world.call("rollback", "--to", "start", "--yes")
        world.call("finalize", "latest", "--now", "--yes")
        if back.code:
            wrong.append(f"the change could not be taken back: {back.err[-300:]}")
        world.before = world.look()
    return Outcome(done.code, True, wrong, told_of(done))


CREATE = (
    Fault("killed", "create", kill_us, weight=8),
    Fault("interrupted", "create", _end_us(signal.SIGINT, (130, -2)), weight=2),
    Fault("terminated", "create", _end_us(signal.SIGTERM, (143, -15)), weight=2),
    Fault("dump program killed", "create", kill_tool, SERVERS, weight=8),
    Fault("files limited", "create", files_limited, weight=4),
    Fault("disk full", "create", disk_full, weight=3),
    Fault("dump program lies", "create", tool_lies, SERVERS, weight=8),
    Fault("dump program hangs", "create", tool_hangs, SERVERS, weight=0, is_slow=True),
    Fault("server killed", "create", server_killed, SERVERS, weight=5, needs_server=True),
    Fault("schema changed", "create", ddl, weight=6),
    Fault("rows written", "create", writes, weight=2),
    Fault("right lost", "create", in_create(_judge_create), weight=6),
    Fault("clock wrong", "create", wrong_clock, weight=3),
    Fault("two backups", "create", two_backups, weight=3),
    Fault("beside a schema change", "create", beside_apply, weight=2),
)
FAULTS = (*CREATE, *PROOFS, *((*RESTORES, *GOES_ON, *LOST_IN_RESTORE) if oracle.has_command("restore") else ()))


def faults_for(flavor: str, has_server: bool) -> Iterator[Fault]:
    """Yield the faults that can strike a kind of server."""
    for fault in FAULTS:
        if flavor in fault.engines and (has_server or not fault.needs_server):
            yield fault
