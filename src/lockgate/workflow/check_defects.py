"""The groups of checks ``schema`` and ``data``: what is wrong with the live database, whatever was declared."""

from __future__ import annotations

from lockgate.model.finding import Checked
from lockgate.verify.defects.find import find_schema_defects
from lockgate.verify.defects.rows import find_data_defects
from lockgate.workflow.subject import Subject


def run_schema(subject: Subject) -> Checked:
    """Check the live schema."""
    return find_schema_defects(subject.engine, subject.session, subject.server, subject.live, subject.options.defects)


def run_data(subject: Subject) -> Checked:
    """Check rows and counters."""
    return find_data_defects(subject.engine, subject.session, subject.server, subject.live, subject.options.defects)
