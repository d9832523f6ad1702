"""Read a desired schema from any spec into the shape of a live one, with the server as the authority."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lockgate
from lockgate.engine.base import Engine, Scope, Scratch, Session
from lockgate.errors import ArtifactError, ConfigError, UnreadSource
from lockgate.model import codec
from lockgate.model.finding import Finding
from lockgate.model.schema import Schema, Value
from lockgate.model.server import Server
from lockgate.source.bookkeeping import add_bookkeeping, select_bookkeeping
from lockgate.source.declaration import Declaration, SourceContext
from lockgate.source.given import add_given, give, given_part
from lockgate.source.registry import load_source
from lockgate.source.snapshot import read_snapshot
from lockgate.source.spec import Spec, SpecKind
from lockgate.source.sql import read_sql_files, run_sql_files

OpenScratch = Callable[[], Scratch]
ReadLive = Callable[[], Schema]
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Desired:
    """A desired schema and, when it was built in a scratch database, that database's session.

    ``findings`` are what its source found besides; ``bookkeeping`` the tables its tool keeps in a live database.
    ``fingerprint`` is that of exactly this schema where it is known, else empty.
    """

    schema: Schema
    session: Session | None = None
    findings: tuple[Finding, ...] = ()
    bookkeeping: tuple[str, ...] = ()
    fingerprint: str = ""


class _Cached(Value, frozen=True):
    """What is kept of a schema that was built in a scratch: with its fingerprint, and for ``Engine.prime``."""

    schema: Schema
    fingerprint: str
    texts: tuple[str, ...] = ()


def read_desired(
    spec: Spec,
    engine: Engine,
    server: Server,
    scratch: OpenScratch,
    *,
    needs_database: bool,
    cache: Path | None,
    live: ReadLive | None = None,
) -> Desired:
    """Read a desired schema.

    Args:
        live: Reads the live schema when there is one: its extensions are given to a source that cannot declare any,
            and for no other source is it called.
        scratch: Opens the scratch when one is needed; not called for a cached or saved schema.
        needs_database: Also give a scratch database that holds it (a proof compares dumps there).
        cache: Folder for read schemas by content, or None.

    Raises:
        SourceError, ArtifactError, ConnectError, ScratchUnavailable: See each source.
        UnreadSource: Something in the source could not be read; nothing is known about the whole then.
    """
    if spec.kind in (SpecKind.SQL, SpecKind.DECLARED):
        declaration = read_declaration(spec, engine, server)
        known = live() if live is not None and declaration.takes_extensions else None
        given = given_part(declaration, known, engine)
        entry = _cache_entry(cache, declaration, server, given)
        cached = None if needs_database or entry is None else _read_cached(entry, engine)
        built = _build(declaration, engine, server, scratch(), entry, given) if cached is None else cached
        return replace(built, findings=declaration.findings, bookkeeping=declaration.bookkeeping)
    schema = _read_saved(spec, engine) if spec.kind is SpecKind.SNAPSHOT else _read_live(spec, engine)
    if not needs_database:
        return Desired(schema)
    return Desired(schema, build_database(schema, engine, server, scratch()))


def build_database(schema: Schema, engine: Engine, server: Server, scratch: Scratch, name: str = "desired") -> Session:
    """Build a schema in a new scratch database and return the session in it."""
    session = scratch.create_database(name)
    for statement in engine.render_schema(schema, server):
        session.execute(statement)
    return session


def read_declaration(spec: Spec, engine: Engine, server: Server) -> Declaration:
    """Read what SQL files or a named source declare, before a server has read it.

    Raises:
        UnreadSource: Something in it could not be read.
        InputError: See the source.
    """
    if spec.kind is SpecKind.SQL:
        assert spec.path is not None
        return Declaration(files=read_sql_files(spec.path))
    declaration = load_source(spec.source)(spec.argument, SourceContext(engine, server))
    if declaration.unread:
        places = [f"{finding.place}: {finding.message}" for finding in declaration.unread]
        shown = places[:_MOST_SHOWN]
        more = [f"and {len(places) - len(shown)} more"] if len(places) > len(shown) else []
        raise UnreadSource(
            f"{spec.text} holds {len(places)} thing{'s' if len(places) > 1 else ''} that cannot be read",
            cause="\n".join([*shown, *more]),
            findings=(*declaration.unread, *declaration.findings),
        )
    return declaration


def keep_bookkeeping(desired: Desired, live: Schema, engine: Engine, server: Server) -> Desired:
    """Return the desired schema with the live one's tables of the source's own tool in it, as they are.

    So they are neither drift nor dropped. A scratch database that holds the desired schema gets them too.
    """
    kept = select_bookkeeping(live, desired.schema, desired.bookkeeping)
    if not kept.tables:
        return desired
    whole = add_bookkeeping(desired.schema, kept)
    if desired.session is not None:
        made = frozenset(engine.render_schema(desired.schema, server))
        for statement in engine.render_schema(whole, server):
            if statement not in made:
                desired.session.execute(statement)
    return replace(desired, schema=whole, fingerprint="")


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


def _build(
    declaration: Declaration, engine: Engine, server: Server, scratch: Scratch, entry: Path | None, given: Schema
) -> Desired:
    session = scratch.create_database("desired")
    give(session, engine, server, given)
    run_sql_files(engine, session, declaration.files, is_private=scratch.is_private, is_ordered=declaration.is_ordered)
    if declaration.fill is not None:
        declaration.fill(session)
    schema = engine.inspect(session, scratch.server, Scope())
    kept = select_bookkeeping(schema, Schema(engine=engine.name), declaration.bookkeeping)
    if kept.tables:
        _drop_tables(session, engine, kept)
        schema = engine.inspect(session, scratch.server, Scope())
    schema = add_given(schema, given)
    if entry is not None:
        _write_cached(
            entry, _Cached(schema=schema, fingerprint=codec.fingerprint(schema), texts=engine.texts_of(schema))
        )
    return Desired(schema, session)


def _drop_tables(session: Session, engine: Engine, kept: Schema) -> None:
    """Remove the tables that the tool made for itself in the scratch."""
    for table in kept.tables:
        name = engine.quote(table.name)
        session.execute(
            f"DROP TABLE {engine.quote(table.namespace)}.{name}" if table.namespace else f"DROP TABLE {name}"
        )


def _cache_entry(cache: Path | None, declaration: Declaration, server: Server, given: Schema) -> Path | None:
    """The name covers everything the result depends on: the texts, the server, and this program's version."""
    if cache is None or (declaration.fill is not None and not declaration.cache_key):
        return None
    digest = hashlib.sha256(codec.encode(server) + lockgate.__version__.encode())
    digest.update(_program_stamp())
    digest.update(codec.encode(given))
    digest.update(codec.encode([declaration.cache_key, declaration.is_ordered, declaration.bookkeeping]))
    for file in declaration.files:
        digest.update(hashlib.sha256(file.text.encode()).digest())
    return cache / f"desired-{digest.hexdigest()[:40]}.json"


def _program_stamp() -> bytes:
    """Change with every edit of the inspection code, so that a development copy never reads its own stale cache."""
    folder = Path(lockgate.__file__).parent / "engine"
    newest = max((os.stat(path).st_mtime_ns for path in folder.rglob("*.py")), default=0)
    return str(newest).encode()


def _read_cached(entry: Path, engine: Engine) -> Desired | None:
    """Return what was written there; None when there is nothing, or it is not to the byte what was written."""
    try:
        digest, _, data = entry.read_bytes().partition(b"\n")
        if hashlib.sha256(data).hexdigest().encode() != digest:
            return None
        cached = codec.decode(data, _Cached, "the cached schema")
    except (ArtifactError, OSError):
        return None
    engine.prime(cached.schema, cached.texts)
    return Desired(cached.schema, fingerprint=cached.fingerprint)


def _write_cached(entry: Path, cached: _Cached) -> None:
    """Write beside and rename; a cache that cannot be written is no reason to stop."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        partial = entry.with_suffix(f".{os.getpid()}.tmp")
        data = codec.encode(cached)
        partial.write_bytes(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
        partial.replace(entry)
    except OSError:
        return
