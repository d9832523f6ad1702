"""Describes a Django project's models and migrations, and makes their tables in the scratch."""

from __future__ import annotations

import importlib.util
import os
import traceback
from typing import Any

from .common import Refused, is_own_file, place_of, shorten
from .django_setup import module_file, set_up
from .statement import shorten_text


def work(whole: dict[str, Any]) -> dict[str, Any]:
    """Describe the project; with a scratch, make the tables there from models or from migrations."""
    alias = set_up(whole)
    if whole["address"] is None:
        return _describe(alias, whole["folder"])
    from django.db import DatabaseError, connections

    refused: list[str] = []

    def note(execute: Any, sql: Any, parameters: Any, is_many: bool, context: Any) -> Any:
        try:
            return execute(sql, parameters, is_many, context)
        except DatabaseError:
            refused.append(str(sql))
            raise

    try:
        with connections[alias].execute_wrapper(note):
            return _MAKERS[whole["job"]["way"]](alias)
    except DatabaseError as error:
        file, line = _place_of_refusal(error, whole["folder"])
        statement = shorten_text(refused[-1] if refused else "")
        cause = str(error.__cause__ or error)
        raise Refused(
            "the server refuses a statement", file=file, line=line, statement=statement, cause=cause
        ) from None


def _place_of_refusal(error: BaseException, folder: str) -> tuple[str, int]:
    """Return the place in the user's code, else the migration or the model that was being made."""
    file, line = place_of(error, folder)
    if file and is_own_file(os.path.join(folder, file), folder):
        return file, line
    frames = list(traceback.walk_tb(error.__traceback__))
    for frame, _ in reversed(frames):
        owner = frame.f_locals.get("self")
        if hasattr(owner, "operations") and hasattr(owner, "app_label"):
            return shorten(module_file(type(owner).__module__), folder), 0
        model: Any = frame.f_locals.get("model")
        if hasattr(model, "_meta"):
            return _place_of_label(model._meta.label, folder)
    return "", 0


def _place_of_label(label: str, folder: str) -> tuple[str, int]:
    from django.apps import apps

    file, line = _place(apps.get_model(label), folder) if label.count(".") == 1 else ("", 0)
    return file, line


def _describe(alias: str, folder: str) -> dict[str, Any]:
    from django.apps import apps
    from django.db import router

    models = [m for m in apps.get_models(include_auto_created=True) if not m._meta.proxy and not m._meta.swapped]
    here = [m for m in models if router.allow_migrate_model(alias, m)]
    return {
        "tables": sorted(m._meta.db_table for m in here if m._meta.managed),
        "unmanaged": sorted([m._meta.db_table, m._meta.label, *_place(m, folder)] for m in here if not m._meta.managed),
        "elsewhere": sorted([m._meta.db_table, m._meta.label, *_place(m, folder)] for m in models if m not in here),
        "history_table": _history_table(),
        "aliases": _other_aliases(alias),
        **_describe_migrations(alias, folder),
    }


def _place(model: Any, folder: str) -> tuple[str, int]:
    """Return file and line of a model's class as far as its module tells."""
    file = module_file(model.__module__)
    try:
        with open(file, encoding="utf-8", errors="replace") as text:
            lines = text.read().splitlines()
    except OSError:
        return "", 0
    start = f"class {model.__name__}"
    line = next((n for n, words in enumerate(lines, 1) if words.lstrip().startswith(start)), 0)
    return shorten(file, folder), line


def _history_table() -> str:
    from django.db.migrations.recorder import MigrationRecorder

    return str(MigrationRecorder.Migration._meta.db_table)


def _other_aliases(alias: str) -> list[str]:
    from django.conf import settings

    return sorted(name for name in settings.DATABASES if name not in (alias, "default"))


def _describe_migrations(alias: str, folder: str) -> dict[str, Any]:
    """Return all migrations, the leaves of apps that have several, and changes of models that no migration has."""
    from django.apps import apps
    from django.db.migrations.exceptions import BadMigrationError, CircularDependencyError, NodeNotFoundError
    from django.db.migrations.loader import MigrationLoader

    empty: dict[str, Any] = {"migrations": [], "conflicts": {}, "changes": [], "broken": "", "without": []}
    try:
        loader = MigrationLoader(None, ignore_no_migrations=True)
    except (NodeNotFoundError, CircularDependencyError, BadMigrationError) as error:
        return {**empty, "broken": str(error)}
    order = _order(loader)
    used = {config.label for config in apps.get_app_configs() if list(config.get_models())}
    return {
        "migrations": [_one_migration(key, loader, folder) for key in order],
        "conflicts": {label: sorted(names) for label, names in loader.detect_conflicts().items()},
        "changes": _changes(loader),
        "broken": "",
        "without": sorted(loader.unmigrated_apps & used),
    }


