"""Where a runbook stands by itself: what is asked for before it may run, and what somebody typed instead; pure."""

from __future__ import annotations

import re

from lockgate.model.runbook import Runbook
from lockgate.model.schema import Value
from lockgate.runbook.read import ReadRunbook, SourceMap


class Conflict(Value, frozen=True, omit_defaults=False):
    """Words that say otherwise than what was computed, and their line (0: not known)."""

    line: int
    text: str


class Standing(Value, frozen=True, omit_defaults=False):
    """The computed status in words, and what contradicts it.

    ``asked`` approvals and people are asked for, ``claimed`` of them are ticked by hand, which approves nothing.
    """

    status: str
    asked: int
    claimed: int
    conflicts: tuple[Conflict, ...] = ()


_SAYS_OPEN = re.compile(r"(?i)\b(draft|pending|not|needs?|awaiting|waiting|proposed|planned|open|in review|todo|tbd)\b")


def standing_of(read: ReadRunbook) -> Standing:
    """Compute where a runbook stands from the file alone. Records of approvals are kept elsewhere, by digest."""
    runbook = read.runbook
    asked = len(runbook.approvals.items) + runbook.approvals.quorum
    claimed = sum(item.claimed for item in runbook.approvals.items)
    status = f"needs approval ({claimed}/{asked})" if asked else "no approval asked for"
    lines = _lines_of_claims(read)
    said = [words for words in runbook.claimed_status if asked and not _SAYS_OPEN.search(words)]
    conflicts = tuple(Conflict(lines.get(words, 0), words) for words in said)
    return Standing(status=status, asked=asked, claimed=claimed, conflicts=conflicts)


def _lines_of_claims(read: ReadRunbook) -> dict[str, int]:
    if read.markdown is not None:
        from lockgate.runbook.markdown.words import plain

        stated = [fact for fact in read.markdown.stated if fact.key == "status"]
        return {plain(fact.value): fact.line for fact in reversed(stated)}
    return _lines_in_yaml(read.runbook, read.source)


def _lines_in_yaml(runbook: Runbook, source: SourceMap) -> dict[str, int]:
    return {words: source.line_of(f"claimed_status[{index}]") for index, words in enumerate(runbook.claimed_status)}
