"""A migration that has no sense outside a transaction is replayed in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import ScratchOptions, SourceStatement
from lockgate.model.target import parse_target
from lockgate.source.sql import needs_transaction
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

FIRST = """
CREATE TABLE orders (id int PRIMARY KEY, state text, lane int DEFAULT 1);
INSERT INTO orders VALUES (1, 'open');
"""
SECOND = """
SET LOCAL lock_timeout = '5s';
LOCK TABLE orders IN EXCLUSIVE MODE; -- nobody writes meanwhile
CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT id FROM orders;
UPDATE orders SET state = 'moved' FROM moved WHERE moved.id = orders.id;
ALTER TABLE orders ADD COLUMN moved_at timestamptz;
"""
THIRD = "CREATE INDEX CONCURRENTLY orders_state ON orders (state);"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LOCK TABLE a", True),
        ("/* first */ lock a in share mode", True),
        ("SET LOCAL statement_timeout = 1", True),
        ("CREATE TEMPORARY TABLE x ON COMMIT DROP AS SELECT 1", True),
        ("CREATE TEMP TABLE x (a int)", False),
        ("-- LOCK TABLE a\nSELECT 1", False),
        ("LOCK TABLES a WRITE", False),
        ("SET lock_timeout = 1", False),
    ],
)
def test_what_needs_a_transaction_is_told_by_its_words(text: str, expected: bool) -> None:
    assert needs_transaction([SourceStatement(text, 1)]) is expected
    assert not needs_transaction([SourceStatement("BEGIN", 1), SourceStatement(text, 2)])


def test_locks_and_passing_tables_of_a_migration_hold_to_its_end(postgres_url: str, tmp_path: Path) -> None:
    session = load_engine("postgres").connect(parse_target(postgres_url))
    for statement in (*FIRST.split(";")[:1], "ALTER TABLE orders ADD COLUMN moved_at timestamptz"):
        session.execute(statement)
    session.execute("CREATE INDEX orders_state ON orders (state)")
    session.close()
    for number, text in enumerate((FIRST, SECOND, THIRD), start=1):
        (tmp_path / f"{number:04}_step.sql").write_text(text)
    options = DriftOptions(scratch=ScratchOptions(is_beside_target_allowed=True))
    report = measure_drift(load_engine("postgres"), parse_target(postgres_url), f"migrations:{tmp_path}", options)
    assert not report.changes
