"""After a change the application writes what the old schema cannot hold: back, and there again, loses none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.operations import OPERATIONS, Operation
from lockgate.engine import load_engine
from lockgate.model.target import parse_target
from lockgate.workflow.status import read_status
from tests.fault.forked import Fault, call_forked
from tests.fault.kit.clients import Client
from tests.fault.kit.compare import State, differences, read_state
from tests.fault.kit.program import Program
from tests.fault.kit.shape import build, first_values

ROWS = 300
APPLY = ("apply", "plan.json", "--yes")
BACK = ("rollback", "--to", "start", "--yes")
CASES = [
    pytest.param(
        operation.name,
        engine,
        strategy,
        marks=() if (operation.name, strategy) == ("type", "online") else pytest.mark.slow,
        id=f"{operation.name}-{engine}-{strategy}",
    )
    for operation in OPERATIONS
    if operation.writes and not operation.held_s
    for engine in operation.engines
    for strategy in (("plain", "online") if operation.needs_shadow else ("plain",))
]


def columns_of(url: str) -> list[str]:
    """Return the table's columns without the key, in the schema's order."""
    engine = load_engine(parse_target(url).engine)
    session = engine.connect(parse_target(url), is_read_only=True)
    try:
        from lockgate.engine.base import Scope

        schema = engine.inspect(session, engine.identify(session), Scope())
        table = next(table for table in schema.tables if table.name == "t")
        return sorted(column.name for column in table.columns if column.name != "id")
    finally:
        session.close()


def state_of(url: str) -> State:
    """Read the whole table."""
    return read_state(url, "t", columns_of(url))


def call(url: str, folder: Path, *verb: str) -> None:
    """Run a command that must be done; 3 says that a way back left rows that something is owed for."""
    done = call_forked(verb, url, folder, Fault())
    assert done.code == 0 or (verb == BACK and done.code == 3), done.err


@pytest.mark.parametrize(("name", "engine", "strategy"), CASES)
def test_what_only_the_new_schema_holds_is_there_again_after_back_and_there(
    name: str, engine: str, strategy: str, make_database, tmp_path: Path
) -> None:
    operation: Operation = next(o for o in OPERATIONS if o.name == name)
    url = make_database(engine)
    client = Client(url)
    build(client, operation.shape(), ROWS)
    done = Program(url, tmp_path).plan(operation.desired(engine), "--allow", "all", "--strategy", strategy)
    assert done.code == 0, done.err
    before = read_status(load_engine(parse_target(url).engine), parse_target(url)).fingerprint
    call(url, tmp_path, *APPLY)
    for statement in operation.writes:
        assert client.execute(statement) == 1
    written = state_of(url)
    call(url, tmp_path, *BACK)
    back = state_of(url)
    assert back.rows.keys() == written.rows.keys()
    k, c = (back.columns.index(name) for name in ("k", "c"))
    assert [(back.rows[f"n:{i}"][k], back.rows[f"n:{i}"][c]) for i in range(20, ROWS + 1)] == [
        (f"n:{first_values(i)[0]}", f"s:{first_values(i)[1]}") for i in range(20, ROWS + 1)
    ]
    status = read_status(load_engine(parse_target(url).engine), parse_target(url))
    assert status.unfinished is None
    assert status.fingerprint == before or status.runs[0].state.value == "rolled_back_with_debt"
    client.execute("UPDATE t SET k = 77 WHERE id = 15")
    call(url, tmp_path, *APPLY)
    client.execute(f"UPDATE t SET k = {first_values(15)[0]} WHERE id = 15")
    assert differences(written, state_of(url)) == []
    call(url, tmp_path, *BACK)
    client.execute(f"UPDATE t SET k = {first_values(15)[0]} WHERE id = 15")
    assert differences(back, state_of(url)) == []
    client.close()
