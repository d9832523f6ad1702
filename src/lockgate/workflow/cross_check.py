"""Compare a declared schema as it was read here with what its own tool makes of it; the tool runs the user's code."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.engine.base import Engine, Scope, Scratch
from lockgate.errors import ConfigError, UnreadSource
from lockgate.model.finding import Finding
from lockgate.model.rule import Rule
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.source.declaration import SourceContext, SqlFile
from lockgate.source.desired import read_declaration
from lockgate.source.given import give, given_part
from lockgate.source.spec import Spec
from lockgate.source.sql import run_sql_files

TOOLS = {"drizzle": ("lockgate.source.drizzle.kit:export_with_kit", "lockgate.source.drizzle.rules:CROSS_CHECK")}
"""Source → the function that asks its tool for SQL, and the rule of a difference."""


def cross_check(
    spec: Spec, engine: Engine, server: Server, scratch: Callable[[], Scratch], live: Schema | None = None
) -> None:
    """Build both readings in scratch databases and compare what the server says of them.

    Raises:
        UnreadSource: They differ, so neither can be called the desired schema; with a finding for each difference.
        ConfigError: The source has no tool to ask, or the tool is missing or failed.
        SourceError: The server refuses one of them.
    """
    if spec.source not in TOOLS:
        raise ConfigError(
            f"there is no cross-check for {spec.text}",
            where="--cross-check",
            cause=f"it is for {', '.join(f'{name}:' for name in TOOLS)} specs",
            state="nothing was compared",
            hint="leave --cross-check out",
        )
    export: Callable[[str, SourceContext], SqlFile] = _load(TOOLS[spec.source][0])
    rule: Rule = _load(TOOLS[spec.source][1])
    exported = export(spec.argument, SourceContext(engine, server))
    declared = read_declaration(spec, engine, server)
    place = scratch()
    given = given_part(declared, live, engine)
    ours = _build("declared", declared.files, engine, place, given)
    theirs = _build("exported", (exported,), engine, place, given)
    findings: list[Finding] = []
    for change in diff_schemas(theirs, ours):
        note = describe_change(change)
        message = (
            f"{note.object}: its own tool makes {note.before or 'nothing'}, read here was {note.after or 'nothing'}"
        )
        findings.append(rule.found(message, object=note.object))
    if findings:
        shown = [finding.message for finding in findings[:20]]
        what = f"{spec.text} is read differently by its own tool in {len(findings)} place{'s' * (len(findings) > 1)}"
        raise UnreadSource(what, cause="\n".join(shown), findings=findings)


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _build(name: str, files: tuple[SqlFile, ...], engine: Engine, scratch: Scratch, given: Schema) -> Schema:
    session = scratch.create_database(name)
    try:
        give(session, engine, scratch.server, given)
        run_sql_files(engine, session, files, is_private=scratch.is_private)
        return engine.inspect(session, scratch.server, Scope())
    finally:
        session.close()
