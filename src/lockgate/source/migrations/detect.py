"""Find out whose migrations a folder holds, and read it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lockgate.errors import ConfigError, InputError, SourceError
from lockgate.source.argument import split_options
from lockgate.source.declaration import SourceContext
from lockgate.source.migrations import drizzle, flyway, numbered, prisma
from lockgate.source.migrations.folder import Folder
from lockgate.source.migrations.text import is_sql, list_folder, number_of, read_text
from lockgate.source.migrations.tools import ALEMBIC, DJANGO, TOOLS

_FORCED = re.compile(r"([a-z][a-z-]+):(.*)", re.DOTALL)
_SETTINGS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_GOOSE_MARK = re.compile(r"^--[ \t]\+goose[ \t]+up\b", re.M | re.I)
_DBMATE_MARK = re.compile(r"^--[ \t]*migrate:up\b", re.M)
_TIMESTAMP_DIGITS = 14
_KEY_FILES = ("_journal.json", "atlas.sum", prisma.LOCK_FILE, "schema.prisma")

PROGRAMS = {
    ALEMBIC: (
        "lockgate.source.sqlalchemy.alembic:read_alembic",
        "lockgate.source.sqlalchemy.alembic:read_alembic_folder",
    ),
    DJANGO: ("lockgate.source.django:read_django_migrations", "lockgate.source.django:read_django_folder"),
}
"""Tools whose migrations are programs → what reads their sum by running them, and what reads their folder."""

READERS: dict[str, Callable[[Path], Folder]] = {
    "drizzle": lambda path: (drizzle.read_journalled if _has_journal(path) else drizzle.read_foldered)(path),
    "flyway": flyway.read_flyway,
    "golang-migrate": numbered.read_golang,
    "goose": numbered.read_goose,
    "dbmate": numbered.read_dbmate,
    "prisma": prisma.read_prisma,
    "atlas": numbered.read_atlas,
    "sqlx": numbered.read_sqlx,
    "supabase": numbered.read_supabase,
    "timestamps": numbered.read_timestamps,
    "numbered": numbered.read_numbered,
}


def split_argument(argument: str) -> tuple[str, str]:
    """Return the tool that an argument names (``flyway:db/sql``), or an empty name, and the path."""
    match = _FORCED.fullmatch(argument)
    if match is None or Path(argument).exists():
        return "", argument
    if match[1] not in (*TOOLS, ALEMBIC, DJANGO):
        raise ConfigError(
            f"there is no migration tool {match[1]!r}",
            where=argument,
            cause=f"known are {', '.join(sorted((*TOOLS, ALEMBIC, DJANGO)))}",
            state="nothing was touched",
        )
    return match[1], match[2]


def detect_tool(argument: str) -> tuple[str, Path]:
    """Return the tool's name and the path to read: the one named, else the only one whose signs are there.

    Raises:
        InputError: There is no such folder, no sign of a tool, or signs of several.
    """
    forced, text = split_argument(argument)
    path = Path(text)
    if forced:
        return forced, path if forced in (ALEMBIC, DJANGO) else _folder_of(path)
    if not path.exists() and _SETTINGS.fullmatch(text):
        return DJANGO, path
    if path.name == "manage.py":
        return DJANGO, path
    if path.is_file() and path.suffix in (".ini", ".toml") and path.name not in _KEY_FILES:
        return ALEMBIC, path
    folder = _folder_of(path)
    tool = _find_tool(folder)
    return tool, folder / "alembic.ini" if tool == ALEMBIC and (folder / "alembic.ini").is_file() else folder


def read_folder(argument: str, context: SourceContext | None = None) -> Folder:
    """Read the migrations that an argument names; those that are SQL, and Alembic's, are not run.

    Django's order is asked of Django itself: the project's settings are loaded in a child process.

    Args:
        context: The server they are for, where one is known.

    Raises:
        InputError: See `detect_tool`.
    """
    head, options = split_question(argument)
    name, path = detect_tool(head)
    if name in PROGRAMS:
        module, _, function = PROGRAMS[name][1].partition(":")
        read: Callable[[str, SourceContext | None], Folder] = getattr(importlib.import_module(module), function)
        return read(f"{path}{options}", context)
    return read_sql_folder(name, path, options)


def read_sql_folder(name: str, path: Path, options: str = "") -> Folder:
    """Read a folder of SQL migrations; ``?table=NAME`` says where the tool keeps what it applied, when not as usual.

    Raises:
        ConfigError: Another option is given.
    """
    folder = READERS[name](path)
    _, chosen = split_options(options, f"{name}:{path}", ("table",))
    tool = replace(folder.tool, tables=(chosen["table"],)) if chosen else folder.tool
    return replace(folder, tool=tool)


def split_question(argument: str) -> tuple[str, str]:
    """Return a path and the options after it (``alembic.ini?name=shop``), which begin with their question mark."""
    head, mark, options = argument.partition("?")
    return (argument, "") if Path(argument).exists() else (head, mark + options)


def _folder_of(path: Path) -> Path:
    """Return the folder that a path means; the file that is a tool's sign stands for its folder."""
    if path.is_file():
        if path.name == "_journal.json":
            return path.parent.parent
        if path.name in _KEY_FILES:
            path = path.parent
    if not path.is_dir():
        raise InputError(
            f"there is no migrations folder {str(path)!r}",
            where=str(path),
            cause="it is a file" if path.exists() else "no such folder",
            state="nothing was touched",
            hint="give a folder of migrations, or TOOL:FOLDER",
        )
    inner = path / "migrations"
    return inner if not _signs(path) and inner.is_dir() and _signs(inner) else path


