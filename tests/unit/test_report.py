"""Documents keep their meaning in every rendering, and texts cannot break out of it."""

from __future__ import annotations

from lockgate.report.document import Bullets, Code, Document, Folded, Heading, Paragraph, Table
from lockgate.report.html import render_html
from lockgate.report.markdown import render_markdown
from lockgate.report.text import render_text

NASTY = "<script>|`*_#\n[x](y)"
DOCUMENT = Document(
    "Title " + NASTY,
    "All well.",
    (
        Heading("One"),
        Paragraph(NASTY),
        Bullets((NASTY, "two")),
        Table(("a", "b"), ((NASTY, "1"), ("x", "22"))),
        Code("SELECT '```';"),
        Folded("More", (Paragraph("inside"),)),
    ),
)


def test_html_escapes_everything() -> None:
    page = render_html(DOCUMENT)
    assert "<script>" not in page
    assert page.count("<table>") == 1
    assert '<td class="number">22</td>' in page


def test_markdown_tables_stay_tables_and_fences_hold() -> None:
    text = render_markdown(DOCUMENT)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 4
    assert "````sql" in text
    assert "<script>" not in text


def test_text_is_aligned_and_has_no_trailing_spaces() -> None:
    text = render_text(DOCUMENT)
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert "inside" in text
