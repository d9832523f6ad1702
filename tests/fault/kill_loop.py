"""Kill runs and servers by the hundred, over every operation there and back, and count what `recover` makes of it.

``python -m tests.fault.kill_loop [--engines …] [--runner 200] [--server 50] [--rows 8000] [--tally FILE]``
goes on where the tally's counts stand, so it may be ended and started again at any time. ``--page`` writes the tally
into the documentation.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.operations import ALL, BY_NAME, OPERATIONS, Operation
from tests.fault.kill_page import text_of, write_page
from tests.fault.kill_world import AFTER, BEFORE, Home, PlanRefused, World, low_priority

TALLY = Path(__file__).parents[2] / "bench" / "results" / "kills.json"
RUNNER, SERVER = "runner", "server"
_PER_WORLD = 12


def main() -> int:
    """Kill until the counts are reached; exit code 1 when something was torn or lost."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background
    options = _options()
    tally = Tally(Path(options.tally))
    if options.page:
        write_page(tally.rows)
        return 0
    low_priority()
    for engine in options.engines.split(","):
        home = Home(engine)
        try:
            _loop(home, tally, options)
        finally:
            home.close()
    sys.stdout.write(text_of(tally.rows))
    return 1 if any(row["torn"] or row["lost"] for row in tally.rows) else 0


class Tally:
    """The counts, by engine, operation, strategy and what was killed; kept in a file after every kill."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []

    def row(self, engine: str, version: str, operation: str, strategy: str, killed: str) -> dict[str, Any]:
        """Return the counts of a cell."""
        key = {"engine": engine, "version": version, "operation": operation, "strategy": strategy, "killed": killed}
        for row in self.rows:
            if key.items() <= row.items():
                return row
        counts = ("kills", "late", "undone", "finished", "ambiguous", "failed", "torn", "lost", "app_errors")
        row = {**key, **dict.fromkeys(counts, 0), "verbs": {}, "examples": [], "refused": "", "at": "", "commit": ""}
        self.rows.append(row)
        return row

    def kills(self, engine: str, killed: str) -> int:
        """Return how many there were."""
        return sum(row["kills"] for row in self.rows if row["engine"] == engine and row["killed"] == killed)

    def save(self) -> None:
        """Write it whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(self.rows, indent=1) + "\n", encoding="utf-8")
        draft.replace(self.path)


def _loop(home: Home, tally: Tally, options: argparse.Namespace) -> None:
    chance = random.Random(options.seed or time.time_ns())
    cells = _cells(home.engine, options)
    ends = time.monotonic() + options.minutes * 60
    while cells and time.monotonic() < ends:
        wanted = {RUNNER: options.runner, SERVER: options.server if home.server else 0}
        left = [killed for killed, count in wanted.items() if tally.kills(home.engine, killed) < count]
        if not left:
            return
        killed = chance.choice(left)
        name, strategy = min(
            cells, key=lambda cell: (tally.row(home.engine, home.version, *cell, killed)["kills"], chance.random())
        )
        row = tally.row(home.engine, home.version, name, strategy, killed)
        try:
            world = World(home, BY_NAME[name], strategy, options.rows, chance)
        except PlanRefused as error:
            row["refused"] = " ".join(str(error).split())[:400]
            cells.remove((name, strategy))
            tally.save()
            continue
        try:
            for _ in range(min(_PER_WORLD, wanted[killed])):
                if time.monotonic() > ends or not _kill_once(world, row, killed):
                    break
                tally.save()
        finally:
            tally.save()
            world.close()


def _cells(engine: str, options: argparse.Namespace) -> list[tuple[str, str]]:
    """Return every operation with every strategy that may be asked for."""
    names = options.operations.split(",") if options.operations else [o.name for o in OPERATIONS]
    return [
        (name, strategy)
        for name in names
        for strategy in _strategies(BY_NAME[name], options)
        if engine in BY_NAME[name].engines and not BY_NAME[name].held_s
    ]


def _strategies(operation: Operation, options: argparse.Namespace) -> Iterator[str]:
    for strategy in options.strategies.split(","):
        if strategy == "plain" or operation.needs_shadow:
            yield strategy


def _kill_once(world: World, row: dict[str, Any], killed: str) -> bool:
    """Kill once, recover, look; False when this database is of no more use."""
    verb = world.next_verb()
    done = world.strike(verb, is_server=killed == SERVER)
    world.revive()
    row["at"], row["commit"] = datetime.now(UTC).isoformat(timespec="seconds"), _commit()
    is_hit = done.code != 0
    row["kills" if is_hit else "late"] += 1
    if is_hit:
        row["verbs"][verb[0]] = row["verbs"].get(verb[0], 0) + 1
    ok = _recover(world, row, verb, done.code) if is_hit else True
    where, wrong = world.look()
    if wrong and ok:
        row["torn"] += 1
        _note(row, verb, "torn", "; ".join(wrong), done.err)
    lost = world.lost()
    if lost:
        row["lost"] += len(lost)
        _note(row, verb, "lost", "; ".join(lost[:5]), done.err)
    errors = world.errors()
    if errors:
        row["app_errors"] += sum(errors.values())
        samples = world.load.ledger().samples
        _note(row, verb, "application", json.dumps(errors), "; ".join(samples.values()))
    if not ok or wrong or lost or errors or verb[0] == "finalize":
        return False
    world.load.run()
    return where in (BEFORE, AFTER)


def _recover(world: World, row: dict[str, Any], verb: tuple[str, ...], code: int) -> bool:
    """Recover, and count how it ended; True when it ended well."""
    is_finish = world.chance.random() < 0.5
    done = world.recover(is_finish=is_finish)
    if done.code == 0:
        row["finished" if is_finish else "undone"] += 1
        return True
    is_named = done.code == 7 and "cause:" in done.err
    row["ambiguous" if is_named else "failed"] += 1
    _note(row, verb, "ambiguous" if is_named else f"recover: exit {done.code}", f"exit {code}", done.err)
    return False


def _note(row: dict[str, Any], verb: tuple[str, ...], kind: str, text: str, err: str) -> None:
    """Keep what happened, the first of each kind and a few more."""
    sys.stderr.write(f"{row['engine']} {row['operation']} {row['strategy']}: {verb[0]}: {kind}: {text[:300]}\n")
    if len(row["examples"]) < 8:
        row["examples"].append({"verb": verb[0], "kind": kind, "text": text[:1200], "err": err[-2500:]})


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.fault.kill_loop", description=__doc__)
    parser.add_argument("--engines", default=",".join(ALL))
    parser.add_argument("--operations", default="")
    parser.add_argument("--strategies", default="plain,online")
    parser.add_argument("--runner", type=int, default=200)
    parser.add_argument("--server", type=int, default=50)
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--minutes", type=float, default=600.0, help="for each engine")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tally", default=str(TALLY))
    parser.add_argument("--page", action="store_true", help="only write docs/reference/kills.md from the tally")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
