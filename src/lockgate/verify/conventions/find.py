"""Check the conventions that were agreed on against the live schema and the code."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.engine.base import Engine, Session
from lockgate.errors import ScratchUnavailable
from lockgate.model.finding import Checked, Finding
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.verify.conventions.code import check_helper, read_code_list
from lockgate.verify.conventions.locking import check_locking, listed_tables
from lockgate.verify.conventions.probe import probe_writers
from lockgate.verify.conventions.settings import Conventions, LockingConvention
from lockgate.verify.conventions.tables import column_of, matching
from lockgate.verify.conventions.tidiness import check_own_rule, check_soft_delete, soft_deleting
from lockgate.verify.defects.lookup import own_tables

OpenScratch = Callable[[], Session]
"""Gives a session in an empty scratch database; raises ScratchUnavailable."""


def check_conventions(
    engine: Engine, server: Server, schema: Schema, conventions: Conventions, open_scratch: OpenScratch
) -> Checked:
    """Check everything under ``[conventions]``. What the model cannot hold of the live schema is unknown.

    Raises:
        ConfigError: A pattern of files is none.
    """
    findings: list[Finding] = []
    checked: dict[str, int] = {}
    unknown = [f"{u.kind} {u.name}: {u.reason}" for u in schema.unmanaged if u.kind == "table"]
    if conventions.soft_delete is not None:
        having, lacking = soft_deleting(schema, conventions.soft_delete)
        findings += check_soft_delete(schema, conventions.soft_delete)
        checked |= {"tables with soft delete": len(having), "tables without soft delete": len(lacking)}
    for rule in conventions.rules:
        findings += check_own_rule(schema, rule)
    if conventions.rules:
        checked |= {"own rules": len(conventions.rules), "tables": len(own_tables(schema))}
    if conventions.locking is not None:
        found = _locking(engine, server, schema, conventions, conventions.locking, open_scratch)
        findings += found.findings
        checked |= found.checked
        unknown += found.unknown
    return Checked(tuple(findings), checked, tuple(unknown))


def _locking(
    engine: Engine,
    server: Server,
    schema: Schema,
    conventions: Conventions,
    convention: LockingConvention,
    open_scratch: OpenScratch,
) -> Checked:
    code = read_code_list(convention, conventions.base)
    findings = [*code.findings, *check_helper(convention, conventions.base)]
    findings += check_locking(schema, engine.defects(), convention, code.tables, conventions.file)
    listed = listed_tables(schema, convention, code.tables)
    tables = [t for t in listed if column_of(t, convention.version_column)]
    names = {*convention.tables, *code.tables}
    lost = sum(not matching(schema, name) for name in names)
    checked = {"tables on lists": len(listed) + lost, "files of code": code.files}
    if not names and not tables:
        return Checked(tuple(findings), checked, (f"no table is listed and none has {convention.version_column}",))
    if not convention.is_probed or not tables:
        return Checked(tuple(findings), checked)
    try:
        scratch = open_scratch()
    except ScratchUnavailable as error:
        return Checked(tuple(findings), checked, (f"the two-writer probe did not run: {error}",))
    probed = probe_writers(engine, scratch, server, schema, tables, convention)
    return Checked((*findings, *probed.findings), {**checked, **probed.checked}, probed.unknown)
