"""Faults in restores by those who use the database meanwhile: an application that does not stop writing."""

from __future__ import annotations

from lockgate.engine import load_engine
from lockgate.model.target import parse_target
from tests.fault.backup_kit.app import App, is_old_in
from tests.fault.backup_kit.outcome import FAILED, Fault, Outcome
from tests.fault.backup_kit.restores import Scene, run_restore
from tests.fault.backup_kit.world import World
from tests.fault.kit.clients import Client
from tests.fault.kit.program import Done
from tests.loop import picture, session_in

_LIMIT_S = 150.0
_LOCK_WAIT_S = "3"


def app_goes_on(world: World) -> Outcome:
    """Nobody stops the application: it writes before, while and after the backup is loaded, compared and swapped in."""
    scene = Scene(world)
    app = App(world.url, world.chance)
    try:
        done = world.finish(run_restore(scene, "--lock-wait", _LOCK_WAIT_S), _LIMIT_S)
        goes_on = app.wait_for_writes(done.end)
    finally:
        app.stop()
    wrong = [] if goes_on else [f"nobody can write any more: {app.writers[0].failures[-1:]}"]
    wrong += _judge(scene, app, done)
    outcome = scene.end(done, (0, *FAILED, 8))
    outcome.wrong = wrong + outcome.wrong
    outcome.told = f"{app.ways}: {outcome.told}"
    return outcome


def _judge(scene: Scene, app: App, done: Done) -> list[str]:
    """Everything that was acknowledged is in the database it was written to, and that one is there."""
    world = scene.world
    client = Client(world.url)
    is_old = is_old_in(client)
    wrong = app.judge(client, is_old)
    app.take_back(client)
    client.close()
    if is_old:
        return wrong + _judge_side(scene, app)
    if done.code == 0:
        wrong += _judge_kept(scene, app)
    return wrong


def _judge_side(scene: Scene, app: App) -> list[str]:
    """What was written to the new database before the old one was swapped in again is kept beside it."""
    told = app.told(is_old=False)
    if not told:
        return []
    item = scene.listed()[0]
    if item["phase"] != "undone":
        return [f"{len(told)} acknowledged writes went away with the new database"]
    client = Client(_url_of(scene.world.url, item["side"]))
    try:
        return app.judge(client, is_old=False)
    finally:
        client.close()


def _judge_kept(scene: Scene, app: App) -> list[str]:
    """The kept database holds all that was written before the swap; without it, it is the old one row by row."""
    target = parse_target(scene.world.url)
    engine = load_engine(target.engine)
    name = scene.listed()[0]["kept"]
    place = engine.swap().place(target, name)
    client = Client(_url_of(scene.world.url, place.path or place.database))
    try:
        wrong = app.judge(client, is_old=True)
        app.take_back(client)
    finally:
        client.close()
    with session_in(engine, place):
        rows = picture(engine, place)[2]
    differ = sorted(key for key in {*rows, *scene.old[2]} if rows.get(key) != scene.old[2].get(key))
    return wrong + ([f"the kept database is not the old one: {', '.join(differ)[:200]}"] if differ else [])


def _url_of(url: str, name: str) -> str:
    """Return the URL of another database of the same server, or of another file."""
    if url.startswith("sqlite"):
        return f"sqlite:///{name}"
    return f"{url.rsplit('/', 1)[0]}/{name}"


GOES_ON = (Fault("application goes on", "restore", app_goes_on, weight=6),)
