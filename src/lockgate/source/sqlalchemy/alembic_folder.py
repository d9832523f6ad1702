"""Reads Alembic's configuration and revisions without running them: who builds on whom, in which file."""

from __future__ import annotations

import ast
import configparser
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockgate.errors import ConfigError, SourceError
from lockgate.source.argument import split_options

DEFAULT_VERSION_TABLE = "alembic_version"
_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_OLD_SEPARATOR = re.compile(r", *|(?: +)")
_OPTIONS = ("name", "dialect", "app", "env")
_KEYS = (
    "script_location",
    "version_locations",
    "path_separator",
    "version_path_separator",
    "recursive_version_locations",
    "prepend_sys_path",
)
_LEFT_OUT = re.compile(r"\.#|__init__")


@dataclass(frozen=True)
class AlembicConfig:
    """Where Alembic's files are. ``file`` is empty when only the script folder was named; ``section`` is of the file.

    ``options`` are those of the spec: ``name``, ``dialect``, ``app`` (Flask), ``env``. ``home`` is the folder that
    Alembic is run in, when it is not the working folder; ``toml`` the file whose ``[tool.alembic]`` adds to ``file``.
    """

    file: str
    section: str
    location: str
    versions: tuple[Path, ...]
    is_recursive: bool
    options: dict[str, str]
    home: str = ""
    toml: str = ""

    @property
    def place(self) -> str:
        """The file that a message names."""
        return self.file or self.location


@dataclass(frozen=True)
class Revision:
    """One revision: ``parents`` is what it builds on, ``needs`` also what it depends on in other branches."""

    id: str
    file: str
    line: int
    parents: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unreadable:
    """A file that holds no revision Alembic could load, and why."""

    file: str
    line: int
    reason: str


def read_alembic_config(argument: str) -> AlembicConfig:
    """Read ``alembic.ini``, ``pyproject.toml``, a folder with one of them, or the script folder itself.

    Raises:
        ConfigError: An option of the spec is unknown.
        SourceError: There is no such file, or it does not say where the scripts are.
    """
    head, options = split_options(argument, f"migrations:{argument}", _OPTIONS)
    section = options.get("name", "alembic")
    path = Path(head)
    if path.is_dir():
        if (path / "env.py").is_file():
            return AlembicConfig("", section, head, (path / "versions",), False, options)
        inner = next((path / n for n in ("alembic.ini", "pyproject.toml") if (path / n).is_file()), None)
        if inner is None:
            raise SourceError("the folder holds no Alembic configuration", file=head, cause="looked for alembic.ini")
        path = inner
    toml = path if path.suffix == ".toml" else path.with_name("pyproject.toml")
    values = _read_toml(toml) if toml.is_file() else {}
    is_toml_used = bool(values) or toml == path
    if toml != path:
        values |= {name: value for name, value in _read_ini(path, section).items() if value is not None}
    location = str(values.get("script_location") or "")
    if not location:
        raise SourceError(
            "the file does not say where Alembic's scripts are", file=str(path), cause="no script_location"
        )
    homes = [home for home in ("", str(path.parent)) if _find_folder(location, values, home) is not None]
    home = homes[0] if homes else ""
    folder = _folder_of(location, values, path, home)
    named = values.get("version_locations") or ""
    versions = [_folder_of(part, values, path, home) for part in _split_paths(named, values)] or [folder / "versions"]
    is_recursive = str(values.get("recursive_version_locations", "")).lower() in ("true", "1", "yes", "on")
    return AlembicConfig(
        str(path), section, str(folder), tuple(versions), is_recursive, options, home, str(toml) if is_toml_used else ""
    )


def _read_ini(path: Path, section: str) -> dict[str, Any]:
    parser = configparser.ConfigParser({"here": path.absolute().parent.as_posix()})
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"), str(path))
        if not parser.has_section(section):
            raise SourceError(f"the file has no section [{section}]", file=str(path), cause="it is not of Alembic")
        return {name: parser.get(section, name, fallback=None) for name in _KEYS}
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise SourceError("Alembic's configuration cannot be read", file=str(path), cause=cause) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError("the file cannot be read", file=str(path), cause=str(error)) from None
    values = data.get("tool", {}).get("alembic", {})
    here = path.absolute().parent.as_posix()
    return {
        name: [str(part).replace("%(here)s", here) for part in value]
        if isinstance(value, list)
        else str(value).replace("%(here)s", here)
        for name, value in values.items()
    }


def _split_paths(text: str | list[str], values: dict[str, Any]) -> list[str]:
    if isinstance(text, list):
        return text
    name = str(values.get("path_separator") or values.get("version_path_separator") or "").strip()
    parts = text.split(_SEPARATORS[name]) if name in _SEPARATORS else _OLD_SEPARATOR.split(text)
    return [part.strip() for part in parts if part.strip()]


def _folder_of(location: str, values: dict[str, Any], file: Path, home: str) -> Path:
    """Return a folder that the configuration names."""
    found = _find_folder(location, values, home)
    if found is not None:
        return found
    raise SourceError(
        f"there is no folder {location}",
        file=str(file),
        cause="looked in the working folder and beside the file",
        hint="run the command in the folder that Alembic is run in",
    )


