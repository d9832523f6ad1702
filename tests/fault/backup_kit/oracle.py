"""What must hold after a fault, looked at from outside: files, database, processes, sessions, words."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from lockgate.errors import LockgateError
from lockgate.model.backup import decode_manifest
from tests.fault.backup_kit.brood import Brood
from tests.fault.backup_kit.lies import CANARY_ROW
from tests.fault.backup_kit.world import World
from tests.fault.kit.clients import Client, Failure
from tests.fault.kit.program import Done

KILLED = -9
LABELS = ("error:", "where:", "cause:", "state:", "next:")


def check_words(done: Done, allowed: tuple[int, ...]) -> list[str]:
    """A finished command told a code that is allowed, and an error in five parts; never a traceback or a row."""
    wrong = []
    if done.code not in allowed:
        wrong.append(f"exit code {done.code}, allowed {allowed}: {done.err[-300:]}")
    if "Traceback" in done.err or "Traceback" in done.out:
        wrong.append(f"a traceback: {(done.err or done.out)[-400:]}")
    if CANARY_ROW in done.err + done.out:
        wrong.append("rows of the database were printed")
    if done.code not in (0, 3, KILLED, *_SIGNALS):
        missing = [label for label in LABELS if label not in done.err]
        if missing:
            wrong.append(f"the error lacks {', '.join(missing)}: {done.err[-300:]}")
    return wrong


_SIGNALS = (130, 143, -2, -15)


def check_published(world: World) -> list[str]:
    """Every published folder has a sealed manifest, SHA256SUMS that hold, and exactly the files that it names."""
    return [f"{folder.name}: {problem}" for folder in world.published() for problem in problems_of(folder)]


def problems_of(folder: Path) -> list[str]:
    """Look at one published backup without asking the program under test."""
    try:
        data = (folder / "manifest.json").read_bytes()
        manifest = decode_manifest(data, str(folder))
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    except (OSError, LockgateError) as error:
        return [f"cannot be read: {error}"]
    wrong = []
    sums = {line[66:]: line[:64] for line in lines}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if set(sums) | {"SHA256SUMS"} != found:
        wrong.append(f"files are not those of SHA256SUMS: {sorted(found ^ (set(sums) | {'SHA256SUMS'}))[:5]}")
    for name in set(sums) & found:
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != sums[name]:
            wrong.append(f"{name} is not what SHA256SUMS says")
    for file in manifest.files:
        if (folder / file.path).is_file() and (folder / file.path).stat().st_size != file.bytes:
            wrong.append(f"{file.path} has not the manifest's size")
        if sums.get(file.path) != file.sha256:
            wrong.append(f"{file.path}: manifest and SHA256SUMS differ")
    return wrong


def check_stage(world: World) -> list[str]:
    """Nothing half-written is left."""
    stage = world.repository / ".stage"
    left = [path.name for path in stage.iterdir()] if stage.is_dir() else []
    return [f"left in .stage: {', '.join(left)}"] if left else []


def check_database(world: World) -> list[str]:
    """The database is as it was: fingerprint, the server's own dump, a sum of each table's rows."""
    now = world.look()
    if now == world.before:
        return []
    rows = [name for name in now[2] if now[2][name] != world.before[2].get(name)]
    return [f"the database changed: {', '.join(rows) or 'its schema'}"]


def check_left(world: World, brood: Brood, within_s: float = 15.0) -> list[str]:
    """No process of ours runs, no file of ours is in the temporary folder, no session of ours on the server."""
    wrong = [f"still running: {item}" for item in brood.left(within_s)]
    wrong += [f"left in the temporary folder: {path.name}" for path in world.temporary.iterdir()]
    return wrong + sessions(world)


def check_killed(world: World, brood: Brood) -> list[str]:
    """As `check_left`, after ``kill -9``: files may be left there, as nobody could remove them, but no secret."""
    wrong = [f"still running: {item}" for item in brood.left()]
    for path in world.temporary.rglob("*"):
        if path.is_file() and holds_secret(world, path.read_bytes()):
            wrong.append(f"a secret was left in {path.name}")
    return wrong + sessions(world)


def holds_secret(world: World, data: bytes) -> bool:
    """Tell whether the database's password or a private key is in some bytes."""
    from lockgate.model.target import parse_target

    password = parse_target(world.url).password or ""
    return b"AGE-SECRET-KEY-" in data or (bool(password) and password.encode() in data)


def sessions(world: World) -> list[str]:
    """Return what other sessions the database has."""
    if world.flavor == "sqlite":
        return []
    import time

    sql = {
        "postgres": "SELECT application_name, state, left(query, 80) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    }.get(
        world.flavor,
        "SELECT user, command, left(info, 80) FROM information_schema.processlist"
        " WHERE db = database() AND id <> connection_id()",
    )
    end = time.monotonic() + 10
    while True:
        try:
            client = Client(world.url)
            found = client.query(sql)
            client.close()
        except Failure as error:
            return [f"the server does not answer: {error}"]
        if not found or time.monotonic() > end:
            return [f"a session is left: {row}" for row in found]
        time.sleep(0.1)


def check_next(world: World, is_restored: bool) -> list[str]:
    """The next backup succeeds, clears what was left, and holds; some are restored, to all that they claim."""
    arguments = ("backup", "create", *(("--verify", "schema") if is_restored else ()))
    done = world.call(*arguments)
    wrong = [f"the next backup: {text}" for text in check_words(done, (0,))]
    return wrong + check_stage(world) + check_published(world)


def check_restorable(world: World, name: str) -> list[str]:
    """A published backup passes all levels."""
    done = world.call("backup", "verify", name, "--level", "schema")
    return [f"{name} was published and does not hold: {done.out[-300:]}{done.err[-300:]}"] if done.code else []


def has_command(*names: str) -> bool:
    """Tell whether this version has a command, such as ``backup status``."""
    from lockgate.cli.app import COMMANDS
    from lockgate.cli.cmd_backup import PARTS

    return names[-1] in (PARTS if names[0] == "backup" and len(names) > 1 else COMMANDS)


def check_status(world: World, is_healthy: bool | None) -> list[str]:
    """``backup status`` does not call healthy what cannot be restored. ``is_healthy`` None: either is right."""
    if not has_command("backup", "status"):
        return []
    done = world.call("--format", "json", "backup", "status")
    wrong = [f"status: {text}" for text in check_words(done, (0, 3))]
    if is_healthy is not None and (done.code == 0) != is_healthy:
        wrong.append(f"status says {'healthy' if done.code == 0 else 'unhealthy'}: {_short(done.out)}")
    return wrong


def _short(text: str) -> str:
    try:
        told: Any = json.loads(text)
        return json.dumps(told)[:400]
    except ValueError:
        return text[:400]
