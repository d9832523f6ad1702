"""Choose the form a run's report is shown in; pure."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.model.codec import encode_pretty
from lockgate.model.procedure_report import ProcedureReport
from lockgate.report.html import render_html
from lockgate.report.markdown import render_markdown
from lockgate.report.procedure.document import report_document
from lockgate.report.procedure.pipelines import github_summary, report_github, report_junit, report_sarif
from lockgate.report.text import render_text

_FORMS: dict[str, Callable[[ProcedureReport], str]] = {
    "text": lambda report: render_text(report_document(report)),
    "markdown": lambda report: render_markdown(report_document(report)),
    "html": lambda report: render_html(report_document(report)),
    "json": lambda report: encode_pretty(report).decode(),
    "junit": report_junit,
    "sarif": report_sarif,
    "github": report_github,
    "summary": github_summary,
}
FORMATS = tuple(_FORMS)
FILES = {
    "report.md": "markdown",
    "report.html": "html",
    "report.json": "json",
    "report.junit.xml": "junit",
    "report.sarif": "sarif",
    "report.summary.md": "summary",
}
"""What stands in a run's folder after its end, by the form of each."""


def render_report(report: ProcedureReport, form: str) -> str:
    """Return the report in one of ``FORMATS``."""
    return _FORMS[form](report)
