"""Render a document as one self-contained HTML page without scripts; pure."""

from __future__ import annotations

from html import escape

from lockgate.report.document import Block, Bullets, Code, Document, Folded, Heading, Paragraph, Picture, Table

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; }
.verdict { border-left: .4rem solid; padding: .5rem 1rem; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #8888; padding: .25rem .6rem; text-align: left; vertical-align: top; }
th { background: #8882; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #8882; padding: .75rem 1rem; overflow-x: auto; }
summary { cursor: pointer; font-weight: 600; }
figure { margin: 1rem 0; overflow-x: auto; }
@media print {
  body { max-width: none; margin: 0; font-size: 11px; }
  .scroll, figure, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  tr, figure { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""


def render_html(document: Document) -> str:
    """Return the document as a complete page; every text is escaped."""
    title = escape(document.title)
    verdict = f'<p class="verdict" role="status">{escape(document.verdict)}</p>\n' if document.verdict else ""
    body = "\n".join(_block(block) for block in document.blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{verdict}{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
        case Table():
            return _table(block)
        case Code(text):
            return f'<pre tabindex="0"><code>{escape(text.rstrip())}</code></pre>'
        case Picture(svg):
            return f"<figure>{svg}</figure>"
        case Folded(summary, blocks):
            inner = "\n".join(_block(b) for b in blocks)
            return f"<details><summary>{escape(summary)}</summary>\n{inner}\n</details>"


def _table(block: Table) -> str:
    if not block.rows:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in block.columns)
    rows = "\n".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in block.rows)
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>'


def _cell(text: str) -> str:
    is_number = text.replace(",", "").replace(".", "", 1).replace(" s", "").isdigit()
    return f'<td class="number">{escape(text)}</td>' if is_number else f"<td>{escape(text)}</td>"
