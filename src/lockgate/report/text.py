"""Render a document as plain text for a terminal; pure."""

from __future__ import annotations

from lockgate.report.document import Block, Bullets, Code, Document, Folded, Heading, Paragraph, Picture, Table


def render_text(document: Document) -> str:
    """Return the document as plain text ending in a newline."""
    lines = [document.title, "=" * len(document.title)]
    if document.verdict:
        lines += ["", document.verdict]
    for block in document.blocks:
        lines += ["", *_block(block)]
    return "\n".join(lines).rstrip() + "\n"


def table_lines(table: Table) -> list[str]:
    """Return a table as aligned lines without trailing spaces; an empty one as nothing."""
    if not table.rows:
        return []
    cells = [table.columns, *table.rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _block(block: Block) -> list[str]:
    match block:
        case Heading(text, level):
            return [text, ("-" if level == 2 else ".") * len(text)]
        case Paragraph(text):
            return [text]
        case Bullets(items):
            return [f"- {item}" for item in items]
        case Table():
            return table_lines(block)
        case Code(text):
            return [f"    {line}" for line in text.splitlines()]
        case Picture(_, words):
            return [words]
        case Folded(summary, blocks):
            return [summary, *(line for inner in blocks for line in ("", *_block(inner)))]
