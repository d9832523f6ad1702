"""Read a command's output by the parser that fits; what no parser knows has only its exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lockgate.errors import ConfigError
from lockgate.gate.baseline.findings import Findings, merge_findings
from lockgate.gate.baseline.parse_code import (
    parse_eslint,
    parse_json,
    parse_mypy,
    parse_ruff,
    parse_tsc,
    recognises_eslint,
    recognises_json,
    recognises_mypy,
    recognises_ruff,
    recognises_tsc,
    strip_colors,
)
from lockgate.gate.baseline.parse_junit import parse_junit, recognises_junit
from lockgate.gate.baseline.parse_pytest import parse_pytest, recognises_pytest

PARSERS: Mapping[str, tuple[Callable[[str], bool], Callable[[str, str], Findings]]] = {
    "junit": (recognises_junit, parse_junit),
    "pytest": (recognises_pytest, parse_pytest),
    "tsc": (recognises_tsc, parse_tsc),
    "eslint": (recognises_eslint, parse_eslint),
    "json": (recognises_json, parse_json),
    "mypy": (recognises_mypy, parse_mypy),
    "ruff": (recognises_ruff, parse_ruff),
}


def parse_output(text: str, parser: str, code: int, folder: str = "") -> Findings:
    """Read an output; ``auto`` takes every parser that recognises something, ``exit`` none.

    Raises:
        ConfigError: There is no such parser.
    """
    text = strip_colors(text)
    if parser == "exit":
        return _plain(code)
    if parser != "auto":
        if parser not in PARSERS:
            raise ConfigError(
                f"there is no parser {parser!r}", where="parser", cause=f"known are auto, exit, {', '.join(PARSERS)}"
            )
        return _with_code(PARSERS[parser][1](text, folder), code)
    found = [parse(text, folder) for recognises, parse in PARSERS.values() if recognises(text)]
    found = [part for part in found if not (part.parser == "pytest" and "junit" in (p.parser for p in found))]
    return _with_code(merge_findings(found), code) if found else _plain(code)


def _plain(code: int) -> Findings:
    return Findings("exit", {f"exit code {code}": 1} if code else {})


def _with_code(found: Findings, code: int) -> Findings:
    """Add a failure that only the exit code tells of."""
    if code == 0 or found.failed or found.problem:
        return found
    name = f"exit code {code}, and no finding explains it"
    return Findings(found.parser, {name: 1}, found.tests, found.skipped, found.retried, found.ran)
