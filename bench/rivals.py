"""Other tools that compare a live schema with a declared one, in environments of their own.

One that cannot be had gives ``{"not_run": reason}``, one that fails ``{"error": …}``: neither ends the measurement.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from bench.databases import Bench
from bench.measure import Measured, run_measured

HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lockgate" / "bench"
PACKAGES = (
    "alembic==1.16.5",
    "sqlalchemy==2.0.43",
    "psycopg2-binary==2.9.10",
    "pymysql==1.1.2",
    "migra==3.0.1663481299",
    "setuptools<81",
)
DRIZZLE = ("drizzle-kit@0.31.11", "drizzle-orm@0.45.4", "pg@8.23.1", "mysql2@3.24.6", "better-sqlite3@12.11.1")
ALEMBIC = Path(__file__).with_name("alembic_compare.py")


class NotHere(Exception):
    """A rival cannot be had; the message says why."""


@cache
def rival_python() -> Path:
    """Return the Python of the rivals' environment, made on the first call.

    Raises:
        NotHere: It cannot be made.
    """
    python = HOME / "venv" / "bin" / "python"
    make = [sys.executable, "-m", "venv", str(HOME / "venv")]
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES]
    _make_once(HOME / "venv", PACKAGES, (make, install))
    return python


@cache
def drizzle_kit() -> Path:
    """Return drizzle-kit, installed on the first call.

    Raises:
        NotHere: There is no Node, or it cannot be installed.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NotHere(f"{program} is not installed")
    folder = HOME / "drizzle"
    _make_once(folder, DRIZZLE, (["npm", "install", "--silent", "--no-audit", "--prefix", str(folder), *DRIZZLE],))
    return folder / "node_modules" / ".bin" / "drizzle-kit"


def _make_once(folder: Path, packages: tuple[str, ...], commands: tuple[list[str], ...]) -> None:
    marker, wanted = folder / "ready", "\n".join(packages)
    if marker.exists() and marker.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for command in commands:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            raise NotHere(f"{Path(command[0]).name} took more than 300 s") from None
        if done.returncode:
            told = (done.stderr or done.stdout).strip().splitlines() or ["it gave no reason"]
            raise NotHere(f"{Path(command[0]).name} failed: {told[-1][:150]}")
    marker.write_text(wanted)


def measure_rivals(bench: Bench, timeout_s: float) -> dict[str, dict[str, object]]:
    """Measure every rival that knows this database; never raises for one that does not work."""
    measures = {"alembic": measure_alembic, "drizzle": measure_drizzle}
    if bench.flavor == "postgres":
        measures["migra"] = measure_migra
    found: dict[str, dict[str, object]] = {}
    for name, measure in measures.items():
        try:
            found[name] = measure(bench, timeout_s)
        except NotHere as error:
            found[name] = {"not_run": str(error)}
    return found


def measure_drizzle(bench: Bench, timeout_s: float) -> dict[str, object]:
    """Let drizzle-kit read the live database and write it down; it compares nothing. The whole process."""
    kit = drizzle_kit()
    dialect = {"postgres": "postgresql", "mariadb": "mysql"}.get(bench.flavor, bench.flavor)
    url = bench.url.removeprefix("sqlite:///") if bench.flavor == "sqlite" else bench.url
    if dialect == "mysql":
        url = "mysql://" + url.partition("://")[2]
    with tempfile.TemporaryDirectory(prefix="lockgate-bench-drizzle-", dir=HOME / "drizzle") as out:
        command = [str(kit), "pull", f"--dialect={dialect}", f"--url={url}", f"--out={Path(out).name}"]
        done = run_measured(command, dict(os.environ), timeout_s, folder=HOME / "drizzle")
        if done is None or done.code:
            return _failed(done, timeout_s)
        if not (Path(out) / "schema.ts").exists():
            return {"error": "it wrote no schema"}
    return {"seconds": done.seconds, "peak_bytes": done.peak_bytes}


def measure_alembic(bench: Bench, timeout_s: float) -> dict[str, object]:
    """Alembic's autogenerate compare; the desired schema is in memory before its clock starts."""
    done = run_measured(
        [str(rival_python()), str(ALEMBIC), _sqlalchemy_url(bench.url), _sqlalchemy_url(bench.desired_url)],
        dict(os.environ),
        timeout_s,
    )
    if done is None or done.code:
        return _failed(done, timeout_s)
    told = json.loads(done.out.splitlines()[-1])
    return {"seconds": told["seconds"], "peak_bytes": done.peak_bytes, "differences": told["differences"]}


def measure_migra(bench: Bench, timeout_s: float) -> dict[str, object]:
    """Compare two live PostgreSQL databases with migra; the whole process, as for Lockgate."""
    rival_python()
    command = [str(HOME / "venv" / "bin" / "migra"), "--unsafe", bench.url, bench.desired_url]
    done = run_measured(command, dict(os.environ), timeout_s)
    if done is None or done.code not in (0, 2):
        return _failed(done, timeout_s)
    return {"seconds": done.seconds, "peak_bytes": done.peak_bytes, "differences": done.out.count(";")}


def _sqlalchemy_url(url: str) -> str:
    scheme, _, rest = url.partition("://")
    driver = {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql", "postgresql": "postgresql+psycopg2"}
    return f"{driver.get(scheme, scheme)}://{rest}"


def _failed(done: Measured | None, timeout_s: float) -> dict[str, object]:
    if done is None:
        return {"error": f"not done after {timeout_s:.0f} s"}
    return {"error": f"exit {done.code}: {done.out.strip().splitlines()[-1][:200] if done.out.strip() else ''}"}
