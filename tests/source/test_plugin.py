"""A source of another package is found by its entry point; what the guide shows works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lockgate.diff.drift import DriftStatus
from lockgate.engine import load_engine
from lockgate.errors import ConfigError, InputError, SourceError
from lockgate.model.target import parse_target
from lockgate.source.registry import BUILT_IN, is_source, list_sources, load_source
from lockgate.source.spec import parse_spec
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

GUIDE = Path(__file__).parents[2] / "docs/how-to/write-a-source.md"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of the guide, installed: a folder on the path with its metadata."""
    blocks = re.findall(r"```(?:toml|python)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    site = tmp_path / "site"
    (site / "our_tables").mkdir(parents=True)
    (site / "our_tables/__init__.py").touch()
    (site / "our_tables/lockgate.py").write_text(blocks[1])
    meta = site / "our_tables-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: our-tables\nVersion: 1.0\n")
    line = next(line for line in blocks[0].splitlines() if line.startswith("tables ="))
    broken = "broken = our_tables.nowhere:read\ndrizzle = our_tables.lockgate:read_tables\n"
    (meta / "entry_points.txt").write_text("[lockgate.sources]\n" + line.replace('"', "") + "\n" + broken)
    monkeypatch.syspath_prepend(site)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "live.db").touch()
    return tmp_path


def drift(spec: str) -> tuple[DriftStatus, list[str]]:
    """Compare an empty SQLite database with a spec; return the verdict and what differs."""
    report = measure_drift(load_engine("sqlite"), parse_target("sqlite:///live.db"), spec, DriftOptions())
    return report.status, [change.object for change in report.changes]


def test_the_guides_source_reads(installed: Path) -> None:
    (installed / "tables.txt").write_text("one\ntwo\n")

    assert drift("tables:tables.txt") == (DriftStatus.DRIFT, ["one", "two"])
    assert {"tables", "broken", *BUILT_IN} <= set(list_sources())


def test_the_servers_error_names_the_line_that_people_wrote(installed: Path) -> None:
    (installed / "tables.txt").write_text("one\none\n")

    with pytest.raises(SourceError, match=r"tables\.txt:2"):
        drift("tables:tables.txt")
    with pytest.raises(SourceError, match="there is no such file"):
        drift("tables:nowhere.txt")


def test_a_source_that_cannot_be_loaded_is_named(installed: Path) -> None:
    with pytest.raises(ConfigError, match=r"'broken' cannot be loaded.*our_tables\.nowhere"):
        drift("broken:x")


def test_a_name_of_our_own_cannot_be_taken(installed: Path) -> None:
    assert load_source("drizzle").__module__.startswith("lockgate.")


def test_without_the_package_the_spec_is_unknown() -> None:
    assert not is_source("tables")
    with pytest.raises(InputError, match="no file or folder"):
        parse_spec("tables:tables.txt")
