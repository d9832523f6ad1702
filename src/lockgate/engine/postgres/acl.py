"""Grants: from the catalogue's aclitem text to the model's ``acl`` option and from there to GRANT and REVOKE; pure.

The option is a JSON object of grantee → privileges, sorted; ``public`` is PUBLIC, and a star marks WITH GRANT OPTION:
``{"app":["INSERT","SELECT*"]}``. ``@owner`` lists with a minus what the owner of an object lacks, ``["-TRUNCATE"]``; of
a column, whose owner has nothing by default, what the owner was given. The option is absent when the object has the
privileges PostgreSQL gives by default, and ``{}`` when nobody but the owner has any.
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias

from lockgate.engine.postgres.quote import quote_ident

Acl: TypeAlias = dict[str, frozenset[str]]

OWNER = "@owner"
PUBLIC = "public"
_MAINTAIN_SINCE = 17
_LETTERS = {
    "r": "SELECT",
    "a": "INSERT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "m": "MAINTAIN",
    "X": "EXECUTE",
    "U": "USAGE",
    "C": "CREATE",
    "c": "CONNECT",
    "T": "TEMPORARY",
    "s": "SET",
    "A": "ALTER SYSTEM",
}
_TABLE = frozenset(["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"])
_PRIVILEGES = {
    "table": _TABLE,
    "column": frozenset(["SELECT", "INSERT", "UPDATE", "REFERENCES"]),
    "sequence": frozenset(["SELECT", "UPDATE", "USAGE"]),
    "function": frozenset(["EXECUTE"]),
    "schema": frozenset(["USAGE", "CREATE"]),
    "type": frozenset(["USAGE"]),
    "language": frozenset(["USAGE"]),
    "fdw": frozenset(["USAGE"]),
    "server": frozenset(["USAGE"]),
}
_PUBLIC_DEFAULT = {"function": "EXECUTE", "type": "USAGE", "language": "USAGE"}
_ITEM = re.compile(r'((?:"(?:[^"]|"")*"|[^=])*)=([A-Za-z*]*)/(.*)', re.S)


class ForeignGrantor(Exception):
    """A privilege was granted by a role that does not own the object."""


def encode_acl(
    text: str | None,
    owner: str,
    kind: str,
    version: int,
    *,
    default: Acl | None = None,
    has_owner: bool = True,
) -> str | None:
    """Turn a catalogue's ``aclitem[]`` text into the option's text, or None when it is the default.

    Args:
        text: ``{app=r/owner,=X/owner}``, or None when the catalogue has NULL.
        owner: The owner's name.
        kind: A key of the privilege table: table, column, sequence, function, schema, type, language, fdw, server.
        version: The server's major version.
        default: What counts as the default, when it is not the kind's.
        has_owner: Whether the owner has all privileges by default; else the owner is a role like others.

    Raises:
        ForeignGrantor: A grantor is not the owner.
    """
    standard = default_acl(kind)
    found = standard if text is None else _parse(text, owner, has_owner)
    if text is not None and has_owner and kind != "column":
        found = _mark_lacking(found, kind, version)
    if found == (standard if default is None else default):
        return None
    return json.dumps({who: sorted(found[who]) for who in sorted(found)}, separators=(",", ":"))


def decode_acl(option: str | None, kind: str, default: Acl | None = None) -> Acl:
    """Read the option's text; None gives the default of the kind."""
    if option is None:
        return dict(default_acl(kind) if default is None else default)
    return {who: frozenset(privileges) for who, privileges in json.loads(option).items()}


def default_acl(kind: str) -> Acl:
    """Return what PostgreSQL grants on a new object of this kind beside the owner's own privileges."""
    return {PUBLIC: frozenset([_PUBLIC_DEFAULT[kind]])} if kind in _PUBLIC_DEFAULT else {}


def public_schema_acl(version: tuple[int, ...]) -> Acl:
    """Return what the schema ``public`` of a new database grants (CREATE to PUBLIC before PostgreSQL 15)."""
    return {PUBLIC: frozenset(["USAGE"] if version >= (15,) else ["USAGE", "CREATE"])}


