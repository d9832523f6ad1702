"""The group of checks ``source``: what the source of the desired schema found while it was read."""

from __future__ import annotations

from lockgate.errors import UnreadSource
from lockgate.model.finding import Checked, Finding
from lockgate.source.desired import read_declaration
from lockgate.source.migrations.rules import RULES as MIGRATION_RULES
from lockgate.source.spec import SpecKind, parse_spec
from lockgate.workflow.subject import Subject


def run(subject: Subject) -> Checked:
    """Pass on the source's findings; parts it could not read are findings too, and leave the rest open."""
    spec = parse_spec(subject.options.desired)
    if spec.kind not in (SpecKind.SQL, SpecKind.DECLARED):
        return Checked((), {"schema specs": 1})
    try:
        declaration = read_declaration(spec, subject.engine, subject.server)
    except UnreadSource as error:
        return Checked(_without_said(tuple(error.findings), subject), {}, (error.what,))
    findings = _without_said(declaration.findings, subject)
    return Checked(findings, declaration.checked or {"declared files": len(declaration.files)})


def _without_said(findings: tuple[Finding, ...], subject: Subject) -> tuple[Finding, ...]:
    """Leave out what the group ``migrations`` says of the same folder, with what the database made of it."""
    said = {rule.code for rule in MIGRATION_RULES} if subject.runs_too("migrations") else set()
    return tuple(finding for finding in findings if finding.code not in said)
