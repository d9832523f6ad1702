"""The check before a change: what is missing is said exactly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.engine.readiness import Readiness
from lockgate.model.actions import Drift, Validate
from lockgate.model.checks import DriftCheck, PreflightCheck, ValidateCheck
from lockgate.model.outcome import Outcome
from lockgate.model.procedure import TaskState
from lockgate.model.target import parse_target
from lockgate.verify.conventions.settings import Conventions, LockingConvention
from tests.runbook.target.bench import Bench, open_bench


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    orders = "CREATE TABLE orders (id INTEGER PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1)"
    with open_bench(sqlite_url, tmp_path / "book", f"{orders};", orders) as made:
        yield made


def test_a_ready_target_says_what_was_looked_at(bench: Bench) -> None:
    found = bench.ask(PreflightCheck())
    assert found.outcome is Outcome.OK, found.found
    assert any("a backup can be taken" in item for item in found.items)
    assert bench.ask(PreflightCheck(only=("weather",))).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("free", "ready", "outcome", "words"),
    [
        (1 << 20, Readiness("x"), Outcome.FAIL, "MiB more are needed"),
        (None, Readiness("x"), Outcome.UNKNOWN, "cannot be seen from here"),
        (
            1 << 50,
            Readiness("the user x", ("GRANT ALTER ON `a`.* TO 'x'",)),
            Outcome.FAIL,
            "GRANT ALTER ON `a`.* TO 'x'",
        ),
        (1 << 50, Readiness("x", (), ("wait_timeout is 3 s",)), Outcome.FAIL, "cut off: wait_timeout is 3 s"),
        (1 << 50, Readiness("x", (), (), ("SHOW GRANTS: refused",)), Outcome.UNKNOWN, "SHOW GRANTS: refused"),
    ],
)
def test_what_is_missing_is_said_exactly(
    bench: Bench, free: int | None, ready: Readiness, outcome: Outcome, words: str
) -> None:
    bench.tools.__dict__["engine"] = replace(
        bench.tools.engine, free_bytes=lambda session: free, readiness=lambda session: ready
    )
    found = bench.ask(PreflightCheck(only=("privileges", "disk", "timeouts"), disk=1e9))
    assert found.outcome is outcome
    assert words in found.found


def test_a_role_without_rights_is_told_the_grants(postgres_url: str) -> None:
    engine = load_engine("postgres")
    with closing(engine.connect(parse_target(postgres_url), is_read_only=False)) as session:
        session.execute("CREATE TABLE orders (id integer)")
        assert engine.readiness(session).missing == ()
        session.execute("SET ROLE pg_monitor")
        missing = engine.readiness(session).missing
    assert any(text.startswith("GRANT CREATE ON DATABASE") for text in missing)
    assert any("owns 1 tables, such as public.orders" in text for text in missing)


def test_drift_within_a_severity_and_not_beyond(bench: Bench) -> None:
    assert bench.ask(DriftCheck()).outcome is Outcome.OK
    bench.write("schema.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);")
    found = bench.ask(DriftCheck())
    assert found.outcome is Outcome.FAIL
    assert len(found.items) == 1
    assert bench.ask(DriftCheck(allow="critical")).outcome is Outcome.OK
    assert bench.ask(DriftCheck(allow="loud")).outcome is Outcome.UNKNOWN
    bench.write("schema.sql", "CREATE TABLE orders (")
    assert bench.ask(DriftCheck(allow="critical")).outcome is Outcome.UNKNOWN


def test_a_claim_that_a_convention_holds_is_looked_at(bench: Bench) -> None:
    check = ValidateCheck(only=("conventions",))
    assert bench.ask(check).outcome is Outcome.UNKNOWN, "no conventions are set, so nothing is known"
    bench.tools = replace(bench.tools, conventions=Conventions(locking=LockingConvention(tables=("orders",))))
    assert bench.ask(check).outcome is Outcome.OK
    bench.sql("CREATE TABLE inventory (id INTEGER PRIMARY KEY)")
    bench.tools = replace(
        bench.tools, conventions=Conventions(locking=LockingConvention(tables=("orders", "inventory")))
    )
    found = bench.ask(check)
    assert found.outcome is Outcome.FAIL
    assert any("inventory" in item for item in found.items)


def test_the_repair_of_drift_is_a_file(bench: Bench) -> None:
    bench.write(
        "schema.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, note TEXT);"
    )

    ended = bench.do(Drift(fix="fix.sql", max_severity="critical"), "1.3")

    assert ended.state is TaskState.DONE, ended.message
    text = (bench.folder / "fix.sql").read_text()
    assert "ADD COLUMN" in text
    assert "note" in text
    assert [effect["id"] for effect in bench.effects("file")] == [str(bench.folder / "fix.sql")]
    assert len(bench.rows("PRAGMA table_info(orders)")) == 2
    assert bench.do(Drift(max_severity="none"), "1.1").state is TaskState.FAILED
    assert bench.do(Validate(only=("schema",)), "1.2").state is TaskState.DONE
    assert bench.do(Validate(only=("conventions",)), "1.2").state is TaskState.FAILED
