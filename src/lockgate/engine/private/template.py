"""Data directories made once per server program and copied for every private server."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path

from lockgate.engine.private.binaries import ServerBinary
from lockgate.engine.private.cache import entry_path
from lockgate.engine.private.flavor import Flavor, Settings, own_user

_FORMAT = "3"
_SECRET = "secret"
_UNFINISHED_S = 3600


def copy_template(flavor: Flavor, binary: ServerBinary, settings: Settings, home: Path) -> str:
    """Copy the template for a program to ``home/data``, made first when there is none; return the superuser's password.

    Raises:
        OSError, subprocess.CalledProcessError: It could not be made or copied.
    """
    template = _template_path(flavor, binary, settings)
    if not (template / _SECRET).is_file():
        _make_template(flavor, binary, settings, template, home)
    done = subprocess.run(["cp", "-a", "--reflink=auto", "--sparse=auto", f"{template}/data", f"{home}/data"])
    if done.returncode:  # a cp without these options
        shutil.rmtree(home / "data", ignore_errors=True)
        subprocess.run(["cp", "-Rp", f"{template}/data", f"{home}/data"], check=True)
    return (template / _SECRET).read_text()


def _template_path(flavor: Flavor, binary: ServerBinary, settings: Settings) -> Path:
    chosen = [pair for pair in settings if pair[0] in flavor.template_settings]
    stat = os.stat(binary.program)
    key = [_FORMAT, flavor.name, binary.version_text, binary.command, chosen, stat.st_size, stat.st_mtime_ns]
    return entry_path("templates", json.dumps([*key, own_user(flavor)]))


def _make_template(flavor: Flavor, binary: ServerBinary, settings: Settings, template: Path, home: Path) -> None:
    """Make it beside its place and rename it there: the first of several makers wins, the others use theirs."""
    _remove_unfinished(template)
    password = secrets.token_urlsafe(18)
    work = home / "template"
    work.mkdir()
    if os.geteuid() == 0:
        os.chown(work, *own_user(flavor))
    flavor.initialise(binary, work, password, settings)
    beside = template.with_name(f"{template.name}.{os.getpid()}.{secrets.token_hex(4)}")
    beside.mkdir(mode=0o700)
    try:
        subprocess.run(["cp", "-a", f"{work}/data", f"{beside}/data"], check=True)
        secret = beside / _SECRET
        secret.touch(mode=0o600)
        secret.write_text(password)
        try:
            os.rename(beside, template)
        except OSError:
            if not (template / _SECRET).is_file():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(work, ignore_errors=True)


def _remove_unfinished(template: Path) -> None:
    """Remove what a maker that was killed an hour ago or more left beside the template's place."""
    for left in template.parent.glob(f"{template.name}.*"):
        if time.time() - left.stat().st_mtime > _UNFINISHED_S:
            shutil.rmtree(left, ignore_errors=True)
