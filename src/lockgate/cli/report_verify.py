"""``lockgate report verify``: whether a bundle or a run's folder is what was sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.run_folders import find_run

if TYPE_CHECKING:
    from lockgate.report.bundle import Verified

_CHANGED = 4


@make_command("verify", "Check a bundle, or a run's folder, without network or database.", is_target_configured=False)
@click.argument("subject", metavar="FILE|RUN")
@click.option("--seal", metavar="DIGEST", help="The seal it must have, as it was noted elsewhere.")
def command(face: Face, subject: str, seal: str | None) -> int:
    """Of a bundle: every file's sha256, the seal over the manifest, and the journal's chain. Of a run: the chain, and
    every file that was sealed. Exit code 4 when something was changed; each file is named. Who makes all hashes anew is
    only found out by the seal, so keep it elsewhere and give it as --seal."""
    verified = _verify(face, subject)
    problems = list(verified.problems)
    found = verified.manifest.seal if verified.manifest else ""
    if seal and found != seal:
        problems.insert(0, f"the seal is {found or 'missing'}, not {seal}")
    if face.output_format == "json":
        status = "changed" if problems else "ok" if verified.manifest else "not_sealed"
        plain = {"status": status, "checked": verified.checked, "seal": found, "problems": problems}
        face.show_json({"format_version": 1, "subject": subject, **plain})
    else:
        lines = [f"CHANGED  {problem}" for problem in problems]
        if not problems:
            sealed = f"sealed {verified.manifest.sealed_at}, seal {found}" if verified.manifest else "not sealed"
            lines.append(f"ok: {verified.checked} files are what they were, the journal's chain holds; {sealed}")
        face.show("\n".join(lines))
    return _CHANGED if problems else 0


def _verify(face: Face, subject: str) -> Verified:
    from lockgate.errors import ArtifactError
    from lockgate.model.codec import decode
    from lockgate.report.bundle import SEAL, Manifest, Verified, verify_bundle, verify_folder
    from lockgate.runbook.record import read_entries

    path = Path(subject)
    if path.is_file():
        return verify_bundle(path)
    folder = find_run(face, subject)
    try:
        read_entries(folder)
    except ArtifactError as error:
        return Verified(None, 1, (f"{error.where}: {error.what} ({error.cause})",))
    if not (folder / SEAL).exists():
        return Verified(None, 1, ())
    return verify_folder(folder, decode((folder / SEAL).read_bytes(), Manifest, f"the seal of {folder.name}"))
