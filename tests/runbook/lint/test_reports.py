"""What a report claims, beside its plan."""

from __future__ import annotations

import pytest

from tests.runbook.lint import test_rules

PLAN = """\
runbook: shop
summary: The session MUST be archived and pushed (MANDATORY).
levels:
- {level: code, number: "1", title: Code}
- {level: data, number: "3", title: Full restore}
phases:
- id: "1"
  title: Add a version column to accounts, invoices, parcels, refunds
  tasks: [{id: "1.1", title: Look, do: {drift: ""}}]
  gate: {id: g1, checks: [{manual: No duplicates, roles: [lead]}]}
"""
CASES = {
    "gate-passed-despite-finding": (
        "14 duplicates were found.\nGate 1: ✅ passed\n",
        "0 duplicates.\nGate 1: ✅ passed\n",
    ),
    "baseline-not-shown": ("Typecheck: 31 errors\nTypecheck gate: ✅ passed\n", "Typecheck: 31 (baseline 31) ✅\n"),
    "deferred-but-complete": ("All objectives met.\n4.3 was deferred.\n", "All objectives met.\n4.3 was done.\n"),
    "mandatory-left-open": ("## Next steps\n- Archive the session\n", "## Done\n- Archived the session\n"),
    "lists-differ": (
        "On accounts, invoices, parcels, payments\n",
        "On accounts, invoices, parcels, refunds\n",
    ),
    "level-renumbered": ("### Level 1: Full restore\n", "### Level 3: Full restore\n"),
}
REPORT_CODES = {
    *CASES,
    "document-facts-differ",
    "encoding-repaired",
    "phase-without-commands",
    "phase-without-reverts",
    "approval-unreachable",
}


@pytest.mark.parametrize("code", CASES)
def test_a_report_that_claims_more_than_it_says_is_found_with_its_line(code: str) -> None:
    bad, good = CASES[code]
    found = [finding for finding in test_rules.lint(PLAN, bad).findings if finding.code == code]
    assert len(found) == 1
    assert found[0].file == "other0.md"
    assert found[0].line > 0
    assert code not in {finding.code for finding in test_rules.lint(PLAN, good).findings}
