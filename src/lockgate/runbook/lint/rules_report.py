"""Rules on a completion report beside its plan: what it claims against what it says itself."""

from __future__ import annotations

from lockgate.runbook.lint.make_rule import CRITICAL, WARNING, runbook_rule

GATE_DESPITE = runbook_rule(
    "gate-passed-despite-finding", CRITICAL, "A gate passed although its condition did not hold",
    "A check says that there is none of something, and the report counts some of it and calls the gate passed.",
    "The gate decided nothing.",
    "The check is failed, or waived by somebody with a name, a reason and a date.",
    "count the check as failed, or waive it by name",
)  # fmt: skip
BASELINE_HIDDEN = runbook_rule(
    "baseline-not-shown", WARNING, "Passed, with failures",
    "The report counts errors of a type check, lint or test, and calls it passed without saying what was there before.",
    "Nobody can tell old failures from new ones.",
    "A baseline before the first change, and `{tests: no_worse_than_baseline}`: “249 (baseline 249)”.",
    "write found and baseline: `249 (baseline 249)`; take it with a `baseline` task",
)  # fmt: skip
DEFERRED = runbook_rule(
    "deferred-but-complete", CRITICAL, "Complete, with parts put off",
    "The report says that everything is done or all objectives are met, and that something was deferred.",
    "What was put off is forgotten.",
    "The status is “complete with deferrals”, each with owner and date.",
    "call it complete with deferrals, and name owner and date of each",
)  # fmt: skip
MANDATORY_OPEN = runbook_rule(
    "mandatory-left-open", CRITICAL, "Something mandatory was left for later",
    "The plan demands it (archive the session, push, commit), the report lists it as still to do.",
    "The session stays active and others stay blocked; the change is on one machine only.",
    "The run stays open until it is done: `{session: close}`, `{git: {do: push}}`.",
    "do it, or leave the run open",
)  # fmt: skip
LISTS_DIFFER = runbook_rule(
    "lists-differ", WARNING, "Two documents list other tables",
    "Plan and report name the same number of tables, and not the same ones.",
    "One of them was never changed, or never planned.",
    "The list is counted in the database: `{schema: …, has: [\"column orders.version\"]}`.",
    "look which it is: `lockgate inspect`, and a `schema` check with `has`",
)  # fmt: skip
RULES = (GATE_DESPITE, BASELINE_HIDDEN, DEFERRED, MANDATORY_OPEN, LISTS_DIFFER)
