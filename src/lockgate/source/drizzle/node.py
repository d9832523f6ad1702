"""What Node itself offers to a config: paths, ``import.meta``, ``process``."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lockgate.source.drizzle.values import (
    UNDEFINED,
    Entity,
    Native,
    Obj,
    Opaque,
    Place,
    Unknown,
    Value,
    find_unknown,
    text_of,
)


class Namespace(Entity):
    """A module or global object: its known members, else why one is not known."""

    def __init__(self, name: str, members: dict[str, Value]) -> None:
        self.name, self.members = name, members

    def member(self, name: str, place: Place) -> Value:
        """Return what is known."""
        return self.members[name] if name in self.members else Unknown(f"`{self.name}.{name}` is not read", place)


class Environment(Entity):
    """``process.env``."""

    def member(self, name: str, place: Place) -> Value:
        """Return why a variable is not known."""
        return Unknown(f"the environment variable {name} is known only where the code runs", place)


def node_packages(cwd: Path) -> dict[str, dict[str, Value]]:
    """Return the exports of Node's own modules, by import source; ``cwd`` is where drizzle-kit is started."""
    path = {name: Native(f"path.{name}", _on_texts(call)) for name, call in _path_functions(cwd).items()}
    path_members: dict[str, Value] = {**path, "sep": "/"}
    namespace = Namespace("path", path_members)
    path_members |= {"posix": namespace, "default": namespace}
    url: dict[str, Value] = {"fileURLToPath": Native("fileURLToPath", _path_of_url), "URL": make_url()}
    url["default"] = Namespace("url", dict(url))
    process = make_process(cwd)
    own: dict[str, dict[str, Value]] = {
        "path": path_members,
        "url": url,
        "process": {**process.members, "default": process},
    }
    return {**own, **{f"node:{name}": members for name, members in own.items()}, "path/posix": path_members}


def make_process(cwd: Path) -> Namespace:
    """Return the global ``process``."""
    quiet = {name: Opaque("a process") for name in ("stdout", "stderr", "loadEnvFile", "on")}
    return Namespace("process", {"env": Environment(), "cwd": Native("cwd", lambda args, place: str(cwd)), **quiet})


def make_url() -> Native:
    """Return the class ``URL``, for files beside a module."""
    return Native("URL", lambda args, place: Unknown("`URL` is called without new", place), {"new": _new_url()})


def import_meta(file: Path) -> Obj:
    """Return ``import.meta`` of a module."""
    return Obj({"url": file.as_uri(), "filename": str(file), "dirname": str(file.parent), "env": Environment()})


def _path_functions(cwd: Path) -> dict[str, Callable[[list[str]], Value]]:
    return {
        "join": lambda texts: posixpath.normpath("/".join(t for t in texts if t)) if any(texts) else ".",
        "resolve": lambda texts: posixpath.normpath(posixpath.join(cwd.as_posix(), *(t for t in texts if t))),
        "normalize": lambda texts: posixpath.normpath(texts[0]),
        "dirname": lambda texts: posixpath.dirname(texts[0]) or ".",
        "basename": lambda texts: posixpath.basename(texts[0]).removesuffix(texts[1] if len(texts) > 1 else ""),
        "extname": lambda texts: posixpath.splitext(texts[0])[1],
        "relative": lambda texts: posixpath.relpath(texts[1] or ".", texts[0] or "."),
        "isAbsolute": lambda texts: texts[0].startswith("/"),
    }


def _on_texts(function: Callable[[list[str]], Value]) -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        unknown = next((a for a in args if isinstance(a, Unknown)), None)
        if unknown is not None:
            return unknown
        try:
            return function([text_of(arg) for arg in args])
        except (IndexError, ValueError):
            return Unknown("this path is not read", place)

    return call


def _path_of_url(args: list[Value], place: Place) -> Value:
    url = args[0] if args else UNDEFINED
    text = url.get("href", UNDEFINED) if isinstance(url, Obj) else url
    if isinstance(text, str) and text.startswith("file:"):
        return unquote(urlsplit(text).path)
    return find_unknown(url) or Unknown("this is no URL of a file", place)


def _new_url() -> Native:
    def call(args: list[Value], place: Place) -> Value:
        unknown = next((a for a in args if isinstance(a, Unknown)), None)
        if unknown is not None:
            return unknown
        base = args[1] if len(args) > 1 else ""
        base = base.get("href", "") if isinstance(base, Obj) else base
        if not (args and isinstance(args[0], str) and isinstance(base, str) and base.startswith("file:")):
            return Unknown("only a URL of a file is read", place)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(urlsplit(base).path), args[0]))
        return Obj({"href": f"file://{path}", "pathname": path})

    return Native("URL", call)
