"""Measure how long writers stand still while a table is changed: by Lockgate, plain DDL and pt-online-schema-change.

``python -m bench.stall [--engines …] [--operations …] [--rows 1000000] [--repeats 1] [--pt-osc PROGRAM]``
writes ``bench/results/stalls.json`` (a measured pair of operation and engine replaces its older one) and prints the
table; ``--page`` writes it into the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.operations import ALL, BY_NAME, OPERATIONS, Operation
from bench.stall_methods import Outcome, Scene, run_lockgate, run_plain, run_pt_osc
from bench.stall_page import text_of, write_page
from tests.fault.durable import make_durable
from tests.fault.kit.clients import Client
from tests.fault.kit.load import under_load
from tests.fault.kit.shape import build

RESULTS = Path(__file__).parent / "results" / "stalls.json"
_INNODB = (("innodb_buffer_pool_size", "1G"), ("innodb_log_file_size", "512M"))
_MYSQL = (("innodb_buffer_pool_size", "1G"), ("innodb_redo_log_capacity", "1G"))
SETTINGS = {
    "postgres": (("shared_buffers", "1GB"), ("max_wal_size", "4GB"), ("checkpoint_timeout", "15min")),
    "mysql": _MYSQL,
    "mariadb": _INNODB,
}


def main() -> int:
    """Measure what was asked for."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    options = _options()
    if options.page:
        write_page(json.loads(RESULTS.read_text(encoding="utf-8")))
        return 0
    with tempfile.TemporaryDirectory(prefix="lockgate-stall-") as folder:
        for engine in options.engines.split(","):
            chosen = [BY_NAME[name] for name in options.operations.split(",")]
            with _server(engine, Path(folder)) as (maker, version):
                for operation in chosen:
                    if engine in operation.engines:
                        for number in range(options.repeats):
                            _keep(_measure(maker, engine, version, operation, Path(folder), options), number)
    sys.stdout.write(text_of(json.loads(RESULTS.read_text(encoding="utf-8"))))
    return 0


class Maker:
    """Makes empty databases on a server, or as files."""

    def __init__(self, engine: str, folder: Path, base_url: str, urls: object) -> None:
        self.engine, self.folder, self.base_url, self._urls = engine, folder, base_url, urls

    def fresh(self) -> str:
        """Return the URL of an empty database, in place of the one before."""
        if self.engine == "sqlite":
            for file in self.folder.glob("stall.db*"):
                file.unlink()
            file = self.folder / "stall.db"
            file.touch()
            client = Client(f"sqlite:///{file}")
            client.query("PRAGMA journal_mode = WAL")
            client.close()
            return f"sqlite:///{file}"
        client = Client(self.base_url)
        client.execute("DROP DATABASE IF EXISTS stall" + (" WITH (FORCE)" if self.engine == "postgres" else ""))
        client.execute("CREATE DATABASE stall")
        client.close()
        return str(self._urls("stall"))  # type: ignore[operator]


@contextmanager
def _server(engine: str, folder: Path) -> Iterator[tuple[Maker, str]]:
    """Give a server of our own on disk with durable settings and room in memory, and its version."""
    if engine == "sqlite":
        import sqlite3

        yield Maker(engine, folder, "", None), sqlite3.sqlite_version
        return
    server = make_durable(engine, SETTINGS[engine])
    try:
        yield Maker(engine, folder, server.url(), server.url), server.binary.version_text
    finally:
        server.close()


def _measure(
    maker: Maker, engine: str, version: str, operation: Operation, folder: Path, options: argparse.Namespace
) -> dict[str, object]:
    _say(f"{engine}: {operation.title}: {options.rows} rows")
    url = maker.fresh()
    shape = operation.shape()
    client = Client(url)
    build(client, shape, options.rows)
    if engine == "postgres":
        client.execute("VACUUM ANALYZE t")
        client.execute("CHECKPOINT")
    client.close()
    place = Path(tempfile.mkdtemp(dir=folder))
    outcomes: list[Outcome] = []
    with under_load(url, shape, options.rows, place / "load", also=operation.also) as load:
        scene = Scene(url, engine, operation, load, place, options.control)
        if "plain" in options.methods:
            outcomes.append(run_plain(scene))
        if "pt-osc" in options.methods and engine in ("mysql", "mariadb") and operation.pt:
            outcomes.append(run_pt_osc(scene, options.pt_osc))
        if "lockgate" in options.methods:
            strategy = options.strategy or ("online" if operation.needs_shadow else "")
            try:
                outcomes.append(run_lockgate(scene, strategy, options.pace))
            except Exception as error:  # noqa: BLE001 - one row that fails must not end the table
                outcomes.append(Outcome("Lockgate", "failed", f"{error!r}: {traceback.format_exc()[-500:]}"))
    shutil.rmtree(place, ignore_errors=True)
    row: dict[str, object] = {
        "engine": engine,
        "version": version,
        "operation": operation.name,
        "title": operation.title,
        "rows": options.rows,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load_average": os.getloadavg()[0],
        "methods": [outcome.as_dict() for outcome in outcomes],
    }
    for outcome in outcomes:
        _say("  " + json.dumps(outcome.as_dict()))
    return row


def _keep(row: dict[str, object], number: int) -> None:
    """Put a row into the results; the first of this call replaces what was measured before, repeats are added."""
    RESULTS.parent.mkdir(exist_ok=True)
    rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    same = [r for r in rows if (r["engine"], r["operation"]) == (row["engine"], row["operation"])]
    kept = [r for r in rows if r not in same or number]
    RESULTS.write_text(json.dumps([*kept, row], indent=1) + "\n", encoding="utf-8")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.stall", description=__doc__)
    parser.add_argument("--engines", default=",".join(ALL))
    parser.add_argument("--operations", default=",".join(operation.name for operation in OPERATIONS))
    parser.add_argument("--methods", default="plain,pt-osc,lockgate")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--control", type=float, default=6.0, help="seconds of load alone before each method")
    parser.add_argument("--strategy", default="", help="instead of the one that fits the operation")
    parser.add_argument("--pace", default="")
    parser.add_argument("--pt-osc", default="", help="the program, when it is not on the PATH")
    parser.add_argument("--page", action="store_true", help="only write docs/reference/stalls.md from the results")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
