"""Read ``drizzle.config.ts`` (or ``.js``, ``.mjs``, ``.json``), or take a schema file or folder as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockgate.errors import InputError, SourceError
from lockgate.source.drizzle.column_types import MYSQL, POSTGRES, SQLITE
from lockgate.source.drizzle.columns import Dialect
from lockgate.source.drizzle.modules import World
from lockgate.source.drizzle.paths import SUFFIXES
from lockgate.source.drizzle.values import UNDEFINED, Obj, Place, Unknown, Value, find_unknown, is_nullish

_NAMES = tuple(f"drizzle.config{suffix}" for suffix in (".ts", ".mts", ".js", ".mjs", ".cjs", ".json"))


@dataclass(frozen=True)
class Target:
    """What a dialect word of a config stands for: drizzle's dialect, our engine, and its table of migrations."""

    dialect: Dialect
    engine: str
    journal_schema: str = ""


TARGETS = {
    "mysql": Target(MYSQL, "mysql"),
    "postgresql": Target(POSTGRES, "postgres", "drizzle"),
    "pg": Target(POSTGRES, "postgres", "drizzle"),
    "sqlite": Target(SQLITE, "sqlite"),
    "turso": Target(SQLITE, "sqlite"),
}
"""Dialect word in a config → what it stands for."""


@dataclass(frozen=True)
class DrizzleConfig:
    """Where a project's schema is and how it is written. Paths and patterns are as drizzle-kit takes them.

    ``folder`` is where they start; ``file`` is the config, or the schema file or folder itself; ``word`` is the dialect
    as drizzle-kit calls it; ``bookkeeping`` names the tables of a live database that are not this schema's: drizzle's
    own, and those outside ``tablesFilter``.
    """

    file: Path
    folder: Path
    target: Target
    schema: tuple[str, ...]
    casing: str = ""
    schema_filter: tuple[str, ...] = ()
    out: str = "drizzle"
    bookkeeping: tuple[str, ...] = ("__drizzle_migrations",)
    has_file: bool = True
    word: str = ""


def read_config(argument: str, engine: str) -> DrizzleConfig:
    """Read what stands after ``drizzle:``: a config, a project's folder, a schema file, or a folder of them.

    Args:
        engine: The target's engine; a config for another one is an error.

    Raises:
        InputError: There is no such file, or the config names no schema, or a dialect for another engine.
        SourceError: The config cannot be read.
    """
    path = Path(argument or ".")
    if not path.exists():
        raise InputError(
            f"there is no file or folder {str(path)!r}",
            state="nothing was touched",
            hint="give a drizzle.config.ts, a schema file, or a folder of them, as in drizzle:drizzle.config.ts",
        )
    if path.is_dir():
        config = next((path / name for name in _NAMES if (path / name).is_file()), None)
        if config is None:
            return _without_config(path, engine)
        path = config
    if path.suffix == ".json":
        return _from_values(path, _read_json(path), engine)
    if path.suffix not in SUFFIXES:
        raise InputError(
            f"{str(path)!r} is no Drizzle config and no schema file",
            cause=f"known are {', '.join((*SUFFIXES, '.json'))}",
            state="nothing was touched",
        )
    values = _evaluate(path) if ".config." in path.name or _is_config(path) else None
    return _without_config(path, engine) if values is None else _from_values(path, values, engine)


def _is_config(path: Path) -> bool:
    """Tell whether a file with another name is a config: it imports from drizzle-kit."""
    try:
        head = path.read_bytes()[:20_000]
    except OSError:
        return False
    return b'"drizzle-kit"' in head or b"'drizzle-kit'" in head


def _without_config(path: Path, engine: str) -> DrizzleConfig:
    word = next((word for word, target in TARGETS.items() if target.engine == engine), "")
    target = TARGETS.get(word)
    if target is None:
        raise InputError("Drizzle schemas are not read for this engine", state="nothing was touched")
    folder = path if path.is_dir() else path.parent
    return DrizzleConfig(
        path, folder, target, (str(path),), bookkeeping=_journal(target, Obj()), has_file=False, word=word
    )


def _read_json(path: Path) -> Obj:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError("the Drizzle config cannot be read", file=str(path), cause=str(error)) from None
    if not isinstance(data, dict):
        raise SourceError("the Drizzle config cannot be read", file=str(path), cause="it holds no object")
    return _as_value(data)  # type: ignore[no-any-return]


