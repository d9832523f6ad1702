"""Split a script into statements as psql would, without running it; pure.

Understood are quotes, escape strings, dollar quotes, nested comments, parentheses and BEGIN ATOMIC bodies. Refused are
psql's backslash commands and COPY … FROM stdin, whose data is no SQL.
"""

from __future__ import annotations

import re

from lockgate.engine.base import SourceStatement
from lockgate.errors import SourceError

_SPACE = re.compile(r"\s+")
# Everything but ASCII that is no part of a word; said this way round because a range up to U+10FFFF takes `re` 20 ms.
_HEAD = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]"  # a letter, _ or anything beyond ASCII
_TAIL = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"  # a letter, digit, _ or anything beyond ASCII
_WORD = re.compile(rf"{_HEAD}[^\x00-\x23\x25-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]*")  # a $ too
_NUMBER = re.compile(r"\d[\w.]*")
_DOLLAR_TAG = re.compile(rf"\$(?:{_HEAD}{_TAIL}*)?\$")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_COPY_STDIN = re.compile(r"COPY\b.*\bFROM\s+STDIN\b", re.I | re.S)
_ROUTINE = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.I)


def split_sql(text: str) -> tuple[SourceStatement, ...]:
    """Return the statements of a script, each with the line it starts on; comments alone are no statement.

    Raises:
        SourceError: A quote or comment has no end, or something only psql understands stands in the script. Its
            ``file`` is empty; the caller knows it.
    """
    return tuple(Scanner(text).run())


class Scanner:
    """A scanner over one script: position, start of the statement, depth of parentheses and of BEGIN ATOMIC."""

    def __init__(self, text: str) -> None:
        self.text = text.removeprefix("\ufeff")
        self.position = 0
        self.start = -1
        self.depth = 0
        self.atomic: list[str] = []
        self.previous = ""
        self.found: list[SourceStatement] = []
        self._counted = (0, 1)

    def run(self) -> list[SourceStatement]:
        """Scan the whole text."""
        while self.position < len(self.text):
            self.step()
        if self.atomic:
            raise self._problem("a BEGIN ATOMIC body has no end", self.start)
        self._close()
        return self.found

    def step(self) -> None:
        """Scan one token, comment or run of white space."""
        text, i = self.text, self.position
        char = text[i]
        if char.isspace():
            match = _SPACE.match(text, i)
            self.position = match.end() if match else i + 1
        elif text.startswith("--", i):
            end = text.find("\n", i)
            self.position = len(text) if end < 0 else end + 1
        elif text.startswith("/*", i):
            self.position = self._comment_end(i)
        elif char == ";" and not self.atomic and not self.depth:
            self._close()
            self.position = i + 1
        elif char == "\\":
            raise self._problem("psql commands are not SQL and cannot be run", i, text[i:].split("\n", 1)[0])
        else:
            if self.start < 0:
                self.start = i
            self._token(char, i)

    def _token(self, char: str, i: int) -> None:
        if char == "'":
            self.position = self._quote_end(i, is_escape=False)
        elif char == '"':
            self.position = self._plain_end(i, '"', "a quoted name has no end")
        elif char == "$":
            self.position = self._dollar_end(i)
        elif char.isalpha() or char == "_" or char >= "\u0080":
            self._word(i)
        elif char.isdigit():
            match = _NUMBER.match(self.text, i)
            self.position = match.end() if match else i + 1
            self.previous = ""
        else:
            self.depth = max(0, self.depth + (char in "([") - (char in ")]"))
            self.previous = char
            self.position = i + 1

    def _word(self, i: int) -> None:
        match = _WORD.match(self.text, i)
        end = match.end() if match else i + 1
        word = self.text[i:end].upper()
        if self.text[end : end + 1] == "'" and word in ("E", "B", "X", "N"):
            self.position = self._quote_end(end, is_escape=word == "E")
            return
        self._follow_atomic(word)
        self.previous = word
        self.position = end

    def _follow_atomic(self, word: str) -> None:
        """Count CASE and BEGIN up and END down inside the SQL body of a routine."""
        if word == "ATOMIC" and self.previous == "BEGIN" and not self.atomic:
            if _ROUTINE.match(self.text, self.start):
                self.atomic.append("BEGIN")
        elif self.atomic and word == "CASE":
            self.atomic.append("CASE")
        elif self.atomic and word == "END" and self.previous not in (".", "AS"):
            self.atomic.pop()

    def _comment_end(self, start: int) -> int:
        depth, i = 0, start
        while True:
            match = _COMMENT_EDGE.search(self.text, i)
            if match is None:
                raise self._problem("a comment has no end", start)
            depth += 1 if match[0] == "/*" else -1
            i = match.end()
            if depth == 0:
                return i

    def _quote_end(self, start: int, *, is_escape: bool) -> int:
        if not is_escape:
            return self._plain_end(start, "'", "a quoted string has no end")
        i = start + 1
        while i < len(self.text):
            if self.text[i] == "\\":
                i += 2
            elif self.text[i] == "'":
                if self.text[i + 1 : i + 2] != "'":
                    self.previous = "'"
                    return i + 1
                i += 2
            else:
                i += 1
        raise self._problem("a quoted string has no end", start)

    def _plain_end(self, start: int, quote: str, problem: str) -> int:
        end = self.text.find(quote, start + 1)
        if end < 0:
            raise self._problem(problem, start)
        self.previous = quote
        return end + 1

    def _dollar_end(self, start: int) -> int:
        match = _DOLLAR_TAG.match(self.text, start)
        self.previous = "$"
        if match is None:
            return start + 1
        end = self.text.find(match[0], match.end())
        if end < 0:
            raise self._problem(f"a string that begins with {match[0]} has no end", start)
        return end + len(match[0])

    def _close(self) -> None:
        if self.start >= 0:
            statement = self.text[self.start : self.position].rstrip()
            if _COPY_STDIN.match(statement):
                raise self._problem("COPY … FROM stdin cannot be run: its data is not SQL", self.start, statement)
            self.found.append(SourceStatement(statement, self._line(self.start)))
        self.start, self.depth, self.previous = -1, 0, ""

    def _line(self, position: int) -> int:
        at, line = self._counted
        if position < at:
            at, line = 0, 1
        line += self.text.count("\n", at, position)
        self._counted = (position, line)
        return line

    def _problem(self, what: str, position: int, statement: str = "") -> SourceError:
        shown = statement or self.text[max(position, 0) :][:80]
        return SourceError(
            what,
            line=self._line(max(position, 0)),
            statement=" ".join(shown.split())[:120],
            hint="write the schema as plain SQL statements; a dump made with --schema-only --no-owner is fine",
        )


