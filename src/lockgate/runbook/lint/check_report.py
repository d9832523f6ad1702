"""Compares what a completion report claims with what it says itself and with its plan; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.finding import Finding
from lockgate.runbook.lint.rules_report import BASELINE_HIDDEN, DEFERRED, GATE_DESPITE, LISTS_DIFFER, MANDATORY_OPEN
from lockgate.runbook.lint.sheet import Sheet, Text, numbered, text_found

_PASSED = re.compile(r"✅|☑|✔|\[x\]|\bpass(ed|es)?\b|\bok\b|\bsuccess\w*|\bclean\b|\b100 ?%", re.IGNORECASE)
_NONE_OF = re.compile(
    r"\b(?:no|zero|0|without)\s+((?:[a-z-]+\s+){0,2}?)(duplicates?|conflicts?|orphans?|errors?|drift"
    r"|failures?|warnings?|gaps?|violations?|collisions?|issues?)\b",
    re.IGNORECASE,
)
_SOME_OF = re.compile(
    r"\b(\d[\d,]*)\s+(?:[\w-]+\s+){0,3}?(duplicates?|conflicts?|orphans?|failures?|gaps?|violations?|collisions?)\b",
    re.IGNORECASE,
)
_FOUND_SOME = re.compile(
    r"\b(duplicates?|conflicts?|orphans?|gaps?|violations?|collisions?)\b[^.|]{0,60}\b(found"
    r"|identified|detected|exist|discovered|remain)\w*|\b(found|identified|detected|discovered)\b[^."
    r"|]{0,40}\b(duplicates?|conflicts?|orphans?|gaps?|violations?|collisions?)\b",
    re.IGNORECASE,
)
_FAILURES = re.compile(r"\b(\d[\d,]*)\s+(?:[\w-]+\s+){0,3}?(errors?|failures?|failing|warnings?)\b", re.IGNORECASE)
_CODE_CHECK = re.compile(r"\b(type\s?-?(?:check|script)\w*|tsc|lint\w*|eslint|mypy|tests?)\b", re.IGNORECASE)
_ALL_DONE = re.compile(
    r"\b(?:all|every)\s+(?:\w+\s+){0,3}(objectives?|goals?|tasks?|phases?|steps?|deliverables?"
    r"|gates?)\b[^.|]{0,40}\b(met|achieved|complete[d]?|done|passed|fulfilled|successful\w*)"
    r"|\bstatus\W{1,8}(✅\W*)?(100 ?% )?complete[d]?\b(?! with)|\b100 ?% complete|\bfully complete"
    r"|\bsuccessfully completed\b|\bcompleted successfully\b",
    re.IGNORECASE,
)
_PUT_OFF = re.compile(
    r"\b(deferred|postponed|put off|moved to (?:the )?next|next sprint|future sprint|not (?:yet"
    r" )?(?:done|implemented|executed))\b|\bout of time\b",
    re.IGNORECASE,
)
_STILL_TO_DO = re.compile(
    r"\b(to ?do|pending|remaining|next steps?|still (?:to|needs?|open)|later|outstanding|next sprint"
    r"|recommended|follow[- ]up|not yet)\b|\[ \]",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^\s*(#{1,6}\s|\*\*[^*]+\*\*:?\s*$)")
_DUTIES = {
    "archive": r"\barchiv\w*", "push": r"\bpush\w*|\bgit push\b", "commit": r"\bcommit\w*", "session": r"\bsession\b",
}  # fmt: skip
_IDENTIFIER = re.compile(r"^[a-z][a-z0-9_]{2,}$")
_STEM_S = re.compile(r"s$")


def check_gate_despite(sheet: Sheet) -> Iterator[Finding]:
    """Find what a gate says there is none of, and the report counts."""
    gates = [(sheet.text, sheet.line_of(path), text) for path, text in _gate_texts(sheet)]
    for report in sheet.others:
        counted = _counted(report)
        passed = [(report, number, line) for number, line in numbered(report.lines) if _PASSED.search(line)]
        told: set[str] = set()
        for text, number, line in (*passed, *(gates if passed else ())):
            match = _NONE_OF.search(line)
            noun = _STEM_S.sub("", match.group(2).lower()) if match else ""
            if noun in counted and noun not in told and match:
                told.add(noun)
                at, words = counted[noun]
                yield text_found(
                    GATE_DESPITE, report, at,
                    f"“{words}” here, and “{match.group(0)}” counts as passed ({text.file}, line {number})",
                )  # fmt: skip


def _gate_texts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    for path, check, place, *_ in sheet.checks:
        if place.value == "gate":
            yield path, check.title or getattr(check, "text", "")


def _counted(report: Text) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for number, line in numbered(report.lines):
        if _NONE_OF.search(line):
            continue
        match = _SOME_OF.search(line)
        if match and int(match.group(1).replace(",", "")) > 0:
            found.setdefault(_STEM_S.sub("", match.group(2).lower()), (number, match.group(0)))
        elif match := _FOUND_SOME.search(line):
            noun = _STEM_S.sub("", (match.group(1) or match.group(4)).lower())
            found.setdefault(noun, (number, match.group(0)))
    return found


def check_baseline_shown(sheet: Sheet) -> Iterator[Finding]:
    """Find counted failures of a code check that is called passed, without a baseline."""
    for report in sheet.others:
        passed = [line for line in report.lines if _CODE_CHECK.search(line) and _PASSED.search(line)]
        for number, line in numbered(report.lines):
            match, check = _FAILURES.search(line), _CODE_CHECK.search(line)
            if not match or not check or "baseline" in line.lower() or int(match.group(1).replace(",", "")) == 0:
                continue
            if passed or _PASSED.search(line):
                count = match.group(1)
                yield text_found(
                    BASELINE_HIDDEN, report, number,
                    f"{count} {match.group(2)}, and the check counts as passed; it should read"
                    f" “{count} (baseline {count})” if they were there before",
                )  # fmt: skip
                break


def check_deferred(sheet: Sheet) -> Iterator[Finding]:
    """Find reports that are complete and put something off."""
    for report in sheet.others:
        put_off = [(n, line) for n, line in numbered(report.lines) if _PUT_OFF.search(line)]
        done = next(((n, line) for n, line in numbered(report.lines) if _is_all_done(line)), None)
        if put_off and done:
            ids = re.findall(
                r"\b(?:phase |task |step )?(\d+(?:\.\d+)+)\b", " ".join(line for _, line in put_off), re.IGNORECASE
            )
            where = ", ".join(dict.fromkeys(ids)) or f"line {put_off[0][0]}"
            lines = ", ".join(str(n) for n, _ in put_off)
            yield text_found(
                DEFERRED, report, done[0],
                f"“{_short(done[1])}”, and something was put off in line {lines}: complete with deferrals ({where})",
            )  # fmt: skip


def _is_all_done(line: str) -> bool:
    return bool(_ALL_DONE.search(re.sub(r"[*_]", "", line))) and "deferral" not in line.lower()


def check_mandatory(sheet: Sheet) -> Iterator[Finding]:
    """Find what the plan calls mandatory among what the report leaves to do."""
    duties = {
        name: pattern
        for name, pattern in _DUTIES.items()
        for line in sheet.lines
        if re.search(r"\bmandatory\b|\bmust\b|\brequired\b", line, re.IGNORECASE)
        and re.search(pattern, line, re.IGNORECASE)
    }
    if any(re.search(r"\bmandatory\b", line, re.IGNORECASE) and "session" in line.lower() for line in sheet.lines):
        duties |= {name: _DUTIES[name] for name in ("archive", "push", "commit")}
    for report in sheet.others:
        is_open = False
        for number, line in numbered(report.lines):
            if _HEADING.match(line):
                is_open = bool(_STILL_TO_DO.search(line))
            pending = is_open or bool(_STILL_TO_DO.search(line))
            named = [name for name, pattern in duties.items() if re.search(pattern, line, re.IGNORECASE)]
            if pending and named and not _HEADING.match(line) and not re.search(r"✅|\[x\]", line, re.IGNORECASE):
                yield text_found(
                    MANDATORY_OPEN, report, number,
                    f"“{_short(line)}” is still to do, and mandatory in {sheet.source.file}: the run is open",
                )  # fmt: skip
                break


def check_lists(sheet: Sheet) -> Iterator[Finding]:
    """Compare lists of tables of both documents that speak of the same."""
    own = list(_lists(sheet.text))
    for report in sheet.others:
        told: set[frozenset[str]] = set()
        for number, names in _lists(report):
            if names in told or any(names == other for _, other in own):
                continue
            near = [(n, o) for n, o in own if len(o) == len(names) and len(o & names) * 2 >= len(o)]
            if near:
                line, other = near[0]
                told.add(names)
                here, there = ", ".join(sorted(names)), ", ".join(sorted(other))
                only = f"only here {', '.join(sorted(names - other))}, only there {', '.join(sorted(other - names))}"
                yield text_found(
                    LISTS_DIFFER, report, number, f"{here} here; {there} in {sheet.source.file}, line {line}: {only}"
                )


def _lists(text: Text) -> Iterator[tuple[int, frozenset[str]]]:
    """Return sets of three and more names in one line, apart by commas, or in rows below each other that begin so."""
    for number, line in numbered(text.lines):
        for part in re.split(r"[():|]", line):
            names = [word.strip(" `*.") for word in re.split(r",|\band\b|&|/", part)]
            names = [name for name in names if name]
            kept = [re.sub(r"^.*\s[`*]*", "", name) if n == 0 else name for n, name in enumerate(names)]
            kept[-1:] = [re.sub(r"[`*]*\s.*$", "", kept[-1])] if len(kept) > 1 else []
            good = [name for name in kept if _IDENTIFIER.match(name)]
            if len(good) >= 3 and len(good) >= len([name for name in kept if name]) - 1:
                yield number, frozenset(good)
    yield from _rows(text)


def _rows(text: Text) -> Iterator[tuple[int, frozenset[str]]]:
    names: list[str] = []
    start = 0
    for number, line in numbered((*text.lines, "")):
        match = re.match(
            r"^\s*(?:[-*+]|\d+\.|\|)\s*(?:\[[ x]\]\s*|[✅☑]\s*)?[`*]*([a-z][a-z0-9_]{2,})[`*]*\s*(?:$|[|(:–—✅-])", line
        )
        if match:
            start = start or number
            names.append(match.group(1))
            continue
        if len(names) >= 3:
            yield start, frozenset(names)
        names, start = [], 0


def _short(line: str) -> str:
    words = re.sub(r"[*_#|`]", "", line).strip(" -[]x")
    return words if len(words) <= 80 else f"{words[:77]}…"
