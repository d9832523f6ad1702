"""Cut Markdown into blocks, each with its lines; liberal about how people write; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lockgate.runbook.markdown.plan import (
    Block,
    Comment,
    Fence,
    Heading,
    Item,
    ItemList,
    Line,
    Paragraph,
    Row,
    Section,
    Table,
)
from lockgate.runbook.markdown.tables import is_divider, split_row
from lockgate.runbook.markdown.words import plain, read_on_fail

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*([^`]*)$")
_ACROSS = re.compile(r"^ {0,3}([-*_])(?:\s*\1){2,}\s*$")
_ITEM = re.compile(r"^(\s*)(?:([-*+•◦▪])|(\d+(?:\.\d+)*)[.)]|(\d+(?:\.\d+)+))\s+(?=\S)(.*)$")
_BARE_BOX = re.compile(r"^(\s*)([☐☑☒⬜✅✔])\ufe0f?\s+(.*)$")
_BOX = re.compile(r"^\\?\[\s*([xX✓✔✅ ]?)\s*\\?\]\s*(.*)$", re.S)
_SIGN_BOX = re.compile(r"^([☐☑☒⬜✅✔])\ufe0f?\s+(.*)$", re.S)
_BOLD_LINE = re.compile(r"^\s*(?:[^\w*`\s]+\s*)?(\*\*|__)(?=\S)(.+?)(?<=\S)\1\s*:?\s*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{3,})\s*$")
_TICKED = "☑☒✅✔xX✓"


def parse_blocks(lines: Sequence[str], first: int = 1) -> tuple[Block, ...]:
    """Cut lines into blocks; ``first`` is the number of the first line."""
    return tuple(_Parser([line.rstrip("\r") for line in lines], first).run())


class _Parser:
    """Reads block by block; ``at`` is the index of the line that is next."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self.lines, self.first, self.at = lines, first, 0

    def run(self) -> list[Block]:
        blocks: list[Block] = []
        while self.at < len(self.lines):
            if not self.lines[self.at].strip():
                self.at += 1
                continue
            blocks.append(self._next())
        return blocks

    def _next(self) -> Block:
        line, number = self.lines[self.at], self.at + self.first
        if match := _HEADING.match(line):
            self.at += 1
            return Heading(number, number, len(match.group(1)), match.group(2))
        if _FENCE.match(line):
            return self._fence()
        if line.lstrip().startswith("<!--"):
            return self._comment()
        if _ACROSS.match(line):
            self.at += 1
            return Line(number, number)
        if self._is_table(self.at):
            return self._table()
        if _ITEM.match(line) or _BARE_BOX.match(line):
            return self._list()
        return self._paragraph()

    def _fence(self) -> Fence:
        start = self.at
        match = _FENCE.match(self.lines[start])
        assert match is not None
        indent, mark, info = len(match.group(1)), match.group(2), match.group(3).strip()
        self.at += 1
        inner = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if line.strip() and set(line.strip()) == {mark[0]} and len(line.strip()) >= len(mark):
                break
            inner.append(line[indent:] if not line[:indent].strip() else line)
        return Fence(start + self.first, self.at + self.first - 1, info, "\n".join(inner))

    def _comment(self) -> Comment:
        start = self.at
        while self.at < len(self.lines) and "-->" not in self.lines[self.at]:
            self.at += 1
        self.at = min(self.at + 1, len(self.lines))
        return Comment(start + self.first, self.at + self.first - 1)

    def _is_table(self, at: int) -> bool:
        return at + 1 < len(self.lines) and "|" in self.lines[at] and is_divider(self.lines[at + 1])

    def _table(self) -> Table:
        start = self.at
        header = split_row(self.lines[start])
        self.at += 2
        rows = []
        while self.at < len(self.lines) and "|" in self.lines[self.at] and not _HEADING.match(self.lines[self.at]):
            if is_divider(self.lines[self.at]):
                self.at += 1
                continue
            rows.append(Row(self.at + self.first, split_row(self.lines[self.at], len(header))))
            self.at += 1
        return Table(start + self.first, self.at + self.first - 1, header, tuple(rows))

    def _paragraph(self) -> Block:
        start = self.at
        kept: list[str] = []
        while self.at < len(self.lines) and self.lines[self.at].strip():
            line = self.lines[self.at]
            if kept and (self._begins_block(line) or self._is_table(self.at)):
                break
            if kept and _UNDERLINE.match(line) and len(kept) == 1:
                self.at += 1
                level = 1 if "=" in line else 2
                return Heading(start + self.first, self.at + self.first - 1, level, kept[0].strip())
            kept.append(re.sub(r"^\s*(?:>\s?)+", "", line) if line.lstrip().startswith(">") else line)
            self.at += 1
            if _BOLD_LINE.match(line):
                break
        return Paragraph(start + self.first, self.at + self.first - 1, tuple(kept))

    def _begins_block(self, line: str) -> bool:
        bold = _BOLD_LINE.match(line)
        item = _ITEM.match(line) if not re.match(r"^\s*\d+(\.\d+)+\s", line) else None
        starts = _HEADING.match(line) or _FENCE.match(line) or item or _BARE_BOX.match(line) or bold
        return bool(starts) or (_ACROSS.match(line) is not None and not _UNDERLINE.match(line))

    def _list(self) -> ItemList:
        start = self.at
        flat: list[tuple[int, int, int, str, list[str], list[Fence]]] = []  # indent, line, end, number, texts, fences
        while self.at < len(self.lines):
            line, number = self.lines[self.at], self.at + self.first
            if not line.strip():
                if not self._list_goes_on(flat[0][0] if flat else 0):
                    break
                self.at += 1
                continue
            indent = len(line) - len(line.lstrip())
            if match := _ITEM.match(line):
                if _ACROSS.match(line):
                    break
                marker = match.group(3) or match.group(4) or ""
                flat.append((indent, number, number, marker, [match.group(5)], []))
            elif match := _BARE_BOX.match(line):
                flat.append((indent, number, number, "", [match.group(2) + " " + match.group(3)], []))
            elif _FENCE.match(line) and indent > flat[-1][0]:
                fence = self._fence()
                last = flat[-1]
                flat[-1] = (last[0], last[1], fence.end, last[3], last[4], [*last[5], fence])
                continue
            elif self._ends_list(line, indent, flat[-1][0]):
                break
            else:
                last = flat[-1]
                flat[-1] = (last[0], last[1], number, last[3], [*last[4], line.strip()], last[5])
            self.at += 1
        end = max(entry[2] for entry in flat)
        self.at = end - self.first + 1
        return ItemList(start + self.first, end, tuple(_nest(flat)))

    def _list_goes_on(self, base: int) -> bool:
        """Whether the list goes on after empty lines: with an item, or with something further in."""
        at = self.at
        while at < len(self.lines) and not self.lines[at].strip():
            at += 1
        if at == len(self.lines):
            return False
        line = self.lines[at]
        if _ACROSS.match(line) or _HEADING.match(line):
            return False
        indent = len(line) - len(line.lstrip())
        return bool(_ITEM.match(line) or _BARE_BOX.match(line)) or indent > base + 1

    def _ends_list(self, line: str, indent: int, base: int) -> bool:
        if indent > base:
            return False
        special = _HEADING.match(line) or _FENCE.match(line) or _BOLD_LINE.match(line) or line.lstrip().startswith(">")
        was_empty = not self.lines[self.at - 1].strip()
        words = line.strip().startswith(("**", "__")) or self._is_table(self.at)
        return bool(special) or was_empty or words or _ACROSS.match(line) is not None


