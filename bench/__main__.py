"""Measure `lockgate drift` on databases of many tables, beside the floor and other tools, all in the same run.

``python -m bench [--engines sqlite,postgres,mysql,mariadb] [--tables 145,1000,5000] [--no-rivals]``
writes ``bench/results/<time>.json`` and ``bench/results/latest.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import Bench, open_bench
from bench.measure import Measured, run_measured
from bench.rivals import measure_rivals
from bench.table import markdown_table
from tests.servers import TestServers

RESULTS = Path(__file__).parent / "results"
LIMIT_S = 600.0
RIVAL_LIMIT_S = 60.0
RUNS = 3


def main() -> int:
    """Measure, write the results and print the table; exit code 1 when a goal was missed."""
    options = _options()
    rows: list[dict[str, object]] = []
    servers = TestServers()
    try:
        with tempfile.TemporaryDirectory(prefix="lockgate-bench-") as folder:
            for flavor in options.engines.split(","):
                for tables in map(int, options.tables.split(",")):
                    _say(f"{flavor}: building {tables} tables")
                    with open_bench(servers, flavor, tables, Path(folder)) as bench:
                        rows.append(_measure(bench, Path(folder), not options.no_rivals))
                        _say(json.dumps(rows[-1]))
    finally:
        servers.close()
    return _write(rows)


def _measure(bench: Bench, folder: Path, has_rivals: bool) -> dict[str, object]:
    """Return one row: seconds and bytes of everything on this database."""
    state = folder / f"state-{bench.flavor}-{bench.tables}"
    env = {**os.environ, "LOCKGATE_URL": bench.url, "LOCKGATE_STATE_DIR": str(state)}
    # Modules are compiled once, as those of an installed package are, wherever this runs from.
    env["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    floor = run_measured([sys.executable, "-m", "bench.floor", bench.url], env, LIMIT_S)
    assert floor is not None and floor.code == 0, floor
    snapshot = folder / f"{bench.flavor}-{bench.tables}.json"
    inspect = [sys.executable, "-m", "lockgate", "inspect", "--format", "json", "-o", str(snapshot)]
    run_measured(inspect, {**env, "LOCKGATE_URL": bench.desired_url}, LIMIT_S)
    row: dict[str, object] = {"engine": bench.flavor, "tables": bench.tables}
    row["floor_s"] = round(json.loads(floor.out.splitlines()[-1])["seconds"], 3)
    row["cold"] = _drift(str(bench.files), env)
    row["cached"] = _drift(str(bench.files), env, RUNS)
    row["snapshot"] = _drift(f"snapshot:{snapshot}", env, RUNS)
    return {**row, **measure_rivals(bench, RIVAL_LIMIT_S)} if has_rivals else row


def _drift(desired: str, env: dict[str, str], runs: int = 1) -> dict[str, object]:
    """Return the quickest of some runs."""
    command = [sys.executable, "-m", "lockgate", "drift", "--desired", desired, "--format", "json", "-q"]
    quickest: Measured | None = None
    for _ in range(runs):
        done = run_measured(command, env, LIMIT_S)
        if done is None or done.code not in (0, 3):
            return {"error": "not done in time" if done is None else f"exit {done.code}: {done.out[-300:]}"}
        quickest = done if quickest is None or done.seconds < quickest.seconds else quickest
    assert quickest is not None
    done = quickest
    report = json.loads(done.out)
    return {
        "seconds": round(done.seconds, 3),
        "cpu_s": round(done.cpu_s, 3),
        "peak_bytes": done.peak_bytes,
        "status": report["status"],
        "differences": len(report["changes"]),
    }


def _write(rows: list[dict[str, object]]) -> int:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    document = {"format_version": 1, "at": now.isoformat(timespec="seconds"), **machine, "rows": rows}
    (RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    text, is_met = markdown_table(rows)
    (RESULTS / "latest.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if is_met else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--engines", default="sqlite,postgres,mysql,mariadb")
    parser.add_argument("--tables", default="145,1000,5000")
    parser.add_argument("--no-rivals", action="store_true")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
