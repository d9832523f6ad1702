"""The starter procedure, unattended, on the demonstration's ERP of 145 tables; bench/runbook.py measures how long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.runbook import run_procedure


@pytest.mark.slow
@pytest.mark.parametrize("flavor", ["sqlite", "postgres", "mysql", "mariadb"])
def test_the_six_phases_end_complete(flavor: str, make_database: Callable[[str], str], tmp_path: Path) -> None:
    url = make_database(flavor)
    if flavor == "sqlite":
        Path(url.removeprefix("sqlite:///")).touch()

    found = run_procedure(url, flavor, tmp_path)

    assert found["is_complete"], found["told"]
