"""Pack a run's evidence into one file that proves itself, and check such a file without network or database."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from lockgate.errors import ArtifactError, FailedError, LockgateError
from lockgate.model import codec
from lockgate.model.chain import check_chain
from lockgate.model.schema import Value

MANIFEST = "MANIFEST.json"
JOURNAL = "journal.jsonl"
FORMAT_VERSION = 1
MOST_FILES, MOST_BYTES, MOST_IN_ALL = 100_000, 1 << 30, 4 << 30
_BLOCK = 1 << 20
_UNREADABLE = (
    OSError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError,
    RuntimeError,
)  # fmt: skip
_PARTS = ("journal.jsonl", "lock.json", "samples.jsonl", "report.", "evidence/", "documents/")
SEAL = "seal.json"


class FileSeal(Value, frozen=True, omit_defaults=False):
    """A file's digest and size."""

    sha256: str
    bytes: int


class Manifest(Value, frozen=True, omit_defaults=False):
    """What a bundle holds. ``seal`` is sha256 over the canonical JSON of the rest; ``head`` the journal's last hash."""

    run: str
    files: dict[str, FileSeal]
    head: str
    entries: int
    sealed_at: str
    sealed_by: str = ""
    seal: str = ""
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class Verified:
    """What was checked: ``problems`` name each file that is not what was sealed; ``checked`` counts files."""

    manifest: Manifest | None
    checked: int
    problems: tuple[str, ...]


def seal_of(manifest: Manifest) -> str:
    """Return the digest that seals a manifest."""
    return codec.digest_of(msgspec.structs.replace(manifest, seal=""))


def make_manifest(folder: Path, run: str, sealed_at: str, sealed_by: str) -> Manifest:
    """Return the sealed manifest of a run's folder as it stands.

    Raises:
        ArtifactError: The journal's chain is broken.
    """
    journal = folder / JOURNAL
    try:
        entries = check_chain(journal.read_bytes(), str(journal))
    except OSError as error:
        raise ArtifactError("there is no journal of this run", where=str(journal), cause=str(error.strerror)) from None
    files = {name: _seal_file(path) for name, path in _members(folder)}
    head = entries[-1].hash if entries else ""
    manifest = Manifest(run=run, files=files, head=head, entries=len(entries), sealed_at=sealed_at, sealed_by=sealed_by)
    return msgspec.structs.replace(manifest, seal=seal_of(manifest))


