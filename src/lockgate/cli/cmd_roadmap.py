"""``lockgate roadmap``: items of a Markdown roadmap; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "validate": "Check the items of a roadmap.",
    "list": "List the items of a roadmap.",
    "tick": "Tick the items whose tasks a run has done.",
}


@make_group("roadmap", PARTS, "Check a roadmap in Markdown, and tick what is proven to be done.")
def command() -> None:
    """Check a roadmap in Markdown, and tick what is proven to be done."""