def _order(loader: Any) -> list[tuple[str, str]]:
    """Return the keys of all files in the order they run; replaced ones, which never run, last."""
    done: dict[tuple[str, str], None] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        for key in loader.graph.forwards_plan(leaf):
            done.setdefault(key)
    return [*(key for key in done if key in loader.disk_migrations), *sorted(set(loader.disk_migrations) - set(done))]


def _one_migration(key: tuple[str, str], loader: Any, folder: str) -> dict[str, Any]:
    migration = loader.disk_migrations[key]
    return {
        "app": key[0],
        "name": key[1],
        "file": shorten(module_file(type(migration).__module__), folder),
        "after": [list(parent) for parent in migration.dependencies],
        "replaces": [list(other) for other in migration.replaces],
        "runs": key in loader.graph.nodes,
    }


def _changes(loader: Any) -> list[list[str]]:
    """Return what ``makemigrations --check`` would complain of: app and words."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
    from django.db.migrations.state import ProjectState

    if loader.detect_conflicts():
        return []
    questioner = NonInteractiveMigrationQuestioner(specified_apps=set(), dry_run=True, verbosity=0)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps), questioner)
    try:
        changes = detector.changes(graph=loader.graph)
    except SystemExit:
        return [["", "a change that needs an answer (a default for a column that must not be null)"]]
    return [
        [label, operation.describe()]
        for label, migrations in sorted(changes.items())
        for migration in migrations
        for operation in migration.operations
    ]


def _make_from_models(alias: str) -> dict[str, Any]:
    """Make every managed model's table as ``migrate --run-syncdb`` makes those of apps without migrations."""
    from django.apps import apps
    from django.db import connections, router

    connection = connections[alias]
    _make_extensions(connection)
    count = 0
    with connection.schema_editor() as editor:
        for model in _as_migrated(apps):
            if model._meta.can_migrate(connection) and router.allow_migrate_model(alias, model):
                editor.create_model(model)
                count += 1
        editor.deferred_sql[:] = [sql for sql in editor.deferred_sql if sql is not None]
    return {"tables": count}


def _as_migrated(apps: Any) -> list[Any]:
    """Return the models as migrations see them, those of apps without migrations as they are.

    The two differ: a table between two models gets the key of the settings' DEFAULT_AUTO_FIELD in a migration, and
    that of its app's own configuration otherwise (django.contrib.auth). A constraint that the server cannot have is
    None among the deferred statements of a new table, and left out by ``migrate`` (Django 4.2 to 5.2, MySQL).
    """
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    seen = ProjectState.from_apps(apps).apps
    plain = [config.label for config in apps.get_app_configs() if not _has_migrations(config, MigrationLoader)]
    return [apps.get_model(m._meta.label) if m._meta.app_label in plain else m for m in seen.get_models()]


def _has_migrations(config: Any, loader: Any) -> bool:
    name, _ = loader.migrations_module(config.label)
    return name is not None and importlib.util.find_spec(name) is not None


def _make_extensions(connection: Any) -> None:
    """Run the operations of migrations that make an extension or a collation: models need them and cannot say so."""
    from django.db.migrations.exceptions import BadMigrationError, CircularDependencyError, NodeNotFoundError
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    try:
        from django.contrib.postgres.operations import CreateCollation, CreateExtension

        loader = MigrationLoader(None, ignore_no_migrations=True)
    except (ImportError, NodeNotFoundError, CircularDependencyError, BadMigrationError):
        return
    seen = set()
    for key in _order(loader):
        for operation in loader.disk_migrations[key].operations:
            if isinstance(operation, (CreateExtension, CreateCollation)) and operation.name not in seen:
                seen.add(operation.name)
                with connection.schema_editor() as editor:
                    operation.database_forwards(key[0], editor, ProjectState(), ProjectState())


def _make_from_migrations(alias: str) -> dict[str, Any]:
    """Run ``migrate`` and look whether every migration is recorded."""
    from django.core.management import CommandError, call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    try:
        call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)
    except CommandError as error:
        raise Refused("manage.py migrate refuses", cause=str(error)) from None
    executor = MigrationExecutor(connections[alias])
    left = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if left:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in left[:5])
        raise Refused("migrate ended, but not every migration is recorded", cause=f"missing: {names}")
    return {"migrations": len(executor.loader.applied_migrations)}


_MAKERS = {"models": _make_from_models, "migrations": _make_from_migrations}