def _members(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and name.startswith(_PARTS) and not name.endswith(".part"):
            yield name, path


def _seal_file(path: Path) -> FileSeal:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return FileSeal(sha256=digest.hexdigest(), bytes=size)


def write_bundle(folder: Path, output: Path, manifest: Manifest) -> None:
    """Write the bundle: whole or not at all; the same folder gives the same bytes.

    Raises:
        FailedError: It cannot be written.
    """
    part = output.with_name(output.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(_entry(MANIFEST), codec.encode_pretty(manifest))
            for name in sorted(manifest.files):
                with bundle.open(_entry(name), "w") as target, (folder / name).open("rb") as source:
                    while block := source.read(_BLOCK):
                        target.write(block)
        os.replace(part, output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FailedError(
            "the bundle cannot be written",
            where=str(output),
            cause=error.strerror or str(error),
            state="no bundle was made; the run's folder is as it was",
            hint="name a file in a folder you may write to",
        ) from None


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def verify_bundle(path: Path) -> Verified:
    """Check every file of a bundle against its manifest, the manifest against its seal, and the journal's chain.

    Nothing is unpacked to the disk and nothing is asked of anybody.

    Raises:
        ArtifactError: It is no bundle, or larger than any.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            return _verify(bundle, path)
    except _UNREADABLE as error:
        raise _no_bundle(path, getattr(error, "strerror", None) or str(error)) from None


def _no_bundle(path: Path, cause: str) -> ArtifactError:
    return ArtifactError(
        f"{path} is no bundle of a run",
        where=str(path),
        cause=cause,
        state="nothing was touched",
        hint="lockgate report bundle RUN -o FILE makes one",
    )


def _verify(bundle: zipfile.ZipFile, path: Path) -> Verified:
    infos = bundle.infolist()
    size = sum(info.file_size for info in infos)
    if len(infos) > MOST_FILES or size > MOST_IN_ALL or any(info.file_size > MOST_BYTES for info in infos):
        raise _no_bundle(path, f"{len(infos)} files of {size} bytes are more than a bundle holds")
    names = [info.filename for info in infos]
    problems = [f"{name}: a path that leaves the bundle" for name in names if not _is_safe(name)]
    problems += (
        [f"{name}: stands in it twice" for name in sorted({n for n in names if names.count(n) > 1})]
        if len(set(names)) < len(names)
        else []
    )
    if MANIFEST not in names:
        raise _no_bundle(path, f"it has no {MANIFEST}")
    manifest = _read_manifest(bundle, path)
    if seal_of(manifest) != manifest.seal or codec.encode_pretty(manifest) != bundle.read(MANIFEST):
        problems.append(f"{MANIFEST}: it is not what was sealed")
    problems += _compare(manifest.files, set(names) - {MANIFEST}, lambda name: _seal_member(bundle, name))
    if not any(problem.startswith(JOURNAL) for problem in problems):
        problems += _chain(bundle.read(JOURNAL) if JOURNAL in names else b"", manifest)
    return Verified(manifest, len(manifest.files), tuple(problems))


def _is_safe(name: str) -> bool:
    pure = PurePosixPath(name)
    return not pure.is_absolute() and ".." not in pure.parts and "\\" not in name and ":" not in name


def _read_manifest(bundle: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        data = bundle.read(MANIFEST)
    except _UNREADABLE as error:
        raise ArtifactError(f"{MANIFEST} in {path} was changed", where=str(path), cause=str(error)) from None
    codec.check_format_version(data, FORMAT_VERSION, f"{MANIFEST} in {path}")
    return codec.decode(data, Manifest, f"{MANIFEST} in {path}")


def _seal_member(bundle: zipfile.ZipFile, name: str) -> FileSeal:
    digest, size = hashlib.sha256(), 0
    with bundle.open(name) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return FileSeal(sha256=digest.hexdigest(), bytes=size)


def _compare(sealed: Mapping[str, FileSeal], there: set[str], look: Callable[[str], FileSeal]) -> list[str]:
    problems = [f"{name}: it is not in the manifest" for name in sorted(there - set(sealed))]
    for name, seal in sorted(sealed.items()):
        if name not in there:
            problems.append(f"{name}: it is missing")
            continue
        try:
            now = look(name)
        except _UNREADABLE as error:
            problems.append(f"{name}: it cannot be read ({error})")
            continue
        if now != seal:
            problems.append(f"{name}: it was changed: sha256 {now.sha256[:12]}, sealed {seal.sha256[:12]}")
    return problems


def _chain(data: bytes, manifest: Manifest) -> list[str]:
    try:
        entries = check_chain(data, JOURNAL)
    except LockgateError as error:
        return [f"{error.where}: {error.what}: {error.cause}"]
    if len(entries) != manifest.entries or (entries[-1].hash if entries else "") != manifest.head:
        return [f"{JOURNAL}: it does not end where it was sealed"]
    return []


def verify_folder(folder: Path, manifest: Manifest) -> Verified:
    """Check a run's folder against a seal that was taken of it; what came later is no problem, what changed is."""
    problems = [] if seal_of(manifest) == manifest.seal else ["seal.json: it is not what was sealed"]
    there = {name for name, _ in _members(folder)} & set(manifest.files)
    problems += _compare(manifest.files, there, lambda name: _seal_file(folder / name))
    return Verified(manifest, len(manifest.files), tuple(problems))
