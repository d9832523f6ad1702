"""Read a schema from any spec, to show it or save it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from lockgate.engine import load_engine
from lockgate.engine.base import Engine, Scope, ScratchOptions
from lockgate.errors import InputError
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.model.target import Target
from lockgate.source.desired import keep_bookkeeping, read_desired
from lockgate.source.snapshot import read_snapshot
from lockgate.source.spec import Spec, SpecKind, parse_spec
from lockgate.workflow.lazy_scratch import LazyScratch


@dataclass(frozen=True)
class Inspected:
    """A schema, the server it was read from, and the engine that can render it."""

    schema: Schema
    server: Server
    engine: Engine


def inspect_spec(
    spec_text: str, *, target: Target | None = None, scratch: ScratchOptions | None = None, is_expected: bool = False
) -> Inspected:
    """Read the schema a spec names.

    Args:
        target: A database whose engine and version a declared schema is read for.
        is_expected: The target is to look like this; the tables that the source's own tool keeps there are added.

    Raises:
        InputError: The spec is wrong, or it declares a schema and there is no target.
    """
    spec = parse_spec(spec_text)
    if spec.kind is SpecKind.SNAPSHOT:
        assert spec.path is not None
        snapshot = read_snapshot(spec.path)
        return Inspected(snapshot.schema, snapshot.server, load_engine(snapshot.server.engine))
    source = spec.target or target
    if source is None:
        raise InputError(
            "a declared schema is read for a database's engine and version, and none was given",
            state="nothing was touched",
            hint="add --url",
        )
    return _inspect_with(spec, source, scratch or ScratchOptions(), is_expected=is_expected)


def inspect_target(target: Target) -> Inspected:
    """Read the schema of a live database."""
    return _inspect_with(Spec(SpecKind.LIVE, target.display, target=target), target, ScratchOptions())


def _inspect_with(spec: Spec, source: Target, scratch: ScratchOptions, *, is_expected: bool = False) -> Inspected:
    engine = load_engine(source.engine)
    with ExitStack() as stack:
        session = engine.connect(source, is_read_only=True)
        stack.callback(session.close)
        server = engine.identify(session)
        lazy = LazyScratch(stack, engine, server, source, scratch)
        desired = read_desired(spec, engine, server, lazy, needs_database=False, cache=None)
        if is_expected and desired.bookkeeping:
            desired = keep_bookkeeping(desired, engine.inspect(session, server, Scope()), engine, server)
        return Inspected(desired.schema, server, engine)
