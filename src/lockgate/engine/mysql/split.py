"""Split a script into statements as the mysql client does, and say which ones would leave their database; pure."""

from __future__ import annotations

import re

from lockgate.engine.base import SourceStatement
from lockgate.engine.mysql.lexer import COMMENT, NAME, NUMBER, SPACE, STRING, WORD, Token, code_tokens, iter_tokens

_DELIMITER = re.compile(r"[ \t]*DELIMITER[ \t]+(\S+)[^\n]*(?:\n|\Z)", re.I)
_PROGRAMS = {"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE"}
_BLOCKS = {"IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"}


def split_sql(text: str) -> tuple[SourceStatement, ...]:
    """Split a script at its delimiter; bodies of programs may hold semicolons with and without DELIMITER.

    Statements that are nothing but comments are left out (executed comments are code).
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    result: list[SourceStatement] = []
    position, delimiter = 0, ";"
    while position < len(text):
        found = _read_delimiter(text, position)
        if found is not None:
            delimiter, position = found
            continue
        end, following = _find_end(text, position, delimiter)
        _append(result, text, position, end)
        position = following
    return tuple(result)


def find_opaque(text: str) -> tuple[tuple[int, int], ...]:
    """Return where strings, quoted names and comments (but executed ones) begin and end."""
    return tuple((token.start, token.end) for token in iter_tokens(text) if token.kind in (STRING, NAME, COMMENT))


def _read_delimiter(text: str, position: int) -> tuple[str, int] | None:
    """Return the new delimiter and the place behind its line when a DELIMITER line comes next."""
    for token in iter_tokens(text, position):
        if token.kind in (SPACE, COMMENT):
            continue
        line_start = text.rfind("\n", 0, token.start) + 1
        match = _DELIMITER.match(text, line_start)
        if token.upper == "DELIMITER" and match and not text[line_start : token.start].strip():
            return match.group(1), match.end()
        return None
    return None


def _find_end(text: str, position: int, delimiter: str) -> tuple[int, int]:
    """Return where the statement ends and where the next begins."""
    body = _Body()
    skip_to = position
    for token in iter_tokens(text, position):
        if token.start < skip_to:
            continue
        is_opaque = token.kind in (STRING, COMMENT, "name")
        if not is_opaque:
            at = _delimiter_in(text, token, delimiter)
            if at >= 0 and (delimiter != ";" or body.depth <= 0):
                return at, at + len(delimiter)
        if token.kind not in (SPACE, COMMENT):
            body.see(token)
    return len(text), len(text)


def _delimiter_in(text: str, token: Token, delimiter: str) -> int:
    """Return where a delimiter begins in this token, else -1 (``END$$`` is one word to the lexer)."""
    if text.startswith(delimiter, token.start):
        return token.start
    at = token.text.find(delimiter[0], 1)
    while at > 0:
        if text.startswith(delimiter, token.start + at):
            return token.start + at
        at = token.text.find(delimiter[0], at + 1)
    return -1


class _Body:
    """Follows the blocks of a stored program; ``depth`` is above 0 inside one."""

    def __init__(self) -> None:
        self.depth = 0
        self._words: list[str] = []
        self._is_program = False
        self._previous = ""
        self._expressions: list[str] = []

    def see(self, token: Token) -> None:
        word = token.upper if token.kind == WORD else token.text
        if token.kind == WORD and len(self._words) < 24 and not self._is_program:
            self._words.append(word)
            starts = self._words[0] == "CREATE" or self._words[:2] == ["BEGIN", "NOT"]
            self._is_program = starts and word in _PROGRAMS | ({"NOT"} if self._words[0] == "BEGIN" else set())
            if self._is_program and (self._words[0] == "BEGIN" or word == "PACKAGE"):
                self.depth = 1
        elif self._is_program and token.kind == WORD:
            self._count(word)
        if token.kind != NUMBER or word != self._previous:
            self._previous = word

    def _count(self, word: str) -> None:
        previous = self._previous
        if word == "END":
            self.depth -= 1
        elif previous == "END" and word in _BLOCKS:
            return
        elif word in ("BEGIN", "CASE", "LOOP", "REPEAT", "WHILE"):
            if (word == "REPEAT" and not self._is_statement_start(previous)) or (word == "BEGIN" and previous == "XA"):
                return
            self.depth += 1
        elif word in ("IF", "FOR") and self._is_statement_start(previous):
            if word == "FOR" and previous not in (";", "BEGIN", "THEN", "ELSE", "DO", ":", "LOOP", "REPEAT"):
                return
            self.depth += 1

    @staticmethod
    def _is_statement_start(previous: str) -> bool:
        return previous in (";", "BEGIN", "THEN", "ELSE", "DO", ":", "LOOP", "REPEAT", "ROW", "ATOMIC", ")") or (
            previous in ("DETERMINISTIC", "SQL", "DATA", "INVOKER", "DEFINER")
        )


def _append(result: list[SourceStatement], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    first = next((t for t in iter_tokens(piece) if t.kind not in (SPACE, COMMENT)), None)
    if first is None:
        return
    line = text.count("\n", 0, start + first.start) + 1
    result.append(SourceStatement(piece[first.start :].rstrip(), line))


_LEAVES = {
    "USE": "USE leaves the database",
    "GRANT": "GRANT changes accounts of the whole server",
    "REVOKE": "REVOKE changes accounts of the whole server",
    "SHUTDOWN": "SHUTDOWN stops the server",
    "KILL": "KILL ends other sessions",
    "INSTALL": "INSTALL changes the whole server",
    "UNINSTALL": "UNINSTALL changes the whole server",
    "FLUSH": "FLUSH acts on the whole server",
    "RESET": "RESET acts on the whole server",
    "PURGE": "PURGE acts on the whole server",
    "LOAD": "LOAD reads files of the server",
    "CHANGE": "CHANGE acts on the whole server",
    "CLONE": "CLONE acts on the whole server",
    "RESTART": "RESTART stops the server",
    "PREPARE": "a prepared statement hides what it does",
    "EXECUTE": "a prepared statement hides what it does",
}
_SERVER_WIDE = {"USER", "ROLE", "DATABASE", "SCHEMA", "SERVER", "TABLESPACE", "LOGFILE", "RESOURCE", "INSTANCE"}


def statement_problem(text: str) -> str | None:
    """Say why a statement may not run in a scratch beside the target, else None.

    It must not leave its database: no USE, no accounts, no server settings, no qualified names, no running events.
    """
    tokens = code_tokens(text)
    words = [t.upper for t in tokens if t.kind == WORD][:6]
    if not words:
        return None
    if words[0] in _LEAVES:
        return _LEAVES[words[0]]
    if words[0] in ("CREATE", "DROP", "ALTER", "RENAME"):
        target = next((w for w in words[1:] if w not in ("OR", "REPLACE", "IF", "NOT", "EXISTS", "UNDO")), "")
        if target in _SERVER_WIDE:
            return f"{words[0]} {target} acts on the whole server"
        if "EVENT" in words[1:4]:
            return "an event would run by itself"
    if words[0] == "SET" and any(t.upper in ("GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD", "ROLE") for t in tokens):
        return "SET changes the whole server"
    if words[0] == "SET" and any(t.text.lower().startswith(("@@global", "@@persist")) for t in tokens):
        return "SET changes the whole server"
    return _qualified_problem(tokens)


def _qualified_problem(tokens: list[Token]) -> str | None:
    """Find a qualified name right behind a keyword that names a relation or program."""
    heads = {"TABLE", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "SEQUENCE", "INTO", "FROM", "JOIN", "UPDATE"}
    heads |= {"REFERENCES", "ON", "EXISTS", "CALL", "TO", "RENAME", "LIKE"}
    for i in range(1, len(tokens) - 2):
        if tokens[i - 1].upper in heads and tokens[i + 1].text == "." and tokens[i].kind in (WORD, "name"):
            if _is_column_context(tokens, i):
                continue
            return f"the qualified name {tokens[i].text}.{tokens[i + 2].text} may leave the database"
    return None


def _is_column_context(tokens: list[Token], i: int) -> bool:
    """Tell whether ``x.y`` behind ON, LIKE, … is a column of an expression rather than a relation."""
    head = tokens[i - 1].upper
    if head == "ON":
        before = {t.upper for t in tokens[:i]}
        return "JOIN" in before or "STRAIGHT_JOIN" in before
    return head in ("LIKE", "TO") and tokens[0].upper not in ("CREATE", "RENAME", "ALTER")
