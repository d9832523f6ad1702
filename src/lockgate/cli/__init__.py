"""The command line: options, one workflow call, one renderer, an exit code; nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with the command's exit code."""
    from lockgate.cli.app import run_command_line

    raise SystemExit(run_command_line(arguments))
