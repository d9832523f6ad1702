"""``lockgate runbook``: written procedures that are run; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "new": "Write a starter runbook that runs as it is.",
    "approvals": "Show who approved a runbook, what a machine found, and who is missing.",
    "request-approval": "Ask people to approve a runbook; everybody may, a coding agent too.",
    "approve": "Put on record that you approve exactly this runbook; runs nothing.",
    "waive": "Answer for one check that does not hold, with a reason and an end; runs nothing.",
    "revoke": "Take back an approval, a waiver or a delegation.",
    "delegate": "Lend a role of yours to somebody until a time.",
    "lint": "Check a runbook or a plan in Markdown for what would not do what it says.",
    "show": "Show a runbook: phases, tasks, gates, and how many of each.",
    "rollback": "Take back what a run did, by a level with a name: code, schema or data.",
}


@make_group("runbook", PARTS, "Write, check, run and resume procedures of phases, tasks and gates.")
def command() -> None:
    """Write, check, run and resume procedures of phases, tasks and gates.

    What is approved is a digest, and what runs is exactly that. Nothing passes a closed gate."""
