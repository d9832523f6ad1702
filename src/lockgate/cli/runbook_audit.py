"""``lockgate runbook audit``: prove that a run's journal, lock and evidence are what was written."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("audit", "Verify a run's journal: every entry, the lock, and the evidence it names.", ("text", "json"))
@click.argument("run_id", metavar="[RUN]", default="latest")
def command(face: Face, run_id: str) -> int:
    """The first entry that is not what was written is named. The last hash is printed: kept elsewhere, it also proves
    that nothing was cut off the end."""
    from lockgate.runbook.audit import audit_run
    from lockgate.runbook.runs import find_folder

    found = audit_run(find_folder(face.settings.state_dir, run_id))
    if face.output_format == "json":
        face.show_json({"format_version": 1, **found})
        return 3 if found["damaged"] else 0
    lines = [
        f"run {found['run']}: {found['entries']} entries, the chain is whole",
        f"  last hash {found['head']}",
        f"  digest {found['digest']}, the lock is what began the run",
        f"  {found['evidence']} pieces of evidence looked at",
    ]
    lines += [f"  DAMAGED: {text}" for text in found["damaged"]]
    face.show("\n".join(lines))
    return 3 if found["damaged"] else 0
