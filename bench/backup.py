"""Measure backups beside the usual scripts, all in the same run: time, bytes, memory, the way back, an increment.

``python -m bench.backup [--mb 1000] [--engine sqlite,postgres,mysql,mariadb] [--repeats 2]``
writes ``bench/results/backup.json`` (a measured engine and size replaces its older one), prints the table with the
goals; ``--page`` writes it into the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.backup_page import is_met, text_of, write_page
from bench.backup_usual import Usual, quickest
from bench.erp_data import change_scattered, fill
from bench.measure_tree import Measured, run_tree
from tests.fault.backup_kit.home import Home

RESULTS = Path(__file__).parent / "results" / "backup.json"
ROOT = Path(__file__).parents[1]
ALL = ("sqlite", "postgres", "mysql", "mariadb")
SETTINGS = {
    "postgres": (("shared_buffers", "256MB"), ("max_wal_size", "4GB")),
    "mysql": (("innodb_buffer_pool_size", "512M"), ("innodb_redo_log_capacity", "1G")),
    "mariadb": (("innodb_buffer_pool_size", "512M"), ("innodb_log_file_size", "512M")),
}


def main() -> int:
    """Measure, write the results and print the table; exit code 1 when a goal was missed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    options = _options()
    if options.page:
        write_page(_results())
        return 0
    for engine in options.engine.split(","):
        with (
            tempfile.TemporaryDirectory(prefix="lockgate-bench-", dir=options.place) as name,
            _database(engine, Path(name)) as (url, version),
        ):
            _say(f"{engine} {version}: making {options.mb:g} MB")
            rows = fill(url, engine, options.mb)
            row = _measure(Place(url, engine, Path(name)), options.repeats)
        row |= {"engine": engine, "version": version, "mb": options.mb, "rows": sum(rows.values())}
        _keep(row)
        _say(json.dumps(row))
    found = _results()
    sys.stdout.write(text_of(found))
    return 0 if is_met(found) else 1


@dataclass
class Place:
    """A filled database and the folder to work in."""

    url: str
    engine: str
    folder: Path

    def lockgate(self, *arguments: str) -> Measured:
        """Run a command of ours; it must succeed."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("LOCKGATE_")}
        env = {**kept, "PYTHONPATH": str(ROOT / "src"), "LOCKGATE_URL": self.url, "TMPDIR": str(self.folder)}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        env["PYTHONPYCACHEPREFIX"] = str(self.folder / "compiled")
        done = run_tree([sys.executable, "-m", "lockgate", *arguments], env, self.folder)
        assert done.code == 0, (arguments, done.code, done.err[-1500:], done.out[-1500:])
        return done


def _measure(place: Place, repeats: int) -> dict[str, Any]:
    """Return the figures of one database."""
    (place.folder / "lockgate.toml").write_text('[backup]\nfolder = "backups"\nlog = true\n', encoding="utf-8")
    usual = Usual(place.url, place.engine, place.folder)
    place.lockgate("backup", "create", "--kind", "schema")  # modules are compiled once, as an installed package's are
    theirs, ours, size = [], [], 0
    for _ in range(repeats):  # by turns, so that a slow minute is everybody's
        done, size = usual.back_up()
        assert done.code == 0, done.err[-500:]
        theirs.append(done)
        ours.append(place.lockgate("--format", "json", "backup", "create"))
    best = quickest(ours)
    told = json.loads(best.out)
    stored = sum(file["bytes"] for file in told["files"])
    _say(f"  usual {quickest(theirs).seconds:.1f} s, {size} bytes; lockgate {best.seconds:.1f} s, {stored} bytes")
    row: dict[str, Any] = {
        "usual_s": round(quickest(theirs).seconds, 2),
        "usual_bytes": size,
        "create_s": round(best.seconds, 2),
        "bytes": stored,
        "plain_bytes": sum(file["bytes_plain"] for file in told["files"]),
        "lock_held_ms": told.get("lock_held_ms", 0),
        "method": told["method"],
        "create_peak_bytes": max(run.peak_bytes for run in ours),
    }
    row |= _restores(place, usual, repeats) | _increment(place)
    return row


def _restores(place: Place, usual: Usual, repeats: int) -> dict[str, Any]:
    """Restore with the stock tools and with ours, each on a fresh private server, by turns."""
    usual.prepare_restore()
    theirs, ours, whole = [], [], []
    for _ in range(repeats):
        theirs.append(usual.restore())
        done = place.lockgate("--format", "json", "backup", "verify", "latest")
        ours.append(json.loads(done.out)["restore_s"])
        whole.append(done)
    _say(f"  restore: stock {min(theirs):.1f} s; lockgate {min(ours):.1f} s, proof {quickest(whole).seconds:.1f} s")
    return {
        "stock_restore_s": round(min(theirs), 2),
        "restore_s": round(min(ours), 2),
        "verify_s": round(quickest(whole).seconds, 2),
        "verify_peak_bytes": max(run.peak_bytes for run in whole),
    }


def _increment(place: Place) -> dict[str, Any]:
    """Change 1 % of the rows all over, and take what has changed since the full backup."""
    changed = change_scattered(place.url)
    done = place.lockgate("--format", "json", "backup", "create", "--kind", "auto")
    told = json.loads(done.out)
    stored = sum(file["bytes"] for file in told["files"])
    proof = json.loads(place.lockgate("--format", "json", "backup", "verify", told["id"]).out)
    _say(f"  increment: {changed} rows changed, {stored} bytes, {done.seconds:.1f} s, restored to {proof['level']}")
    return {
        "changed_rows": changed,
        "increment_bytes": stored,
        "increment_kind": told["kind"],
        "increment_s": round(done.seconds, 2),
        "increment_level": proof["level"],
    }


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Give the URL of an empty database on a durable server on disk, or of a file."""
    home = Home(engine, SETTINGS.get(engine, ()), str(folder.parent))
    try:
        yield home.fresh("erp"), home.version
    finally:
        home.close()


def _results() -> list[dict[str, Any]]:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []


def _keep(row: dict[str, Any]) -> None:
    """Put a row in the place of the older one of the same engine and size."""
    row |= {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
    }
    rows = [old for old in _results() if (old["engine"], old["mb"]) != (row["engine"], row["mb"])]
    RESULTS.parent.mkdir(exist_ok=True)
    rows = sorted([*rows, row], key=lambda item: (item["mb"], ALL.index(item["engine"])))
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.backup", description=__doc__)
    parser.add_argument("--engine", default=",".join(ALL))
    parser.add_argument("--mb", type=float, default=1000.0, help="megabytes of SQL")
    parser.add_argument("--repeats", type=int, default=2, help="the quickest counts")
    parser.add_argument("--place", default=None, help="the folder for everything (the usual temporary one)")
    parser.add_argument("--page", action="store_true", help="only write the page from the results")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
