"""Tables that SQLAlchemy, Alembic and Django made themselves differ in nothing from what they declare."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lockgate.diff.drift import DriftReport, DriftStatus
from lockgate.engine import load_engine
from lockgate.model.target import parse_target
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

SAMPLES = Path(__file__).parents[1] / "samples"
FLAVORS = ("sqlite", "postgres", "mysql", "mariadb")
DIALECTS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
MODULES = {"sqlite": "on_sqlite", "postgres": "on_postgresql", "mysql": "on_mysql", "mariadb": "on_mysql"}
CREATE = """
import importlib, sys
import sqlalchemy
base = importlib.import_module(sys.argv[1]).Base
engine = sqlalchemy.create_engine(sys.argv[2])
with engine.begin() as connection:
    for schema in {t.schema for t in base.metadata.tables.values() if t.schema}:
        connection.execute(sqlalchemy.schema.CreateSchema(schema))
    base.metadata.create_all(connection)
"""


@dataclass(frozen=True)
class Sample:
    """One project in its folder: how its own tool makes its tables, and the specs that must fit them."""

    folder: str
    make: Callable[[str, str], list[str]]
    specs: Callable[[str], tuple[str, ...]]
    has_own_dialect: bool = True


def _make_models(flavor: str, url: str) -> list[str]:
    return ["-c", CREATE, MODULES[flavor], url]


TOOLS = {
    "sqlalchemy": Sample("sqlalchemy", _make_models, lambda flavor: (f"sqlalchemy:{MODULES[flavor]}:Base",)),
    "alembic": Sample(
        "alembic",
        lambda flavor, url: ["-m", "alembic", "upgrade", "heads"],
        lambda flavor: ("migrations:alembic.ini", "migrations:revisions")[: 2 if flavor == "sqlite" else 1],
    ),
    "django": Sample(
        "django",
        lambda flavor, url: ["manage.py", "migrate", "-v", "0"],
        lambda flavor: ("django:shop.settings", "migrations:manage.py"),
        has_own_dialect=False,
    ),
}


def make_tables(sample: Sample, flavor: str, url: str) -> None:
    """Let the project's own tool make its tables."""
    own = url.replace(url.partition(":")[0], DIALECTS[flavor], 1) if sample.has_own_dialect else url
    done = subprocess.run(
        [sys.executable, *sample.make(flavor, own)],
        capture_output=True,
        text=True,
        env={**os.environ, "DATABASE_URL": own, "PYTHONPATH": os.getcwd(), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def measure(url: str, spec: str) -> DriftReport:
    """Compare a live database with a spec."""
    target = parse_target(url)
    return measure_drift(load_engine(target.engine), target, spec, DriftOptions())


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_made_itself_is_in_sync(
    make_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tool: str, flavor: str, tmp_path: Path
) -> None:
    sample = TOOLS[tool]
    monkeypatch.chdir(SAMPLES / sample.folder)
    monkeypatch.setenv("ENV_WAS_RUN", str(tmp_path / "trap"))
    url = make_database(flavor)
    make_tables(sample, flavor, url)
    (tmp_path / "trap").unlink(missing_ok=True)

    for spec in sample.specs(flavor):
        report = measure(url, spec)

        assert [(c.kind, c.object, c.before, c.after) for c in report.changes] == [], spec
        assert report.status is DriftStatus.IN_SYNC
        assert {finding.code for finding in report.findings} <= {"django-unmanaged", "django-other-database"}
    assert not (tmp_path / "trap").exists(), "env.py was run"


def test_models_fit_what_their_revisions_made_and_the_version_table_is_left_alone(
    make_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SAMPLES / "alembic")
    url = make_database("mariadb")
    make_tables(TOOLS["alembic"], "mariadb", url)

    assert measure(url, "sqlalchemy:stock:Base").status is DriftStatus.IN_SYNC
