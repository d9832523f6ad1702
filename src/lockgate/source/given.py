"""What a source cannot declare and takes from the live database: its extensions, and schemas it only refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from lockgate.engine.base import Engine, Session
from lockgate.errors import FailedError, ScratchUnavailable
from lockgate.model.schema import Definition, Schema
from lockgate.model.server import Server
from lockgate.source.declaration import Declaration

_PLACED = ("enums", "domains", "composites", "sequences", "tables", "definitions")
_MOST_PASSES = 10
_DEFAULT = "public"
"""The namespace that every database has at first, of the engines that have any."""


def given_part(declaration: Declaration, live: Schema | None, engine: Engine) -> Schema:
    """Return the part of a live schema that is given to a source that takes it.

    That is the extensions with the namespaces they are in, and all of the namespaces that the source's SQL names
    without making them: the tables of a platform that its own refer to.
    """
    if live is None or not declaration.takes_extensions:
        return Schema(engine=engine.name)
    text = "\n".join(file.text for file in declaration.files)
    named = {n.name for n in live.namespaces if _is_referred_to(n.name, text)}
    used = {_DEFAULT, *named, *(extension.namespace for extension in live.extensions)}
    placed = {kind: tuple(o for o in getattr(live, kind) if o.namespace in named) for kind in _PLACED}
    namespaces = tuple(n for n in live.namespaces if n.name in used)
    return replace(Schema(engine=live.engine), namespaces=namespaces, extensions=live.extensions, **placed)


def _is_referred_to(name: str, text: str) -> bool:
    word = re.escape(name)
    if re.search(rf'CREATE SCHEMA (IF NOT EXISTS )?"?{word}"?\s*;', text, re.IGNORECASE):
        return False
    return name != _DEFAULT and re.search(rf'"{word}"\.|(?<![\w".]){word}\.', text) is not None


def give(session: Session, engine: Engine, server: Server, given: Schema) -> None:
    """Make what is given in the scratch.

    Of other schemas as much as can be: what needs the source's own tables is left out, and `add_given` says so in
    the result.

    Raises:
        ScratchUnavailable: The scratch's server does not have the extensions.
    """
    if given == Schema(engine=given.engine):
        return
    first = replace(Schema(engine=given.engine), namespaces=given.namespaces, extensions=given.extensions)
    try:
        done = set(_run(session, engine.render_schema(first, server)))
    except FailedError as error:
        names = ", ".join(extension.name for extension in given.extensions)
        raise ScratchUnavailable(
            f"the scratch server cannot have the extensions of the target ({names})",
            cause=error.cause or str(error),
            state="nothing was compared and nothing was touched",
            hint="give a server that has them: --scratch-url URL, or --scratch-beside-target",
        ) from None
    left = [statement for statement in engine.render_schema(given, server) if statement not in done]
    for _ in range(_MOST_PASSES):
        failed = [statement for statement in left if not _is_run(session, statement)]
        if not failed or len(failed) == len(left):
            return
        left = failed


def add_given(schema: Schema, given: Schema) -> Schema:
    """Return a schema in which the schemas that were given stand as they are in the live database."""
    names = {o.namespace for kind in _PLACED for o in getattr(given, kind)}
    changed = {}
    for kind in _PLACED:
        own = [o for o in getattr(schema, kind) if o.namespace not in names]
        changed[kind] = tuple(sorted([*own, *getattr(given, kind)], key=_key))
    return replace(schema, **changed) if names else schema


def _key(item: object) -> tuple[str, ...]:
    namespace, name = str(getattr(item, "namespace", "")), str(getattr(item, "name", ""))
    return (item.kind, namespace, item.table or "", name) if isinstance(item, Definition) else (namespace, name)


def _run(session: Session, statements: Iterable[str]) -> Iterable[str]:
    for statement in statements:
        session.execute(statement)
        yield statement


def _is_run(session: Session, statement: str) -> bool:
    try:
        session.execute(statement)
    except FailedError:
        return False
    return True
