"""What the reports for build pipelines share: the frame of SARIF, and GitHub's annotations with their limit; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lockgate.model.finding import Severity
from lockgate.model.rule import Rule

SARIF_LEVEL = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_LEVEL = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST_ANNOTATIONS = 10


def sarif_log(
    version: str,
    rules: Sequence[Mapping[str, object]],
    results: Sequence[Mapping[str, object]],
    properties: Mapping[str, object],
    *,
    has_run: bool,
) -> str:
    """Return a SARIF 2.1.0 document of one run of this version."""
    import json

    run = {
        "tool": {"driver": {"name": "lockgate", "version": version, "rules": rules}},
        "invocations": [{"executionSuccessful": has_run}],
        "results": results,
        "properties": properties,
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def sarif_rule(rule: Rule) -> dict[str, object]:
    """Return a rule as SARIF describes one."""
    return {
        "id": rule.code,
        "name": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": SARIF_LEVEL[rule.severity]},
    }


def annotation(severity: Severity, title: str, text: str, place: str = "") -> str:
    """Return one annotation; ``place`` is ``file=…,line=…,`` or empty, escaped by `escape_property`."""
    return f"::{_GITHUB_LEVEL[severity]} {place}title={escape_property(title)}::{_escape(text)}"


def verdict_annotation(title: str, text: str, *, is_good: bool) -> str:
    """Return the annotation that closes a report: a notice when all is well, else an error."""
    return annotation(Severity.INFO if is_good else Severity.CRITICAL, title, text)


def cut_annotations(severity: Severity, lines: Sequence[str], noun: str, title: str) -> tuple[list[str], list[str]]:
    """Return the annotations of one level to be shown, and the one that counts the others, if any.

    GitHub shows ten of each level a step; of more, nine are shown and the tenth says how many there are besides.
    """
    if len(lines) <= _MOST_ANNOTATIONS:
        return list(lines), []
    shown = list(lines[: _MOST_ANNOTATIONS - 1])
    rest = f"{len(lines) - len(shown)} more {noun} of severity {severity.value}; --format text lists all"
    return shown, [annotation(severity, title, rest)]


def escape_property(text: str) -> str:
    """Escape a property of an annotation."""
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
