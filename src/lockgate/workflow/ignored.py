"""Findings that a team agreed to ignore: left out of the report, but counted in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase

from lockgate.errors import ConfigError
from lockgate.model.finding import Finding
from lockgate.workflow.rules import list_rules


def check_ignored(agreed: Iterable[str]) -> None:
    """Refuse a code that no rule has; one of the team's own rules (``convention-…``) may be anything.

    Raises:
        ConfigError: Names the code and those near it.
    """
    wanted = {text.partition(":")[0] for text in agreed}
    known = [rule.code for rule in list_rules()] if wanted else []
    for code in sorted(wanted - set(known)):
        if not code.startswith("convention-"):
            near = difflib.get_close_matches(code, known, 1)
            raise ConfigError(
                f"there is no rule {code!r} to ignore",
                where="lockgate.toml: validate.ignore",
                cause=f"did you mean {near[0]}?" if near else "`lockgate explain` lists all",
                state="nothing was checked",
                hint="correct the code and repeat the command",
            )


def leave_out(findings: Iterable[Finding], agreed: tuple[str, ...]) -> tuple[list[Finding], int]:
    """Return the findings that count, and how many were left out.

    Each of ``agreed`` is a code, or ``code:pattern`` for the objects or files that the pattern (``*``, ``?``) fits.
    """
    kept: list[Finding] = []
    left_out = 0
    for finding in findings:
        if any(_fits(finding, text) for text in agreed):
            left_out += 1
        else:
            kept.append(finding)
    return kept, left_out


def _fits(finding: Finding, text: str) -> bool:
    code, colon, pattern = text.partition(":")
    if code != finding.code:
        return False
    return not colon or any(fnmatchcase(place, pattern) for place in (finding.object, finding.file) if place)
