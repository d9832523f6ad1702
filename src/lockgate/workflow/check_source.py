"""The group of checks ``source``: what the source of the desired schema found while it was read."""

from __future__ import annotations

from lockgate.errors import UnreadSource
from lockgate.model.finding import Checked
from lockgate.source.desired import read_declaration
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
        return Checked(error.findings, {}, (error.what,))
    return Checked(declaration.findings, declaration.checked or {"declared files": len(declaration.files)})
