"""The whole loop on real databases: there, back, there again, finalized; the server's own dump is the witness."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import FailedError, RefusedError
from lockgate.model.codec import fingerprint
from lockgate.model.keys import table_key
from lockgate.model.plan import Plan
from lockgate.model.target import Target, parse_target
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.options import FinalizeOptions
from lockgate.workflow.roll_back import roll_back

Picture = tuple[str, tuple[str, ...] | None, dict[str, str]]


@dataclass
class Loop:
    """A live database, and an empty one to build the declared schema in directly."""

    live: str
    direct: str
    options: PlanOptions

    @property
    def engine(self) -> Engine:
        """The engine of both."""
        return load_engine(self.target.engine)

    @property
    def target(self) -> Target:
        """The live database."""
        return parse_target(self.live)

    def run_script(self, url: str, text: str) -> None:
        """Run a script in one of the databases."""
        with session_in(self.engine, parse_target(url)) as session:
            for statement in self.engine.split_sql(text):
                session.execute(statement.text)

    def plan(self, desired: Path) -> Plan:
        """Make the plan twice: both must have the same digest."""
        plan = make_plan(self.engine, self.target, str(desired), self.options).plan
        assert make_plan(self.engine, self.target, str(desired), self.options).plan.digest == plan.digest
        return plan

    def try_whole(self, desired: Path) -> Plan | None:
        """Run the whole loop; None when the change was refused or failed, and all is as before."""
        start = picture(self.engine, self.target)
        try:
            plan = self.plan(desired)
            apply_plan(self.engine, self.target, plan)
        except (RefusedError, FailedError):
            # Refused before anything was touched, or failed on the data and led back: either way all is as before.
            assert_same(picture(self.engine, self.target), start)
            return None
        self.check_applied_and_back(desired, plan, start)
        return plan

    def check_applied_and_back(self, desired: Path, plan: Plan, start: Picture) -> None:
        """After apply: no drift; after rollback: as at the start; applied again and finalized: as built directly."""
        report = measure_drift(self.engine, self.target, str(desired), DriftOptions())
        assert report.changes == ()
        if not plan.is_empty:
            roll_back(self.engine, self.target, "start")
            assert_same(picture(self.engine, self.target), start)
            again = make_plan(self.engine, self.target, str(desired), self.options).plan
            apply_plan(self.engine, self.target, again)
            finalize(self.engine, self.target, "latest", FinalizeOptions(is_now=True))
        self.run_script(self.direct, desired.read_text())
        assert_same(picture(self.engine, self.target)[:2], picture(self.engine, parse_target(self.direct))[:2])


@contextmanager
def session_in(engine: Engine, target: Target) -> Iterator[Session]:
    """Open a session that is closed in the end."""
    session = engine.connect(target, is_read_only=False)
    try:
        yield session
    finally:
        session.close()


def picture(engine: Engine, target: Target) -> Picture:
    """What must come back: the fingerprint, the server's own dump, and a checksum of every table's rows."""
    with session_in(engine, target) as session:
        server = engine.identify(session)
        schema = engine.inspect(session, server, Scope())
        rows = {table_key(t).path: engine.checksum_rows(session, table_key(t)) for t in schema.tables}
        return fingerprint(schema), engine.dump_schema(session, server), rows


def assert_same(got: tuple[object, ...], wanted: tuple[object, ...]) -> None:
    """Compare the speaking parts first, the fingerprint last."""
    for one, other in zip(got[1:], wanted[1:], strict=True):
        assert one == other
    assert got[0] == wanted[0]
