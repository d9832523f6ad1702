"""``lockgate monitor``: what watches a run; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "list": "Show the monitors and when each of them breaks.",
    "test": "Prove that each monitor gives a value; with --alert that an alert reaches people.",
    "watch": "Print what the monitors decide until Ctrl-C.",
    "metrics": "Print what a run says of itself to Prometheus.",
}


@make_group("monitor", PARTS, "Prove, watch and export the monitors that stop a run.")
def command() -> None:
    """Prove, watch and export the monitors that stop a run.

    No data is never taken for a good value: a monitor that knows nothing holds."""
