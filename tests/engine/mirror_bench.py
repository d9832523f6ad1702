"""A database whose columns are converted beside its writers, and short words for what the tests do with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from lockgate.engine import load_engine
from lockgate.model.plan import Plan
from lockgate.model.target import parse_target
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.make_plan import PlanOptions, make_plan
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.options import FinalizeOptions
from lockgate.workflow.roll_back import roll_back


@dataclass
class MirrorBench:
    """One database and the declared schema in a file."""

    url: str
    desired: Path
    strategy: str = "column-pair"
    plans: list[Plan] = field(default_factory=list)

    def run(self, *scripts: str) -> None:
        """Send scripts."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for script in scripts:
                connection.execute(script)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql).fetchall()

    def plan(self, desired: str) -> Plan:
        """Plan what leads to a schema given as SQL."""
        self.desired.write_text(desired)
        options = PlanOptions(strategies=(self.strategy,), allow=("all",))
        target = parse_target(self.url)
        self.plans.append(make_plan(load_engine("postgres"), target, str(self.desired), options).plan)
        return self.plans[-1]

    def apply(self) -> None:
        """Apply the last plan (once more), and see that the schema is the declared one."""
        target = parse_target(self.url)
        apply_plan(load_engine("postgres"), target, self.plans[-1])
        report = measure_drift(load_engine("postgres"), target, str(self.desired), DriftOptions())
        assert report.changes == ()

    def roll_back(self) -> None:
        """Undo it."""
        roll_back(load_engine("postgres"), parse_target(self.url), "start")

    def finalize(self) -> None:
        """Drop what is parked, and see that nothing of ours is left."""
        engine, target = load_engine("postgres"), parse_target(self.url)
        finalize(engine, target, "latest", FinalizeOptions(is_now=True))
        session = engine.connect(target)
        try:
            assert engine.list_own(session) == ()
        finally:
            session.close()

    @property
    def notices(self) -> str:
        """The notices of the last plan's steps."""
        return "\n".join(text for step in self.plans[-1].steps for text in step.notices)

    @property
    def strategies(self) -> set[str]:
        """How the steps of the last plan are carried out."""
        return {step.strategy.value for step in self.plans[-1].steps}


@contextmanager
def writing(url: str, statement: str) -> Iterator[list[str]]:
    """Run a statement over and over, its parameter counted up from 1000000; give the errors there were."""
    errors: list[str] = []
    done = threading.Event()

    def write() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            number = 1_000_000
            while not done.is_set():
                number += 1
                try:
                    connection.execute(statement, {"n": number})
                except psycopg.Error as error:
                    errors.append(str(error))
                done.wait(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield errors
    finally:
        done.set()
        thread.join()