_LEAVES_DATABASE = re.compile(
    r"(?:(?:CREATE|ALTER|DROP)\s+(?:DATABASE|ROLE|USER(?!\s+MAPPING)|GROUP|TABLESPACE|SUBSCRIPTION)|ALTER\s+SYSTEM|"
    r"COMMENT\s+ON\s+(?:DATABASE|ROLE|TABLESPACE)|(?:GRANT|REVOKE)\b(?!.*\bON\b)|(?:GRANT|REVOKE)\b.*\bON\s+"
    r"(?:DATABASE|TABLESPACE|PARAMETER)|REASSIGN\s+OWNED|DROP\s+OWNED|SECURITY\s+LABEL|COPY|LOAD|CHECKPOINT|DO|CALL|"
    r"VACUUM|CLUSTER|REINDEX|NOTIFY|LISTEN|PREPARE\s+TRANSACTION|COMMIT\s+PREPARED|ROLLBACK\s+PREPARED|"
    r"SET\s+(?:SESSION\s+)?(?:ROLE|AUTHORIZATION)|SET\s+SESSION\s+AUTHORIZATION|IMPORT|CREATE\s+(?:SERVER|USER\s+MAPPING))"
    r"\b",
    re.I | re.S,
)
_CALLS_OUT = re.compile(
    r"\b(?:dblink\w*|pg_(?:read|write|ls|stat)_\w*|lo_\w+|pg_(?:terminate|cancel)_backend|pg_reload_conf|pg_rotate_\w+|"
    r"pg_(?:create|drop)_\w*replication\w*|pg_advisory\w*|pg_notify|plpython\w*|plperlu|pltclu|"
    r"postgres_fdw|set_config\s*\(\s*'(?:role|session_authorization))",
    re.I,
)
_LEADING_NOISE = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.S)


def statement_problem(text: str) -> str | None:
    """Say why a statement may not run in a database beside the target, else None.

    A database keeps tables apart, but roles, databases, tablespaces, settings, files and connections are the server's.
    """
    noise = _LEADING_NOISE.match(text)
    body = text[noise.end() :] if noise else text
    match = _LEAVES_DATABASE.match(body)
    if match is not None:
        return f"{' '.join(match[0].split()[:3]).upper()} reaches beyond the scratch database"
    call = _CALLS_OUT.search(body)
    return None if call is None else f"{call[0]} reaches beyond the scratch database"
