"""``lockgate report``: documents made of measured facts, and reports of runs; each subcommand in a file of its own."""

from __future__ import annotations

from lockgate.cli.parts import make_group

PARTS = {
    "baseline": "Write down what the database is now: server, counts, every table, settings.",
    "analysis": "Tables by group, drift, migrations, duplicates, conventions and defects in one document.",
    "build": "Write the report of a run, made of its journal alone.",
    "lesson": "Add a person's words to a run, by name and time; they change no fact.",
    "journal": "Check a run's journal and print it, an entry a line.",
    "seal": "Seal a run's folder by a digest over every file.",
    "bundle": "Pack a run's evidence into one file that proves itself.",
    "verify": "Check a bundle, or a run's folder, without network or database.",
}


@make_group("report", PARTS, "Write documents made of measured facts, and reports of runs.")
def command() -> None:
    """Write documents made of measured facts, and reports of runs.

    A report of a run says nothing that its journal does not show. People may add words, set apart by name and time."""
