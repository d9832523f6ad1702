"""Alembic's folder of revisions as a source: replayed in the scratch without the connection of the user's env.py."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from lockgate.engine.base import Session
from lockgate.errors import SourceError
from lockgate.model.finding import Finding
from lockgate.source.child import Task, run_child, scratch_address
from lockgate.source.declaration import Declaration, SourceContext
from lockgate.source.migrations.folder import Folder, Migration, Tool
from lockgate.source.migrations.rules import BROKEN_CHAIN, HEADS
from lockgate.source.migrations.tools import ALEMBIC
from lockgate.source.sqlalchemy.alembic_folder import (
    AlembicConfig,
    Revision,
    Unreadable,
    ancestors_of,
    check_env_option,
    heads_of,
    read_alembic_config,
    read_revisions,
    version_table_of,
)
from lockgate.source.sqlalchemy.rules import ENV_CONNECTION, REVISION_TWICE, REVISION_UNREADABLE

_ON_CONNECTION = frozenset({"execute", "exec_driver_sql", "execution_options"})


def read_alembic(argument: str, context: SourceContext) -> Declaration:
    """Read ``alembic.ini``, ``pyproject.toml`` or a folder, and the options ``name``, ``dialect``, ``app``, ``env``.

    The revisions run in a child process on a connection of ours; of env.py only what its options need is run.

    Raises:
        SourceError: The configuration cannot be read, a revision fails, or its statement is refused.
        ConfigError: An option is unknown, or Alembic is not installed.
    """
    config = read_alembic_config(argument)
    check_env_option(config)
    revisions, unreadable = read_revisions(config)
    unread = find_broken(revisions, unreadable)
    findings = (*find_heads(revisions), *find_env_statements(config))
    checked = {"revisions": len(revisions)}
    if unread:
        return Declaration(unread=unread, findings=findings, checked=checked)
    if not revisions:
        raise SourceError(
            "the folder holds no revision", file=str(config.versions[0]), cause=f"named in {config.place}"
        )
    task = Task("revisions", "alembic", "sqlalchemy", f"migrations:{argument}", config.home)
    job = {
        "file": str(Path(config.file).absolute()) if config.file and config.file != config.toml else "",
        "toml": str(Path(config.toml).absolute()) if config.toml else "",
        "section": config.section,
        "location": str(Path(config.location).absolute()),
        "place": config.place,
        "dialect": config.options.get("dialect", ""),
        "app": config.options.get("app", ""),
        "has_own_env": config.options.get("env", "") == "default",
    }
    told = run_child(task, job, context)
    schema, table = told["version_table_schema"], told["version_table"]

    def fill(session: Session) -> None:
        run_child(task, job, context, scratch_address(session))

    bookkeeping = (f"{schema}.{table}" if schema else table,)
    return Declaration(fill=fill, findings=findings, bookkeeping=bookkeeping, checked=checked)


def read_alembic_folder(argument: str, context: SourceContext | None = None) -> Folder:
    """Read the revisions in their order without running anything.

    Raises:
        SourceError: The configuration cannot be read.
        ConfigError: An option is unknown.
    """
    config = read_alembic_config(argument)
    revisions, unreadable = read_revisions(config)
    return Folder(
        tool=Tool(
            ALEMBIC, "Alembic", (version_table_of(config),), history="alembic", is_by_number=False, is_program=True
        ),
        path=config.place,
        migrations=tuple(Migration(r.id, "", r.file, "", line=r.line, after=(*r.parents, *r.needs)) for r in revisions),
        unread=find_broken(revisions, unreadable),
        findings=(*find_heads(revisions), *find_env_statements(config)),
        files=len(revisions) + len(unreadable),
    )


def find_broken(revisions: Iterable[Revision], unreadable: Iterable[Unreadable]) -> tuple[Finding, ...]:
    """Return what keeps Alembic from loading its folder: unreadable files, ids given twice, missing parents."""
    every = tuple(revisions)
    found = [
        REVISION_UNREADABLE.found(f"Alembic cannot load {item.file}: {item.reason}", file=item.file, line=item.line)
        for item in unreadable
    ]
    by_id: dict[str, Revision] = {}
    for revision in every:
        other = by_id.setdefault(revision.id, revision)
        if other is not revision:
            message = f"the revision {revision.id} is also in {other.file}"
            found.append(REVISION_TWICE.found(message, file=revision.file, line=revision.line, object=revision.id))
    for revision in by_id.values():
        for parent in (*revision.parents, *revision.needs):
            if parent not in by_id:
                message = f"the revision {revision.id} builds on {parent}, which no file has"
                found.append(BROKEN_CHAIN.found(message, file=revision.file, line=revision.line, object=revision.id))
    if by_id and not found:
        found += _circles(by_id)
    return tuple(found)


def _circles(by_id: dict[str, Revision]) -> list[Finding]:
    """Name the revisions that build on themselves by way of others."""
    found = []
    for revision in by_id.values():
        if revision.id in ancestors_of(by_id.values(), (*revision.parents, *revision.needs)):
            message = f"the revision {revision.id} builds on itself by way of {', '.join(revision.parents)}"
            found.append(BROKEN_CHAIN.found(message, file=revision.file, line=revision.line, object=revision.id))
    return found


def find_heads(revisions: Iterable[Revision]) -> tuple[Finding, ...]:
    """Return a finding for every head but one, when there are several."""
    heads = heads_of(revisions)
    if len(heads) < 2:
        return ()
    names = ", ".join(sorted(head.id for head in heads))
    return tuple(
        HEADS.found(f"{head.id} is one of {len(heads)} heads: {names}", file=head.file, line=head.line, object=head.id)
        for head in heads
    )


def find_env_statements(config: AlembicConfig) -> tuple[Finding, ...]:
    """Return a finding for each place where env.py works on its connection itself: that part is not run."""
    file = Path(config.location, "env.py")
    try:
        tree = ast.parse(file.read_text(encoding="utf-8-sig"), str(file))
    except SyntaxError as error:
        raise SourceError("env.py cannot be read", file=str(file), line=error.lineno or 0, cause=error.msg) from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise SourceError("env.py cannot be read", file=str(file), cause=cause) from None
    return tuple(
        ENV_CONNECTION.found(f"env.py calls {node.func.attr} itself", file=str(file), line=node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ON_CONNECTION
    )
