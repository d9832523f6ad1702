"""Strike backups, proofs and restores with faults by the hundred on every engine, and count what did not hold.

``python -m tests.fault.backup_loop [--engine sqlite,postgres,mysql,mariadb] [--count 200] [--tally FILE]``
goes on where the tally's counts stand, so it may be ended and started again at any time. Only faults that came in time
are counted. ``--page`` writes the tally into the documentation.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fault.backup_kit.faults import faults_for
from tests.fault.backup_kit.home import Home
from tests.fault.backup_kit.outcome import ALL, Fault
from tests.fault.backup_kit.world import World
from tests.fault.backup_page import text_of, write_page
from tests.fault.kill_world import low_priority

TALLY = Path(__file__).parents[2] / "bench" / "results" / "backup_faults.json"
_PER_WORLD = 30


class Tally:
    """The counts, by engine and fault; kept in a file after every fault."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []

    def row(self, engine: str, version: str, fault: Fault) -> dict[str, Any]:
        """Return the counts of a cell."""
        key = {"engine": engine, "version": version, "verb": fault.verb, "fault": fault.name}
        for row in self.rows:
            if key.items() <= row.items():
                return row
        row = {**key, "faults": 0, "late": 0, "violations": 0, "codes": {}, "examples": [], "at": "", "commit": ""}
        self.rows.append(row)
        return row

    def faults(self, engine: str) -> int:
        """Return how many there were that came in time."""
        return sum(row["faults"] for row in self.rows if row["engine"] == engine)

    def save(self) -> None:
        """Write it whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(self.rows, indent=1) + "\n", encoding="utf-8")
        draft.replace(self.path)


def main() -> int:
    """Strike until the counts are reached; exit code 1 when something did not hold."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    # What a shell starts in its background ignores Ctrl-C, and so would all that we start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = _options()
    tally = Tally(Path(options.tally))
    if options.page:
        write_page(tally.rows)
        return 0
    low_priority()
    for engine in options.engine.split(","):
        home = Home(engine)
        try:
            _loop(home, tally, options)
        finally:
            home.close()
    sys.stdout.write(text_of(tally.rows))
    return 1 if any(row["violations"] for row in tally.rows) else 0


def _loop(home: Home, tally: Tally, options: argparse.Namespace) -> None:
    chance = random.Random(options.seed or time.time_ns())
    ends = time.monotonic() + options.minutes * 60
    names = options.faults.split(",") if options.faults else []
    faults = [f for f in faults_for(home.engine, home.server is not None) if not names or f.name in names]
    faults = [f for f in faults if f.weight or f.name in names]
    is_encrypted = False
    while tally.faults(home.engine) < options.count and time.monotonic() < ends:
        is_encrypted = not is_encrypted
        world = World(home.fresh(), home.engine, chance, is_encrypted, options.mb, home.server)
        try:
            for _ in range(_PER_WORLD):
                if tally.faults(home.engine) >= options.count or time.monotonic() > ends:
                    break
                if not _strike(world, _choose(tally, home, faults, chance), tally, home.version):
                    break
        finally:
            world.close()


def _choose(tally: Tally, home: Home, faults: list[Fault], chance: random.Random) -> Fault:
    """Return the fault that is the furthest behind its part."""

    def part(fault: Fault) -> tuple[float, float]:
        row = tally.row(home.engine, home.version, fault)
        return (row["faults"] + row["late"]) / max(1, fault.weight), chance.random()

    return min(faults, key=part)


def _strike(world: World, fault: Fault, tally: Tally, version: str) -> bool:
    """Strike once and count; False when this world is of no more use."""
    row = tally.row(world.flavor, version, fault)
    outcome = fault.run(world)
    row["at"], row["commit"] = datetime.now(UTC).isoformat(timespec="seconds"), _commit()
    row["faults" if outcome.is_struck else "late"] += 1
    row["codes"][str(outcome.code)] = row["codes"].get(str(outcome.code), 0) + 1
    if outcome.wrong:
        row["violations"] += 1
        sys.stderr.write(f"{world.flavor}: {fault.verb}: {fault.name}: {'; '.join(outcome.wrong)[:600]}\n")
        if len(row["examples"]) < 5:
            row["examples"].append({"wrong": [text[:800] for text in outcome.wrong], "told": outcome.told})
    tally.save()
    return not outcome.wrong


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.fault.backup_loop", description=__doc__)
    parser.add_argument("--engine", default=",".join(ALL))
    parser.add_argument("--count", type=int, default=200, help="faults for each engine")
    parser.add_argument("--faults", default="", help="only these, by name, with commas between")
    parser.add_argument("--mb", type=float, default=2.0, help="of an ERP's rows beside everything else")
    parser.add_argument("--minutes", type=float, default=600.0, help="for each engine")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tally", default=str(TALLY))
    parser.add_argument("--page", action="store_true", help="only write the page from the tally")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
