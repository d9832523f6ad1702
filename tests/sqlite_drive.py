"""Drive the SQLite engine in tests: build, plan, apply, roll back, finalize; look at everything with plain sqlite3."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lockgate.diff.compare import diff_schemas
from lockgate.engine import load_engine
from lockgate.engine.base import ParkNames, Scope, Session
from lockgate.errors import PrecheckFailed
from lockgate.model.change import Change
from lockgate.model.op import Op, Strategy
from lockgate.model.schema import Schema
from lockgate.model.target import parse_target
from lockgate.plan.order import order_ops
from lockgate.workflow.choose_strategies import altered_tables

ENGINE = load_engine("sqlite")


class Database:
    """A database file, with a session of the engine and a plain connection of the application."""

    def __init__(self, path: Path, script: str = "") -> None:
        self.path = path
        self.app = sqlite3.connect(path, isolation_level=None)
        self.app.text_factory = lambda data: data.decode(errors="surrogateescape")
        for statement in ENGINE.split_sql(script):
            self.app.execute(statement.text)
        self.app.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        self.session: Session = ENGINE.connect(parse_target(f"sqlite:///{path}"), is_read_only=False)
        self.server = ENGINE.identify(self.session)

    def close(self) -> None:
        self.session.close()
        self.app.close()

    def schema(self) -> Schema:
        schema: Schema = ENGINE.inspect(self.session, self.server, Scope())
        assert not schema.unmanaged, schema.unmanaged
        return schema

    def dump(self) -> tuple[str, ...]:
        dump = ENGINE.dump_schema(self.session, self.server)
        assert dump is not None
        return tuple(dump)

    def texts(self) -> dict[str, str]:
        """The server's own texts, byte for byte, ours left out."""
        sql = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        own = ("lockgate_", "sqlite_")
        return {f"{t} {n}": s for t, n, s in self.app.execute(sql) if not n.startswith(own) and "lockgate_p" not in s}

    def rows(self, *, rowids: bool = False) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table with the type of every value, sorted; columns by name."""
        result: dict[str, list[tuple[Any, ...]]] = {}
        tables = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        for name, is_without_rowid in self.app.execute(tables).fetchall():
            if name.lower().startswith(("sqlite_", "lockgate_")):
                continue
            columns = sorted(r[1] for r in self.app.execute(f"PRAGMA table_xinfo({quoted(name)})") if r[6] == 0)
            terms = [t for c in columns for t in (f"typeof({quoted(c)})", f"quote({quoted(c)})")]
            if rowids and not is_without_rowid:
                terms.insert(0, "rowid")
            found = self.app.execute(f"SELECT {', '.join(terms)} FROM {quoted(name)}").fetchall()
            result[name.lower()] = sorted(found, key=repr)
        return result

    def changes_to(self, desired: Schema) -> tuple[Change, ...]:
        return diff_schemas(self.schema(), desired)

    def plan(
        self, desired: Schema, renames: Sequence[Change] = (), strategy: Strategy = Strategy.PLAIN
    ) -> tuple[Op, ...]:
        names = ParkNames([ENGINE.next_park_number(self.session)])
        live = self.schema()
        changes = diff_schemas(live, desired) if not renames else tuple(renames)
        wishes = {} if strategy is Strategy.PLAIN else dict.fromkeys(altered_tables(changes), strategy)
        return order_ops(ENGINE.plan_ops(changes, live, desired, self.server, names, wishes))

    def apply(self, ops: Sequence[Op], *, with_prechecks: bool = True) -> None:
        for op in ops:
            if with_prechecks:
                self.ask(op.prechecks)
            self._run(op.forward)

    def roll_back(self, ops: Sequence[Op]) -> bool:
        """Undo ops; tell whether the exact state is back, or some rows are in its way."""
        for op in reversed(ops):
            self.ask(check for check in op.backward_prechecks if check.soft is None)
        return self.revert(ops)

    def revert(self, ops: Sequence[Op]) -> bool:
        """Undo ops that were done to their end, with stand-ins where rows are in the way; tell whether none are."""
        is_exact = True
        for op in reversed(ops):
            statements = list(op.backward if op.revert is None else op.revert)
            soft = [c.soft for c in op.backward_prechecks if self.session.query(c.sql)[0][0]]
            for one in sorted((s for s in soft if s is not None), key=lambda s: -s.first):
                statements[one.first : one.last + 1] = one.instead
                is_exact = False
            self._run(statements)
        return is_exact

    def redo(self, ops: Sequence[Op]) -> None:
        """Do ops again that were undone by `revert`."""
        for op in ops:
            self._run(op.forward if op.redo is None else op.redo)

    def settle(self, ops: Sequence[Op]) -> None:
        """Put the exact state in place where no row is in the way any more."""
        for op in ops:
            for check in op.backward_prechecks:
                if check.soft is not None and not self.session.query(check.soft.rows):
                    self._run(check.soft.settle)

    def ask(self, prechecks: Iterable[Any]) -> None:
        for check in prechecks:
            if self.session.query(check.sql)[0][0]:
                raise PrecheckFailed(check.message)

    def finalize(self, ops: Sequence[Op]) -> None:
        for op in ops:
            for parked in op.parks:
                for statement in parked.finalize:
                    self.session.execute(statement.sql)

    def _run(self, statements: Sequence[Any]) -> None:
        self.session.begin()
        try:
            for statement in statements:
                self.session.execute(statement.sql)
            self.session.commit()
        except BaseException:
            self.session.rollback()
            raise


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def desired_schema(path: Path, script: str) -> Schema:
    """Read a script in a database of its own."""
    database = Database(path, script)
    try:
        return database.schema()
    finally:
        database.close()
