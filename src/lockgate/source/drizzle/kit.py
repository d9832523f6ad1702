"""Run the project's own drizzle-kit, which runs the project's own code: only where somebody asked for it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lockgate.errors import ConfigError
from lockgate.source.declaration import SourceContext, SqlFile
from lockgate.source.drizzle.config import DrizzleConfig, read_config

TIMEOUT_S = 300
_BREAKPOINT = re.compile(r"--> statement-breakpoint")
_START = ("CREATE ", "ALTER ")
_MOST_SHOWN = 600


def export_with_kit(argument: str, context: SourceContext) -> SqlFile:
    """Return the SQL that the project's drizzle-kit writes for the schema that ``argument`` names.

    ``drizzle-kit export`` does not look at ``casing``; a project that sets it goes through ``generate``, into a
    temporary folder.

    Raises:
        ConfigError: There is no Node or no drizzle-kit, or it failed.
        InputError: See `read_config`.
    """
    config = read_config(argument, context.engine.name)
    kit = find_kit(config.folder.resolve())
    if shutil.which("node") is None:
        raise ConfigError(
            "the cross-check needs Node",
            where="--cross-check",
            cause="there is no program `node` on the PATH",
            state="nothing was compared",
            hint="install Node, or leave --cross-check out: the schema is read without it",
        )
    return SqlFile("drizzle-kit", _generate(config, kit) if config.casing else _export(config, kit))


def find_kit(folder: Path) -> Path:
    """Return the program drizzle-kit of a project, from the folder upwards.

    Raises:
        ConfigError: It is not installed there.
    """
    for parent in (folder, *folder.parents):
        kit = parent / "node_modules" / ".bin" / "drizzle-kit"
        if kit.exists():
            return kit
    raise ConfigError(
        "the cross-check needs the project's own drizzle-kit",
        where="--cross-check",
        cause=f"there is no node_modules/.bin/drizzle-kit in {folder} or above it",
        state="nothing was compared",
        hint="run `npm install` in the project, or leave --cross-check out: the schema is read without it",
    )


def _export(config: DrizzleConfig, kit: Path) -> str:
    if config.has_file:
        return _run([str(kit), "export", f"--config={config.file.name}"], config.folder)
    path = config.file.resolve()
    schema = f"--schema={path / '*' if path.is_dir() else path}"
    return _run([str(kit), "export", f"--dialect={config.word}", schema], config.folder)


def _generate(config: DrizzleConfig, kit: Path) -> str:
    with tempfile.TemporaryDirectory() as temporary:
        folder = config.folder.resolve()
        out = Path(temporary) / "out"
        settings = {
            "dialect": config.word,
            "schema": [str(folder / path) for path in config.schema],
            "out": os.path.relpath(out, folder),
            "casing": config.casing,
        }
        file = Path(temporary) / "drizzle.config.json"
        file.write_text(json.dumps(settings), encoding="utf-8")
        _run([str(kit), "generate", f"--config={os.path.relpath(file, folder)}"], folder, is_sql=False)
        texts = [path.read_text(encoding="utf-8") for path in sorted(out.glob("*.sql"))]
    if not texts:
        raise _failed(kit, "it wrote no SQL")
    return _BREAKPOINT.sub("", "\n".join(texts))


def _run(command: list[str], folder: Path, *, is_sql: bool = True) -> str:
    """Run drizzle-kit and return its SQL, without what it tells before it."""
    try:
        run = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise _failed(Path(command[0]), f"it did not end in {TIMEOUT_S} s") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _failed(Path(command[0]), str(error)) from None
    lines = run.stdout.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith(_START)), None)
    if run.returncode != 0 or (is_sql and start is None):
        said = (run.stderr.strip() or run.stdout.strip() or f"it ended with {run.returncode} and said nothing").strip()
        raise _failed(Path(command[0]), said[-_MOST_SHOWN:])
    return "\n".join(lines[start:]) + "\n"


def _failed(kit: Path, cause: str) -> ConfigError:
    return ConfigError(
        "drizzle-kit could not export the schema",
        where=str(kit),
        cause=cause,
        state="nothing was compared",
        hint="run `npx drizzle-kit export` in the project and mend what it says",
    )
