"""Render a schema as one SVG picture of tables and foreign keys, readable by people and screen readers; pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from lockgate.model.schema import Key, Schema
from lockgate.report.er import CHAR_WIDTH, LINE_HEIGHT, PADDING, Box, Drawing, Edge, draw_schema

_STYLE = """
text { font: 12px ui-monospace, monospace; fill: #1a1a1a; }
.name { font-weight: 700; } .type { fill: #555; } .mark { font-weight: 700; fill: #555; }
.box { fill: #fff; stroke: #666; } .head { fill: #eceff4; stroke: #666; }
.note .box, .note .head { stroke: #8a3b00; stroke-width: 3; } .tag { font-weight: 700; fill: #8a3b00; }
.edge { fill: none; stroke: #777; } .page { fill: #fafafa; }
@media (prefers-color-scheme: dark) {
  text { fill: #eee; } .type, .mark { fill: #aaa; } .page { fill: #16181c; }
  .box { fill: #1f2329; stroke: #888; } .head { fill: #2b313a; stroke: #888; }
  .note .box, .note .head { stroke: #ff9d5c; } .tag { fill: #ff9d5c; } .edge { stroke: #999; }
}
"""


def schema_svg(schema: Schema, title: str, notes: Mapping[Key, str] | None = None) -> str:
    """Return the picture; ``notes`` are words such as ``new`` or ``changed`` by table, written into its head."""
    marks = notes or {}
    drawing = draw_schema(schema)
    width, height = round(max(drawing.width, 200)), round(max(drawing.height, 60))
    places = {box.key: box for box in drawing.boxes}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(_description(drawing, marks))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        *(_edge(edge, places[edge.child], places[edge.parent]) for edge in drawing.edges),
        *(_box(box, marks.get(box.key, "")) for box in drawing.boxes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _description(drawing: Drawing, notes: Mapping[Key, str]) -> str:
    words = [f"{len(drawing.boxes)} tables, {len(drawing.edges)} foreign keys."]
    words += [f"{key.path}: {note}." for key, note in sorted(notes.items())]
    words += [f"{e.child.path} ({e.label}) refers to {e.parent.path}." for e in drawing.edges]
    return " ".join(words)


def _box(box: Box, note: str) -> str:
    head = LINE_HEIGHT + PADDING
    lines = [
        '<g class="note">' if note else "<g>",
        f'<rect class="box" x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" rx="4"/>',
        f'<rect class="head" x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{head:.0f}" rx="4"/>',
        _text(box.x + PADDING, box.y + LINE_HEIGHT, box.title, "name"),
    ]
    right = box.x + box.width - PADDING
    if note:
        lines.append(_text(right, box.y + LINE_HEIGHT, f"[{note}]", "tag", is_end=True))
    for number, (name, kind, marks) in enumerate(box.lines):
        y = box.y + head + (number + 1) * LINE_HEIGHT - 3
        lines.append(_text(box.x + PADDING, y, name, ""))
        if marks:
            lines.append(_text(box.x + PADDING + (len(name) + 1) * CHAR_WIDTH, y, marks, "mark"))
        lines.append(_text(right, y, kind, "type", is_end=True))
    return "".join([*lines, "</g>"])


def _text(x: float, y: float, text: str, css: str, *, is_end: bool = False) -> str:
    anchor = ' text-anchor="end"' if is_end else ""
    style = f' class="{css}"' if css else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{style}{anchor}>{escape(text)}</text>'


def _edge(edge: Edge, child: Box, parent: Box) -> str:
    """Draw a curve from the referring column's line to the head of the table referred to."""
    names = [name for name, _, _ in child.lines]
    first = edge.label.split(", ")[0]
    row = names.index(first) if first in names else 0
    y1 = child.y + LINE_HEIGHT + PADDING + (row + 0.6) * LINE_HEIGHT
    y2 = parent.y + (LINE_HEIGHT + PADDING) / 2
    is_right = child.x >= parent.x + parent.width
    x1 = child.x if is_right else child.x + child.width
    x2 = parent.x + parent.width
    bend = 40 if is_right else 60
    c1 = x1 - bend if is_right else x1 + bend
    return (
        f'<path class="edge" d="M{x1:.0f} {y1:.0f}C{c1:.0f} {y1:.0f} {x2 + bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}">'
        f"<title>{escape(f'{edge.child.path} ({edge.label}) refers to {edge.parent.path}')}</title></path>"
    )
