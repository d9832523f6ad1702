"""A runbook made fast: what is approved and what runs, with one digest over it and over the files it names."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from lockgate import __version__
from lockgate.errors import ArtifactError, SourceError, StalePlan
from lockgate.model import codec
from lockgate.model.actions import Apply, Document, Plan, Rehearse, Sh
from lockgate.model.checks import PlanCheck
from lockgate.model.runbook import Runbook, Task
from lockgate.model.schema import Value

FILE_NAME = "lock.json"
LOCK_SCHEMA = 1
_SCRIPTS = (".sh", ".bash", ".py", ".sql", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".php")
_PASSWORD = re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@'\"$]*:(?!\$\{)[^\s/@'\"]+@", re.IGNORECASE)


class Lock(Value, frozen=True, omit_defaults=False):
    """A compiled runbook. ``files`` are the digests of the files it names and does not make itself, by path.

    ``values`` are variables chosen for this run. ``schema`` is the form of locks: a program runs only its own.
    ``folder`` is what paths are relative to, ``source`` the file it was read from; neither is part of the digest.
    """

    runbook: Runbook
    digest: str
    files: dict[str, str]
    values: dict[str, str] = msgspec.field(default_factory=dict)
    target: str = ""
    source: str = ""
    folder: str = ""
    tool_version: str = __version__
    schema: int = LOCK_SCHEMA


def compile_lock(
    runbook: Runbook, folder: Path, *, values: Mapping[str, str] | None = None, target: str = "", source: str = ""
) -> Lock:
    """Compile a runbook; the same meaning and the same files give the same digest everywhere.

    Raises:
        SourceError: A password is written out in it, or a plan it applies is not there.
    """
    refuse_secrets(runbook, source)
    files = {path: _digest_of(folder / path) for path in sorted(named_files(runbook, folder))}
    chosen = dict(values or {})
    return Lock(
        runbook=runbook,
        digest=digest_of(runbook, files, chosen),
        files=files,
        values=chosen,
        target=target,
        source=source,
        folder=str(folder),
    )


def digest_of(runbook: Runbook, files: Mapping[str, str], values: Mapping[str, str]) -> str:
    """Return the digest that approvals bind to."""
    return codec.digest_of(
        {
            "schema": LOCK_SCHEMA,
            "runbook": msgspec.to_builtins(runbook),
            "files": dict(sorted(files.items())),
            "values": dict(sorted(values.items())),
        }
    )


def named_files(runbook: Runbook, folder: Path) -> set[str]:
    """Return the files a runbook runs or applies, and does not write itself, relative to its folder."""
    made = set(_made(runbook))
    return {path for task in runbook.tasks for path in files_of(task, folder) if path not in made}


def files_of(task: Task, folder: Path) -> set[str]:
    """Return the files that one task names: its plan, and the scripts of its commands."""
    found: set[str] = set()
    for part in (task.do, task.revert, *task.before, *task.verify):
        if isinstance(part, Apply | Rehearse | PlanCheck):
            found.add(part.plan)
        else:
            found |= set(_scripts(str(getattr(part, "command", "")), folder))
    return {path for path in found if "${" not in path and (folder / path).is_file()}


def changed_files(lock: Lock) -> dict[str, str]:
    """Return the files that are not what they were when the lock was made, with their digest now (empty: gone)."""
    folder = Path(lock.folder)
    now = {path: _digest_of(folder / path) for path in lock.files}
    return {path: digest for path, digest in now.items() if digest != lock.files[path]}


def write_lock(lock: Lock, run_folder: Path) -> Path:
    """Write the lock into a run's folder."""
    path = run_folder / FILE_NAME
    path.write_bytes(msgspec.json.format(codec.encode(lock), indent=1) + b"\n")
    return path


def read_lock(run_folder: Path) -> Lock:
    """Read the lock of a run.

    Raises:
        ArtifactError: It is not there or cannot be read.
        StalePlan: It was made by a program with another form of locks, or was changed after it was made.
    """
    path = run_folder / FILE_NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError("the run has no lock", where=str(path), cause=str(error.strerror)) from None
    try:
        schema = codec.read_any(data)["schema"]
    except (msgspec.MsgspecError, KeyError, TypeError):
        raise ArtifactError(
            "the run's lock cannot be read", where=str(path), cause="it is cut short or edited"
        ) from None
    if schema != LOCK_SCHEMA:
        raise StalePlan(
            "this run was begun by another version of Lockgate",
            where=str(path),
            cause=f"its lock has form {schema}, this program knows form {LOCK_SCHEMA}",
            state="nothing was touched",
            hint="go on with the version that began it; `lockgate runbook status` names it",
        )
    lock = codec.decode(data, Lock, f"the lock {path}")
    if digest_of(lock.runbook, lock.files, lock.values) != lock.digest:
        raise StalePlan(
            "the run's lock was changed after it was made",
            where=str(path),
            cause="its digest is not that of its content",
            state="nothing was touched",
            hint="start a new run of the runbook",
        )
    return lock


def refuse_secrets(runbook: Runbook, source: str) -> None:
    """Raise SourceError when a password is written out in an address anywhere in the runbook."""
    text = codec.encode(runbook).decode()
    found = _PASSWORD.search(text)
    if found is not None:
        raise SourceError(
            "a password is written out in the runbook",
            file=source,
            line=_line_of(source, found[0]),
            cause="a runbook is read, approved and kept by many",
            hint="declare a secret under vars (secret: env:NAME) and write ${name} in its place",
        )


def _line_of(source: str, text: str) -> int:
    try:
        lines = Path(source).read_text(encoding="utf-8").splitlines() if source else []
    except (OSError, UnicodeDecodeError):
        return 0
    return next((number for number, line in enumerate(lines, 1) if text in line), 0)


def _made(runbook: Runbook) -> Iterator[str]:
    yield from filter(None, (runbook.changelog, runbook.roadmap))
    for task in runbook.tasks:
        if isinstance(task.do, Plan | Document):
            yield task.do.output
        if isinstance(task.do, Sh):
            yield from task.do.writes
        if task.touches is not None:
            yield from task.touches.files


def _scripts(command: str, folder: Path) -> Iterator[str]:
    """Find the words of a command that are scripts or programs in the runbook's own folder."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        words = command.split()
    for word in words:
        name = word.strip(";|&()")
        if not name or name.startswith(("/", "-", "~")) or ".." in Path(name).parts:
            continue
        path = folder / name
        if name.endswith(_SCRIPTS) and path.is_file():
            yield str(Path(name))


def _digest_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
