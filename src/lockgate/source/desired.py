"""Read a desired schema from any spec into the shape of a live one, with the server as the authority."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lockgate
from lockgate.engine.base import Engine, Scope, Scratch, Session
from lockgate.errors import ArtifactError, ConfigError
from lockgate.model import codec
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.source.snapshot import read_snapshot
from lockgate.source.spec import Spec, SpecKind
from lockgate.source.sql import SqlFile, read_sql_files, run_sql_files

OpenScratch = Callable[[], Scratch]


@dataclass(frozen=True)
class Desired:
    """A desired schema and, when it was built in a scratch database, that database's session."""

    schema: Schema
    session: Session | None = None


def read_desired(
    spec: Spec, engine: Engine, server: Server, scratch: OpenScratch, *, needs_database: bool, cache: Path | None
) -> Desired:
    """Read a desired schema.

    Args:
        scratch: Opens the scratch when one is needed; not called for a cached or saved schema.
        needs_database: Also give a scratch database that holds it (a proof compares dumps there).
        cache: Folder for read schemas by content, or None.

    Raises:
        SourceError, ArtifactError, ConnectError, ScratchUnavailable: See each source.
    """
    if spec.kind is SpecKind.SQL:
        assert spec.path is not None
        files = read_sql_files(spec.path)
        entry = _cache_entry(cache, files, server)
        cached = None if needs_database or entry is None else _read_cached(entry)
        if cached is not None:
            return Desired(cached)
        return _build_from_sql(files, engine, server, scratch(), entry)
    schema = _read_saved(spec, engine) if spec.kind is SpecKind.SNAPSHOT else _read_live(spec, engine)
    if not needs_database:
        return Desired(schema)
    session = scratch().create_database("desired")
    for statement in engine.render_schema(schema, server):
        session.execute(statement)
    return Desired(schema, session)


def _read_saved(spec: Spec, engine: Engine) -> Schema:
    assert spec.path is not None
    snapshot = read_snapshot(spec.path)
    if snapshot.server.engine != engine.name:
        raise ConfigError(
            f"the snapshot {spec.path} is of {snapshot.server.flavor}, the target is another engine",
            state="nothing was touched",
        )
    return snapshot.schema


def _read_live(spec: Spec, engine: Engine) -> Schema:
    assert spec.target is not None
    if spec.target.engine != engine.name:
        raise ConfigError(f"{spec.text} is of another engine than the target", state="nothing was touched")
    session = engine.connect(spec.target, is_read_only=True)
    try:
        return engine.inspect(session, engine.identify(session), Scope())
    finally:
        session.close()


def _build_from_sql(
    files: tuple[SqlFile, ...], engine: Engine, server: Server, scratch: Scratch, entry: Path | None
) -> Desired:
    session = scratch.create_database("desired")
    run_sql_files(engine, session, files, is_private=scratch.is_private)
    schema = engine.inspect(session, scratch.server, Scope())
    if entry is not None:
        _write_cached(entry, schema)
    return Desired(schema, session)


def _cache_entry(cache: Path | None, files: tuple[SqlFile, ...], server: Server) -> Path | None:
    """The name covers everything the result depends on: the texts, the server, and this program's version."""
    if cache is None:
        return None
    digest = hashlib.sha256(codec.encode(server) + lockgate.__version__.encode())
    digest.update(_program_stamp())
    for file in files:
        digest.update(hashlib.sha256(file.text.encode()).digest())
    return cache / f"desired-{digest.hexdigest()[:40]}.json"


def _program_stamp() -> bytes:
    """Change with every edit of the inspection code, so that a development copy never reads its own stale cache."""
    folder = Path(lockgate.__file__).parent / "engine"
    newest = max((os.stat(path).st_mtime_ns for path in folder.rglob("*.py")), default=0)
    return str(newest).encode()


def _read_cached(entry: Path) -> Schema | None:
    """Return what was written there; None when there is nothing, or it is not to the byte what was written."""
    try:
        digest, _, data = entry.read_bytes().partition(b"\n")
        is_whole = hashlib.sha256(data).hexdigest().encode() == digest
        return codec.decode(data, Schema, "the cached schema") if is_whole else None
    except (ArtifactError, OSError):
        return None


def _write_cached(entry: Path, schema: Schema) -> None:
    """Write beside and rename; a cache that cannot be written is no reason to stop."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        partial = entry.with_suffix(f".{os.getpid()}.tmp")
        data = codec.encode(schema)
        partial.write_bytes(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
        partial.replace(entry)
    except OSError:
        return
