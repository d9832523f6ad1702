"""Faults in proofs: backups that are damaged or lie, keys that do not fit, and a proof that is itself disturbed."""

from __future__ import annotations

import signal
from collections.abc import Callable

from tests.fault.backup_kit import oracle
from tests.fault.backup_kit.brood import Brood
from tests.fault.backup_kit.damage import BYTES, LIES, Damage
from tests.fault.backup_kit.oracle import KILLED
from tests.fault.backup_kit.outcome import FAILED, Fault, Outcome, remove, told_of
from tests.fault.backup_kit.world import World, limit_files

# damage


def _damaged(name: str, damage: Damage, is_lie: bool) -> Callable[[World], Outcome]:
    def run(world: World) -> Outcome:
        world.fresh()
        folder = world.published()[0]
        told = damage(folder, world.chance)
        level = world.chance.choice(("rows", "schema") if is_lie else ("checksum", "checksum", "readable", "schema"))
        level = "schema" if "schema" in name else level
        brood = Brood()
        # Under its new name it is none of the published; given by its path it would be taken for what it is.
        asked = "latest" if folder not in world.published() else str(folder)
        done = world.call("backup", "verify", asked, "--level", level)
        wrong = oracle.check_words(done, (2, 3, 4))
        wrong += oracle.check_status(world, is_healthy=False)
        wrong += _check_not_trusted(world) + oracle.check_left(world, brood) + oracle.check_database(world)
        return Outcome(done.code, True, wrong, f"{told}; {level}: {told_of(done) or done.out[:200]}")

    return run


def _check_not_trusted(world: World) -> list[str]:
    """What was found damaged is not offered as verified; that no restore takes it is a fault of restores."""
    wrong = []
    for item in world.listed()["backups"]:
        if item["verifications"] and not item["verifications"][-1]["problem"]:
            wrong.append(f"{item['id']} is still listed as good")
    done = world.call("backup", "show", "verified")
    if done.code == 0:
        wrong.append("there is still a verified backup")
    return wrong


# keys


def wrong_key(world: World) -> Outcome:
    """Another key, none, an empty file, a key file that is no key: nothing is known then, and nothing is condemned."""
    from pyrage import x25519

    if not world.key:
        return Outcome(0, False)
    world.fresh()
    way = world.chance.choice(("other", "none", "empty", "text", "public", "rotated"))
    place = world.folder / "other.txt"
    texts = {
        "other": f"{x25519.Identity.generate()}\n",
        "empty": "",
        "text": "no key at all\n",
        "public": world.key + "\n",
        "rotated": f"{x25519.Identity.generate()}\n" + (world.folder / "key.txt").read_text(),
    }
    place.write_text(texts.get(way, ""), encoding="utf-8")
    place.unlink() if way == "none" else place.chmod(0o600)
    brood = Brood()
    done = world.call("backup", "verify", "latest", "--identity", "other.txt")
    wrong = oracle.check_words(done, (0,) if way == "rotated" else (2,))
    wrong += oracle.check_left(world, brood) + oracle.check_published(world)
    if len(world.published()) != 1:
        wrong.append("a good backup was condemned for want of a key")
    wrong += _check_no_plain(world)
    return Outcome(done.code, True, wrong, f"{way}: {told_of(done)}")


def _check_no_plain(world: World) -> list[str]:
    """No plain text of an encrypted backup is left on the disk."""
    found = [p for top in (world.temporary, world.repositories) for p in top.rglob("*") if p.is_file()]
    return [f"plain text in {path.name}" for path in found if b"O'Hara; DROP TABLE" in path.read_bytes()]


# the proof itself is disturbed: a good backup must not be condemned for it


def _verify_disturbed(number: signal.Signals | None) -> Callable[[World], Outcome]:
    def run(world: World) -> Outcome:
        world.fresh()
        brood = Brood()
        limit = limit_files(world.chance.randrange(1, 400_000)) if number is None else None
        running = world.begin("backup", "verify", "latest", prepare=limit)
        if number is not None:
            moment = world.chance.uniform(0.05, world.verify_s)
            running.later(moment, lambda: running.process.send_signal(number))
        done = world.finish(running)
        codes = {None: (0, 3, *FAILED), signal.SIGKILL: (0, KILLED), signal.SIGTERM: (0, 143, -15)}[number]
        wrong = oracle.check_words(done, codes) + oracle.check_published(world)
        wrong += oracle.check_killed(world, brood) if done.code == KILLED else oracle.check_left(world, brood)
        for path in list(world.temporary.iterdir()):
            remove(path)
        if len(world.published()) != 1:
            wrong.append("a good backup was condemned because its proof was disturbed")
        again = world.call("backup", "verify", "latest")
        wrong += [f"the next proof: {text}" for text in oracle.check_words(again, (0,))]
        return Outcome(done.code, done.code != 0, wrong + oracle.check_database(world), told_of(done))

    return run


PROOFS = (
    *(Fault(name, "verify", _damaged(name, damage, False), weight=2) for name, damage in BYTES.items()),
    *(Fault(name, "verify", _damaged(name, damage, True), weight=2) for name, damage in LIES.items()),
    Fault("key wrong", "verify", wrong_key, weight=3),
    Fault("proof killed", "verify", _verify_disturbed(signal.SIGKILL), weight=3),
    Fault("proof terminated", "verify", _verify_disturbed(signal.SIGTERM), weight=2),
    Fault("proof without room", "verify", _verify_disturbed(None), weight=2),
)
