"""The group of checks ``conventions``: what the team agreed on under ``[conventions]``, against the live database."""

from __future__ import annotations

from contextlib import ExitStack

from lockgate.engine.base import ScratchOptions, Session
from lockgate.model.finding import Checked, FindingReport, build_finding_report
from lockgate.model.target import Target
from lockgate.verify.conventions.find import check_conventions
from lockgate.verify.conventions.settings import Conventions
from lockgate.workflow.subject import Subject, ValidateOptions
from lockgate.workflow.tool_tables import count_left_out, without_tool_tables


def run(subject: Subject) -> Checked:
    """Check the conventions. The two-writer probe builds the live schema in a scratch database."""
    conventions = subject.options.conventions
    assert conventions is not None, "the group needs them"
    sessions: list[Session] = []

    def open_scratch() -> Session:
        sessions.append(subject.scratch().create_database("lockgate_conventions"))
        return sessions[-1]

    live, left_out = without_tool_tables(subject.live)
    try:
        found = check_conventions(subject.engine, subject.server, live, conventions, open_scratch)
        return count_left_out(found, left_out)
    finally:
        for session in sessions:
            session.close()


def verify_conventions(target: Target, conventions: Conventions, scratch: ScratchOptions) -> FindingReport:
    """Check the conventions alone and return their report; the target is only read.

    Raises:
        ConnectError: The database cannot be reached.
        ConfigError: A pattern of files is none.
    """
    with ExitStack() as stack:
        subject = Subject(ValidateOptions(target=target, conventions=conventions, scratch=scratch), stack)
        found = run(subject)
        return build_finding_report("conventions", target.name, found.findings, found.checked, found.unknown)
