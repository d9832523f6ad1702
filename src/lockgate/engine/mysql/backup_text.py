"""What dump programs write, read back: rows told apart by table, the few places that name the database taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress

from lockgate.engine.backup import Sink
from lockgate.engine.mysql.lexer import NAME, OPEN, PUNCT, SPACE, WORD, Token, iter_tokens, quote_name, unquote_name
from lockgate.errors import BackupFailed

TRAILER = b"-- Dump completed"
_MARK = b"\n--\n-- Dumping data for table `"
_ROWS = b"\nINSERT "
_TAIL = 1 << 12
_TRIGGER = re.compile(
    r"^/\*!50003 CREATE\*/ (?:/\*!50017 DEFINER=.*?\*/ )?/\*!50003 (?=\s*(?:or\s+replace\s+)?trigger\b)", re.I | re.M
)
_QUOTED_NAME = re.compile(r"`(?:[^`]|``)*`")
_EVENT_STATE = re.compile(
    r"(^/\*!50106 CREATE\*/ .*? ON COMPLETION (?:NOT )?PRESERVE )ENABLE(?= (?:COMMENT|DO)\b)", re.M | re.S
)

OpenRows = Callable[[str], AbstractContextManager[Sink]]


class RowSplitter:
    """Takes the output of one dump program and gives each table's rows a file of its own, with the settings they need.

    The program writes no line break inside of a value, so a line that begins a table is one; tables come in the order
    in which they were asked for. A table without rows gets no file. ``is_complete`` when the program said it was done.
    """

    def __init__(self, tables: Sequence[str], open_rows: OpenRows) -> None:
        self._tables, self._open, self._stack = tables, open_rows, ExitStack()
        self._head: bytes | None = None
        self._waiting = b""
        self._before_rows = b""
        self._sink: Sink | None = None
        self.seen: list[str] = []
        self.is_complete = False

    def write(self, data: bytes | memoryview) -> int:
        """Take some output."""
        text = self._waiting + bytes(data)
        while True:
            at = text.find(_MARK)
            if at < 0:
                break
            end = text.find(b"\n", at + len(_MARK))
            if end < 0:
                break
            self._put(text[:at])
            self._begin(text[at + len(_MARK) : end])
            text = text[end:]
        kept = self._unsettled(text)
        self._put(text[: len(text) - kept])
        self._waiting = text[len(text) - kept :]
        return len(data)

    def finish(self) -> None:
        """Take the end of the output.

        Raises:
            BackupFailed: It ended without saying that it was complete.
        """
        self.is_complete = self._waiting.rstrip().split(b"\n")[-1].startswith(TRAILER)
        if not self.is_complete:
            raise cut_short("its output does not end as a complete dump does")
        self._put(self._waiting)
        self._end()
        if len(self.seen) != len(self._tables):
            raise cut_short(f"it holds {len(self.seen)} of {len(self._tables)} tables")

    def abandon(self, error: BaseException) -> None:
        """Throw the open file away."""
        with suppress(BaseException):
            self._stack.__exit__(type(error), error, error.__traceback__)

    @staticmethod
    def _unsettled(text: bytes) -> int:
        """Return how many bytes at the end may belong to a mark or to the trailer."""
        at = text.rfind(_MARK)
        if at >= 0:
            return len(text) - at
        return min(len(text), _TAIL)

    def _begin(self, quoted: bytes) -> None:
        self._end()
        name = self._tables[len(self.seen)] if len(self.seen) < len(self._tables) else ""
        if quoted.decode() != quote_name(name)[1:].split("\n")[0]:
            raise cut_short(f"it holds other tables than were asked for, {quoted.decode()} in place of {name}")
        self.seen.append(name)
        self._before_rows = b"\n\n--\n-- Rows of " + quote_name(name).replace("\n", " ").encode() + b"\n--\n"

    def _put(self, text: bytes) -> None:
        if not text:
            return
        if not self.seen:
            self._head = (self._head or b"") + text
        elif self._sink is not None:
            self._sink.write(text)
        else:
            self._before_rows += text
            if _ROWS in self._before_rows:
                self._sink = self._stack.enter_context(self._open(self.seen[-1]))
                self._sink.write((self._head or b"") + self._before_rows)
                self._before_rows = b""

    def _end(self) -> None:
        if self._sink is not None:
            self._sink.write(b"\n" + TRAILER + b"\n")
            self._sink = None
        stack, self._stack = self._stack, ExitStack()
        stack.close()


def cut_short(cause: str) -> BackupFailed:
    """Return the error for a dump that does not hold what it should."""
    return BackupFailed("the dump is not complete", cause=cause, state="nothing was published")


def check_trailer(text: str, name: str) -> None:
    """Refuse the output of a dump program that does not say that it is complete.

    Raises:
        BackupFailed: It was cut short.
    """
    lines = text.rstrip().rsplit("\n", 1)
    if not lines[-1].startswith(TRAILER.decode()):
        raise cut_short(f"{name} does not end as a complete dump does")


def without_database(text: str, database: str) -> str:
    """Take the database's own name out of statements that would reach into it from another one.

    Those are ALTER DATABASE, the headers of triggers, and defaults that draw from a sequence. Bodies stay as they are.
    """
    own = re.escape(quote_name(database))
    text = re.sub(rf"^ALTER DATABASE {own} ", "ALTER DATABASE ", text, flags=re.M)
    parts, end = [], 0
    for match in _TRIGGER.finditer(text):
        parts.append(text[end : match.end()])
        header, end = _unqualified_header(text, match.end(), database)
        parts.append(header)
    return "".join(parts) + text[end:]


def without_database_in_defaults(text: str, database: str) -> str:
    """Take the database's own name out of defaults that draw from its sequences."""
    own = re.escape(quote_name(database))
    return re.sub(rf"^(  `(?:[^`]|``)*` .*?\b(?:nextval|lastval)\(){own}\.", r"\1", text, flags=re.M)


