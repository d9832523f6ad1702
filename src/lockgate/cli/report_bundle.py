"""``lockgate report bundle``: a run's evidence in one file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.run_folders import find_run
from lockgate.errors import ConfigError


@make_command("bundle", "Pack a run's evidence into one file that proves itself.", is_target_configured=False)
@click.argument("run", metavar="RUN")
@click.option("-o", "--output", metavar="FILE", required=True, help="The bundle, a zip file.")
def command(face: Face, run: str, output: str) -> int:
    """Holds the lock, the journal, the evidence, the documents, the monitors' samples and every form of the report,
    which is written anew first, with the sha256 of each and a seal over all."""
    from lockgate.cli.actor import find_actor
    from lockgate.report.bundle import make_manifest, write_bundle
    from lockgate.runbook.run_reports import write_run_reports

    folder, path = find_run(face, run), Path(output)
    if not path.parent.is_dir():
        raise ConfigError(
            "there is no such folder", where=str(path.parent), state="nothing was written", hint="make it first"
        )
    write_run_reports(folder)
    sealed_at = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = make_manifest(folder, folder.name, sealed_at, find_actor(os.environ).name)
    write_bundle(folder, path, manifest)
    if face.output_format == "json":
        plain = {"run": folder.name, "file": str(path), "seal": manifest.seal, "files": len(manifest.files)}
        face.show_json({"format_version": 1, **plain})
    else:
        face.show(f"{path}: {len(manifest.files)} files of {folder.name}\nseal: {manifest.seal}")
        face.talk.say(f"next: lockgate report verify {path}")
    return 0
