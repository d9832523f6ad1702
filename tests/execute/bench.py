"""A database under test and plans written by hand, so that these tests need no planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, Session
from lockgate.model import codec
from lockgate.model.op import Op, Parked, Precheck, Statement
from lockgate.model.plan import Plan
from lockgate.model.schema import Key, Schema
from lockgate.model.target import Target, parse_target
from lockgate.plan.builder import build_plan, build_stages
from lockgate.store.lease import lease_name
from tests.moments import wait_until


@dataclass
class Bench:
    """One fresh database, its engine, and short words for what tests do with them."""

    engine: Engine
    target: Target
    url: str = ""

    def connect(self) -> Session:
        """Open a session to write with."""
        return self.engine.connect(self.target, is_read_only=False)

    def run(self, *statements: str) -> None:
        """Send statements."""
        session = self.connect()
        try:
            for statement in statements:
                session.execute(statement)
        finally:
            session.close()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        session = self.connect()
        try:
            return session.query(sql)
        finally:
            session.close()

    def schema(self, *, include_own: bool = False) -> Schema:
        """Inspect the live schema."""
        session = self.connect()
        try:
            return self.engine.inspect(session, self.engine.identify(session), Scope(include_own=include_own))
        finally:
            session.close()

    def fingerprint(self) -> str:
        """Return the live fingerprint."""
        return codec.fingerprint(self.schema())

    def wait_until_free(self) -> None:
        """Wait until the server has seen that a killed runner is gone, and its lease is free."""
        session = self.connect()
        try:
            name = lease_name(self.target)
            wait_until(lambda: session.acquire_lease(name), "the end of a killed runner's session")
            session.release_lease(name)
        finally:
            session.close()

    def plan(self, *ops: Op) -> Plan:
        """Build the plan of these ops; what each stage leads to is measured by running them forward and back."""
        before = self.fingerprint()
        stages = build_stages(ops, {})
        measured = []
        for stage in stages:
            for step in stage.steps:
                self.run(*[statement.sql for statement in step.statements])
            measured.append(replace(stage, expected=self.fingerprint()))
        after = self.fingerprint()
        for stage in reversed(stages):
            for step in reversed(stage.steps):
                self.run(*[statement.sql for statement in step.backward])
        assert self.fingerprint() == before, "a plan by hand does not lead back"
        session = self.connect()
        server = self.engine.identify(session)
        session.close()
        return build_plan(tuple(measured), server=server, target=self.target.name, before=before, after=after)


def make_bench(url: str) -> Bench:
    """Return a bench on an existing database."""
    target = parse_target(url)
    return Bench(load_engine(target.engine), target, url)


def op(
    title: str,
    stage: int,
    forward: Sequence[str],
    backward: Sequence[str],
    *,
    table: str = "",
    namespace: str = "",
    parks: tuple[Parked, ...] = (),
    backward_parks: tuple[Parked, ...] = (),
    prechecks: tuple[Precheck, ...] = (),
    is_transactional: bool = True,
) -> Op:
    """Return an op from bare SQL."""
    return Op(
        title=title,
        stage=stage,
        table=Key("table", namespace, table) if table else None,
        forward=tuple(Statement(sql=sql, is_transactional=is_transactional) for sql in forward),
        backward=tuple(Statement(sql=sql, is_transactional=is_transactional) for sql in backward),
        parks=parks,
        backward_parks=backward_parks,
        prechecks=prechecks,
    )
