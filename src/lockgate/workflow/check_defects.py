"""The groups of checks ``schema`` and ``data``: what is wrong with the live database, whatever was declared."""

from __future__ import annotations

from lockgate.model.finding import Checked
from lockgate.verify.defects.find import find_schema_defects
from lockgate.verify.defects.rows import find_data_defects
from lockgate.workflow.subject import Subject
from lockgate.workflow.tool_tables import count_left_out, without_tool_tables


def run_schema(subject: Subject) -> Checked:
    """Check the live schema."""
    live, left_out = without_tool_tables(subject.live)
    found = find_schema_defects(subject.engine, subject.session, subject.server, live, subject.options.defects)
    return count_left_out(found, left_out)


def run_data(subject: Subject) -> Checked:
    """Check rows and counters."""
    live, left_out = without_tool_tables(subject.live)
    found = find_data_defects(subject.engine, subject.session, subject.server, live, subject.options.defects)
    return count_left_out(found, left_out)
