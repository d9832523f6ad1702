"""Time the whole six-phase procedure, unattended, on the demonstration's ERP of 145 tables.

``python -m bench.runbook [--engine sqlite,postgres,mysql] [--keep FOLDER]`` makes the older copy of the ERP, writes the
starter runbook, runs it to its end with a real backup, rehearsal, three stages, monitors and report, and prints the
seconds of each phase. Goals: 180 s on a server, 30 s on SQLite. Exit code 1 when one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lockgate.demo.age import age_erp
from lockgate.demo.database import fill_database
from lockgate.demo.dialect import DIALECTS
from lockgate.demo.erp import build_erp
from lockgate.demo.write_sql import erp_files
from lockgate.engine import load_engine
from lockgate.model.target import parse_target
from tests.fault.backup_kit.home import Home

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "runbook.json"
BAKE = "5s"
GOALS_S = {"sqlite": 30.0, "postgres": 180.0, "mysql": 180.0, "mariadb": 180.0}


def main() -> int:
    """Run it on each engine and print a line each."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="sqlite,postgres,mysql,mariadb")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    found = []
    for engine in options.engine.split(","):
        with tempfile.TemporaryDirectory(prefix="lockgate-runbook-") as name, _database(engine) as url:
            place = options.keep / engine if options.keep else Path(name)
            found.append(run_procedure(url, engine, place))
            sys.stdout.write(json.dumps(found[-1]) + "\n")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0 if all(row["is_complete"] and row["seconds"] <= row["goal_s"] for row in found) else 1


def run_procedure(url: str, engine: str, folder: Path) -> dict[str, Any]:
    """Make the ERP and run the starter runbook on it; return what was measured."""
    folder.mkdir(parents=True, exist_ok=True)
    _make_project(url, folder)
    watch = "database" if engine == "sqlite" else "server"
    new = _lockgate(folder, url, "runbook", "new", "--template", "staged-sync", "--watch", watch, "-o", "runbook.yaml")
    assert new.returncode == 0, new.stderr
    started = time.monotonic()
    done = _lockgate(folder, url, "runbook", "run", "runbook.yaml", "--yes", "--bake", BAKE)
    seconds = time.monotonic() - started
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
    return {
        "engine": engine,
        "seconds": round(seconds, 1),
        "goal_s": GOALS_S[engine],
        "exit_code": done.returncode,
        "is_complete": done.returncode == 0,
        "told": done.stdout.strip().splitlines()[-12:],
    }


def _make_project(url: str, folder: Path) -> None:
    """Write the desired schema and the configuration, and fill the database with the older copy."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    dialect, erp = DIALECTS[engine.name], build_erp()
    (folder / "schema").mkdir(exist_ok=True)
    for file, text in erp_files(erp, dialect).items():
        (folder / "schema" / file).write_text(text, encoding="utf-8")
    fill_database(engine, target, age_erp(erp, dialect), dialect)
    (folder / "lockgate.toml").write_text(
        'target = "erp"\n[targets.erp]\nurl = "${env:ERP_URL}"\ndesired = "schema"\n', encoding="utf-8"
    )
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    who = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org")
    subprocess.run(["git", *who, "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "-qm", "The ERP's schema"], cwd=folder, check=True)


def _lockgate(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ERP_URL": url, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "lockgate", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def _database(engine: str) -> Iterator[str]:
    home = Home(engine)
    try:
        yield home.fresh("erp")
    finally:
        home.close()


if __name__ == "__main__":
    sys.exit(main())
