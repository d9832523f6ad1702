"""Django's models, or its migrations, as a source: Django itself makes the tables in the scratch."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lockgate.engine.base import Session
from lockgate.errors import ConfigError, SourceError
from lockgate.model.finding import Finding, Severity
from lockgate.source.argument import split_options
from lockgate.source.child import Task, run_child, scratch_address
from lockgate.source.declaration import Declaration, SourceContext
from lockgate.source.django.rules import MODEL_NOT_MIGRATED, OTHER_DATABASE, UNMANAGED
from lockgate.source.migrations.folder import Folder, Kind, Migration, Order, Tool
from lockgate.source.migrations.rules import BROKEN_CHAIN, DUPLICATE, HEADS
from lockgate.source.migrations.tools import DJANGO

_OPTIONS = ("database",)
_RENAME = "rename the later file if no database has applied it: Django goes by dependencies, people by numbers"
_FORM = "write django:MODULE, for example django:shop.settings, or name manage.py"


def read_django(argument: str, context: SourceContext) -> Declaration:
    """Read the models of the settings module (or ``manage.py``) that is named; the option ``database`` is an alias.

    Raises:
        SourceError: The project cannot be loaded, or the server refuses a statement.
        ConfigError: The argument is none, or Django is not installed.
    """
    return _read(argument, "models", f"django:{argument}", context)


def read_django_migrations(argument: str, context: SourceContext) -> Declaration:
    """Read the same project's migrations: ``manage.py migrate`` runs in the scratch.

    Raises:
        SourceError, ConfigError: See `read_django`.
    """
    return _read(argument, "migrations", f"migrations:{argument}", context)


def read_django_folder(argument: str, context: SourceContext | None = None) -> Folder:
    """Read all migrations of a project in the order they run; its settings are loaded, no migration is run.

    Raises:
        SourceError, ConfigError: See `read_django`.
    """
    told = describe_project(argument, f"migrations:{argument}", context)
    replaced = {(app, name) for m in told["migrations"] for app, name in m["replaces"] if m["runs"]}
    migrations = tuple(
        Migration(
            id=f"{m['app']}.{m['name']}",
            number="",
            file=m["file"],
            text="",
            kind=Kind.SUPERSEDED if (m["app"], m["name"]) in replaced else Kind.VERSIONED,
            after=tuple(f"{app}.{name}" for app, name in m["after"]),
            replaces=tuple(f"{app}.{name}" for app, name in m["replaces"]),
        )
        for m in told["migrations"]
    )
    table = told["history_table"]
    return Folder(
        tool=Tool(
            DJANGO, "Django", (table,), history="django", late=Order.REFUSED, is_by_number=False, is_program=True
        ),
        path=argument.partition("?")[0],
        migrations=migrations,
        unread=find_broken(told),
        findings=find_history(told),
        files=len(migrations),
    )


def describe_project(argument: str, spec: str, context: SourceContext | None) -> dict[str, Any]:
    """Load a project in a child process and return its tables, migrations and what is wrong with them.

    Raises:
        SourceError, ConfigError: See `read_django`.
    """
    return run_child(_task(argument, spec), _job(argument, spec, ""), context)


def _task(argument: str, spec: str) -> Task:
    path = Path(argument.partition("?")[0])
    home = path if path.is_dir() else path.parent if path.name == "manage.py" else Path()
    return Task("django_apps", "django", "django", spec, str(home))


def _job(argument: str, spec: str, way: str) -> dict[str, str]:
    head, options = split_options(argument, spec, _OPTIONS)
    return {"settings": settings_module(head, spec), "database": options.get("database", ""), "way": way}


def _read(argument: str, way: str, spec: str, context: SourceContext) -> Declaration:
    told = describe_project(argument, spec, context)
    job = _job(argument, spec, way)
    findings = (*find_history(told), *_find_models(told))
    unread = find_broken(told) if way == "migrations" else ()
    if not told["tables"] and not unread:
        raise SourceError(f"{spec} declares no table", cause="no installed app has a model for this database")

    def fill(session: Session) -> None:
        run_child(_task(argument, spec), job, context, scratch_address(session))

    return Declaration(
        fill=fill,
        unread=unread,
        findings=findings,
        bookkeeping=(told["history_table"], *(table for table, *_ in told["unmanaged"])),
        checked={"tables": len(told["tables"]), "migrations": len(told["migrations"])},
    )


def settings_module(text: str, spec: str) -> str:
    """Return the settings module that is named, or that a ``manage.py`` names.

    Raises:
        ConfigError: It is no module's name.
        SourceError: ``manage.py`` cannot be read or names none.
    """
    path = Path(text or "-")
    if path.name == "manage.py" or (path.is_dir() and (path / "manage.py").is_file()):
        return _settings_of(path / "manage.py" if path.is_dir() else path)
    name = ".".join(path.with_suffix("").parts) if text.endswith(".py") else text
    if not all(part.isidentifier() for part in name.split(".")):
        raise ConfigError(
            f"{spec} names no settings module", cause=f"{text!r} is no name", state="nothing was touched", hint=_FORM
        )
    return name


def _settings_of(file: Path) -> str:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8-sig"), str(file))
    except (OSError, ValueError, SyntaxError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise SourceError("the file cannot be read", file=str(file), cause=cause) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            words = [part.value for part in node.args if isinstance(part, ast.Constant)]
            if len(words) == 2 and words[0] == "DJANGO_SETTINGS_MODULE":
                return str(words[1])
    raise SourceError("the file names no DJANGO_SETTINGS_MODULE", file=str(file), hint=_FORM)


def find_broken(told: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what keeps ``migrate`` from running: a broken graph, several leaves in one app."""
    broken = [BROKEN_CHAIN.found(str(told["broken"]))] if told["broken"] else []
    return (*broken, *_find_leaves(told))


def find_history(told: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what is wrong with the migrations' files beside that: doubled numbers, models without a migration."""
    found = []
    seen: dict[tuple[str, str], str] = {}
    for migration in told["migrations"]:
        number = migration["name"].partition("_")[0]
        other = seen.setdefault((migration["app"], number), migration["name"])
        if number.isdigit() and other != migration["name"]:
            message = f"{migration['app']}.{migration['name']} and {other} have the same number"
            name = f"{migration['app']}.{migration['name']}"
            found.append(
                DUPLICATE.found(message, severity=Severity.INFO, next_step=_RENAME, file=migration["file"], object=name)
            )
    for app, words in told["changes"]:
        found.append(MODEL_NOT_MIGRATED.found(f"{app or 'a model'}: {words}", object=app))
    return tuple(found)


def _find_leaves(told: Mapping[str, Any]) -> tuple[Finding, ...]:
    files = {(m["app"], m["name"]): m["file"] for m in told["migrations"]}
    return tuple(
        HEADS.found(
            f"{app} ends in {len(names)} migrations: {', '.join(names)}",
            file=files.get((app, name), ""),
            object=f"{app}.{name}",
        )
        for app, names in told["conflicts"].items()
        for name in names
    )


def _find_models(told: Mapping[str, Any]) -> tuple[Finding, ...]:
    unmanaged = [
        UNMANAGED.found(f"{label} has managed = False: the table {table} is not compared", file=f, line=n, object=table)
        for table, label, f, n in told["unmanaged"]
    ]
    elsewhere = [
        OTHER_DATABASE.found(f"a router keeps {label} out of this database", file=f, line=n, object=table)
        for table, label, f, n in told["elsewhere"]
    ]
    return (*unmanaged, *elsewhere)