def _nest(flat: list[tuple[int, int, int, str, list[str], list[Fence]]]) -> list[Item]:
    """Put items under the item before them that is less indented."""
    items: list[Item] = []
    index = 0
    while index < len(flat):
        indent, line, end, number, texts, fences = flat[index]
        stop = index + 1
        while stop < len(flat) and flat[stop][0] > indent + 1:
            stop += 1
        inner = _nest(flat[index + 1 : stop])
        last = max([end, *(item.end for item in inner)])
        items.append(_item(line, last, number, " ".join(texts), tuple(inner), tuple(fences)))
        index = stop
    return items


def _item(line: int, end: int, number: str, text: str, items: tuple[Item, ...], fences: tuple[Fence, ...]) -> Item:
    box: bool | None = None
    if match := _BOX.match(text):
        if not match.group(2).startswith("("):
            box, text = match.group(1).strip() != "", match.group(2)
    elif match := _SIGN_BOX.match(text):
        box, text = match.group(1) in _TICKED, match.group(2)
    return Item(line, end, text.strip(), number, box, items, fences)


def make_sections(blocks: Sequence[Block]) -> Section:
    """Put blocks under their headings; lines in bold and labels before a list are headings too.

    A line across ends what such a small heading holds.
    """
    root = _Open(Heading(0, 0, 0, ""))
    stack = [root]
    for index, block in enumerate(blocks):
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        heading = block if isinstance(block, Heading) else _small_heading(block, following)
        if heading is not None:
            while stack[-1].heading.level >= heading.level:
                stack.pop()
            inner = _Open(heading)
            stack[-1].sections.append(inner)
            stack.append(inner)
            continue
        if isinstance(block, Line):
            while stack[-1].heading.level > 6:
                stack.pop()
        stack[-1].blocks.append(block)
    return root.close()


class _Open:
    """A section that is still being filled."""

    def __init__(self, heading: Heading) -> None:
        self.heading = heading
        self.blocks: list[Block] = []
        self.sections: list[_Open] = []

    def close(self) -> Section:
        return Section(self.heading, tuple(self.blocks), tuple(inner.close() for inner in self.sections))


def _small_heading(block: Block, following: Block | None) -> Heading | None:
    """Return the heading that a paragraph is: one line, all bold, or a label right before a list or table."""
    if not isinstance(block, Paragraph) or len(block.lines) != 1:
        return None
    line = block.lines[0].strip()
    match = _BOLD_LINE.match(line)
    if match and "**" not in match.group(2):
        words = plain(match.group(2))
        is_order = read_on_fail(words) is not None and re.match(
            r"(?i)stop\b|halt\b|abort\b|escalate|fix\b|rollback trigger", words
        )
        if is_order and not plain(line).endswith(":") and re.search(r"(?i)\b(if|do not|before)\b", words):
            return None
        if not words.endswith((".", "!")) or re.match(r"(?i)(stage|step|task|phase|level)\s+\d", words):
            return Heading(block.line, block.end, 7, match.group(2).strip().rstrip(":"))
    if isinstance(following, ItemList | Table) and plain(line).endswith(":") and following.line - block.end <= 2:
        return Heading(block.line, block.end, 8, line.strip("*_ ").rstrip(":").rstrip("*_ "))
    return None
