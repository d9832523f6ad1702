"""Starts a piece of work in the user's interpreter and reports its result, or where in the user's files it failed."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import importlib.machinery
import importlib.metadata
import json
import os
import sys
import traceback
import types
from typing import Any, Sequence  # noqa: UP035

_SHOWN = 2000


class Refused(Exception):
    """A failure with everything to say about it; ``known`` are the fields of the report."""

    def __init__(self, what: str, **known: Any) -> None:
        super().__init__(what)
        self.known = {"what": what, **known}


def run(job_file: str) -> None:
    """Do the work that a file describes and write its result beside it."""
    with open(job_file, encoding="utf-8") as file:
        whole = json.load(file)
    os.remove(job_file)
    trace = open(whole["trace"], "w", encoding="utf-8")  # noqa: SIM115
    faulthandler.dump_traceback_later(whole["limit_s"], exit=True, file=trace)
    sys.argv = ["lockgate"]
    os.chdir(whole["home"])
    sys.path[:] = [whole["home"], *(p for p in sys.path if p not in ("", whole["home"]))]
    sys.meta_path.append(_Borrowed(whole["borrow"]))
    try:
        result = importlib.import_module(f"lockgate_inside.{whole['module']}").work(whole)
    except BaseException as error:
        _report(whole, error)
        raise
    _write(whole["result"], {"result": result})


class _Borrowed:
    """Finds a driver in Lockgate's own folder after everything else was looked through."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find one of the named packages; see `importlib.abc.MetaPathFinder`."""
        folder = self._folders.get(name)
        return importlib.machinery.PathFinder.find_spec(name, [folder]) if folder else None

    def find_distributions(self, context: Any) -> Any:
        """Find their metadata too: a driver learns its own version there; see `importlib.metadata`."""
        folder = self._folders.get((context.name or "").replace("-", "_"))
        if folder is None:
            return []
        wanted = importlib.metadata.DistributionFinder.Context(name=context.name, path=[folder])
        return importlib.metadata.MetadataPathFinder.find_distributions(wanted)


def place_of(error: BaseException, folder: str) -> tuple[str, int]:
    """Return the innermost place of an error in the user's own files, else the innermost of all."""
    if isinstance(error, SyntaxError) and error.filename:
        return shorten(error.filename, folder), error.lineno or 0
    frames = [(f.filename, f.lineno or 0) for f in traceback.extract_tb(error.__traceback__)]
    own = [place for place in frames if is_own_file(place[0], folder)]
    if own:
        return shorten(own[-1][0], folder), own[-1][1]
    others = [place for place in frames if _is_foreign(place[0])]
    return (shorten(others[-1][0], folder), others[-1][1]) if others else ("", 0)


def is_own_file(file: str, folder: str) -> bool:
    """Tell whether a file is the user's own: in the working folder, and in no installed package."""
    whole = os.path.abspath(file)
    return (
        not file.startswith("<")
        and whole.startswith(os.path.join(folder, ""))
        and os.sep + "site-packages" + os.sep not in whole
    )


def shorten(file: str, folder: str) -> str:
    """Return a path relative to the working folder when it is in there."""
    whole = os.path.abspath(file)
    return os.path.relpath(whole, folder) if whole.startswith(os.path.join(folder, "")) else whole


def own_files(folder: str) -> list[str]:
    """Return the user's files that were imported, relative to the working folder."""
    files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    return sorted({shorten(file, folder) for file in files if file and is_own_file(file, folder)})


def import_named(name: str, folder: str) -> types.ModuleType:
    """Import a module the user named.

    Raises:
        Refused: There is none of that name; its own errors pass through.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise Refused(
                f"there is no module {name}",
                cause=f"{error}; looked in {folder} and in {sys.executable}",
                hint="run the command in the project's folder, and name the module as an import statement would",
            ) from None
        raise


def get_by_path(value: Any, path: Sequence[str]) -> Any:
    """Follow attribute names; None where one is missing."""
    for name in path:
        value = getattr(value, name, None)
        if value is None:
            return None
    return value


def _is_foreign(file: str) -> bool:
    return not file.startswith("<") and os.sep + "inside" + os.sep not in file


def _report(whole: dict[str, Any], error: BaseException) -> None:
    file, line = place_of(error, whole["folder"])
    report: dict[str, Any] = {"file": file, "line": line, "cause": _cause(error)}
    if isinstance(error, Refused):
        report = {"file": "", "line": 0, "cause": "", **error.known}
    elif isinstance(error, SystemExit):
        report["what"] = "the code ended its process while it was read"
    elif isinstance(error, ImportError):
        report["what"] = "the code cannot be imported"
        report["missing"] = (error.name or "").split(".")[0]
    else:
        report["what"] = "the code failed while it was read"
    _write(whole["result"], {"error": report})


def _cause(error: BaseException) -> str:
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _write(path: str, result: dict[str, Any]) -> None:
    """Write the result whole or not at all, and leave: nothing the code left running is waited for."""
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(result, file)
    os.replace(path + ".part", path)
    faulthandler.cancel_dump_traceback_later()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    os._exit(0)