def _unqualified_header(text: str, start: int, database: str) -> tuple[str, int]:
    """Return a trigger's header without its database's name, and where it ends: at FOR EACH ROW."""
    kept: list[str] = []
    tokens: list[Token] = []
    for token in iter_tokens(text, start):
        tokens.append(token)
        if token.upper == "ROW" or len(tokens) > 60:
            break
    skip_until = start
    for index, token in enumerate(tokens):
        if token.start < skip_until:
            continue
        dot = next((t for t in tokens[index + 1 :] if t.kind not in (SPACE, OPEN)), None)
        is_name = token.kind in (NAME, WORD) or token.text.startswith('"')
        is_own = is_name and unquote_name(token.text).strip('"').lower() == database.lower()
        if is_own and dot is not None and dot.kind == PUNCT and dot.text == ".":
            skip_until = dot.end
            continue
        kept.append(token.text)
    return "".join(kept), tokens[-1].end if tokens else start


def without_definer(text: str, account: str) -> str:
    """Leave out one account as definer: who loads the text takes its place.

    It stands in double quotes where a program was made under ANSI_QUOTES.
    """
    parts = [unquote_name(part) for part in _QUOTED_NAME.findall(account)]
    ansi = "@".join('"' + part.replace('"', '""') + '"' for part in parts)
    either = f"(?:{re.escape(account)}|{re.escape(ansi)})"
    text = re.sub(rf"^(/\*!\d+ CREATE\*/ )/\*!50[01]17 DEFINER={either}\*/ ", r"\1", text, flags=re.M)
    text = re.sub(rf"^/\*!50013 DEFINER={either} SQL", "/*!50013 SQL", text, flags=re.M)
    return re.sub(rf"^CREATE DEFINER={either} ", "CREATE ", text, flags=re.M)


def with_events_off(text: str) -> str:
    """Return statements that make events which do not run yet."""
    return _EVENT_STATE.sub(r"\1DISABLE", text)
