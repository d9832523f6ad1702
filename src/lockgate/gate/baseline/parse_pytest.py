"""Read what pytest prints: the short summary (``-rA`` names every test), verbose lines, the last line; pure."""

from __future__ import annotations

import re

from lockgate.gate.baseline.findings import Findings

_SUMMARY = re.compile(
    r"^(?:=+ )?((?:\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests? passed)"
    r"(?:, )?)+)"
    r" in [\d.:]+ ?s.*$",
    re.MULTILINE,
)
_COUNT = re.compile(r"(\d+) (failed|passed|skipped|xfailed|xpassed|errors?|rerun)")
_SHORT = re.compile(
    r"^(PASSED|FAILED|ERROR|XFAIL|XPASS|RERUN) (?=\S)([^\[\n]*?(?:\[.*?\])?)(?: - (.*))?$", re.MULTILINE
)
_HEADER = "short test summary info"
_VERBOSE = re.compile(r"^(\S+::.+?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN)\b", re.MULTILINE)
_NONE = re.compile(r"^(?:=+ )?no tests ran in ", re.MULTILINE)


def recognises_pytest(text: str) -> bool:
    """Tell whether a text is pytest's."""
    return bool(_SUMMARY.search(text) or _NONE.search(text) or _HEADER in text)


def parse_pytest(text: str, folder: str = "") -> Findings:
    """Read one or several runs; without the last line the run did not come to its end."""
    summaries = list(_SUMMARY.finditer(text))
    if not summaries:
        ended = bool(_NONE.search(text))
        return Findings("pytest", problem="no test ran" if ended else "pytest did not come to its last line")
    counts = _counts(summaries)
    states: dict[str, str] = {}
    words: dict[str, str] = {}
    retried: dict[str, int] = {}
    seen = [(name, state, "") for name, state in _VERBOSE.findall(text)]
    seen += [(name, state, why) for part in _short_parts(text) for state, name, why in _SHORT.findall(part)]
    for name, state, why in seen:
        if state == "RERUN":
            retried[name] = retried.get(name, 0) + 1
            continue
        states[name] = state
        if state in ("FAILED", "ERROR"):
            words[name] = f"{name}: {why[:200]}" if why else words.get(name, name)
    failed = {name: 1 for name, state in states.items() if state in ("FAILED", "ERROR")}
    wrong = counts.get("failed", 0) + counts.get("error", 0)
    ran = sum(counts.get(word, 0) for word in ("passed", "failed", "error", "xfailed", "xpassed"))
    tests = frozenset(name for name, state in states.items() if state != "SKIPPED")
    is_named = len(tests) >= ran
    return Findings(
        "pytest",
        failed,
        tests if is_named else frozenset(),
        frozenset(name for name, state in states.items() if state == "SKIPPED"),
        retried,
        ran=ran,
        problem=""
        if len(failed) >= wrong
        else f"{wrong} failed, but only {len(failed)} are named; run pytest with -rA",
        words=words,
    )


def _short_parts(text: str) -> list[str]:
    """Return the short summaries alone; elsewhere a program may print lines that look alike."""
    return [_SUMMARY.split(part, maxsplit=1)[0] for part in text.split(_HEADER)[1:]]


def _counts(summaries: list[re.Match[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for summary in summaries:
        for number, word in _COUNT.findall(summary[1]):
            name = "error" if word.startswith("error") else word
            counts[name] = counts.get(name, 0) + int(number)
    return counts
