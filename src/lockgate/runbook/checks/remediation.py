"""The check ``remediation``: no difference between live and desired schema is missing from a document."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from lockgate.errors import LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import RemediationCheck
from lockgate.model.codec import encode_pretty
from lockgate.model.outcome import Evidence, FailureClass
from lockgate.report.fix import title_of
from lockgate.runbook.checks.answers import judge, unknown
from lockgate.runbook.checks.drift import measure, why_unknown
from lockgate.runbook.markdown.tables import split_row
from lockgate.runbook.target import TargetTools

_EXPECTED = "a row for every difference"
_MOST_BYTES = 1 << 24
_CLASS = FailureClass.PROCESS
_SAYS_NOTHING = frozenset({"", "-", "–", "—", "?", "tbd", "todo"})


def evaluate(tools: TargetTools, check: RemediationCheck, context: CheckContext) -> Answer:
    """Measure the differences now and look each up in the document, as it is now."""
    path = context.folder / check.path
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return judge(False, _EXPECTED, f"there is no document {check.path}", _CLASS)
    except OSError as error:
        return unknown(_EXPECTED, f"{check.path} cannot be read: {error.strerror}", _CLASS)
    if len(data) > _MOST_BYTES:
        return unknown(_EXPECTED, f"{check.path} is larger than {_MOST_BYTES >> 20} MiB", _CLASS)
    try:
        said = set(_documented(data.decode("utf-8-sig"), Path(check.path).suffix.lower()))
    except UnicodeDecodeError:
        return unknown(_EXPECTED, f"{check.path} is no text in UTF-8", _CLASS)
    document = Evidence(name=check.path, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    return _compare(tools, check, context, said, document)


def _compare(
    tools: TargetTools, check: RemediationCheck, context: CheckContext, said: set[str], document: Evidence
) -> Answer:
    try:
        report = measure(tools, check.desired)
    except LockgateError as error:
        return unknown(_EXPECTED, f"the differences were not measured: {error}", _CLASS)
    kept = (document, context.keep("drift.json", encode_pretty(report)))
    titles = [" ".join(title_of(entry).split()) for entry in report.changes]
    missing = tuple(title for title in titles if title not in said)
    if missing:
        found = f"{len(missing)} of {len(titles)} differences without one: {', '.join(missing[:5])}"
        return judge(False, _EXPECTED, found, _CLASS, missing, kept)
    if why := why_unknown(report):
        return unknown(_EXPECTED, why, _CLASS)
    return judge(True, _EXPECTED, f"all {len(titles)} have one", _CLASS, tuple(titles), kept)


def _documented(text: str, suffix: str) -> Iterator[str]:
    """Give every cell of every row that says something beside it."""
    for cells in _rows(text, suffix):
        plain = [" ".join(cell.split()) for cell in cells]
        for place, cell in enumerate(plain):
            if any(other.lower() not in _SAYS_NOTHING for other in (*plain[:place], *plain[place + 1 :])):
                yield cell


def _rows(text: str, suffix: str) -> Iterator[list[str]]:
    shown = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    if suffix in (".html", ".htm"):
        for row in re.findall(r"<tr\b.*?</tr>", shown, re.DOTALL | re.IGNORECASE):
            cells = re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, re.DOTALL | re.IGNORECASE)
            yield [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in cells]
    elif suffix == ".txt":
        for line in text.splitlines():
            yield re.split(r"\s{2,}", line.strip())
    else:
        for line in shown.splitlines():
            if line.lstrip().startswith("|"):
                yield [_plain(cell) for cell in split_row(line)]


def _plain(cell: str) -> str:
    """Return a cell of Markdown without marks of code and bold and without escapes."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)(`+|\*\*)", "", cell))
