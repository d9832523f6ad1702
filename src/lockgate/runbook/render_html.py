"""A rendered runbook as one HTML page: no script, nothing fetched, the words of the Markdown unchanged; pure."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from lockgate.runbook.markdown.blocks import parse_blocks
from lockgate.runbook.markdown.plan import Block, Fence, Heading, Item, ItemList, Line, Paragraph, Table

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1d232b}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0;display:block;overflow-x:auto}"
    "th,td{border:1px solid #c8ced6;padding:.35rem .6rem;text-align:left;vertical-align:top}th{background:#eef1f5}"
    "pre{background:#f4f6f8;padding:.8rem;overflow-x:auto}code{font-family:ui-monospace,monospace;font-size:.92em}"
    "h2{border-top:2px solid #c8ced6;padding-top:1rem;margin-top:2rem}ul.boxes{list-style:none;padding-left:.5rem}"
    "@media print{h2{break-after:avoid}tr{break-inside:avoid}}"
)
_CODE = re.compile(r"(?<!`)(`{1,8})(?!`)\s?(.+?)\s?(?<!`)\1(?!`)")


def render_html(markdown: str) -> str:
    """Return a page of the Markdown that `render_runbook` writes."""
    blocks = parse_blocks(markdown.split("\n"))
    title = next((block.text for block in blocks if isinstance(block, Heading)), "Runbook")
    body = "\n".join(_block(block) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{_inline(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{'<br>'.join(_inline(line.strip()) for line in block.lines)}</p>"
    if isinstance(block, Fence):
        return f"<pre><code>{html.escape(block.text)}</code></pre>"
    if isinstance(block, Table):
        head = "".join(f"<th>{_inline(name)}</th>" for name in block.header)
        rows = "".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row.cells)}</tr>" for row in block.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    if isinstance(block, ItemList):
        return _list(block.items)
    return "<hr>" if isinstance(block, Line) else ""


def _list(items: Sequence[Item]) -> str:
    if not items:
        return ""
    has_boxes = any(item.box is not None for item in items)
    tag = "ol" if all(item.number for item in items) else "ul"
    inner = "".join(f"<li>{_box(item)}{_inline(item.text)}{_list(item.items)}</li>" for item in items)
    return f"<{tag}{' class=boxes' if has_boxes else ''}>{inner}</{tag}>"


def _box(item: Item) -> str:
    if item.box is None:
        return ""
    return "☑ (ticked by hand) " if item.box else "☐ "


def _inline(text: str) -> str:
    """Escape everything; then code, bold and line breaks as they are meant."""
    parts, end = [], 0
    for match in _CODE.finditer(text):
        parts += [_words(text[end : match.start()]), f"<code>{html.escape(match.group(2))}</code>"]
        end = match.end()
    return "".join([*parts, _words(text[end:])])


def _words(text: str) -> str:
    escaped = html.escape(text)
    escaped = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escaped)
    return re.sub(r"&lt;br\s*/?&gt;", "<br>", escaped)
