"""Runs the user's own Python code, which they named in a spec, in a child process under a time limit.

The child gets its job in a file and writes its result to another one, so that nothing the code prints gets in the way.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lockgate.errors import ConfigError, SourceError
from lockgate.source.child_python import PYTHON_VARIABLE, borrowed_folders, child_environment, find_python
from lockgate.source.declaration import SourceContext

_INSIDE = Path(__file__).parent / "inside"
_START = """
import sys
sys.path[:] = [path for path in sys.path if path]
import importlib, types
package = types.ModuleType("lockgate_inside")
package.__path__ = [sys.argv[1]]
sys.modules["lockgate_inside"] = package
importlib.import_module("lockgate_inside.common").run(sys.argv[2])
"""
_NO_SERVER = "sqlite"
_KEPT_OUTPUT = 16_384
_SHOWN_OUTPUT_LINES = 12
_GRACE_S = 5.0
LIMIT_VARIABLE = "LOCKGATE_SOURCE_TIMEOUT"
_LIMIT_S = 120.0


@dataclass(frozen=True)
class Task:
    """What a child does: ``module`` of `lockgate.source.inside`, which ``library`` it needs, and who asked.

    ``spec`` is what the user wrote; ``extra`` the name to install Lockgate with when the library is missing; ``home``
    the folder to run in, when it is not the working folder.
    """

    module: str
    library: str
    extra: str
    spec: str
    home: str = ""


def run_child(
    task: Task, job: Mapping[str, Any], context: SourceContext | None, address: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Run a module's ``work(job)`` in a child and return what it returned.

    Args:
        context: The server that the code is read for; None when none is known.
        address: Of the scratch, as `scratch_address` gives it; without one the child can reach no database.

    Raises:
        SourceError: The code failed, ended the process, or did not end in time; with the place in the user's files.
        ConfigError: The library is not installed, or the interpreter cannot be started.
    """
    environ = dict(os.environ)
    limit_s = _read_limit(environ)
    flavor = context.server.flavor if context else _NO_SERVER
    home = Path(task.home).absolute()
    python = find_python(task.library, environ, (home, Path.cwd()))
    if not python:
        raise _missing(task, "neither the project's virtual environment nor Lockgate's own Python has it")
    with tempfile.TemporaryDirectory(prefix="lockgate-") as folder:
        files = {"result": f"{folder}/result.json", "trace": f"{folder}/trace.txt"}
        whole = {
            **files,
            "module": task.module,
            "job": dict(job),
            "folder": str(Path.cwd()),
            "home": str(home),
            "flavor": flavor,
            "address": dict(address) if address is not None else None,
            "limit_s": limit_s,
            "borrow": borrowed_folders(context.engine.name) if context else {},
        }
        Path(folder, "job.json").write_text(json.dumps(whole), encoding="utf-8")
        command = [python, "-c", _START, str(_INSIDE), f"{folder}/job.json"]
        output = _run(command, child_environment(environ, flavor, address), limit_s, task)
        return _read_result(files, output, task, limit_s)


def scratch_address(session: Any) -> dict[str, Any]:
    """Return a scratch session's address as a child reads it."""
    target = session.target
    names = ("host", "port", "user", "password", "database", "path")
    return {**{name: getattr(target, name) for name in names}, "params": dict(target.params)}


def _read_limit(environ: Mapping[str, str]) -> float:
    text = environ.get(LIMIT_VARIABLE, "")
    try:
        limit = float(text) if text else _LIMIT_S
    except ValueError:
        limit = 0
    if not 0 < limit < 1e6:
        raise ConfigError(
            f"{LIMIT_VARIABLE} is no number of seconds",
            where=LIMIT_VARIABLE,
            cause=f"it is {text!r}",
            state="nothing was touched",
        )
    return limit


def _run(command: list[str], environ: Mapping[str, str], limit_s: float, task: Task) -> tuple[int | None, str]:
    """Run to the end; return the exit code (None: out of time) and the end of what it printed."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigError(
            f"{command[0]} cannot be started",
            where=task.spec,
            cause=error.strerror or str(error),
            state="nothing was touched",
            hint=f"name the project's interpreter in {PYTHON_VARIABLE}",
        ) from None
    with _ended(process), _collected(process.stdout) as output:
        try:
            code = process.wait(timeout=limit_s + _GRACE_S)
        except subprocess.TimeoutExpired:
            code = None
    return code, output[0].decode(errors="replace")


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave nothing running, whatever the user's code started in the child's session."""
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


@contextlib.contextmanager
def _collected(stream: IO[bytes] | None) -> Iterator[list[bytes]]:
    """Keep the end of what is printed; a child that prints without end fills no memory."""
    kept = [b""]

    def read() -> None:
        with contextlib.suppress(ValueError, OSError):
            while stream is not None and (chunk := os.read(stream.fileno(), 65_536)):
                kept[0] = (kept[0] + chunk)[-_KEPT_OUTPUT:]

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield kept
    finally:
        reader.join(timeout=1.0)


def _read_result(
    files: Mapping[str, str], output: tuple[int | None, str], task: Task, limit_s: float
) -> dict[str, Any]:
    code, printed = output
    try:
        result: dict[str, Any] = json.loads(Path(files["result"]).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _ended_early(files, code, printed, task, limit_s) from None
    error = result.get("error")
    if error is None:
        return dict(result["result"])
    if error.get("missing") == task.library:
        raise _missing(task, error["cause"])
    raise SourceError(
        f"{task.spec}: {error['what']}",
        file=error.get("file", ""),
        line=error.get("line", 0),
        statement=error.get("statement", ""),
        cause=error.get("cause", ""),
        hint=error.get("hint", ""),
    )


def _ended_early(files: Mapping[str, str], code: int | None, printed: str, task: Task, limit_s: float) -> SourceError:
    trace = Path(files["trace"])
    place = _place_of_trace(trace.read_text(encoding="utf-8", errors="replace") if trace.exists() else "")
    is_late = code is None or bool(place[0])
    what = f"did not end within {limit_s:g} s" if is_late else f"ended its process with {_code_text(code)}"
    shown = "\n".join(printed.strip().splitlines()[-_SHOWN_OUTPUT_LINES:])
    return SourceError(
        f"{task.spec}: the code {what} and gave no result",
        file=place[0],
        line=place[1],
        cause=f"it printed: {shown}" if shown else "it printed nothing",
        hint=f"raise {LIMIT_VARIABLE} if it only needs longer" if is_late else "",
    )


def _place_of_trace(text: str) -> tuple[str, int]:
    """Return the innermost place of a dump of `faulthandler` that is in the working folder."""
    here = str(Path.cwd())
    for line in text.splitlines():
        name, quote, rest = line.strip().removeprefix('File "').partition('", line ')
        number = rest.split(" ")[0]
        inside = os.path.join(here, name)
        if quote and number.isdigit() and inside.startswith(here + os.sep) and "site-packages" not in inside:
            return os.path.relpath(inside, here), int(number)
    return "", 0


def _code_text(code: int | None) -> str:
    if code is not None and code < 0:
        names = {member.value: member.name for member in signal.Signals}
        return f"signal {names.get(-code, -code)}"
    return f"exit code {code}"


def _missing(task: Task, cause: str) -> ConfigError:
    return ConfigError(
        f"{task.spec}: {task.library} is not installed where the code would run",
        cause=cause,
        state="nothing was touched",
        hint=f"pip install 'lockgate[{task.extra}]', or name the project's interpreter in {PYTHON_VARIABLE}",
    )
