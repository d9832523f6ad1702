"""Other tools that compare a live schema with a declared one, in an environment of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
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
DRIZZLE = ("drizzle-kit@0.31.4", "drizzle-orm@0.44.5", "pg@8.16.3", "mysql2@3.15.0", "better-sqlite3@12.4.1")
ALEMBIC = Path(__file__).with_name("alembic_compare.py")


def rival_python() -> Path:
    """Return the Python of the rivals' environment, made on the first call."""
    python = HOME / "venv" / "bin" / "python"
    marker = HOME / "venv" / "ready"
    wanted = "\n".join(PACKAGES)
    if marker.exists() and marker.read_text() == wanted:
        return python
    shutil.rmtree(HOME / "venv", ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(HOME / "venv")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES], check=True)
    marker.write_text(wanted)
    return python


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
