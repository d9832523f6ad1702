"""A position in the tokens of one statement, for the engines' readers of DDL; pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class DdlToken(NamedTuple):
    """One token: its kind (word, name, string, number, punct), its text, and what it stands for.

    ``word``: the upper-case text of an unquoted word, else empty; ``name``: the identifier or string it stands for.
    """

    kind: str
    text: str
    start: int
    end: int
    word: str = ""
    name: str = ""


class ReadError(Exception):
    """The statement is not understood; the message says where. Never leaves the engine."""


_END = DdlToken("end", "", 0, 0)


class DdlCursor:
    """Reads tokens one by one; ``expect…`` raise ReadError, ``accept…`` tell whether they went on."""

    def __init__(self, text: str, tokens: list[DdlToken]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    def peek(self, ahead: int = 0) -> DdlToken:
        """Return a coming token, or an empty one behind the end."""
        i = self.at + ahead
        return self.tokens[i] if i < len(self.tokens) else _END

    def take(self) -> DdlToken:
        """Return the next token and go on."""
        if self.is_done:
            raise ReadError("the statement ends too early")
        token = self.tokens[self.at]
        self.at += 1
        return token

    @property
    def is_done(self) -> bool:
        """Whether every token is taken."""
        return self.at >= len(self.tokens)

    @property
    def word(self) -> str:
        """The next token's word."""
        return self.peek().word

    def sees(self, *words: str) -> bool:
        """Tell whether these words come next."""
        return all(self.peek(i).word == word for i, word in enumerate(words))

    def accept(self, *words: str) -> bool:
        """Go past these words if all of them come next."""
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def accept_any(self, *words: str) -> str:
        """Go past one of these words; return it, or an empty text."""
        if self.word and self.word in words:
            return self.take().word
        return ""

    def expect(self, *words: str) -> None:
        """Go past these words."""
        if not self.accept(*words):
            raise ReadError(f"expected {' '.join(words)} at {self.near()}")

    def sees_mark(self, mark: str) -> bool:
        """Tell whether this mark comes next."""
        token = self.peek()
        return token.kind == "punct" and token.text == mark

    def accept_mark(self, mark: str) -> bool:
        """Go past this mark if it comes next."""
        if self.sees_mark(mark):
            self.at += 1
            return True
        return False

    def expect_mark(self, mark: str) -> None:
        """Go past this mark."""
        if not self.accept_mark(mark):
            raise ReadError(f"expected {mark} at {self.near()}")

    def expect_end(self) -> None:
        """Insist that nothing follows."""
        if not self.is_done:
            raise ReadError(f"not understood: {self.near()}")

    def name(self) -> str:
        """Take one identifier."""
        token = self.take()
        if token.kind in ("word", "name") or (token.kind == "string" and token.name):
            return token.name
        self.at -= 1
        raise ReadError(f"expected a name at {self.near()}")

    def qualified(self) -> str:
        """Take a name with its qualifiers, joined by dots."""
        parts = [self.name()]
        while self.accept_mark("."):
            parts.append(self.name())
        return ".".join(parts)

    def names_in_parentheses(self) -> tuple[str, ...]:
        """Take ``(a, b (10) DESC, …)``: the first name of each part; expressions count as an empty name."""
        self.expect_mark("(")
        found: list[str] = []
        while True:
            start = self.at
            first = self.peek()
            self.skip_until(marks=(",", ")"))
            if self.at == start:
                raise ReadError(f"expected a column at {self.near()}")
            second = self.tokens[start + 1] if start + 1 < self.at else None
            is_call = second is not None and second.text == "(" and self.tokens[start + 2].kind != "number"
            is_name = first.kind in ("word", "name") and not is_call
            found.append(first.name if is_name else "")
            if self.accept_mark(")"):
                return tuple(found)
            self.expect_mark(",")

    def parentheses(self) -> str:
        """Take a balanced group in parentheses; return what stands inside as written."""
        self.expect_mark("(")
        start, depth = self.at, 1
        while depth:
            token = self.take()
            if token.kind == "punct":
                depth += (token.text == "(") - (token.text == ")")
        return self.between(start, self.at - 1)

    def skip_until(self, words: Collection[str] = (), marks: Collection[str] = ()) -> str:
        """Go to the next of these words or marks outside parentheses, or to the end; return the text passed."""
        start, depth = self.at, 0
        while not self.is_done:
            token = self.peek()
            if depth == 0 and (token.word in words if token.word else token.kind == "punct" and token.text in marks):
                break
            if token.kind == "punct" and token.text in "([":
                depth += 1
            elif token.kind == "punct" and token.text in ")]":
                depth -= 1
                if depth < 0:
                    break
            self.at += 1
        return self.between(start, self.at)

    def rest(self) -> str:
        """Take everything that is left."""
        start = self.at
        self.at = len(self.tokens)
        return self.between(start, self.at)

    def between(self, start: int, end: int) -> str:
        """Return the text of the tokens from one place to before another."""
        if start >= end:
            return ""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def words_outside(self) -> list[str]:
        """Return the words still to come that stand outside parentheses."""
        depth, found = 0, []
        for token in self.tokens[self.at :]:
            if token.kind == "punct":
                depth += (token.text == "(") - (token.text == ")")
            elif token.word and depth == 0:
                found.append(token.word)
        return found

    def near(self) -> str:
        """Return the next few tokens, for a message."""
        if self.is_done:
            return "the end of the statement"
        shown = " ".join(self.between(self.at, min(self.at + 4, len(self.tokens))).split())
        return f"‘{shown[:60]}’"

    def accept_if_exists(self) -> bool:
        """Go past IF EXISTS."""
        return self.accept("IF", "EXISTS")

    def accept_if_not_exists(self) -> bool:
        """Go past IF NOT EXISTS."""
        return self.accept("IF", "NOT", "EXISTS")
