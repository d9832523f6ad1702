"""The page of requirements names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"\(`([\w./-]+\.py)::(test_\w+)`\)")


def test_every_test_that_a_requirement_names_is_there() -> None:
    page = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| [A-Z]+\d?-\d+ \|", line)]
    named = NAMED.findall(page)

    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"def {name}\b", (ROOT / "tests" / file).read_text(encoding="utf-8"))
    ]

    assert missing == []
    assert len(rows) == 319
    assert all("(`" in row or "*waits: " in row for row in rows)
