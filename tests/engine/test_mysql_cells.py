"""The page that says what each change does is true of the servers: each way is accepted, cheaper ones are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lockgate.errors import StatementFailed
from tests.engine.mysql_cells import CELLS, WAYS, Cell, page_rows
from tests.engine.test_mysql_changes import Database

PAGE = Path(__file__).parents[2] / "docs/reference/changes-mysql.md"


def _cheapest(live: Database, flavor: str, cell: Cell) -> str:
    clauses = cell.clauses.format(hidden="ignored" if flavor == "mariadb" else "invisible")
    live.session.execute("SET SESSION foreign_key_checks = 0")
    live.session.execute("DROP TABLE IF EXISTS t, p")
    live.session.execute("SET SESSION foreign_key_checks = 1")
    for statement in cell.setup.split(";"):
        live.session.execute(statement)
    for way in WAYS[flavor]:
        try:
            live.session.execute(f"ALTER TABLE t {clauses}, {way}")
        except StatementFailed as error:
            assert "is not supported" in error.cause, f"{cell.change}: {error.cause}"
            continue
        return way
    raise AssertionError(f"{cell.change}: no way is accepted")


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_each_change_is_carried_out_as_the_page_says(flavor: str, make_database: Any) -> None:
    live = Database(make_database(flavor))
    found = {cell.change: _cheapest(live, flavor, cell) for cell in CELLS}
    assert found == {cell.change: getattr(cell, flavor) for cell in CELLS}


def test_the_page_is_written_from_the_cells() -> None:
    lines = PAGE.read_text().splitlines()
    start = lines.index("| change | MySQL 9.7 | MariaDB 10.11 | the way back |") + 2
    assert lines[start : start + len(CELLS)] == page_rows()
