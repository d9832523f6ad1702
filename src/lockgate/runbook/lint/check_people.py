"""Finds typed states, claimed approvals, people without a channel, and facts written twice; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lockgate.model.finding import Finding
from lockgate.model.runbook import Runbook
from lockgate.runbook.lint.rules_plan import CLAIMED, CONTACT, ENCODING, FACTS, QUORUM, STATUS
from lockgate.runbook.lint.sheet import Sheet, numbered

_GOOD = re.compile(
    r"\b(approved|ready|complete[d]?|passed|executed|signed[- ]off|done|final|cleared|green|go)\b", re.IGNORECASE
)
_NOT_YET = re.compile(
    r"\b(not|pending|awaiting|needs?|draft|until|before|required|in progress|when|if)\b", re.IGNORECASE
)
_STATUS_LINE = re.compile(r"^[\s>*_|-]*(?:\w+\s){0,2}status[*_]*\s*[:|][*_\s]*(?P<value>.+)$", re.IGNORECASE)
_FACT_LINE = re.compile(
    r"^[\s>*_-]*(?P<key>(?:(?:document|plan|runbook)\s+)?version|created|date"
    r" created)[*_\"]*\s*:[*_\s\"']*(?P<value>[^*_\s|\"'][^|*\"]*)",
    re.IGNORECASE,
)
_TITLE_VERSION = re.compile(r"^#\s[^#]*\((?P<value>v\d[\w.]*)", re.IGNORECASE)
_REACHABLE = re.compile(
    r"@|\+?\d[\d ()/-]{5,}|https?://|#\w|\b(slack|teams|discord|pager\w*|phone|mail|email|tel)\b", re.IGNORECASE
)


def check_encoding(sheet: Sheet) -> Iterator[Finding]:
    """Tell which lines were mended on the way in, in one finding."""
    if sheet.repaired:
        listed = ", ".join(map(str, sheet.repaired))
        count = len(sheet.repaired)
        yield sheet.found(
            ENCODING, f"{count} line{'s' if count > 1 else ''} repaired: {listed}", line=sheet.repaired[0]
        )


def computed_status(runbook: Runbook) -> str:
    """Return the status that a runbook has by what it says of approvals, before any is recorded."""
    items = [item for item in runbook.approvals.items if not item.evidence] or list(runbook.approvals.items)
    every = runbook.approvals.items or tuple(items)
    if every:
        given = sum(item.claimed for item in every)
        return f"needs approval ({given}/{len(every)})" if given < len(every) else "claimed, not recorded"
    return f"needs approval (0/{runbook.approvals.quorum})" if runbook.approvals.quorum else "not started"


def check_status(sheet: Sheet) -> Iterator[Finding]:
    """Find each line that says a status which is not so."""
    status = computed_status(sheet.runbook)
    told: set[int] = set()
    claims = [(sheet.line_of("claimed_status", text), text) for text in sheet.runbook.claimed_status]
    if sheet.is_markdown:
        found = ((number, _STATUS_LINE.match(line)) for number, line in numbered(_head_and_foot(sheet)))
        claims += [(number, match.group("value")) for number, match in found if match]
    for line, text in claims:
        words = text.strip(" *_`|")
        if line in told or not _GOOD.search(words) or _NOT_YET.search(words):
            continue
        told.add(line)
        yield sheet.found(STATUS, f"typed “{words}”, computed: {status}", line=line)


def _head_and_foot(sheet: Sheet) -> tuple[str, ...]:
    """Return the lines with those within the phases left empty: a status there is a step's."""
    first = min((sheet.line_of(f"phases[{p}]") for p in range(len(sheet.runbook.phases))), default=0)
    last = max((sheet.line_of(path) for path, *_ in sheet.steps), default=0)
    return tuple("" if first <= number <= last else line for number, line in numbered(sheet.lines))


def check_facts(sheet: Sheet) -> Iterator[Finding]:
    """Find version and date written twice with different values."""
    first: dict[str, tuple[str, int]] = {}
    if not sheet.is_markdown:
        return
    for number, line in numbered(sheet.lines):
        match = _FACT_LINE.match(line) or _TITLE_VERSION.match(line)
        if not match:
            continue
        key = match.groupdict().get("key", "version").lower().split()[-1]
        value = re.sub(r"^v(?=\d)", "", match.group("value").strip().rstrip(".,;"), flags=re.IGNORECASE)
        seen = first.setdefault(key, (value, number))
        if not _agree(seen[0], value):
            yield sheet.found(
                FACTS,
                f"{key} is “{value}” here and “{seen[0]}” in line {seen[1]}",
                line=number,
                fix=f"write the {key} once",
            )


def _agree(one: str, other: str) -> bool:
    first, second = (re.split(r"[\s(]", text.lower(), maxsplit=1)[0] for text in (one, other))
    return one.lower() == other.lower() or (first == second and bool(re.match(r"\d+\.", first)))


def check_approvals(sheet: Sheet) -> Iterator[Finding]:
    """Find approvals that somebody ticked in the text, and quorums nobody can reach."""
    policy = sheet.runbook.approvals
    for number, item in enumerate(policy.items):
        if item.claimed:
            yield sheet.found(
                CLAIMED,
                f"“{item.text}” is ticked in the text, which shows neither who, nor when, nor what was approved",
                f"approvals.items[{number}]",
                needle=item.text,
                object=item.text,
            )
    if sheet.people is None:
        return
    for number, item in enumerate(policy.items):
        if item.roles and not item.evidence and not _who(sheet.people, item.roles):
            words = f"“{item.text}” asks for {' or '.join(item.roles)}, and nobody of [people] has that role"
            yield sheet.found(QUORUM, words, f"approvals.items[{number}]")
    able = _who(sheet.people, policy.roles)
    if policy.quorum > len(able):
        words = f"{policy.quorum} approvals are asked for, and [people] has {len(able)} who may give one"
        yield sheet.found(QUORUM, words, "approvals.quorum")


def _who(people: Mapping[str, tuple[str, ...]], roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return who has one of the roles; any role will do when none is named."""
    return tuple(name for name, own in people.items() if (set(own) & set(roles) if roles else own))


def check_contacts(sheet: Sheet) -> Iterator[Finding]:
    """Find contacts nobody can be reached by."""
    for number, contact in enumerate(sheet.runbook.contacts):
        if contact.notify or _REACHABLE.search(f"{contact.reach} {contact.name}"):
            continue
        yield sheet.found(
            CONTACT,
            f"{contact.role or contact.name}: {contact.reach or contact.name} has no channel",
            f"contacts[{number}]",
            needle=contact.reach or contact.name,
            object=contact.name,
            fix=f"`{{name: {contact.name}, notify: CHANNEL}}` with a channel of `[notify]`",
        )
