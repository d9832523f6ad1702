"""The files of approvals: one for each act, made once and never changed; one that was changed is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from lockgate.errors import ArtifactError, ConfigError
from lockgate.model import codec
from lockgate.model.approval import FORMAT_VERSION, ApprovalRecord, RecordKind, id_of, with_id

DELEGATIONS = "delegations"
Verify = Callable[[ApprovalRecord], str]
"""Return the principal whose signature a record carries, empty when it carries none that holds; see `signing`."""


def records_folder(state_dir: Path, digest: str) -> Path:
    """Return where the records of a digest are, or the delegations (no digest)."""
    return state_dir / "approvals" / (digest or DELEGATIONS)


def write_record(state_dir: Path, record: ApprovalRecord) -> tuple[ApprovalRecord, Path]:
    """Write a record into a new file, on the disk when this returns; return it with its id.

    Raises:
        ConfigError: It cannot be written, or is there already.
    """
    record = with_id(record)
    stamp = record.at.replace("-", "").replace(":", "")[:15]
    path = records_folder(state_dir, record.digest) / f"{stamp}-{record.kind.value}-{record.id}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            file.write(encode_record(record))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        cause = "this very record is there already" if isinstance(error, FileExistsError) else str(error.strerror)
        raise ConfigError(
            f"the {record.kind.value} cannot be recorded", where=str(path), cause=cause, state="nothing was recorded"
        ) from None
    return record, path


def encode_record(record: ApprovalRecord) -> bytes:
    """Return a record as the text of its file."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def decode_record(data: bytes, where: str) -> ApprovalRecord:
    """Read a record.

    Raises:
        ArtifactError: It cannot be read, or is not what was recorded.
    """
    try:
        record = codec.read_json(data, ApprovalRecord)
    except msgspec.MsgspecError as error:
        raise _bad(where, str(error)) from None
    if record.format_version != FORMAT_VERSION:
        raise _bad(where, f"it is of format version {record.format_version}, this program reads {FORMAT_VERSION}")
    if record.id != id_of(record):
        raise _bad(where, "it was changed after it was recorded")
    return record


def read_records(state_dir: Path, digest: str, verify: Verify = lambda record: "") -> tuple[ApprovalRecord, ...]:
    """Read all records of a digest, and all delegations, oldest first; ``signed_by`` is what ``verify`` found now.

    Raises:
        ArtifactError: One cannot be read or was changed.
    """
    found: list[ApprovalRecord] = []
    for folder in dict.fromkeys((records_folder(state_dir, digest), records_folder(state_dir, ""))):
        for path in sorted(folder.glob("*.json")):
            record = decode_record(path.read_bytes(), str(path))
            if (
                record.kind is not RecordKind.DELEGATE
                and record.kind is not RecordKind.REVOKE
                and record.digest != digest
            ):
                raise _bad(str(path), f"it is for the digest {record.digest[:12]}, its folder is of {digest[:12]}")
            found.append(replace(record, signed_by=verify(record)))
    return tuple(sorted(found, key=lambda record: (record.at, record.id)))


def find_record(state_dir: Path, reference: str) -> ApprovalRecord:
    """Return the record whose id begins so, of whatever digest.

    Raises:
        ConfigError: None or several do.
    """
    paths = [p for p in (state_dir / "approvals").glob("*/*.json") if p.stem.rpartition("-")[2].startswith(reference)]
    if len(paths) != 1 or not reference:
        raise ConfigError(
            f"{reference!r} is {'no record' if not paths else 'more than one record'}",
            where=str(state_dir / "approvals"),
            cause="a record is named by its id or the beginning of it",
            state="nothing was recorded",
            hint="lockgate runbook approvals RUNBOOK shows the ids",
        )
    return decode_record(paths[0].read_bytes(), str(paths[0]))


def _bad(where: str, cause: str) -> ArtifactError:
    return ArtifactError(
        "a record of an approval is refused",
        where=where,
        cause=cause,
        state="nothing is approved by it",
        hint="remove the file and let the person record it again",
    )