def render_grants(
    clause: str, before: Acl, after: Acl, kind: str, *, column: str = "", prefix: str = ""
) -> tuple[str, ...]:
    """Return the GRANT and REVOKE statements that lead from one set of privileges to the other.

    Args:
        clause: What stands after ON, e.g. ``TABLE public.users``.
        before: Privileges the object has.
        after: Privileges it shall have.
        kind: The kind of object.
        column: A column's name when the privileges are a column's.
        prefix: Text before every statement (``ALTER DEFAULT PRIVILEGES … ``).
    """
    statements: list[str] = []
    for who in sorted(before.keys() | after.keys()):
        old, new = before.get(who, frozenset()), after.get(who, frozenset())
        if who == OWNER and kind != "column":
            old, new = _having(new - old), _having(old - new)
        gone = _plain(old) - _plain(new)
        lost_option = {p for p in _plain(new) if p + "*" in old and p + "*" not in new}
        gained = {p for p in new if p not in old and p + "*" not in old}
        role = _role(who)
        if gone:
            statements.append(f"{prefix}REVOKE {_list(gone, column)} ON {clause} FROM {role}")
        if lost_option:
            statements.append(f"{prefix}REVOKE GRANT OPTION FOR {_list(lost_option, column)} ON {clause} FROM {role}")
        simple = {p for p in gained if not p.endswith("*")}
        if simple:
            statements.append(f"{prefix}GRANT {_list(simple, column)} ON {clause} TO {role}")
        with_option = {p[:-1] for p in gained if p.endswith("*")}
        if with_option:
            statements.append(f"{prefix}GRANT {_list(with_option, column)} ON {clause} TO {role} WITH GRANT OPTION")
    return tuple(statements)


def _having(lacking: frozenset[str]) -> frozenset[str]:
    return frozenset(p.removeprefix("-") for p in lacking)


def _plain(privileges: frozenset[str]) -> frozenset[str]:
    return frozenset(p.rstrip("*") for p in privileges)


def _list(privileges: frozenset[str] | set[str], column: str) -> str:
    suffix = f" ({quote_ident(column)})" if column else ""
    return ", ".join(p + suffix for p in sorted(privileges))


def _role(who: str) -> str:
    if who == OWNER:
        return "CURRENT_USER"
    return "PUBLIC" if who == PUBLIC else quote_ident(who)


def _parse(text: str, owner: str, has_owner: bool) -> Acl:
    found: dict[str, set[str]] = {}
    for item in _split_array(text):
        match = _ITEM.match(item)
        if match is None:
            raise ForeignGrantor(item)
        who, letters, grantor = _unquote(match[1]), match[2], _unquote(match[3])
        if grantor != owner:
            raise ForeignGrantor(grantor)
        name = OWNER if who == owner and has_owner else who or PUBLIC
        privileges = found.setdefault(name, set())
        for letter, star in re.findall(r"([A-Za-z])(\*?)", letters):
            privileges.add(_LETTERS.get(letter, letter) + star)
    return {who: frozenset(p) for who, p in found.items() if p}


def _mark_lacking(found: Acl, kind: str, version: int) -> Acl:
    """Replace the owner's privileges by what is missing of them."""
    full = _PRIVILEGES[kind] | ({"MAINTAIN"} if kind == "table" and version >= _MAINTAIN_SINCE else set())
    lacking = full - _plain(found.get(OWNER, frozenset()))
    rest = {who: p for who, p in found.items() if who != OWNER}
    return {**rest, OWNER: frozenset(f"-{p}" for p in lacking)} if lacking else rest


def _split_array(text: str) -> list[str]:
    """Split ``{a,"b,c"}``; a quoted element's backslashes are taken off."""
    items: list[str] = []
    for quoted, bare in re.findall(r'"((?:\\.|[^"\\])*)"|([^,{}"]+)', text[1:-1], re.S):
        items.append(re.sub(r"\\(.)", r"\1", quoted, flags=re.S) if quoted else bare)
    return items


def _unquote(name: str) -> str:
    if len(name) >= 2 and name[0] == name[-1] == '"':
        return name[1:-1].replace('""', '"')
    return name
