"""The title, the facts at the top, the front matter, the footer; every statement keeps its line; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from lockgate.runbook.markdown.draft import Draft
from lockgate.runbook.markdown.facts import pairs_of
from lockgate.runbook.markdown.plan import Block, Comment, ItemList, Line, Paragraph, Stated, Table
from lockgate.runbook.markdown.words import key_of, plain

_VERSION = r"(?:v|ver\.?|version)\s*(\d+(?:\.\w+)*)"
_TITLE = re.compile(rf"(?i)^(.*?)\s*[(\[]\s*{_VERSION}\s*(?:[-–—:,;]\s*(.*?))?\s*[)\]]\s*$")
_TITLE_END = re.compile(rf"(?i)^(.*?)\s*[-–—,:]?\s+{_VERSION}(?:\s*[-–—:,(]\s*(.*?)\)?)?$")
_STATUS = (
    "status",
    "qa status",
    "document status",
    "plan status",
    "review status",
    "approval status",
    "qa",
    "approval",
    "state",
)
_VERSIONS = ("version", "document version", "plan version", "runbook version")
_DATES = ("created", "date", "created on", "creation date", "date created")
_FACTS = (*_STATUS, *_VERSIONS, *_DATES, "author", "prepared by", "owner", "last updated", "updated",
          "last edited", "last modified",
          "target", "targets", "database", "environment", "commit", "expected commit", "base commit")  # fmt: skip

_OTHER_KEYS = {
    "prepared by": "author",
    "owner": "author",
    "targets": "target",
    "database": "target",
    "expected commit": "commit",
    "base commit": "commit",
}


def read_front(draft: Draft) -> int:
    """Read the front matter at the top; return how many lines it takes, 0 without one."""
    lines = draft.lines
    if not lines or lines[0].strip() != "---":
        return 0
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.strip() in ("---", "...")), 0)
    if not end:
        return 0
    try:
        node = yaml.compose("\n".join(lines[1:end]), Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return 0
    if not isinstance(node, yaml.MappingNode):
        return 0
    for key, value in node.value:
        text = value.value if isinstance(value, yaml.ScalarNode) else ", ".join(str(item.value) for item in value.value)
        draft.stated.append(Stated(_key(str(key.value)), str(text), key.start_mark.line + 2, "front matter"))
    draft.seen.update(range(1, end + 2))
    return end + 1


def read_title(text: str, line: int, draft: Draft) -> None:
    """Read ``X (v2.0 - note)``: the title, the version and the note."""
    words = plain(text)
    match = _TITLE.match(words) or _TITLE_END.match(words)
    if match and match.group(1).strip():
        draft.title = match.group(1).strip(" -–—:")
        draft.stated.append(Stated("version", match.group(2), line, "title"))
        if match.group(3):
            draft.stated.append(Stated("note", match.group(3).strip(), line, "title"))
    else:
        draft.title = words


def read_header(blocks: tuple[Block, ...], draft: Draft) -> None:
    """Read the facts under the title; what is no fact is a part of the summary."""
    for block in blocks:
        if isinstance(block, Line | Comment):
            draft.take(block)
        elif isinstance(block, Paragraph):
            kept = [
                line.rstrip()
                for n, line in enumerate(block.lines)
                if not read_fact(line, block.line + n, "header", draft)
            ]
            draft.take(block)
            if kept:
                draft.summary.append("\n".join(kept))
        elif isinstance(block, ItemList) and all(_is_fact(item.text) for item in block.items):
            draft.take(block)
            for item in block.items:
                read_fact(item.text, item.line, "header", draft)
        elif isinstance(block, Table) and _is_fact_table(block):
            draft.take(block)
            rows = [(block.line, block.header), *((row.line, row.cells) for row in block.rows)]
            for line, cells in rows:
                if key_of(cells[0]) in _FACTS and len(cells) > 1:
                    draft.stated.append(Stated(_key(key_of(cells[0])), cells[1].strip(), line, "header"))
        else:
            draft.summary.append(draft.raw([block]))


def read_fact(line: str, number: int, where: str, draft: Draft) -> bool:
    """Read one line of facts about the whole plan; False: it is none."""
    pairs = pairs_of(line)
    if not pairs or not any(key in _FACTS for key, _ in pairs):
        return False
    draft.stated.extend(Stated(_key(key), value, number, where) for key, value in pairs)
    return True


def read_footer(blocks: Sequence[Block], draft: Draft) -> None:
    """Read facts in the closing paragraphs of the file, after its last heading, list, table or fenced block."""
    at = max((n for n, block in enumerate(blocks) if not isinstance(block, Paragraph | Line | Comment)), default=-1)
    for block in blocks[at + 1 :]:
        if not isinstance(block, Paragraph):
            continue
        for number, line in enumerate(block.lines, start=block.line):
            version = re.search(rf"(?i)\b{_VERSION}\b", plain(line))
            if read_fact(line, number, "footer", draft):
                draft.seen.add(number)
            elif version and len(plain(line).split()) <= 12:
                draft.stated.append(Stated("version", version.group(1), number, "footer"))
                draft.seen.add(number)


def settle(draft: Draft, key: str) -> str:
    """Return the value of a fact: the front matter's, else the header's, else the title's, else the footer's."""
    order = ("front matter", "header", "title", "footer")
    found = [stated for stated in draft.stated if stated.key == key]
    found.sort(key=lambda stated: order.index(stated.where))
    values = dict.fromkeys(plain(stated.value) for stated in found)
    if len(values) > 1:
        others = ", ".join(
            f"{plain(s.value)} (line {s.line})" for s in found[1:] if plain(s.value) != plain(found[0].value)
        )
        draft.note(found[0].line, f"{key} is stated more than once and not alike: {plain(found[0].value)}; {others}")
    return plain(found[0].value) if found else ""


def claims(draft: Draft) -> tuple[str, ...]:
    """Return the words that somebody typed as a status, in the order of the file."""
    found = [stated for stated in draft.stated if stated.key == "status"]
    return tuple(dict.fromkeys(plain(stated.value) for stated in sorted(found, key=lambda stated: stated.line)))


def _key(key: str) -> str:
    key = key.strip().lower().replace("_", " ")
    for name, names in (("status", _STATUS), ("version", _VERSIONS), ("created", _DATES)):
        if key in names:
            return name
    return _OTHER_KEYS.get(key, key)


def _is_fact(text: str) -> bool:
    return any(key in _FACTS for key, _ in pairs_of(text))


def _is_fact_table(table: Table) -> bool:
    return len(table.header) == 2 and any(key_of(row.cells[0]) in _FACTS for row in table.rows if row.cells)
