"""Measure a database and write down what is found: a baseline, or an analysis with every group of checks."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

from msgspec.structs import replace

from lockgate.diff.drift import count_objects
from lockgate.engine import load_engine
from lockgate.errors import InputError, RefusedError
from lockgate.model import codec
from lockgate.model.analysis import Baseline, Section, TableFacts, group_tables
from lockgate.model.finding import build_finding_report
from lockgate.model.keys import table_key
from lockgate.model.schema import Schema
from lockgate.report.drift import summarize_drift
from lockgate.workflow.ignored import leave_out
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.subject import Subject, ValidateOptions
from lockgate.workflow.validate import GROUPS, choose_groups, run_group


def take_baseline(options: ValidateOptions, now: datetime) -> Baseline:
    """Return what the database is now, over a read-only session.

    Raises:
        ConfigError: No database is given.
        ConnectError: It cannot be reached.
    """
    with ExitStack() as stack:
        return _measure(Subject(options, stack), now)


def analyse_database(options: ValidateOptions, drift: DriftOptions, now: datetime) -> Baseline:
    """Return the same with drift against the desired schema and the findings of every group of checks.

    A group that cannot run stands there as not run, with the reason.

    Raises:
        ConfigError: No database is given, or a group's name is unknown.
        ConnectError: It cannot be reached.
    """
    names = choose_groups(options.only, options.skip)
    with ExitStack() as stack:
        subject = Subject(options, stack)
        measured = _measure(subject, now)
        sections = tuple(_run_section(subject, name) for name in names)
    return replace(measured, drift=_drift_words(options, drift), sections=sections)


def _measure(subject: Subject, now: datetime) -> Baseline:
    live = subject.live
    return Baseline(
        target=subject.target.name,
        engine=live.engine,
        flavor=subject.server.flavor,
        server_version=subject.server.version_text,
        taken_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        fingerprint=codec.fingerprint(live),
        counts=count_objects(live, live),
        settings=dict(subject.server.settings),
        groups=group_tables(live, _table_facts(subject, live)),
        unmanaged=live.unmanaged,
    )


def _table_facts(subject: Subject, live: Schema) -> dict[str, TableFacts]:
    sizes = subject.engine.table_sizes(subject.session, subject.server)
    facts: dict[str, TableFacts] = {}
    for table in live.tables:
        key = table_key(table)
        size = sizes.get(key)
        facts[key.path] = TableFacts(
            name=key.path,
            columns=len(table.columns),
            indexes=len(table.indexes),
            foreign_keys=len(table.foreign_keys),
            rows=size.rows if size else -1,
            bytes=size.bytes if size else -1,
            has_primary_key=table.primary_key is not None,
        )
    return facts


def _run_section(subject: Subject, name: str) -> Section:
    missing = subject.missing(GROUPS[name].needs)
    if missing:
        return Section(name=name, status="not_run", note=missing)
    result = run_group(name, subject)
    findings, ignored = leave_out(result.findings, subject.options.defects.ignored)
    checked = {**result.checked, "ignored findings": ignored} if ignored else result.checked
    report = build_finding_report(name, subject.title, findings, checked, result.unknown)
    return Section(
        name=name,
        status=report.status.value,
        note="; ".join(report.unknown) if report.status.value == "not_run" else "",
        checked=report.checked,
        findings=report.findings,
        unknown=report.unknown,
    )


def _drift_words(options: ValidateOptions, drift: DriftOptions) -> str:
    """Return the verdict on drift in one sentence; what keeps it from being measured is a sentence too."""
    if not options.desired or options.target is None:
        return "not run: no desired schema is given"
    try:
        report = measure_drift(load_engine(options.target.engine), options.target, options.desired, drift)
    except (InputError, RefusedError) as error:
        return f"not run: {error}"
    return summarize_drift(report)
