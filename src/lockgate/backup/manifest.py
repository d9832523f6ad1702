"""What stands beside the data of a backup: the manifest, SHA256SUMS and RESTORE.txt, all made from the manifest."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from lockgate.errors import BackupDamaged
from lockgate.model import codec
from lockgate.model.backup import Manifest, decode_manifest

NAME = "manifest.json"
SUMS = "SHA256SUMS"
GUIDE = "RESTORE.txt"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the three files below a folder and make sure that they are on the disk.

    Raises:
        OSError: They cannot be written.
    """
    write_durably(folder / GUIDE, render_guide(manifest).encode())
    data = codec.encode_pretty(manifest)
    write_durably(folder / NAME, data)
    write_durably(folder / SUMS, render_sums(manifest, data).encode())


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of a backup's folder.

    Raises:
        ArtifactError: It is cut short, edited or of an unknown version.
        BackupDamaged: There is none.
    """
    place = folder / NAME
    try:
        data = place.read_bytes()
    except OSError as error:
        raise BackupDamaged(
            "the backup has no manifest that can be read",
            where=str(place),
            cause=error.strerror or str(error),
            state="nothing was touched",
            hint="use another backup: lockgate backup list",
        ) from None
    return decode_manifest(data, str(place))


def render_sums(manifest: Manifest, encoded: bytes) -> str:
    """Return the text of SHA256SUMS, for ``sha256sum -c``."""
    lines = [(file.sha256, file.path) for file in manifest.files]
    lines.append((hashlib.sha256(render_guide(manifest).encode()).hexdigest(), GUIDE))
    lines.append((hashlib.sha256(encoded).hexdigest(), NAME))
    return "".join(f"{digest}  {path}\n" for digest, path in sorted(lines, key=lambda line: line[1]))


def render_guide(manifest: Manifest) -> str:
    """Return the text of RESTORE.txt: how the backup is restored without us."""
    head = [
        f"Backup {manifest.id} of {manifest.target} ({manifest.flavor} {manifest.server_version}),",
        f"{manifest.kind.value}, as it was at {manifest.snapshot_at}.",
        "",
        "To restore it with the server's own tools, run in this folder:",
        "",
    ]
    return "\n".join([*head, *(f"    {line}" if line else "" for line in manifest.restore)]) + "\n"


def write_durably(place: Path, data: bytes) -> None:
    """Write a file that is not there yet, readable by its owner only, and wait until it is on the disk.

    Raises:
        OSError: It cannot be written.
    """
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
