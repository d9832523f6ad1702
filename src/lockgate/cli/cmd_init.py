"""``lockgate init``: write lockgate.toml from a URL and a desired schema; running it twice changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import desired_option
from lockgate.config import FILE_NAME, TargetSettings
from lockgate.errors import ConfigError


@make_command("init", "Write lockgate.toml from a URL and a desired schema.")
@click.option("--protected", is_flag=True, help="Writes need an approved plan and the target's name typed.")
@desired_option
def command(face: Face, desired: str | None, protected: bool) -> int:
    """A password never gets into the file: a URL from the environment is written as a reference to its variable. No
    database is opened."""
    target = face.target
    spec = face.desired(desired)
    if "://" not in spec and not Path(spec.removeprefix("snapshot:")).exists():
        raise ConfigError(
            f"there is no file or folder {spec!r}",
            where="--desired",
            cause="no such file",
            state="nothing was written",
            hint="give SQL files, a folder of them, snapshot:FILE or a database URL",
        )
    path = face.settings.file or Path.cwd() / FILE_NAME
    text = _toml(target, desired or spec, protected or target.is_protected)
    did = _write(path, text, target)
    _make_state_dir(face.settings.state_dir)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "file": str(path), "written": did, "target": target.name})
    else:
        verb = "wrote" if did else "unchanged:"
        face.show(f"{verb} {path} (target {target.name})\nnext: lockgate drift")
    return 0


def _toml(target: TargetSettings, desired: str, is_protected: bool) -> str:
    url = f"${{env:{target.origin}}}" if target.origin in os.environ else target.target.display
    lines = [
        "# Lockgate's configuration; see docs/reference/configuration.md. Passwords stay out of it:",
        "# write ${env:NAME} or ${file:PATH} in their place.",
        f"target = {json.dumps(target.name)}",
        "",
        f"[targets.{json.dumps(target.name)}]",
        f"url = {json.dumps(url)}",
        f"desired = {json.dumps(desired, ensure_ascii=False)}",
        f"protected = {'true' if is_protected else 'false'}",
        'retention = "7d"',
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str, target: TargetSettings) -> bool:
    """Write the file unless it stands there already; return whether it was written."""
    if path.exists():
        if path.read_text(encoding="utf-8") == text:
            return False
        if f"{path}: targets.{target.name}.url" == target.origin:
            return False
        raise ConfigError(
            f"{path} exists already and says something else",
            where=str(path),
            cause="init never overwrites a configuration",
            state="nothing was written",
            hint=f"edit the file, or add a table [targets.{target.name}] to it",
        )
    path.write_text(text, encoding="utf-8")
    return True


def _make_state_dir(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