def _as_value(data: Any) -> Any:
    if isinstance(data, dict):
        return Obj({key: _as_value(item) for key, item in data.items()})
    return [_as_value(item) for item in data] if isinstance(data, list) else data


def _evaluate(path: Path) -> Obj:
    from lockgate.source.drizzle.orm import Orm

    world = World(path.resolve().parent)
    Orm(world).install()
    module = world.load(path)
    if module.first_error:
        raise SourceError("the Drizzle config is no valid TypeScript", file=module.shown, line=module.first_error)
    value = world.export_of(module, "default", Place(module.shown, 1))
    if isinstance(value, Unknown):
        cause = f"{value.place.file}:{value.place.line}: {value.why}"
        raise SourceError("the Drizzle config cannot be read", file=module.shown, cause=cause)
    if not isinstance(value, Obj):
        cause = "it exports no object by default"
        raise SourceError("the Drizzle config cannot be read", file=module.shown, cause=cause)
    return value


def _from_values(path: Path, values: Obj, engine: str) -> DrizzleConfig:
    word = _text(path, values, "dialect") or _text(path, values, "driver")
    target = TARGETS.get(word)
    if target is None:
        raise InputError(
            f"the Drizzle config {str(path)!r} is for the dialect {word!r}" if word else "the config names no dialect",
            cause=f"read are {', '.join(TARGETS)}",
            state="nothing was touched",
        )
    if target.engine != engine:
        raise InputError(
            f"the Drizzle config {str(path)!r} is for the dialect {word}, the target is another kind of database",
            state="nothing was touched",
            hint="give the URL of a database of that kind, or the config that belongs to this one",
        )
    migrations, out = values.get("migrations", UNDEFINED), values.get("out", UNDEFINED)
    return DrizzleConfig(
        file=path,
        folder=path.parent,
        target=target,
        schema=_texts(path, values, "schema", is_needed=True),
        casing=_text(path, values, "casing"),
        schema_filter=_texts(path, values, "schemaFilter"),
        out=out if isinstance(out, str) and out else "drizzle",
        word=word,
        bookkeeping=(
            *_journal(target, migrations if isinstance(migrations, Obj) else Obj()),
            *_others(_texts(path, values, "tablesFilter")),
        ),
    )


def _others(tables_filter: tuple[str, ...]) -> tuple[str, ...]:
    """Turn ``tablesFilter``, the tables of this project, around: the names of those that are left alone."""
    return tuple(pattern[1:] if pattern.startswith("!") else f"!{pattern}" for pattern in tables_filter)


def _journal(target: Target, migrations: Obj) -> tuple[str, ...]:
    """Return the names of drizzle's own table of migrations."""
    name, schema = migrations.get("table", UNDEFINED), migrations.get("schema", UNDEFINED)
    table = name if isinstance(name, str) and name else "__drizzle_migrations"
    if not target.journal_schema:
        return (table,)
    return (f"{schema if isinstance(schema, str) and schema else target.journal_schema}.{table}",)


def _text(path: Path, values: Obj, name: str) -> str:
    value: Value = values.get(name, UNDEFINED)
    if is_nullish(value) and not values.holes:
        return ""
    if isinstance(value, str):
        return value
    raise _unread(path, values, name, value)


def _texts(path: Path, values: Obj, name: str, *, is_needed: bool = False) -> tuple[str, ...]:
    value: Value = values.get(name, UNDEFINED)
    items = [value] if isinstance(value, str) else value
    if isinstance(items, list) and not find_unknown(items) and all(isinstance(item, str) for item in items):
        if items or not is_needed:
            return tuple(items)
    elif is_nullish(value) and not values.holes:
        if not is_needed:
            return ()
        raise InputError(
            f"the Drizzle config {str(path)!r} names no schema",
            state="nothing was touched",
            hint="add schema: './src/schema.ts' to it, or give the schema file itself: drizzle:src/schema.ts",
        )
    raise _unread(path, values, name, value)


def _unread(path: Path, values: Obj, name: str, value: Value) -> SourceError:
    unknown = find_unknown(value) or next(iter(values.holes), None)
    cause = f"{unknown.place.file}:{unknown.place.line}: {unknown.why}" if unknown else "it is no text"
    return SourceError(f"`{name}` of the Drizzle config is not known without running it", file=str(path), cause=cause)