def _find_tool(folder: Path) -> str:
    signs = _signs(folder)
    if len(signs) == 1:
        return signs[0]
    if signs:
        raise InputError(
            f"the folder {str(folder)!r} may be of {' or '.join(signs)}",
            where=str(folder),
            cause="it bears the signs of each",
            state="nothing was touched",
            hint=f"say which it is: {signs[0]}:{folder}",
        )
    raise InputError(
        f"the folder {str(folder)!r} holds no migrations that can be told",
        where=str(folder),
        cause="there is neither a journal, a lock file nor an SQL file whose name begins with a number or version",
        state="nothing was touched",
        hint=f"say whose it is, TOOL:FOLDER, with one of {', '.join(sorted(TOOLS))}",
    )


def _has_journal(folder: Path) -> bool:
    return (folder / "meta" / "_journal.json").is_file()


def _signs(folder: Path) -> list[str]:
    """Return the tools whose signs are there; a strong sign (a journal, a lock file) goes before names of files."""
    strong = []
    if _has_journal(folder):
        strong.append("drizzle")
    if (folder / prisma.LOCK_FILE).is_file():
        strong.append("prisma")
    if (folder / "atlas.sum").is_file():
        strong.append("atlas")
    if (folder / "alembic.ini").is_file() or ((folder / "env.py").is_file() and (folder / "versions").is_dir()):
        strong.append(ALEMBIC)
    if (folder / "manage.py").is_file():
        strong.append(DJANGO)
    return strong or _signs_of_names(folder)


def _signs_of_names(folder: Path) -> list[str]:
    entries = list_folder(folder)
    each = [entry for entry in entries if entry.is_dir() and (entry / "migration.sql").is_file()]
    if each:
        return ["drizzle" if any((entry / "snapshot.json").is_file() for entry in each) else "prisma"]
    if any(flyway.VERSIONED.fullmatch(p.name) or flyway.REPEATABLE.fullmatch(p.name) for p in folder.rglob("*.sql")):
        return ["flyway"]
    files = [entry for entry in entries if is_sql(entry) and number_of(entry.name)]
    if not files:
        below = (file for file in folder.rglob("*.sql") if is_sql(file) and number_of(file.name))
        return ["numbered"] if next(below, None) else []
    marked = _signs_of_marks(files)
    if marked:
        return marked
    if any(file.name.lower().endswith(".up.sql") for file in files):
        return ["golang-migrate"]
    if folder.name == "migrations" and folder.resolve().parent.name == "supabase":
        return ["supabase"]
    is_timed = all(len(number_of(file.name)) == _TIMESTAMP_DIGITS for file in files)
    return ["timestamps" if is_timed else "numbered"]


def _signs_of_marks(files: list[Path]) -> list[str]:
    found = set()
    for file in files:
        try:
            text = read_text(file)
        except SourceError:
            continue
        found |= {"goose"} if _GOOSE_MARK.search(text) else set()
        found |= {"dbmate"} if _DBMATE_MARK.search(text) else set()
    return sorted(found)
