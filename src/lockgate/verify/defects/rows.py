"""Rows that break what the schema says, and counters near their end; asks bounded questions, reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lockgate.engine.base import Engine, Session, TableSize
from lockgate.engine.defects import Counter, RowQuestion
from lockgate.errors import FailedError
from lockgate.model.finding import Checked, Finding, Severity
from lockgate.model.keys import table_key
from lockgate.model.rule import Rule
from lockgate.model.schema import Key, Schema, Table
from lockgate.model.server import Server
from lockgate.verify.defects import rules_data as rules
from lockgate.verify.defects.lookup import Lookup, find_column, own_tables, path_of, target_columns
from lockgate.verify.defects.parents import Parents, find_parents
from lockgate.verify.defects.settings import DefectSettings

_BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in rules.RULES}
_ALMOST_PERCENT = 95


def find_data_defects(
    engine: Engine, session: Session, server: Server, schema: Schema, settings: DefectSettings
) -> Checked:
    """Ask the rows of every table that is not too large, and every counter.

    A table of more than ``max_rows`` rows by statistics is not read, and each question about it is an unknown.
    """
    findings: list[Finding] = []
    unknown: list[str] = []
    asked = 0
    session.set_limits(settings.lock_ms, settings.statement_ms)
    try:
        unknown += engine.defects().prepare_reading(session)
        sizes = _Sizes(engine, session, server, settings)
        parents = find_parents(engine, session, schema)
        unknown += parents.describe_hidden()
        questions = (
            *ask_orphans(engine, schema, parents),
            *ask_checks(engine, schema),
            *engine.defects().ask_rows(schema, server),
        )
        for question in questions:
            reason = sizes.reason(question.tables[0])
            if reason:
                unknown.append(f"{question.object}: {reason}")
                continue
            try:
                count = int(session.query(question.sql)[0][0] or 0)
            except FailedError as error:
                unknown.append(f"{question.object}: {_short(error)}")
                continue
            asked += 1
            if count:
                findings.append(_found(question, count))
        counters = engine.defects().read_counters(session, server, schema)
    finally:
        session.set_limits(0, 0)
    for counter in counters.counters:
        findings += judge_counter(counter, settings)
    unknown += counters.unknown
    unknown += [f"{u.kind} {u.name}: {u.reason}" for u in schema.unmanaged if u.kind == "table"]
    checked = {
        "tables": len({q.tables[0] for q in questions}),
        "questions to rows": asked,
        "sequences and auto-increments": len(counters.counters),
    }
    return Checked(tuple(findings), checked, tuple(unknown))


class _Sizes:
    """Tells which tables are too large to be read: by statistics, else by counting no further than the limit."""

    def __init__(self, engine: Engine, session: Session, server: Server, settings: DefectSettings) -> None:
        self._engine, self._session, self._limit = engine, session, settings.max_rows
        self._known = dict(engine.table_sizes(session, server))
        self._reasons: dict[Key, str] = {}

    def reason(self, table: Key) -> str:
        """Say why a table is not read; empty when it may be."""
        if table not in self._reasons:
            self._reasons[table] = self._judge(table)
        return self._reasons[table]

    def _judge(self, table: Key) -> str:
        rows = self._known.get(table, TableSize(-1, -1)).rows
        if rows > self._limit:
            return f"not counted: about {rows:,} rows, more than the limit of {self._limit:,}"
        if rows >= 0:
            return ""
        name = _path(self._engine, (table.namespace, table.name))
        try:
            sql = f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {self._limit + 1}) lockgate_rows"
            counted = int(self._session.query(sql)[0][0])
        except FailedError as error:
            return _short(error)
        return f"not counted: more rows than the limit of {self._limit:,}" if counted > self._limit else ""


def _found(question: RowQuestion, count: int) -> Finding:
    rows = f"{count:,} row{'s' if count > 1 else ''} of {question.tables[0].name}"
    return _BY_CODE[question.rule].found(f"{rows} {question.message}", object=question.object)


def _short(error: FailedError) -> str:
    return f"not counted: {error.what}{f' ({error.cause})' if error.cause else ''}"


def ask_orphans(engine: Engine, schema: Schema, parents: Parents) -> Iterator[RowQuestion]:
    """Yield, for each foreign key, the question for rows without the row they refer to; none for a hidden parent."""
    lookup = Lookup(schema)
    for table in own_tables(schema):
        for key in table.foreign_keys:
            if ("period", "true") in key.options:
                continue  # ranges that are covered, not values that are equal: the engine asks
            given = " AND ".join(f"c.{engine.quote(name)} IS NOT NULL" for name in key.columns)
            start = f"SELECT count(*) FROM {_name(engine, table)} c WHERE {given}"
            message = f"hold ({', '.join(key.columns)}) that {key.ref_table} has not"
            path = path_of(table, key.name or ", ".join(key.columns))
            name = (key.ref_namespace, key.ref_table)
            parent = lookup.parent(key)
            if parent is None and name not in parents.elsewhere:
                if parents.is_gone(name):
                    yield RowQuestion("orphan-rows", (table_key(table),), path, start, message)
                continue
            targets = target_columns(key, parent) if parent else key.ref_columns
            if len(targets) != len(key.columns) or (parent and not all(find_column(parent, n) for n in targets)):
                continue
            pairs = zip(key.columns, targets, strict=True)
            equal = " AND ".join(f"p.{engine.quote(b)} = c.{engine.quote(a)}" for a, b in pairs)
            holder = _path(engine, (parent.namespace, parent.name) if parent else name)
            sql = f"{start} AND NOT EXISTS (SELECT 1 FROM {holder} p WHERE {equal})"
            yield RowQuestion("orphan-rows", (table_key(table),), path, sql, message)


def ask_checks(engine: Engine, schema: Schema) -> Iterator[RowQuestion]:
    """Yield, for each CHECK, the question for rows that break it."""
    for table in own_tables(schema):
        listed = [(check.name, check.expression) for check in table.checks]
        listed += [(column.name, dict(column.options).get("check", "")) for column in table.columns]
        for name, expression in listed:
            if expression:
                sql = f"SELECT count(*) FROM {_name(engine, table)} WHERE NOT ({expression})"
                message = f"break {name or 'a CHECK'}: {expression}"
                path = path_of(table, name or "CHECK")
                yield RowQuestion("rows-break-check", (table_key(table),), path, sql, message)


def _name(engine: Engine, table: Table) -> str:
    return _path(engine, (table.namespace, table.name))


def _path(engine: Engine, name: tuple[str, str]) -> str:
    return ".".join(engine.quote(part) for part in name if part)


def judge_counter(counter: Counter, settings: DefectSettings) -> Iterator[Finding]:
    """Yield what is to be said of one counter: near its own end, near its column's, wider than its column."""
    end = min(limit for limit in (counter.limit, counter.column_limit or counter.limit))
    if counter.column_limit and counter.limit > counter.column_limit:
        message = (
            f"the {counter.kind} of {counter.object} goes to {counter.limit:,}, the column to {counter.column_limit:,}"
        )
        yield rules.COUNTER_WIDER.found(message, object=counter.object)
    if counter.last is None or end <= 0 or counter.last * 100 < end * settings.overflow_percent:
        return
    if counter.is_cycle and end == counter.limit:
        return
    percent = min(counter.last * 100 // end, 100)
    message = (
        f"the {counter.kind} of {counter.object} has used {percent} % of its numbers ({counter.last:,} of {end:,})"
    )
    severity = Severity.CRITICAL if percent >= _ALMOST_PERCENT else Severity.WARNING
    yield rules.COUNTER_NEAR_END.found(message, object=counter.object, severity=severity)
