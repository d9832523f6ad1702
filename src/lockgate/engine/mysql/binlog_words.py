"""What a statement in the binary log means for one database: kept, left out, or a reason to refuse; pure."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from lockgate.engine.mysql.lexer import NAME, PUNCT, WORD, Token, code_tokens, unquote_name

_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH", "CALL", "DO", "SELECT", "IMPORT"})
_OF_THE_SERVER = frozenset(
    {"GRANT", "REVOKE", "SET", "FLUSH", "SHUTDOWN", "INSTALL", "UNINSTALL", "KILL", "RESET", "PURGE", "CHANGE"}
)
_ACCOUNTS = frozenset({"USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "UNDO", "RESOURCE", "INSTANCE"})
_SYSTEM = frozenset({"mysql", "sys", "information_schema", "performance_schema"})
_BETWEEN = frozenset({"OR", "REPLACE", "IF", "NOT", "EXISTS"})


class Verdict(NamedTuple):
    """Whether a statement belongs to the database; ``problem`` why the log cannot be played back because of it."""

    is_kept: bool
    problem: str = ""
    note: str = ""


def judge(text: str, default: str, database: str, others: frozenset[str]) -> Verdict:
    """Judge a statement by its text and its default database; ``others`` are the server's other databases."""
    tokens = code_tokens(text)
    words = [token.upper for token in tokens[:8] if token.kind == WORD]
    head = words[0] if words else ""
    kind = next((word for word in words[1:] if word not in _BETWEEN), "")
    qualifiers = _qualifiers(tokens)
    is_ours = default == database
    names_ours = database.casefold() in qualifiers
    if head == "XA":
        return Verdict(False, "it has a transaction in two phases (XA)")
    if head in _WRITES:
        if is_ours or names_ours:
            return Verdict(False, "rows were changed by a logged statement (binlog_format was not ROW)")
        return Verdict(False)
    if head in _OF_THE_SERVER or (head in ("CREATE", "ALTER", "DROP", "RENAME") and kind in _ACCOUNTS):
        return Verdict(False, note="accounts or the server were changed meanwhile; a log backup does not hold that")
    if (head == "DROP" and kind == "TEMPORARY") or "TEMPORARY" in words[:3]:
        return Verdict(False)
    if kind in ("DATABASE", "SCHEMA") and head in ("CREATE", "DROP"):
        named = unquote_name(tokens[-1].text) if head == "DROP" else default
        if database.casefold() in (named.casefold(), default.casefold()):
            return Verdict(False, "the database itself was created or dropped meanwhile")
        return Verdict(False)
    if is_ours:
        return _ours(qualifiers, database, others)
    if names_ours:
        return Verdict(False, "a statement given in another database changed this one")
    return Verdict(False)


def _ours(qualifiers: frozenset[str], database: str, others: frozenset[str]) -> Verdict:
    foreign = sorted(
        name for name in others if name.casefold() in qualifiers and name.casefold() != database.casefold()
    )
    foreign = [name for name in foreign if name.casefold() not in _SYSTEM]
    if foreign:
        return Verdict(False, f"a statement in it names another database ({foreign[0]})")
    return Verdict(True)


def _qualifiers(tokens: list[Token]) -> frozenset[str]:
    """Names that stand before a dot, in one case."""
    found = set()
    for token, after in pairwise(tokens):
        if token.kind in (NAME, WORD) and after.kind == PUNCT and after.text == ".":
            found.add((unquote_name(token.text) if token.kind == NAME else token.text).casefold())
    return frozenset(found)
