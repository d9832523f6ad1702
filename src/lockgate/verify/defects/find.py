"""Find what is wrong with a live schema: everything its catalogue tells, and what a few queries add."""

from __future__ import annotations

from lockgate.engine.base import Engine, Session
from lockgate.engine.defects import Defect
from lockgate.model.finding import Checked, Finding, Severity
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.verify.defects import rules_columns, rules_schema
from lockgate.verify.defects.columns import find_column_defects, find_name_defects, named_objects
from lockgate.verify.defects.keys import find_key_defects
from lockgate.verify.defects.parents import find_parents
from lockgate.verify.defects.settings import DefectSettings

_RULES = {rule.code: rule for rule in (*rules_schema.RULES, *rules_columns.RULES)}


def find_schema_defects(
    engine: Engine, session: Session, server: Server, schema: Schema, settings: DefectSettings
) -> Checked:
    """Check keys, constraints, indexes, types, names, views and triggers. What the model cannot hold is unknown."""
    dialect = engine.defects()
    session.set_limits(settings.lock_ms, settings.statement_ms)
    try:
        live = dialect.find_live(session, server, schema)
        parents = find_parents(engine, session, schema)
    finally:
        session.set_limits(0, 0)
    findings = [
        *find_key_defects(schema, dialect, parents),
        *find_column_defects(schema, dialect, settings),
        *find_name_defects(schema, dialect, dialect.read_reserved(session, server)),
        *(_found(defect) for defect in (*dialect.find_traps(schema, server), *live.defects)),
    ]
    checked = {
        "tables": len(schema.tables),
        "columns": sum(len(t.columns) for t in schema.tables),
        "foreign keys": sum(len(t.foreign_keys) for t in schema.tables),
        "indexes": sum(len(t.indexes) for t in schema.tables),
        "names": sum(1 for _ in named_objects(schema)),
        **live.checked,
    }
    unknown = [f"{u.kind} {u.name}: {u.reason}" for u in schema.unmanaged]
    return Checked(tuple(findings), checked, (*unknown, *live.unknown, *parents.describe_hidden()))


def _found(defect: Defect) -> Finding:
    severity = Severity.INFO if defect.is_milder else None
    return _RULES[defect.rule].found(defect.message, object=defect.object, severity=severity)
