"""Credentials for client programs: in files in memory, never among their arguments or in their environment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ")
"""What children inherit. All else is left out: a password there could be read by everybody who may see processes, and
settings there change what a program does."""


@dataclass(frozen=True)
class SecretFile:
    """A file that only this user, and children that are given its descriptors, can read."""

    path: str
    descriptors: tuple[int, ...] = ()


@contextmanager
def open_secret_file(text: str) -> Iterator[SecretFile]:
    """Give a text as a file a child can open by its path; it is gone with the context.

    It is in memory where the system can do that, so that not even a killed run leaves it behind; elsewhere a file of
    mode 0600 in a folder of mode 0700. Several children, also one after another, can use one.
    """
    if hasattr(os, "memfd_create") and os.path.isdir("/dev/fd"):
        descriptor = os.memfd_create("lockgate", os.MFD_CLOEXEC)
        try:
            os.fchmod(descriptor, 0o600)
            _write_all(descriptor, text.encode())
            yield SecretFile(f"/dev/fd/{descriptor}", (descriptor,))
        finally:
            os.close(descriptor)
        return
    folder = tempfile.mkdtemp(prefix="lockgate-")
    try:
        path = Path(folder) / "secret"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        yield SecretFile(str(path))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def pgpass_text(password: str) -> str:
    """Write a password file of libpq for every server, database and user (manual, "The Password File")."""
    return "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n"


def option_text(groups: Mapping[str, Mapping[str, str]]) -> str:
    """Write an option file of MySQL and MariaDB: groups, and in each options by name; an empty value for a bare one."""
    lines = []
    for group, options in groups.items():
        lines.append(f"[{group}]")
        lines += [f"{name}={quote_option(value)}" if value else name for name, value in options.items()]
    return "\n".join(lines) + "\n"


def quote_option(value: str) -> str:
    """Quote a value of an option file (MySQL manual, "Using Option Files")."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b"}
    return '"' + "".join(escapes.get(letter, letter) for letter in value) + '"'


def client_environment(kept: tuple[str, ...] = (), **more: str) -> dict[str, str]:
    """Return the environment of a child: what it needs to be found and run, the C locale, nothing that is secret.

    Args:
        kept: Further variables of ours that it inherits, if they are set.
        more: Further variables with their values.
    """
    found = {name: os.environ[name] for name in (*_KEPT, *kept) if name in os.environ}
    return {**found, "LC_ALL": "C", "PGSERVICEFILE": os.devnull, **more}
