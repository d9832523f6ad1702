"""Make a private copy of a target, rows included, to rehearse on: never in a database of the target's own server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.base import Engine, RowTransfer, Scope, ScratchOptions, Session
from lockgate.errors import FailedError, ScratchUnavailable, StalePlan
from lockgate.model import codec
from lockgate.model.keys import table_key
from lockgate.model.plan import Plan
from lockgate.model.rehearsal import CopiedTable
from lockgate.model.schema import Column, ForeignKey, Key, Schema, Table
from lockgate.model.server import Server
from lockgate.model.target import Target

_KEYS_AT_ONCE = 200
Tell = Callable[[str], None]


@dataclass(frozen=True)
class RehearsalCopy:
    """A copy one can connect to; ``schema`` is the target's as it was read."""

    target: Target
    schema: Schema
    tables: tuple[CopiedTable, ...]
    server: Server
    transfer: RowTransfer


@contextmanager
def open_copy(
    engine: Engine, target: Target, plan: Plan, options: ScratchOptions, most_rows: int, tell: Tell
) -> Iterator[RehearsalCopy]:
    """Yield a copy of the target's schema with its rows; it is gone when the block ends. The target is only read.

    Args:
        most_rows: Rows copied of one table; of a larger one some, with all rows that they refer to. 0: all rows.

    Raises:
        StalePlan: The live schema is not what the plan was made for.
        ScratchUnavailable: There is no server of our own to copy to.
        FailedError: The copy is not what the target is.
    """
    with ExitStack() as stack:
        source = engine.connect(target, is_read_only=True)
        stack.callback(source.close)
        server = engine.identify(source)
        live = engine.inspect(source, server, Scope())
        check_fresh(plan, live)
        place = replace_options(options)
        scratch = stack.enter_context(engine.open_scratch(server, target, place))
        _check_apart(scratch.is_private, options, target)
        session = scratch.create_database("rehearsal")
        stack.callback(session.close)
        copier = _Copier(engine, scratch.server, source, session, live, most_rows, tell)
        tables = copier.copy()
        yield RehearsalCopy(session.target, live, tables, server, copier.transfer)


def replace_options(options: ScratchOptions) -> ScratchOptions:
    """Return the options for a scratch with rows, which is never beside the target."""
    return ScratchOptions(url=options.url, is_beside_target_allowed=False, holds_rows=True)


def check_fresh(plan: Plan, live: Schema) -> None:
    """Refuse a plan for another schema than the live one.

    Raises:
        StalePlan: It is.
    """
    found = codec.fingerprint(live)
    if found != plan.before:
        raise StalePlan(
            "the live schema is not what the plan was made for",
            cause=f"its fingerprint is {found[:12]}, expected {plan.before[:12]}",
            state="nothing was touched, nothing was rehearsed",
            hint="make a new plan with `lockgate plan`",
        )


def _check_apart(is_private: bool, options: ScratchOptions, target: Target) -> None:
    given = options.url
    if is_private or (given and f"{target.host}:{target.port}" not in given):
        return
    raise ScratchUnavailable(
        "a rehearsal needs a server of its own",
        cause="rows of the target would be written to a database on its own server",
        state="nothing was touched, nothing was rehearsed",
        hint="install the server's programs here, or name another server of the same version with --scratch-url",
    )


