"""Drive the SQLite engine in tests: build, plan, apply, roll back, finalize; look at everything with plain sqlite3."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lockgate.diff.compare import diff_schemas
from lockgate.engine import load_engine
from lockgate.engine.base import ParkNames, Scope, Session
from lockgate.errors import PrecheckFailed
from lockgate.model.change import Change
from lockgate.model.op import Op
from lockgate.model.schema import Schema
from lockgate.model.target import parse_target
from lockgate.plan.order import order_ops

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

    def plan(self, desired: Schema, renames: Sequence[Change] = ()) -> tuple[Op, ...]:
        names = ParkNames([ENGINE.next_park_number(self.session)])
        live = self.schema()
        changes = diff_schemas(live, desired) if not renames else tuple(renames)
        return order_ops(ENGINE.plan_ops(changes, live, desired, self.server, names))

    def apply(self, ops: Sequence[Op], *, with_prechecks: bool = True) -> None:
        for op in ops:
            if with_prechecks:
                self.ask(op.prechecks)
            self._run(op.forward)

    def roll_back(self, ops: Sequence[Op]) -> None:
        for op in reversed(ops):
            self.ask(op.backward_prechecks)
            self._run(op.backward)

    def ask(self, prechecks: Sequence[Any]) -> None:
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
