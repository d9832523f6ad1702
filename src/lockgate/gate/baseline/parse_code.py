"""Read what tsc, mypy, ruff and eslint print, in their usual forms; identities without lines; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from lockgate.gate.baseline.findings import Findings, identity

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TSC = re.compile(r"^(\S[^\n(]*?)(?:\((\d+),\d+\): |:(\d+):\d+ - )error (TS\d+): (.*)$", re.MULTILINE)
_TSC_GLOBAL = re.compile(r"^error (TS\d+): (.*)$", re.MULTILINE)
_TSC_TOTAL = re.compile(r"^Found (\d+) errors? ?(?:in|\.|$)", re.MULTILINE)
_MYPY = re.compile(r"^([^\s:][^:\n]*):(\d+)(?::\d+)?(?::\d+:\d+)?: error: (.*?)(?:  \[([\w-]+)\])?$", re.MULTILINE)
_MYPY_TOTAL = re.compile(r"^(?:Found (\d+) errors? in \d+ files?|Success: no issues found)", re.MULTILINE)
_RUFF = re.compile(
    r"^([^\s:][^:\n]*):(\d+):\d+: ([A-Z]+\d+|invalid-syntax:?|SyntaxError:) (?:\[\*\] )?(.*)$", re.MULTILINE
)
_RUFF_FULL = re.compile(
    r"^([A-Z]+\d+|invalid-syntax):? (?:\[\*\] )?(.*)\n *--> ([^\n:]+):(\d+):\d+",
    re.MULTILINE,
)
_RUFF_TOTAL = re.compile(r"^(?:Found (\d+) errors?(?: \(.*\))?\.$|All checks passed!)", re.MULTILINE)
_ESLINT_FILE = re.compile(r"^(/\S.*|[A-Za-z]:\\.*|\S+\.[cm]?[jt]sx?|\S+\.(?:vue|svelte))$")
_ESLINT_ROW = re.compile(r"^\s+(\d+):\d+\s+(error|warning)\s+(.*?)(?:\s{2,}(\S+))?$")
_ESLINT_TOTAL = re.compile(r"^(?:✖|x|×) (\d+) problems?", re.MULTILINE)
_ESLINT_UNIX = re.compile(r"^(\S[^:\n]*):(\d+):\d+: (.*) \[(Error|Warning)(?:/(\S+))?\]$", re.MULTILINE)
_ESLINT_UNIX_TOTAL = re.compile(r"^(\d+) problems?$", re.MULTILINE)

_Row = tuple[str, str, str, str]
"""File, line, code, message."""


def strip_colors(text: str) -> str:
    """Take terminal colours off."""
    return _ANSI.sub("", text)


def recognises_tsc(text: str) -> bool:
    """Tell whether a text is tsc's."""
    return bool(_TSC.search(text) or _TSC_GLOBAL.search(text))


def parse_tsc(text: str, folder: str = "") -> Findings:
    """Read ``file(line,col): error TS…`` and the pretty form."""
    rows = [(m[1], m[2] or m[3], m[4], m[5]) for m in _TSC.finditer(text)]
    rows += [("", "", m[1], m[2]) for m in _TSC_GLOBAL.finditer(text)]
    return _findings("tsc", rows, folder, _total(_TSC_TOTAL, text))


def recognises_mypy(text: str) -> bool:
    """Tell whether a text is mypy's."""
    return bool(_MYPY_TOTAL.search(text) or _MYPY.search(text))


def parse_mypy(text: str, folder: str = "") -> Findings:
    """Read ``file:line: error: …  [code]``; notes do not count."""
    rows = [(m[1], m[2], m[4] or "", m[3]) for m in _MYPY.finditer(text)]
    return _findings("mypy", rows, folder, _total(_MYPY_TOTAL, text))


def recognises_ruff(text: str) -> bool:
    """Tell whether a text is ruff's."""
    return bool(_RUFF.search(text) or _RUFF_FULL.search(text) or "All checks passed!" in text)


def parse_ruff(text: str, folder: str = "") -> Findings:
    """Read the concise and the full form."""
    rows = [(m[1], m[2], m[3].rstrip(":"), m[4]) for m in _RUFF.finditer(text)]
    rows += [(m[3], m[4], m[1], m[2]) for m in _RUFF_FULL.finditer(text)]
    return _findings("ruff", rows, folder, _total(_RUFF_TOTAL, text))


def recognises_eslint(text: str) -> bool:
    """Tell whether a text is eslint's, for people or in the unix form."""
    return bool(_ESLINT_TOTAL.search(text) or _ESLINT_UNIX.search(text))


def parse_eslint(text: str, folder: str = "") -> Findings:
    """Read the stylish and the unix form; warnings count as findings too."""
    rows: list[_Row] = [(m[1], m[2], m[5] or "", m[3]) for m in _ESLINT_UNIX.finditer(text)]
    if rows:
        return _findings("eslint", rows, folder, _total(_ESLINT_UNIX_TOTAL, text))
    file = ""
    for line in text.splitlines():
        if _ESLINT_FILE.match(line):
            file = line.strip()
        elif file and (row := _ESLINT_ROW.match(line)):
            rows.append((file, row[1], row[4] or "", row[3]))
    return _findings("eslint", rows, folder, _total(_ESLINT_TOTAL, text))


def recognises_json(text: str) -> bool:
    """Tell whether a text is a JSON list as eslint and ruff write it."""
    return _json_rows(text) is not None


def parse_json(text: str, folder: str = "") -> Findings:
    """Read eslint's and ruff's JSON."""
    rows = _json_rows(text)
    if rows is None:
        return Findings("json", problem="no JSON list of findings was found")
    return _findings("json", rows, folder, len(rows))


def _json_rows(text: str) -> list[_Row] | None:
    """Find a JSON list in a text that may have other lines around it."""
    rows: list[_Row] | None = None
    for match in re.finditer(r"^\[", text, re.MULTILINE):
        try:
            items, _ = json.JSONDecoder().raw_decode(text, match.start())
        except ValueError:
            continue
        found = _rows_of(items)
        if found is not None:
            rows = (rows or []) + found
    return rows


def _rows_of(items: object) -> list[_Row] | None:
    if not isinstance(items, list):
        return None
    rows: list[_Row] = []
    for item in items:
        if not isinstance(item, dict):
            return None
        if "filePath" in item and isinstance(item.get("messages"), list):
            for message in item["messages"]:
                rows.append(
                    (
                        str(item["filePath"]),
                        str(message.get("line") or ""),
                        str(message.get("ruleId") or ""),
                        str(message.get("message", "")),
                    )
                )
        elif "filename" in item and "message" in item:
            place = item.get("location") or {}
            rows.append(
                (str(item["filename"]), str(place.get("row") or ""), str(item.get("code") or ""), str(item["message"]))
            )
        else:
            return None
    return rows


def _findings(parser: str, rows: Iterable[_Row], folder: str, total: int | None) -> Findings:
    failed: dict[str, int] = {}
    words: dict[str, str] = {}
    for file, line, code, message in rows:
        name = identity(file, code, message, folder)
        failed[name] = failed.get(name, 0) + 1
        words[name] = f"{name} (line {line})" if line else name
    named = sum(failed.values())
    problem = f"it counts {total} findings and {named} could be read" if total is not None and total > named else ""
    return Findings(parser, failed, problem=problem, words=words)


def _total(pattern: re.Pattern[str], text: str) -> int | None:
    """Return the sum of the totals an output states (nothing found counts as 0), None where it states none."""
    totals = [int(number or 0) for number in pattern.findall(text)]
    return sum(totals) if totals else None
