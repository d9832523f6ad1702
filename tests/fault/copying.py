"""A table that is changed range by range: each range adds one to every row, so that a row done twice is seen."""

from __future__ import annotations

import importlib
from pathlib import Path

from lockgate.model.keys import table_key
from lockgate.model.op import EXPAND, RANGE, Chunked, ChunkKind, Op, Statement
from lockgate.model.plan import Plan, encode_plan
from lockgate.model.schema import Table
from tests.execute.bench import Bench

ROWS = 2000


def build_copy(bench: Bench, folder: Path | None = None) -> Plan:
    """Make the table and return the plan of one step that goes over it; it is written to ``folder`` as plan.json.

    (For the test alone the statement is not safe to repeat: nothing may repeat a range that is done.)
    """
    values = ", ".join(f"('k%{number:05}''', 0)" for number in range(ROWS))
    bench.run(
        "CREATE TABLE big (k VARCHAR(20) NOT NULL PRIMARY KEY, n INTEGER NOT NULL)",
        f"INSERT INTO big VALUES {values}",
    )
    table = next(table for table in bench.schema().tables if table.name == "big")
    plan = bench.plan(
        Op(
            title="go over big",
            stage=EXPAND,
            table=table_key(table),
            forward=(_marked(bench, "a"), chunked_update(bench, table, "n + 1"), _marked(bench, "b")),
            backward=(_unmarked(bench, "b"), chunked_update(bench, table, "0"), _unmarked(bench, "a")),
        )
    )
    bench.run("UPDATE big SET n = 0")
    if folder is not None:
        (folder / "plan.json").write_bytes(encode_plan(plan))
    return plan


def chunked_update(bench: Bench, table: Table, value: str) -> Statement:
    """Return the chunked statement that gives every row a value."""
    name = bench.engine.name
    literals = importlib.import_module(f"lockgate.engine.{name}.literals")
    assert table.primary_key is not None
    by_name = {column.name: column for column in table.columns}
    walked = literals.walk_key([by_name[part.column or ""] for part in table.primary_key.parts])
    lock = "" if name == "sqlite" else f"SELECT 1 FROM big WHERE {RANGE} FOR UPDATE NOWAIT"
    return Statement(
        sql=f"UPDATE big SET n = {value} WHERE {RANGE}",
        is_transactional=False,
        is_idempotent=True,
        chunked=Chunked(
            kind=ChunkKind.WRITE,
            table=table_key(table),
            source="big",
            columns=walked[0],
            literals=walked[1],
            locks=(lock,) if lock else (),
        ),
    )


def _marked(bench: Bench, name: str) -> Statement:
    return Statement(sql=f"ALTER TABLE big ADD COLUMN {name} INTEGER", is_transactional=False)


def _unmarked(bench: Bench, name: str) -> Statement:
    drop = f"ALTER TABLE big DROP COLUMN {'' if bench.engine.name == 'sqlite' else 'IF EXISTS '}{name}"
    if bench.engine.name == "mysql":
        drop = f"ALTER TABLE big DROP COLUMN {name}"
    return Statement(sql=drop, is_transactional=False)
