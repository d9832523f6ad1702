"""The command line: options, one workflow call, one renderer, an exit code; nothing heavy is imported here."""

from __future__ import annotations

import gc
from collections.abc import Sequence

# A schema is tens of thousands of values that live until the end: looking for garbage among them only costs time.
_COLLECT_EVERY = (100_000, 50, 100)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with the command's exit code."""
    gc.set_threshold(*_COLLECT_EVERY)
    from lockgate.cli.app import run_command_line

    raise SystemExit(run_command_line(arguments))
