"""SQLAlchemy models as a source: the metadata's own ``create_all`` fills the scratch, so it gets what their tables get.

Statements compiled without a server would miss what the dialect decides by the server's version and what the models'
own event listeners do; the scratch and a real driver give both.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockgate.engine.base import Session
from lockgate.errors import ConfigError, InputError, SourceError
from lockgate.model.finding import Finding
from lockgate.source.argument import split_options
from lockgate.source.child import Task, run_child, scratch_address
from lockgate.source.declaration import Declaration, SourceContext
from lockgate.source.inside.metadata import declared_tables
from lockgate.source.sqlalchemy.alembic_folder import DEFAULT_VERSION_TABLE, read_alembic_config, version_table_of
from lockgate.source.sqlalchemy.rules import NOT_IMPORTED, OTHER_DATABASE, OTHER_METADATA

_FORM = "write sqlalchemy:MODULE:ATTRIBUTE, for example sqlalchemy:app.models:Base"
_OPTIONS = ("dialect", "bind", "schema")
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_MOST_FILES = 5_000
_LEFT_OUT = frozenset({"tests", "test", "node_modules", "venv", "env", "build", "dist", "versions", "migrations"})


@dataclass(frozen=True)
class MetadataName:
    """What a spec names: modules to import, attributes of the last one, and options."""

    modules: tuple[str, ...]
    attributes: tuple[str, ...]
    dialect: str = ""
    bind: str = ""
    schema: str = ""


def read_sqlalchemy(argument: str, context: SourceContext) -> Declaration:
    """Read ``module:attr`` (several of each with commas) and the options ``dialect``, ``bind`` and ``schema``.

    The code is imported in a child process, once to describe it and once to create its tables in the scratch. Nothing
    is cached: what models declare can depend on anything their code reads.

    Raises:
        SourceError: The code cannot be imported, or declares no table; the server refuses a statement.
        ConfigError: The argument is none, or SQLAlchemy is not installed.
    """
    name = parse_metadata_name(argument)
    task = Task("metadata", "sqlalchemy", "sqlalchemy", f"sqlalchemy:{argument}")
    job = {
        "modules": name.modules,
        "attributes": name.attributes,
        "dialect": name.dialect,
        "bind": name.bind,
        "schema": name.schema,
    }
    described = run_child(task, job, context)
    tables = [(str(schema), str(table)) for schema, table in described["tables"]]
    if not tables:
        raise SourceError(
            f"sqlalchemy:{argument} declares no table",
            file=", ".join(name.modules),
            cause="the metadata is empty: the modules with the models were not imported",
            hint="name them too, before the one with the attribute: sqlalchemy:app.orders,app.models:Base",
        )

    def fill(session: Session) -> None:
        run_child(task, job, context, scratch_address(session))

    return Declaration(
        fill=fill,
        findings=(*_not_imported(name, described, tables), *_elsewhere(described, tables, name, context)),
        bookkeeping=_bookkeeping(),
        checked={"tables": len(tables), "Python files": len(described["files"])},
    )


def parse_metadata_name(argument: str) -> MetadataName:
    """Read what stands after ``sqlalchemy:``.

    Raises:
        ConfigError: It is no module and attribute.
    """
    spec = f"sqlalchemy:{argument}"
    head, options = split_options(argument, spec, _OPTIONS)
    left, _, right = head.partition(":")
    modules = tuple(_module_name(part.strip()) for part in left.split(",") if part.strip())
    attributes = tuple(part.strip().removesuffix("()") for part in right.split(",") if part.strip())
    wrong = [part for part in (*modules, *attributes) if not _PATH.fullmatch(part)]
    if not modules or wrong:
        raise ConfigError(
            f"{spec} names no Python module and attribute",
            cause=f"{wrong[0]!r} is no name" if wrong else "no module is given",
            state="nothing was touched",
            hint=_FORM,
        )
    return MetadataName(modules, attributes, **options)


def _bookkeeping() -> tuple[str, ...]:
    """Return the tables that Alembic keeps beside the models' own, also those an ``alembic.ini`` here leads to."""
    names = [DEFAULT_VERSION_TABLE]
    if Path("alembic.ini").is_file():
        with contextlib.suppress(InputError):
            names.append(version_table_of(read_alembic_config("alembic.ini")))
    return tuple(dict.fromkeys(names))


def _module_name(text: str) -> str:
    """Return a module's name, also for a file below the working folder."""
    return ".".join(Path(text).with_suffix("").parts).removesuffix(".__init__") if text.endswith(".py") else text


def _not_imported(
    name: MetadataName, described: Mapping[str, Any], tables: list[tuple[str, str]]
) -> tuple[Finding, ...]:
    """Look in the package of each module for tables in files that importing it does not reach."""
    loaded = {str(Path(file)) for file in described["files"]}
    known = {table for _, table in tables}
    known |= {str(table).rpartition(".")[2] for group in described["others"] for table in group}
    known |= {str(table).rpartition(".")[2] for group in described["binds"].values() for table in group}
    found = []
    for file in _package_files(name.modules):
        if str(file) in loaded:
            continue
        for line, table in declared_tables(file.read_text(encoding="utf-8", errors="replace")):
            if table not in known:
                message = f"the table {table} is declared in a file that importing {name.modules[-1]} does not reach"
                found.append(NOT_IMPORTED.found(message, file=str(file), line=line, object=table))
    return tuple(found)


def _package_files(modules: tuple[str, ...]) -> list[Path]:
    """Return the Python files of the packages that the modules are in, without tests and migrations."""
    roots = sorted({module.partition(".")[0] for module in modules})
    files: list[Path] = []
    for root in (Path(name) for name in roots):
        if root.is_dir():
            files += [p for p in sorted(root.rglob("*.py")) if not _LEFT_OUT.intersection(p.parts)]
    return files[:_MOST_FILES]


def _elsewhere(
    described: Mapping[str, Any], tables: list[tuple[str, str]], name: MetadataName, context: SourceContext
) -> tuple[Finding, ...]:
    """Name the tables that the result does not hold although the code declares them."""
    found = []
    for group in described["others"]:
        message = f"another metadata that the spec does not name holds {_list(group)}"
        found.append(OTHER_METADATA.found(message, object=str(group[0])))
    for key, group in described["binds"].items():
        if group:
            message = f"the bind key {key or '(default)'} is another database and holds {_list(group)}"
            found.append(OTHER_DATABASE.found(message, object=str(group[0])))
    if _IN_ONE_DATABASE[context.server.flavor]:
        return tuple(found)
    for schema in sorted({schema for schema, _ in tables if schema not in ("", name.schema)}):
        group = [table for own, table in tables if own == schema]
        message = f"the schema {schema} is another database here and holds {_list(group)}"
        found.append(OTHER_DATABASE.found(message, object=f"{schema}.{group[0]}"))
    return tuple(found)


_IN_ONE_DATABASE = {"postgres": True, "mysql": False, "mariadb": False, "sqlite": False}
"""Flavor → whether the schemas of SQLAlchemy's tables are parts of one database."""


def _list(names: list[Any]) -> str:
    shown = ", ".join(map(str, names[:5]))
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