def _find_folder(location: str, values: dict[str, Any], home: str) -> Path | None:
    """Look for a folder; ``package:folder`` is looked for where Python would, without importing it."""
    package, colon, inner = location.partition(":")
    if not colon or os.path.isabs(location) or len(package) == 1:
        return Path(home, location) if Path(home, location).is_dir() else None
    roots = ["", *_split_paths(values.get("prepend_sys_path") or "", values)]
    folders = (Path(home, root, *package.split(".")) for root in roots)
    return next((folder / inner for folder in folders if (folder / inner).is_dir()), None)


def read_revisions(config: AlembicConfig) -> tuple[tuple[Revision, ...], tuple[Unreadable, ...]]:
    """Return all revisions in the order they run, and the files that hold none.

    Raises:
        SourceError: A folder does not exist.
    """
    found: list[Revision] = []
    unreadable: list[Unreadable] = []
    for folder in config.versions:
        if not folder.is_dir():
            raise SourceError(
                "there is no such folder of revisions", file=str(folder), cause=f"named in {config.place}"
            )
        paths = folder.rglob("*.py") if config.is_recursive else folder.glob("*.py")
        for path in sorted(p for p in paths if p.is_file() and not _LEFT_OUT.match(p.name)):
            read = _read_revision(path)
            if isinstance(read, Revision):
                found.append(read)
            else:
                unreadable.append(read)
    return _in_order(found), tuple(unreadable)


def _read_revision(path: Path) -> Revision | Unreadable:
    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = ast.parse(text, str(path))
    except SyntaxError as error:
        return Unreadable(str(path), error.lineno or 0, f"SyntaxError: {error.msg}")
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        return Unreadable(str(path), 0, getattr(error, "strerror", None) or str(error))
    values = dict(_assignments(tree))
    try:
        known = {name: (node.lineno, ast.literal_eval(node)) for name, node in values.items()}
    except (ValueError, TypeError, SyntaxError):
        return Unreadable(str(path), 1, "revision or down_revision is not written out as a text")
    line, revision = known.get("revision", (0, None))
    if not isinstance(revision, str):
        return Unreadable(str(path), line, "the file names no revision")
    parents = _names(known.get("down_revision", (0, None))[1])
    needs = _names(known.get("depends_on", (0, None))[1])
    return Revision(revision, str(path), line, parents, needs)


def _assignments(tree: ast.Module) -> Iterable[tuple[str, ast.expr]]:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name) and target.id in ("revision", "down_revision", "depends_on") and value:
                yield target.id, value


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(part) for part in value or ())


def _in_order(revisions: list[Revision]) -> tuple[Revision, ...]:
    """Return parents before children; what no order exists for (a circle) stands last."""
    left = {revision.id: revision for revision in revisions}
    doubled = [revision for revision in revisions if left[revision.id] is not revision]
    done: list[Revision] = []
    while left:
        ready = [r for r in left.values() if not any(p in left for p in (*r.parents, *r.needs))]
        if not ready:
            break
        for revision in ready:
            done.append(left.pop(revision.id))
    return (*done, *left.values(), *doubled)


def heads_of(revisions: Iterable[Revision]) -> tuple[Revision, ...]:
    """Return the revisions that nothing builds on."""
    every = tuple(revisions)
    parents = {parent for revision in every for parent in revision.parents}
    return tuple(revision for revision in every if revision.id not in parents)


def ancestors_of(revisions: Iterable[Revision], ids: Iterable[str]) -> frozenset[str]:
    """Return the ids that must have run when these are recorded as the newest, themselves included."""
    by_id = {revision.id: revision for revision in revisions}
    found: set[str] = set()
    waiting = [name for name in ids if name in by_id]
    while waiting:
        name = waiting.pop()
        if name not in found and name in by_id:
            found.add(name)
            waiting += [*by_id[name].parents, *by_id[name].needs]
    return frozenset(found)


def version_table_of(config: AlembicConfig) -> str:
    """Return the name of the version table as far as env.py writes it out; else Alembic's own name for it."""
    try:
        tree = ast.parse(Path(config.location, "env.py").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, SyntaxError):
        return DEFAULT_VERSION_TABLE
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    words = {k.arg: k.value for node in ast.walk(tree) if isinstance(node, ast.Call) for k in node.keywords}
    found = {name: _text_of(words.get(name), constants) for name in ("version_table", "version_table_schema")}
    table = found["version_table"] or DEFAULT_VERSION_TABLE
    return f"{found['version_table_schema']}.{table}" if found["version_table_schema"] else table


def _text_of(node: ast.expr | None, constants: dict[str, ast.expr]) -> str:
    value = constants.get(node.id) if isinstance(node, ast.Name) else node
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def check_env_option(config: AlembicConfig) -> None:
    """Refuse a value of ``env`` that means nothing.

    Raises:
        ConfigError: It is not ``default``.
    """
    if config.options.get("env", "default") != "default":
        raise ConfigError("the option env can only be default", where=config.place, state="nothing was touched")
