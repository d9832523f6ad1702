"""Roadmaps: what is wrong with items, by line; what is ticked, and that nothing else changes. The changelog."""

from __future__ import annotations

import pytest

from lockgate.coordinate.changelog import entry_lines, insert_entry
from lockgate.coordinate.roadmap import RoadmapReport, read_roadmap, validate_roadmap
from lockgate.coordinate.tick import tick_items

GOOD = """# Roadmap

## Sprint A

### SCH-1: Orders get a total
- **Status:** 🟡 In Progress
**Priority**: HIGH
**Estimate:** 4-6h
**Module:** `src/orders`
**Dependencies:** None
**Prompt:** [prompt](prompts/sch-1.md)

**Objectives:**
- totals are stored

**Deliverables:**
- [ ] column orders.total
- [x] index

```md
### NOT-1: in a code block
```

### SCH-2: Old column goes
**Status:** READY
**Priority:** P2
**Estimate:** 2d
**Dependencies:** SCH-1

| ID | Title | Status | Priority | Estimate |
|----|-------|--------|----------|----------|
"""
TABLE = """## Later

| ID | Title | Status | Priority | Estimate |
|----|-------|--------|----------|----------|
| LAT-1 | ready to go \\| soon | ready | LOW | 1w |
| LAT-2 | other | Blocked | HIGH | 6h |
"""


def _check(text: str, *, prompts: bool = True, modules: bool = True) -> RoadmapReport:
    return validate_roadmap(text, has_prompt=lambda path: prompts, has_module=lambda path: modules)


def test_a_good_roadmap_has_no_remarks_and_says_how_much_was_checked() -> None:
    report = _check(GOOD)
    assert not report.remarks and [item.id for item in report.items] == ["SCH-1", "SCH-2"]
    first, second = report.items
    assert (first.status, first.priority, first.estimate_h, len(first.boxes)) == ("in-progress", "HIGH", 6.0, 2)
    assert (second.estimate_h, second.dependencies) == (16.0, ("SCH-1",))


def test_tables_of_items_are_items() -> None:
    items = read_roadmap(TABLE)
    assert [(item.id, item.status, item.estimate_h) for item in items] == [
        ("LAT-1", "ready", 40.0),
        ("LAT-2", "blocked", 6.0),
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("**Status:** READY", "", "Line 24 [SCH-2]: Status is missing"),
        ("**Status:** READY", "**Status:** soon", "Line 25 [SCH-2]: Status is 'soon', allowed are ready"),
        ("**Priority:** P2", "**Priority:** urgent", "Line 26 [SCH-2]: Priority is 'urgent'"),
        ("**Estimate:** 2d", "**Estimate:** some", "Line 27 [SCH-2]: Estimate is 'some'"),
        ("### SCH-2:", "### SCH-1:", "Line 24 [SCH-1]: the id is used on line 5 already"),
        ("Dependencies:** SCH-1", "Dependencies:** SCH-9", "Line 28 [SCH-2]: depends on SCH-9, which is no item"),
        ("Dependencies:** None", "Dependencies:** SCH-2", "depends on itself: SCH-2 → SCH-1 → SCH-2"),
    ],
)
def test_each_error_is_told_with_its_line_and_item(old: str, new: str, words: str) -> None:
    assert old in GOOD
    errors = _check(GOOD.replace(old, new, 1)).errors
    assert any(words in str(error) for error in errors), list(map(str, errors))


def test_a_missing_prompt_is_an_error_and_a_missing_module_a_warning() -> None:
    report = _check(GOOD, prompts=False, modules=False)
    assert list(map(str, report.errors)) == ["Line 11 [SCH-1]: the prompt prompts/sch-1.md is not there"]
    assert list(map(str, report.warnings)) == ["Line 9 [SCH-1]: the module src/orders is not there"]


def test_high_items_that_are_long_or_blocked_are_warnings() -> None:
    report = _check(GOOD.replace("4-6h", "3d").replace("🟡 In Progress", "🔴 BLOCKED"))
    assert [remark.text for remark in report.warnings] == [
        "is HIGH and blocked",
        "is HIGH and takes 24 h; consider splitting it",
    ]


@pytest.mark.parametrize("text", ["", "# Roadmap\n\nnothing yet\n", "### no id here\n"])
def test_a_roadmap_without_items_is_an_error(text: str) -> None:
    assert [str(error) for error in _check(text).errors] == ["Line 1 [-]: no item was found, so nothing was checked"]


def test_ticking_changes_the_lines_of_what_is_done_and_no_other_byte() -> None:
    ticked = tick_items(GOOD, ["SCH-1", "SCH-7"])
    changed = [(old, new) for old, new in zip(GOOD.split("\n"), ticked.text.split("\n"), strict=True) if old != new]
    assert changed == [
        ("- **Status:** 🟡 In Progress", "- **Status:** ✅ Complete"),
        ("- [ ] column orders.total", "- [x] column orders.total"),
    ]
    assert (ticked.changed, ticked.missing) == (("SCH-1",), ("SCH-7",))
    assert tick_items(ticked.text, ["SCH-1"]).text == ticked.text


def test_a_row_and_a_single_deliverable_are_ticked_alone() -> None:
    assert tick_items(TABLE, ["LAT-1"]).text == TABLE.replace("| ready |", "| complete |")
    assert tick_items(GOOD, ["SCH-1#orders.total"]).text == GOOD.replace("[ ] column", "[x] column")


def test_files_with_other_line_ends_keep_them() -> None:
    text = GOOD.replace("\n", "\r\n")
    assert tick_items(text, ["SCH-2"]).text == text.replace("** READY", "** COMPLETE")


LOG = "# Changelog\n\nWords.\n\n## [Unreleased]\n\n### Added\n\n- a thing\n\n## [1.0]\n\n- first\n"


def test_an_entry_goes_under_unreleased_and_nothing_else_changes() -> None:
    lines = entry_lines("run-1", "Orders", ["3.2 applied"], ["3.3 contract"])
    text = insert_entry(LOG, "run-1", lines)
    added = "- Orders (run run-1)\n  - 3.2 applied\n  - deferred: 3.3 contract\n"
    assert text == LOG.replace("- a thing\n", f"- a thing\n{added}")
    assert insert_entry(text, "run-1", lines) == text
    other = insert_entry(text, "run-2", entry_lines("run-2", "More", [], []))
    assert other == text.replace(added, f"{added}- More (run run-2)\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "# Changelog\n\n## [Unreleased]\n\n- T (run r)\n"),
        ("# Log\n\n## 1.0\n\n- x\n", "# Log\n\n## [Unreleased]\n\n- T (run r)\n\n## 1.0\n\n- x\n"),
        ("# Log\n", "# Log\n\n## [Unreleased]\n\n- T (run r)\n"),
        ("## Unreleased\r\n\r\n## 1\r\n", "## Unreleased\r\n\r\n- T (run r)\r\n\r\n## 1\r\n"),
    ],
)
def test_a_changelog_without_that_section_gets_one(before: str, after: str) -> None:
    text = insert_entry(before, "r", entry_lines("r", "T", [], []))
    assert text == after
    assert insert_entry(text, "r", entry_lines("r", "T", [], [])) == text