@dataclass
class _Copier:
    engine: Engine
    server: Server
    source: Session
    session: Session
    live: Schema
    most_rows: int
    tell: Tell

    def __post_init__(self) -> None:
        self.transfer = self.engine.transfer()

    def copy(self) -> tuple[CopiedTable, ...]:
        early, late = self._statements()
        for sql in early:
            self.session.execute(sql)
        self.transfer.begin(self.source)
        try:
            self.transfer.prepare(self.session)
            tables = tuple(self._copy_table(table) for table in self._with_rows())
            tables = self._add_parents(tables)
            self._compare(tables)
            self.transfer.finish(self.source, self.session, self.live)
        finally:
            self.source.rollback()
        for sql in late:
            self.session.execute(sql)
        self._check_schema()
        return tables

    def _statements(self) -> tuple[list[str], list[str]]:
        """Return what builds the schema but its triggers, and what makes these when the rows are there."""
        everything = self.engine.render_schema(self.live, self.server)
        without = replace(self.live, definitions=tuple(d for d in self.live.definitions if d.kind != "trigger"))
        first = set(self.engine.render_schema(without, self.server))
        return [sql for sql in everything if sql in first], [sql for sql in everything if sql not in first]

    def _with_rows(self) -> list[Table]:
        """Return the tables that hold rows of their own: a partitioned one is copied as a whole."""
        return [t for t in self.live.tables if t.partition_of is None and "server" not in dict(t.options)]

    def _copy_table(self, table: Table) -> CopiedTable:
        path = table_key(table).path
        self.tell(f"copying {path}")
        wanted = self.engine.count_rows(self.source, [table_key(table)])[table_key(table)]
        limit = self.most_rows if self.most_rows and wanted > self.most_rows else 0
        rows = self.transfer.copy_rows(self.source, self.session, table, "", limit)
        return CopiedTable(table=path, rows=rows, is_full=not limit and rows == wanted)

    def _add_parents(self, tables: tuple[CopiedTable, ...]) -> tuple[CopiedTable, ...]:
        """Copy what rows of sampled tables refer to, until no reference leads nowhere."""
        if all(table.is_full for table in tables):
            return tables
        by_path = {table_key(table).path: table for table in self._with_rows()}
        is_done = False
        while not is_done:
            is_done = True
            for table in by_path.values():
                for key in table.foreign_keys:
                    parent = by_path.get(Key("table", key.ref_namespace, key.ref_table).path)
                    if parent is not None and self._add_missing(table, key, parent):
                        is_done = False
        counts = self.engine.count_rows(self.session, [table_key(table) for table in by_path.values()])
        return tuple(replace(t, rows=counts[table_key(by_path[t.table])]) for t in tables)

    def _add_missing(self, table: Table, key: ForeignKey, parent: Table) -> int:
        """Copy rows of a parent table that a child's rows want; return how many came."""
        quote = self.engine.quote
        columns = {c.name: c for c in table.columns}
        literals = ", ".join(_of("c", self.transfer, columns[name], quote) for name in key.columns)
        pairs = list(zip(key.columns, key.ref_columns, strict=True))
        same = " AND ".join(f"p.{quote(there)} = c.{quote(here)}" for here, there in pairs)
        known = " AND ".join(f"c.{quote(here)} IS NOT NULL" for here, _ in pairs)
        rows = self.session.query(
            f"SELECT DISTINCT {literals} FROM {_name(table, quote)} c WHERE {known}"
            f" AND NOT EXISTS (SELECT 1 FROM {_name(parent, quote)} p WHERE {same})"
        )
        added = 0
        for start in range(0, len(rows), _KEYS_AT_ONCE):
            cases = [
                "(" + " AND ".join(f"{quote(c)} = {v}" for c, v in zip(key.ref_columns, row, strict=True)) + ")"
                for row in rows[start : start + _KEYS_AT_ONCE]
            ]
            added += self.transfer.copy_rows(self.source, self.session, parent, " OR ".join(cases), 0)
        return added

    def _compare(self, tables: tuple[CopiedTable, ...]) -> None:
        """Prove that every fully copied table has the source's very rows."""
        by_path = {table_key(table).path: table_key(table) for table in self._with_rows()}
        for table in tables:
            if not table.is_full or not table.rows:
                continue
            key = by_path[table.table]
            if self.engine.checksum_rows(self.source, key) != self.engine.checksum_rows(self.session, key):
                raise FailedError(
                    f"the copy of {table.table} does not hold the same values as the target",
                    cause="their checksums differ",
                    state="the target was only read; nothing was rehearsed",
                    hint="report this with the table's definition",
                )

    def _check_schema(self) -> None:
        copied = self.engine.inspect(self.session, self.server, Scope())
        if codec.fingerprint(copied) != codec.fingerprint(self.live):
            raise FailedError(
                "the copy's schema is not the target's",
                cause="what was built from it reads differently",
                state="the target was only read; nothing was rehearsed",
                hint="lockgate plan says what cannot be held exactly",
            )


def _name(table: Table, quote: Callable[[str], str]) -> str:
    return ".".join(quote(part) for part in (table.namespace, table.name) if part)


def _of(alias: str, transfer: RowTransfer, column: Column, quote: Callable[[str], str]) -> str:
    """Return the literal's expression for a column of an aliased table."""
    return transfer.literal_of(column).replace(quote(column.name), f"{alias}.{quote(column.name)}")
