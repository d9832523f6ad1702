"""Read the catalogue: named queries from the .sql files, fitted to the server's version, in one consistent read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from lockgate.engine.base import Scope, Session
from lockgate.model.server import Server

OWN_SCHEMA = "lockgate"
OWN_PREFIX = "lockgate_"
JOURNAL = frozenset(f"{OWN_PREFIX}{name}" for name in ("run", "event", "checkpoint", "parked", "lease", "meta"))
_FILES = ("catalogue.sql", "catalogue_objects.sql", "catalogue_rest.sql")
_NAME = re.compile(r"^-- name: (\w+)$", re.M)
_VERSIONS = re.compile(r" -- ((?:(?:since|until) \d+ ?)+)$")
_MEMBER = re.compile(r"\{not_member:(\w+):(\w+)\}")
_FDW_OPTIONS = re.compile(r"\{fdw_options:([\w.]+)\}")
_USER_NAMESPACE = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'"
)
_PINNED = (
    ("search_path", ""),
    ("quote_all_identifiers", "off"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
)


class Catalogue(NamedTuple):
    """A session inside a consistent read, and how to fit the queries to its server."""

    session: Session
    version: int
    scope: Scope

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """Run one named query."""
        return self.session.query(build_query(name, self.version, self.scope.include_own))


@contextmanager
def open_catalogue(session: Session, server: Server, scope: Scope) -> Iterator[Catalogue]:
    """Read at one moment with every name qualified: REPEATABLE READ READ ONLY and an empty search_path.

    Inside a transaction that is open already the read is at that transaction's level, and its settings are put back.
    """
    catalogue = Catalogue(session, server.version[0], scope)
    if getattr(session, "is_in_transaction", False):
        before = [(name, session.query("SELECT current_setting(%s)", (name,))[0][0]) for name, _ in _PINNED]
        _pin(session, _PINNED)
        yield catalogue
        _pin(session, tuple(before))
        return
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        _pin(session, _PINNED)
        yield catalogue
    finally:
        session.rollback()


def _pin(session: Session, settings: tuple[tuple[str, str], ...]) -> None:
    calls = ", ".join(["pg_catalog.set_config(%s, %s, true)"] * len(settings))
    session.query(f"SELECT {calls}", [part for pair in settings for part in pair])


@lru_cache(maxsize=256)
def build_query(name: str, version: int, include_own: bool) -> str:
    """Return a named query as one server version understands it."""
    lines = []
    for line in _texts()[name].split("\n"):
        match = _VERSIONS.search(line)
        if match is None:
            lines.append(line)
        elif _holds(match[1], version):
            lines.append(line[: match.start()])
    text = "\n".join(lines)
    own = "" if include_own else f" AND n.nspname <> '{OWN_SCHEMA}'"
    text = text.replace("{ns}", f"{_USER_NAMESPACE}{own}")
    text = _MEMBER.sub(
        r"NOT EXISTS (SELECT FROM pg_depend xd WHERE xd.classid = '\1'::regclass AND xd.objid = \2.oid"
        r" AND xd.deptype = 'e')",
        text,
    )
    return _FDW_OPTIONS.sub(
        r"(SELECT string_agg(quote_ident(split_part(xo, '=', 1)) || ' ' ||"
        r" quote_literal(substr(xo, strpos(xo, '=') + 1)), ', ') FROM unnest(\1) xo)",
        text,
    )


def _holds(condition: str, version: int) -> bool:
    words = condition.split()
    pairs = zip(words[::2], map(int, words[1::2]), strict=True)
    return all(version >= bound if word == "since" else version <= bound for word, bound in pairs)


@lru_cache(maxsize=1)
def _texts() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in _FILES:
        parts = _NAME.split(Path(__file__).with_name(file).read_text(encoding="utf-8"))
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            found[name] = body.strip().removesuffix(";")
    return found


def is_own(name: str) -> bool:
    """Tell whether a name is one of ours."""
    return name.removeprefix("~").startswith(OWN_PREFIX)  # our triggers fire last, by name
