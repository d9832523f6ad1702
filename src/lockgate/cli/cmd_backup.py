"""``lockgate backup``: take backups, prove them, keep them in order; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "create": "Take a backup and publish it when it is whole.",
    "list": "List the backups, newest first.",
    "show": "Show one backup: what is in it, what was proven, how it is restored.",
    "verify": "Prove a backup: checksums, a test restore, rows and schema compared.",
    "copy": "Copy a published backup to further places.",
    "fetch": "Bring a backup back from a store.",
    "probe": "Try the stores out: read, write, write once only, delete.",
    "delete": "Delete a backup from a store.",
    "prune": "Take away what no rule keeps, a day later for good.",
    "pin": "Keep a backup whatever the rules say.",
    "unpin": "Let the rules decide on a backup again.",
    "status": "Tell whether the backups are as they should be.",
    "schedule": "Have backups taken by cron or systemd: install, show, remove.",
}


@make_group("backup", PARTS, "Take backups that are proven by restoring them.")
def command() -> None:
    """Take backups that are proven by restoring them, and look after them.

    They are made with the database's own tools, and each can be restored without Lockgate: see its RESTORE.txt."""
