"""How bad a difference between the live and the desired schema is, by what it does to the application; pure."""

from __future__ import annotations

import enum
from collections import Counter

from lockgate.diff import drift_rules as rules
from lockgate.diff.compare import bare, without_parts
from lockgate.diff.describe import describe_change
from lockgate.model import codec
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
from lockgate.model.rule import Rule
from lockgate.model.schema import Column, Schema, Table, Unmanaged, Value


class DriftStatus(enum.Enum):
    """The verdict. Unknown: nothing differs in what was read, but not everything could be read."""

    IN_SYNC = "in_sync"
    DRIFT = "drift"
    UNKNOWN = "unknown"
    NOT_RUN = "not_run"


class DriftEntry(Value, frozen=True):
    """One difference; ``before`` is the live side, ``after`` the desired one. ``code`` names its `Rule`,
    ``digest`` covers it in full.
    """

    kind: str
    table: str
    object: str
    severity: Severity
    before: str
    after: str
    message: str
    code: str = ""
    next_step: str = ""
    digest: str = ""


class AcceptedEntry(Value, frozen=True):
    """A difference that was agreed to; ``until`` is the last day (ISO), empty for ever."""

    entry: DriftEntry
    accepted_by: str
    reason: str
    until: str = ""


class DriftReport(Value, frozen=True):
    """The result of one comparison. ``checked`` counts the desired and live objects compared, by kind.

    ``findings`` are what the source of the desired schema found besides; they are no drift. ``accepted`` are
    differences that were agreed to, ``notes`` say which agreements hold no more.
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
    accepted: tuple[AcceptedEntry, ...] = ()
    notes: tuple[str, ...] = ()
    format_version: int = 1


_COSMETIC = frozenset({"comment", "options", "is_invisible"})


def rate_change(change: Change) -> Rule:
    """Return the kind of drift a difference is; its severity and its title, the reason in words, are the rule's."""
    match change:
        case CreateObject() | AddColumn():
            return rules.MISSING
        case AddIndex(index=index) if not index.is_unique:
            return rules.MISSING_INDEX
        case AddConstraint() | AddIndex():
            return rules.MISSING_CONSTRAINT
        case DropObject() | DropColumn():
            return rules.UNDECLARED
        case DropConstraint():
            return rules.UNDECLARED_CONSTRAINT
        case DropIndex():
            return rules.UNDECLARED_INDEX
        case AlterColumn(before=old, after=new):
            return _rate_column(old, new)
        case AlterTable(before=before, after=after) | AlterIndex(before=before, after=after):
            return _rate_other(before, after)
        case AlterConstraint(before=before, after=after) | AlterObject(before=before, after=after):
            return _rate_other(before, after)
        case RenameTable() | RenameColumn():
            return rules.MISSING
    return rules.RENAMED


def digest_change(change: Change) -> str:
    """Return sixteen hexadecimal digits that change with anything in a difference that comparisons look at."""
    narrow = without_parts if isinstance(change, AlterTable) else _comparable
    parts = {name: narrow(getattr(change, name)) for name in change.__struct_fields__}
    return codec.digest_of([type(change).__name__, parts])[:16]


def _comparable(value: object) -> object:
    if isinstance(value, Table):
        return codec.canonical_table(value)
    return bare(value) if isinstance(value, Value) else value


def _fields(before: Value, after: Value) -> set[str]:
    return {f for f in after.__struct_fields__ if getattr(bare(before), f) != getattr(bare(after), f)}


def _rate_column(before: Column, after: Column) -> Rule:
    fields = _fields(before, after)
    if "type" in fields:
        return rules.TYPE
    if fields & {"generated", "identity", "is_auto_increment"}:
        return rules.ORIGIN
    if "is_nullable" in fields:
        return rules.NOT_NULL if after.is_nullable else rules.NULLABLE
    if fields & {"charset", "collation"}:
        return rules.COLLATION
    return rules.DEFAULT if fields & {"default", "on_update"} else rules.COSMETIC


def _rate_other(before: Value, after: Value) -> Rule:
    fields = _fields(before, after)
    if fields <= _COSMETIC:
        return rules.COSMETIC
    if isinstance(after, Column) or fields & {"sql", "values", "columns", "parts", "expression", "definition"}:
        return rules.DEFINITION
    return rules.PROPERTY


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
        rule = rate_change(change)
        note = describe_change(change)
        entries.append(
            DriftEntry(
                kind=note.kind,
                table=note.table,
                object=note.object,
                code=rule.code,
                severity=rule.severity,
                before=note.before,
                after=note.after,
                message=rule.title,
                next_step=rule.next_step,
                digest=digest_change(change),
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
