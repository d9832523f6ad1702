"""Choose the rendering of a document by the name of its format."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.report.document import Document
from lockgate.report.html import render_html
from lockgate.report.markdown import render_markdown
from lockgate.report.text import render_text

_RENDERERS: dict[str, Callable[[Document], str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "html": render_html,
}


def render_document(document: Document, output_format: str) -> str:
    """Return a document as text, markdown or html."""
    return _RENDERERS[output_format](document)
