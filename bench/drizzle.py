"""Measure reading a Drizzle project of more than 10,000 lines, beside `drizzle-kit export` where that is installed.

``python -m bench.drizzle``; drizzle-kit is found by ``LOCKGATE_DRIZZLE_KIT`` or in the cache of `tools.drizzle_kit`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bench.measure import Measured, run_measured
from tests.drizzle.generate import write_project

TABLES = 145 * 4
GOAL_S = 2.0
RUNS = 5
LIMIT_S = 300.0
_READ = (
    "import sys, time; from lockgate.engine import load_engine; from lockgate.model.server import Server;"
    " from lockgate.source.declaration import SourceContext; from lockgate.source.drizzle import read_drizzle;"
    " e = load_engine('mysql'); s = Server(engine=e.name, flavor=e.name, version=(8,), version_text='');"
    " t = time.perf_counter(); d = read_drizzle(sys.argv[1], SourceContext(e, s)); assert not d.unread;"
    " print(time.perf_counter() - t)"
)


def main() -> int:
    """Measure and print; exit code 1 when the goal was missed."""
    with tempfile.TemporaryDirectory() as folder:
        project = write_project(Path(folder), "mysql", TABLES)
        lines = sum(len(path.read_text().splitlines()) for path in project.rglob("*.ts"))
        runs = [_run([sys.executable, "-c", _READ, str(project)]) for _ in range(RUNS)]
        read = min(float(run.out) for run in runs)
        whole = min(run.seconds for run in runs)
        _say(f"{lines:,} lines, {TABLES} tables: read in {read:.2f} s (best of {RUNS})")
        _say(f"with the start of Python: {whole:.2f} s")
        kit = _find_kit()
        if kit is None:
            _say("drizzle-kit is not installed: no ratio")
        else:
            (project / "node_modules").symlink_to(kit / "node_modules")
            command = ["sh", "-c", f"cd {project} && node_modules/.bin/drizzle-kit export --config=drizzle.config.ts"]
            export = min(_run(command).seconds for _ in range(3))
            _say(f"drizzle-kit export: {export:.2f} s; ratio {export / whole:.1f}")
    return 0 if read < GOAL_S else 1


def _find_kit() -> Path | None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lockgate" / "drizzle-kit"
    folder = Path(os.environ.get("LOCKGATE_DRIZZLE_KIT", cache))
    return folder if (folder / "node_modules" / ".bin" / "drizzle-kit").exists() else None


def _run(command: list[str]) -> Measured:
    run = run_measured(command, dict(os.environ), LIMIT_S)
    assert run is not None and run.code == 0, run
    return run


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
