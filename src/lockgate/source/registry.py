"""Finds the source of a spec by its name: the built-in ones, and those that other packages offer by entry point."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from lockgate.errors import ConfigError
from lockgate.source.declaration import ReadDeclaration

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "lockgate.sources"
BUILT_IN = {
    "drizzle": "lockgate.source.drizzle:read_drizzle",
    "sqlalchemy": "lockgate.source.sqlalchemy:read_sqlalchemy",
    "django": "lockgate.source.django:read_django",
    "migrations": "lockgate.source.migrations:read_migrations",
}
"""Name in a spec → module and function; imported when used."""


def list_sources() -> tuple[str, ...]:
    """Return the names of all sources, sorted."""
    return tuple(sorted({*BUILT_IN, *(point.name for point in _entry_points())}))


def is_source(name: str) -> bool:
    """Tell whether a spec may start with ``name:``."""
    return name in BUILT_IN or _entry_point(name) is not None


def load_source(name: str) -> ReadDeclaration:
    """Import a source's reader.

    Raises:
        ConfigError: There is none of that name, or the package that offers it cannot be imported.
    """
    if name in BUILT_IN:
        module, _, function = BUILT_IN[name].partition(":")
        reader: ReadDeclaration = getattr(importlib.import_module(module), function)
        return reader
    point = _entry_point(name)
    if point is None:
        raise ConfigError(
            f"there is no source of schemas named {name!r}",
            cause=f"known are {', '.join(list_sources())}",
            state="nothing was touched",
        )
    try:
        loaded: ReadDeclaration = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"the source {name!r} cannot be loaded",
            where=f"entry point {point.value}",
            cause=str(error),
            state="nothing was touched",
            hint="install or mend the package that offers it",
        ) from None
    return loaded


def _entry_point(name: str) -> EntryPoint | None:
    return next((point for point in _entry_points() if point.name == name), None)


def _entry_points() -> tuple[EntryPoint, ...]:
    """Ask what is installed; the module that knows it is large, and most specs name a built-in source or files."""
    from importlib.metadata import entry_points

    return tuple(entry_points(group=GROUP))
