"""A schema saved as JSON."""

from __future__ import annotations

from pathlib import Path

from lockgate.errors import InputError, SourceError
from lockgate.model import codec
from lockgate.model.schema import Schema, Value
from lockgate.model.server import Server

FORMAT_VERSION = 1


class Snapshot(Value, frozen=True, omit_defaults=False):
    """A saved schema with the server it was read from and its fingerprint."""

    server: Server
    fingerprint: str
    schema: Schema
    format_version: int = FORMAT_VERSION


def build_snapshot(schema: Schema, server: Server) -> Snapshot:
    """Return a snapshot of a schema."""
    return Snapshot(server=server, fingerprint=codec.fingerprint(schema), schema=schema)


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot file.

    Raises:
        ArtifactError: It is empty, cut short, of another version, or does not match its fingerprint.
        SourceError: The file cannot be read.
    """
    where = f"the snapshot {path}"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError("the file cannot be read", file=str(path), cause=error.strerror or str(error)) from None
    codec.check_format_version(data, FORMAT_VERSION, where)
    snapshot = codec.decode(data, Snapshot, where)
    if codec.fingerprint(snapshot.schema) != snapshot.fingerprint:
        raise InputError(
            f"{where} was changed after it was made",
            state="nothing was touched",
            hint="make it anew with `lockgate inspect --format json`",
        )
    return snapshot
