"""Render a document as Markdown; pure."""

from __future__ import annotations

import re

from lockgate.report.document import Block, Bullets, Code, Document, Folded, Heading, Paragraph, Picture, Table

_SPECIAL = re.compile(r"([\\`*_<>\[\]|#])")


def render_markdown(document: Document) -> str:
    """Return the document as Markdown ending in a newline; every text is escaped."""
    parts = [f"# {escape(document.title)}"]
    if document.verdict:
        parts.append(f"**{escape(document.verdict)}**")
    parts += [_block(block) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Return plain text with Markdown's own characters escaped, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(block: Table) -> str:
    """Return a table; an empty one as an empty text."""
    if not block.rows:
        return ""
    rows = [block.columns, tuple("---" for _ in block.columns), *block.rows]
    return "\n".join("| " + " | ".join(cell if cell == "---" else escape(cell) for cell in row) + " |" for row in rows)


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {escape(text)}"
        case Paragraph(text):
            return escape(text)
        case Bullets(items):
            return "\n".join(f"- {escape(item)}" for item in items)
        case Table():
            return table(block)
        case Code(text, language):
            fence = "`" * max(3, max((len(m) for m in re.findall(r"`+", text)), default=0) + 1)
            return f"{fence}{language}\n{text.rstrip()}\n{fence}"
        case Picture(_, words):
            return escape(words)
        case Folded(summary, blocks):
            inner = "\n\n".join(_block(b) for b in blocks)
            return f"<details><summary>{escape(summary)}</summary>\n\n{inner}\n\n</details>"
