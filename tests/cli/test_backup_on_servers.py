"""Backups around a change on real servers: taken and proven before each stage, restored to rehearse on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.model.target import parse_target

from .conftest import Cli

LIVE = """
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, FOREIGN KEY (customer_id) REFERENCES customers (id));
INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grüße 🎉'), (3, NULL);
INSERT INTO orders VALUES (1, 1), (2, 2), (3, NULL)
"""
DESIRED = """
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40), email varchar(40));
CREATE TABLE orders (
    id integer PRIMARY KEY, customer_id integer NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers (id)
);
"""
CONFIG = """
[backup]
before_change = "full"
between_stages = "auto"
"""


@pytest.mark.parametrize("flavor", ["postgres", pytest.param("mysql", marks=pytest.mark.slow), "mariadb"])
def test_a_change_is_rehearsed_on_a_backup_and_begins_after_one(
    flavor: str, make_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = make_database(flavor)
    target = parse_target(url)
    session = load_engine(target.engine).connect(target)
    for sql in LIVE.split(";\n"):
        session.execute(sql)
    session.close()
    cli = Cli(tmp_path, {"LOCKGATE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)})
    cli.write("lockgate.toml", CONFIG)
    cli.write("desired.sql", DESIRED)
    made = cli("backup", "create", "--format", "json")
    assert made.code == 0, made.err
    rows = {fact["table"].rpartition(".")[2]: fact["rows"] for fact in json.loads(made.out)["tables"]}
    assert rows == {"customers": 3, "orders": 3}
    assert cli("plan", "--desired", "desired.sql", "-o", "plan.json", "--allow", "all").code == 0
    session = load_engine(target.engine).connect(target)
    session.execute("DELETE FROM orders WHERE id = 3")
    session.close()
    failed = cli("rehearse", "plan.json", "--format", "json")
    assert failed.code == 6 and json.loads(failed.out)["backup"] == json.loads(made.out)["id"]
    assert cli("backup", "create").code == 0
    passed = cli("rehearse", "plan.json", "--format", "json")
    assert passed.code == 0, passed.err
    applied = cli("apply", "plan.json", "--yes")
    assert applied.code == 0, applied.err
    points = json.loads(cli("rollback", "--list", "--format", "json").out)["checkpoints"]
    kinds = [point["backup"]["kind"] for point in points]
    assert len(kinds) > 1 and kinds[-1] == "full" and all(point["backup"]["is_verified"] for point in points)
