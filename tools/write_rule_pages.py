"""Write docs/rules/ from the rules themselves; a test compares them, so that no page is ever stale."""

from __future__ import annotations

from pathlib import Path

from lockgate.report.rule import rule_markdown, rules_index
from lockgate.workflow.rules import list_rules

FOLDER = Path(__file__).parent.parent / "docs" / "rules"


def build_pages() -> dict[str, str]:
    """Return every page's text by file name."""
    rules = list_rules()
    return {"index.md": rules_index(rules), **{f"{rule.code}.md": rule_markdown(rule) for rule in rules}}


def main() -> None:
    """Write the pages and remove those of rules that are gone."""
    pages = build_pages()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
