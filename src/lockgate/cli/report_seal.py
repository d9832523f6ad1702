"""``lockgate report seal``: a digest over everything a run left."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.run_folders import find_run


@make_command("seal", "Seal a run's folder by a digest over every file.", is_target_configured=False)
@click.argument("run", metavar="RUN")
def command(face: Face, run: str) -> int:
    """The report is written anew from the journal first. Any later edit makes lockgate report verify fail and names the
    file; whoever approves the report approves this digest."""
    from lockgate.cli.actor import find_actor
    from lockgate.model.codec import encode_pretty
    from lockgate.report.bundle import SEAL, make_manifest
    from lockgate.runbook.run_reports import write_run_reports

    folder = find_run(face, run)
    write_run_reports(folder)
    sealed_at = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = make_manifest(folder, folder.name, sealed_at, find_actor(os.environ).name)
    part = folder / f"{SEAL}.part"
    part.write_bytes(encode_pretty(manifest))
    part.replace(folder / SEAL)
    if face.output_format == "json":
        plain = {"run": folder.name, "seal": manifest.seal, "files": len(manifest.files), "head": manifest.head}
        face.show_json({"format_version": 1, **plain, "sealed_at": sealed_at})
    else:
        face.show(f"sealed {len(manifest.files)} files of {folder.name}\nseal: {manifest.seal}")
        face.talk.say(f"next: lockgate report verify {folder.name}")
    return 0
