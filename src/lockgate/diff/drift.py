"""How bad a difference between the live and the desired schema is, by what it does to the application; pure."""

from __future__ import annotations

import enum
from collections import Counter

from lockgate.diff.compare import bare
from lockgate.diff.describe import describe_change
from lockgate.model.change import (
    AddColumn,
    AddConstraint,
    AddIndex,
    AlterColumn,
    AlterConstraint,
    AlterIndex,
    AlterObject,
    AlterTable,
    Change,
    CreateObject,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropObject,
    RenameColumn,
    RenameTable,
)
from lockgate.model.finding import Finding, Severity
from lockgate.model.keys import constraints_of, key_of
from lockgate.model.schema import Column, Schema, Unmanaged, Value


class DriftStatus(enum.Enum):
    """The verdict. Unknown: nothing differs in what was read, but not everything could be read."""

    IN_SYNC = "in_sync"
    DRIFT = "drift"
    UNKNOWN = "unknown"
    NOT_RUN = "not_run"


class DriftEntry(Value, frozen=True):
    """One difference; ``before`` is the live side, ``after`` the desired one."""

    kind: str
    table: str
    object: str
    severity: Severity
    before: str
    after: str
    message: str


class DriftReport(Value, frozen=True):
    """The result of one comparison. ``checked`` counts the desired and live objects compared, by kind.

    ``findings`` are what the source of the desired schema found besides; they are no drift.
    """

    status: DriftStatus
    engine: str
    server_version: str
    target: str
    desired: str
    checked: dict[str, int]
    changes: tuple[DriftEntry, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    live_fingerprint: str = ""
    desired_fingerprint: str = ""
    findings: tuple[Finding, ...] = ()
    format_version: int = 1


_COSMETIC = frozenset({"comment", "options", "is_invisible"})


def rate_change(change: Change) -> tuple[Severity, str]:
    """Return a difference's severity and the reason in words."""
    match change:
        case CreateObject() | AddColumn():
            return Severity.CRITICAL, "declared but not in the live database: code that uses it fails"
        case AddIndex(index=index) if not index.is_unique:
            return Severity.WARNING, "a declared index is missing: queries that rely on it are slow"
        case AddConstraint() | AddIndex():
            return Severity.CRITICAL, "a declared constraint is missing: the data is not protected by it"
        case DropObject() | DropColumn():
            return Severity.WARNING, "in the live database but not declared: it may hold data nobody accounts for"
        case DropConstraint():
            return Severity.WARNING, "the live database enforces a constraint that is not declared: writes may fail"
        case DropIndex():
            return Severity.INFO, "the live database has an index that is not declared"
        case AlterColumn(before=old, after=new):
            return _rate_column(old, new)
        case AlterTable(before=before, after=after) | AlterIndex(before=before, after=after):
            return _rate_other(before, after)
        case AlterConstraint(before=before, after=after) | AlterObject(before=before, after=after):
            return _rate_other(before, after)
        case RenameTable() | RenameColumn():
            return Severity.CRITICAL, "declared under another name: code that uses the new name fails"
    return Severity.INFO, "only the name differs"


def _fields(before: Value, after: Value) -> set[str]:
    return {f for f in after.__struct_fields__ if getattr(bare(before), f) != getattr(bare(after), f)}


def _rate_column(before: Column, after: Column) -> tuple[Severity, str]:
    fields = _fields(before, after)
    if "type" in fields:
        return Severity.CRITICAL, "the type differs: values may be refused, cut or read differently"
    if fields & {"generated", "identity", "is_auto_increment"}:
        return Severity.CRITICAL, "how its values come about differs"
    if "is_nullable" in fields:
        if after.is_nullable:
            return Severity.CRITICAL, "the live column refuses NULL, the declared one takes it: inserts fail"
        return Severity.CRITICAL, "the live column takes NULL, the declared one does not: unexpected NULLs"
    if fields & {"charset", "collation"}:
        return Severity.WARNING, "charset or collation differ: comparing and sorting give other results"
    if fields & {"default", "on_update"}:
        return Severity.WARNING, "the default differs: new rows get other values"
    return Severity.INFO, "only attributes that do not change results differ"


def _rate_other(before: Value, after: Value) -> tuple[Severity, str]:
    fields = _fields(before, after)
    if fields <= _COSMETIC:
        return Severity.INFO, "only attributes that do not change results differ"
    if isinstance(after, Column) or fields & {"sql", "values", "columns", "parts", "expression", "definition"}:
        return Severity.CRITICAL, "the definition differs"
    return Severity.WARNING, "the definition differs"


def build_drift_report(
    live: Schema,
    desired: Schema,
    changes: tuple[Change, ...],
    *,
    server_version: str,
    target: str,
    desired_name: str,
    fingerprints: tuple[str, str],
    findings: tuple[Finding, ...] = (),
) -> DriftReport:
    """Return the report; ``changes`` lead from live to desired."""
    entries = []
    for change in changes:
        severity, message = rate_change(change)
        note = describe_change(change)
        entries.append(
            DriftEntry(
                kind=note.kind,
                table=note.table,
                object=note.object,
                severity=severity,
                before=note.before,
                after=note.after,
                message=message,
            )
        )
    order = list(Severity)
    entries.sort(key=lambda e: (order.index(e.severity), e.table or e.object, e.object, e.kind))
    unmanaged = tuple(sorted(set(live.unmanaged) | set(desired.unmanaged), key=lambda u: (u.kind, u.name)))
    status = DriftStatus.DRIFT if entries else DriftStatus.UNKNOWN if unmanaged else DriftStatus.IN_SYNC
    return DriftReport(
        status=status,
        engine=live.engine,
        server_version=server_version,
        target=target,
        desired=desired_name,
        checked=count_objects(live, desired),
        changes=tuple(entries),
        unmanaged=unmanaged,
        live_fingerprint=fingerprints[0],
        desired_fingerprint=fingerprints[1],
        findings=findings,
    )


def count_objects(live: Schema, desired: Schema) -> dict[str, int]:
    """Count what was compared, by kind in plural: objects on either side, those on both once."""
    seen: Counter[str] = Counter()
    for group in zip(_object_names(live), _object_names(desired), strict=True):
        seen[group[0][0]] = len(group[0][1] | group[1][1])
    return dict(seen)


def _object_names(schema: Schema) -> list[tuple[str, set[tuple[str, ...]]]]:
    tables = [(t.namespace, t.name, t) for t in schema.tables]
    types = (schema.enums, schema.domains, schema.composites)
    return [
        ("tables", {(ns, name) for ns, name, _ in tables}),
        ("columns", {(ns, name, c.name) for ns, name, t in tables for c in t.columns}),
        ("indexes", {(ns, name, i.name) for ns, name, t in tables for i in t.indexes}),
        (
            "constraints",
            {(ns, name, c.name, str(n)) for ns, name, t in tables for n, c in enumerate(constraints_of(t))},
        ),
        ("types", {(o.namespace, o.name) for group in types for o in group}),
        ("sequences", {(o.namespace, o.name) for o in schema.sequences}),
        ("definitions", {key_of(o) for o in schema.definitions}),
    ]
