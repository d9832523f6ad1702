"""Reads folders whose files are ordered by a number: golang-migrate, goose, dbmate, SQLx, timestamps, plain ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from lockgate.source.migrations.collect import Collector
from lockgate.source.migrations.folder import Folder, Migration, Tool
from lockgate.source.migrations.text import is_sql, list_folder, number_of, sha384_hex
from lockgate.source.migrations.tools import ATLAS, DBMATE, GOLANG, GOOSE, NUMBERED, SQLX, SUPABASE, TIMESTAMPS

_BACK = re.compile(r"[._-](?:down|rollback|undo|revert)\.sql", re.I)
BACK_FOLDERS = frozenset(("down", "downs", "rollback", "rollbacks", "undo", "revert", "reverts"))
_UP = re.compile(r"\.up\.sql", re.I)
_PROGRAMS = {".go": "Go", ".rb": "Ruby", ".py": "Python", ".js": "JavaScript", ".ts": "TypeScript", ".php": "PHP"}
_PROGRAMS_OF = {GOOSE.name: (".go",), TIMESTAMPS.name: (".rb",), NUMBERED.name: (".rb", ".py", ".js", ".ts", ".php")}


def is_way_back(path: Path) -> bool:
    """Tell whether a file undoes a migration."""
    return _BACK.search(path.name) is not None or path.parent.name.lower() in BACK_FOLDERS


def stem_of(path: Path) -> str:
    """Return the file's name without ``.sql`` or ``.up.sql``."""
    return _UP.sub(".sql", path.name)[: -len(".sql")]


def _by_number(migration: Migration) -> tuple[int, str]:
    return int(migration.number), migration.file


def _by_name(migration: Migration) -> tuple[str, ...]:
    return (migration.file,)


def read_golang(path: Path) -> Folder:
    """Read ``1_name.up.sql``; the version is a number, leading zeros do not count."""
    return _read(GOLANG, path, _as_number, _by_number, lambda file: _UP.search(file.name) is not None)


def read_goose(path: Path) -> Folder:
    """Read ``00001_name.sql`` with goose's marks."""
    return _read(GOOSE, path, _as_number, _by_number, lambda file: "_" in file.name)


def read_dbmate(path: Path) -> Folder:
    """Read ``20260131120000_name.sql`` with dbmate's marks; the version is text."""
    return _read(DBMATE, path, _as_written, _by_name)


def read_sqlx(path: Path) -> Folder:
    """Read ``1_name.sql`` or ``1_name.up.sql``."""
    return _read(SQLX, path, _as_number, _by_number)


def read_supabase(path: Path) -> Folder:
    """Read ``20260131120000_name.sql``."""
    return _read(SUPABASE, path, _as_written, _by_name)


def read_atlas(path: Path) -> Folder:
    """Read the files that ``atlas.sum`` stands for, in the order of their names."""
    return _read(ATLAS, path, _as_written, _by_name)


def read_timestamps(path: Path) -> Folder:
    """Read files named by time, as Rails names them."""
    return _read(TIMESTAMPS, path, _as_written, _by_name)


def read_numbered(path: Path) -> Folder:
    """Read ``0001_name.sql`` or ``001-name.sql``; when the folder itself has none, those of its subfolders."""
    is_flat = any(is_sql(file) and number_of(file.name) for file in list_folder(path))
    files = None if is_flat else sorted(file for file in path.rglob("*") if is_sql(file))
    return _read(NUMBERED, path, _as_written, _by_number if is_flat else _by_name, files=files)


def _as_number(file: Path) -> str:
    return str(int(number_of(file.name)))


def _as_written(file: Path) -> str:
    return number_of(file.name)


def _read(
    tool: Tool,
    path: Path,
    id_of: Callable[[Path], str],
    order: Callable[[Migration], tuple[object, ...]],
    is_wanted: Callable[[Path], bool] = lambda file: True,
    files: Iterable[Path] | None = None,
) -> Folder:
    collector = Collector(tool, path)
    for file in list_folder(path) if files is None else files:
        number = number_of(file.name)
        if number and file.suffix in _PROGRAMS_OF.get(tool.name, ()) and not file.stem.endswith("_test"):
            collector.add_program(file, _PROGRAMS[file.suffix])
        if not is_sql(file) or is_way_back(file):
            continue
        if not number or not is_wanted(file):
            collector.add_stray(file)
            continue
        text = collector.read(file)
        if text is None:
            continue
        hashes = (sha384_hex(text),) if tool.knows_text else ()
        collector.migrations.append(Migration(id=id_of(file), number=number, file=str(file), text=text, hashes=hashes))
    collector.migrations.sort(key=order)
    return collector.folder()
