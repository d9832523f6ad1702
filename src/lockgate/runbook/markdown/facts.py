"""Facts written as ``**Key:** value``, in one line or many, in bullets or a table; pure."""

from __future__ import annotations

import re

from lockgate.runbook.markdown.words import plain

_BOLD_PAIR = re.compile(r"(?:\*\*|__)\s*([^*_:|]{1,40}?)\s*(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:)\s*")
_PLAIN_PAIR = re.compile(r"^\W{0,4}([A-Za-z][A-Za-z /-]{1,30}?)\s*:\s+(\S.*)$")
_KNOWN = (
    "version", "document version", "plan version", "created", "date", "created on", "status", "qa status",
    "document status", "plan status", "review status", "author", "owner", "prepared by", "last updated", "updated",
    "last edited", "target", "targets", "database", "environment", "duration", "estimated duration", "estimate",
    "time", "risk", "risk level", "rollback", "rollback plan", "rollback level", "commit", "expected commit",
    "estimated time", "depends on", "needs", "dependencies", "approval", "qa", "note", "impact", "when", "use when",
    "rollback strategy", "roll back",
)  # fmt: skip


def pairs_of(line: str) -> tuple[tuple[str, str], ...]:
    """Return the keys (small letters) and values of a line; nothing when the line is prose.

    Several stand beside each other, apart by ``|``, ``·`` or ``•``.
    """
    text = re.sub(r"^\s*(?:[-*+]\s+|>\s*)?(?:[^\w*`\s]+\s*)?(?=\*\*|__)", "", line.strip())
    matches = list(_BOLD_PAIR.finditer(text))
    if matches and matches[0].start() == 0:
        ends = [match.start() for match in matches[1:]] + [len(text)]
        return tuple(
            (
                plain(match.group(1)).lower(),
                text[match.end() : end].strip().rstrip("|·•;").strip().removesuffix("\\").strip(),
            )
            for match, end in zip(matches, ends, strict=True)
        )
    parts = re.split(r"\s+[|·•]\s+", text.strip("*_ "))
    found = [match for part in parts if (match := _PLAIN_PAIR.match(part))]
    if len(found) == len(parts) and all(plain(match.group(1)).lower() in _KNOWN for match in found):
        return tuple((plain(match.group(1)).lower(), match.group(2).strip()) for match in found)
    return ()
