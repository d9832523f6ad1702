"""``lockgate session``: who is changing what; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "start": "Claim tables, files and targets for a piece of work, all or nothing.",
    "list": "List who is changing what.",
    "show": "Show one session.",
    "beat": "Give a sign of life, so that the claims stay.",
    "pause": "Say that the work rests, and when it goes on.",
    "block": "Say what the work is blocked by.",
    "continue": "Say that the work goes on.",
    "close": "End the work: archive, validate and commit in one commit.",
    "takeover": "Make a session one's own, with a reason.",
    "abandon": "End a session without its work being done.",
    "validate": "Check that the Markdown export and the registry agree.",
    "export": "Write the registry as Markdown.",
    "import": "Register the sessions of an existing Markdown folder.",
}


@make_group("session", PARTS, "Say who is changing what, so that two do not change the same thing.")
def command() -> None:
    """Say who is changing what, so that two do not change the same thing.

    Claims are taken atomically in a registry that all machines see: the target, a ref in git, or a folder."""
