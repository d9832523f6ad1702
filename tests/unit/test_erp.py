"""The demonstration's ERP is always the same, and its rows satisfy its keys."""

from __future__ import annotations

import sqlite3

import pytest

from lockgate.demo.age import age_erp
from lockgate.demo.dialect import DIALECTS
from lockgate.demo.erp import build_erp
from lockgate.demo.rows import insert_statements
from lockgate.demo.write_sql import erp_files


def test_it_has_145_tables_with_cycles_and_self_references() -> None:
    erp = build_erp()
    assert len({entity.name for entity in erp.entities}) == 145
    own = [entity.name for entity in erp.entities if any(field.references == entity.name for field in entity.fields)]
    assert "accounts" in own
    managers = erp.entity("departments").field("manager_id")
    assert managers.references == "employees"
    assert erp.entity("employees").field("department_id").references == "departments"


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_it_is_the_same_every_time(dialect: str) -> None:
    assert erp_files(build_erp(), DIALECTS[dialect]) == erp_files(build_erp(), DIALECTS[dialect])


def test_the_rows_of_the_older_copy_satisfy_every_key() -> None:
    dialect = DIALECTS["sqlite"]
    old = age_erp(build_erp(), dialect)
    connection = sqlite3.connect(":memory:")
    for text in erp_files(old, dialect).values():
        connection.executescript(text)
    for statement in insert_statements(old, dialect):
        connection.execute(statement)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert all(connection.execute(f"SELECT count(*) FROM {e.name}").fetchone()[0] > 0 for e in old.entities)


@pytest.mark.parametrize("count", [10, 1000])
def test_any_number_of_tables_can_be_had(count: int) -> None:
    erp = build_erp(count)
    assert len({entity.name for entity in erp.entities}) == count
