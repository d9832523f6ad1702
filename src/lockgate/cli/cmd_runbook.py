"""``lockgate runbook``: written procedures that are run; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "new": "Write a starter runbook that runs as it is.",
    "import": "Read a plan in Markdown as a runbook in YAML.",
    "render": "Write a runbook as Markdown or HTML for reviewers.",
    "approvals": "Show who approved a runbook, what a machine found, and who is missing.",
    "request-approval": "Ask people to approve a runbook; everybody may, a coding agent too.",
    "approve": "Put on record that you approve exactly this runbook; runs nothing.",
    "waive": "Answer for one check that does not hold, with a reason and an end; runs nothing.",
    "revoke": "Take back an approval, a waiver or a delegation.",
    "delegate": "Lend a role of yours to somebody until a time.",
    "schema": "Print the JSON Schema of runbooks, for editors and other tools.",
    "lint": "Check a runbook or a plan in Markdown for what would not do what it says.",
    "show": "Show a runbook: phases, tasks, gates, and how many of each.",
    "rollback": "Take back what a run did, by a level with a name: code, schema or data.",
    "run": "Run a runbook: phases in order, nothing past a closed gate.",
    "resume": "Go on with a run that was stopped or killed, or that waited.",
    "list": "List the runs of runbooks, the newest first.",
    "status": "Show where a run stands and the next command.",
    "attest": "Say by name that a manual task is done, or a manual check holds.",
    "decide": "Decide about a gate that is escalated: open it by name, or stop.",
    "skip": "Leave a task out for good.",
    "defer": "Put a task off until later, with an owner.",
    "retry": "Let a failed task run again.",
    "resolve": "Say how something in doubt ended, after looking; or allow a restore.",
    "note": "Write a deviation or a lesson into a run's journal.",
    "audit": "Verify a run's journal: every entry, the lock, and the evidence it names.",
}


@make_group("runbook", PARTS, "Write, check, run and resume procedures of phases, tasks and gates.")
def command() -> None:
    """Write, check, run and resume procedures of phases, tasks and gates.

    What is approved is a digest, and what runs is exactly that. Nothing passes a closed gate."""
