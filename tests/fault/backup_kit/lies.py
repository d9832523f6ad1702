"""Client programs that lie: wrappers around the real ones, in a folder that ``LOCKGATE_CLIENT_BIN`` names."""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from lockgate.engine.client.find import ClientProgram, find_clients

CANARY_ROW = "canary-row-4711"
DUMPS = {"postgres": ("pg_dump",), "mysql": ("mysqldump",), "mariadb": ("mariadb-dump", "mysqldump")}
LOADS = {"postgres": ("pg_restore", "psql"), "mysql": ("mysql",), "mariadb": ("mariadb", "mysql")}


@dataclass(frozen=True)
class Lie:
    """What a wrapped program does.

    ``way``: half (a part of the output, exit 0), no_trailer (without its last line, exit 0), nothing (exit 0, no byte),
    rows (prints rows to stderr and exits 1), late_exit (everything, then exit 1), flip (one changed byte in the
    middle, exit 0), hang (a part, then nothing for ever), slow (all of it, slowly), deaf (reads nothing, exit 0).
    ``at`` is where, as a part of the output; ``calls`` how many runs that give output are true before the lie.
    """

    way: str
    at: float = 0.5
    calls: int = 0


WAYS = ("half", "no_trailer", "nothing", "rows", "late_exit", "flip")


def wrap(folder: Path, flavor: str, lie: Lie, names: tuple[str, ...]) -> dict[str, str]:
    """Put wrappers of some programs, and true links to their neighbours, into a folder; return the environment."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*DUMPS[flavor], *LOADS[flavor], "pg_dumpall", "mariadb-binlog", "mysqlbinlog", "createdb"):
        found = find_clients((name,), flavor)
        if found:
            _write(folder / name, found[0], lie if name in names else None)
    return {"LOCKGATE_CLIENT_BIN": str(folder)}


def _write(place: Path, program: ClientProgram, lie: Lie | None) -> None:
    command = [*program.command]
    if lie is None:
        options = " ".join(program.options)
        quoted = " ".join(f"'{word}'" for word in command)
        place.write_text(f'#!/bin/sh\nexec {quoted} "$@" {options}\n', encoding="utf-8")
    else:
        told = json.dumps({"command": command, "options": program.options, **asdict(lie)})
        place.write_text(
            f"#!{sys.executable} -S\nimport sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
            f"import liar\nliar.main({told!r}, {str(place)!r})\n",
            encoding="utf-8",
        )
    place.chmod(0o755)


def some_lie(chance: random.Random) -> Lie:
    """Choose one."""
    return Lie(chance.choice(WAYS), at=round(0.02 + 0.96 * chance.random(), 3), calls=chance.choice((0, 0, 1)))


def is_root() -> bool:
    """Tell whether limits of file systems bind us."""
    return os.geteuid() == 0
