"""Read the shell of a plan: simple commands with their words, redirections and what joins them; pure.

It knows quotes, comments, here-documents, pipelines and placeholders such as ``<backup file>``; it expands nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

_WRAPPERS = frozenset(
    ("sudo", "env", "time", "nohup", "exec", "command", "npx", "bunx", "then", "do", "else", "!", "if")
)
_RUNNERS = frozenset(("pnpm", "npm", "yarn", "bun", "poetry", "uv", "pipenv", "bundle"))
_RUNNER_WORDS = frozenset(("exec", "run", "dlx", "x"))
_PLACEHOLDER = re.compile(r"<[A-Za-z][\w .|:-]*>")
_ASSIGN = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_OPERATORS = ("&&", "||", ";;", "|&", "|", ";", "&", "\n", "(", ")")


@dataclass(frozen=True)
class Simple:
    """One simple command: its words without quotes, ``NAME=value`` before it, the files it writes and reads.

    ``before`` and ``after`` are the operators around it, ``line`` counts from 0 within the text.
    """

    words: tuple[str, ...]
    assigns: tuple[tuple[str, str], ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    line: int = 0

    @property
    def program(self) -> str:
        """The program's name without folders, wrappers and runners (``sudo``, ``npx``, ``pnpm exec``)."""
        return self._inner[0].rsplit("/", 1)[-1] if self._inner else ""

    @property
    def args(self) -> tuple[str, ...]:
        """What stands after the program."""
        return self._inner[1:]

    @property
    def _inner(self) -> tuple[str, ...]:
        words = list(self.words)
        while len(words) > 1 and (words[0] in _WRAPPERS or _ASSIGN.fullmatch(words[0])):
            words.pop(0)
            while len(words) > 1 and words[0].startswith("-"):
                words.pop(0)
        if len(words) > 2 and words[0] in _RUNNERS and words[1] in _RUNNER_WORDS:
            words = words[2:]
        elif len(words) > 2 and words[0] in _RUNNERS and words[1] in ("tsx", "ts-node", "node", "python"):
            words = words[1:]
        return tuple(words)

    def has_flag(self, *flags: str) -> bool:
        """Whether one of these stands among the words: ``--force`` (or ``--force=x``), ``-f`` (or within ``-sf``)."""
        for word in self.args:
            for flag in flags:
                if word == flag or (flag.startswith("--") and word.startswith(f"{flag}=")):
                    return True
                if re.fullmatch(r"-[A-Za-z]", flag) and re.fullmatch(r"-[A-Za-z]+", word) and flag[1] in word:
                    return True
        return False

    @property
    def plain_args(self) -> tuple[str, ...]:
        """The arguments that are no options."""
        return tuple(word for word in self.args if not word.startswith("-"))


@dataclass
class _Reading:
    words: list[str] = field(default_factory=list)
    assigns: list[tuple[str, str]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    before: str = ""
    line: int = 0
    expects: str = ""


@lru_cache(maxsize=4096)
def read_shell(text: str) -> tuple[Simple, ...]:
    """Return the simple commands of a text in their order."""
    found: list[Simple] = []
    current = _Reading()
    line = 0
    for token, is_operator, at in _tokens(text):
        line = at
        if is_operator:
            _close(found, current, token)
            current = _Reading(before=token, line=line)
        else:
            _add(current, token, line)
    _close(found, current, "")
    return tuple(found)


def _close(found: list[Simple], current: _Reading, after: str) -> None:
    if current.words or current.assigns or current.writes:
        found.append(
            Simple(
                words=tuple(current.words),
                assigns=tuple(current.assigns),
                writes=tuple(current.writes),
                reads=tuple(current.reads),
                before=current.before,
                after=after,
                line=current.line,
            )
        )
    elif found and after.strip() and not found[-1].after.strip():
        found[-1] = replace(found[-1], after=after)


def _add(current: _Reading, token: str, line: int) -> None:
    if not current.words and not current.assigns:
        current.line = line
    if current.expects:
        (current.writes if ">" in current.expects else current.reads).append(_bare(token))
        current.expects = ""
        return
    redirect = re.match(r"(\d|&)?(>>|>\||>&|>|<<<|<)(&?\d$|&-)?", token)
    if redirect and not _PLACEHOLDER.match(token):
        rest = token[redirect.end() :]
        if redirect.group(3):
            return
        if rest and not re.fullmatch(r"&?\d", rest):
            (current.writes if ">" in redirect.group(2) else current.reads).append(_bare(rest))
        elif not rest:
            current.expects = redirect.group(2)
        return
    assign = _ASSIGN.fullmatch(token)
    if assign and (not current.words or current.words == ["export"]):
        current.assigns.append((assign.group(1), _bare(assign.group(2))))
        return
    current.words.append(_bare(token))


def _bare(token: str) -> str:
    """Return a word without its quotes."""
    return re.sub(
        r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|\\(.)", lambda m: m.group(1) or m.group(2) or m.group(3) or "", token
    )


def _tokens(text: str) -> list[tuple[str, bool, int]]:
    """Return words and operators with the line each begins in."""
    tokens: list[tuple[str, bool, int]] = []
    position, line, end = 0, 0, len(text)
    endings: list[str] = []
    while position < end:
        char = text[position]
        if char == "\n":
            tokens.append(("\n", True, line))
            position, line = position + 1, line + 1
            while endings:
                position, line = _skip_document(text, position, line, endings.pop(0))
        elif char in " \t\r" or text.startswith("\\\n", position):
            line += char == "\\"
            position += 2 if char == "\\" else 1
        elif char == "#":
            position = (text.find("\n", position) + 1 or end + 1) - 1
        elif document := _HEREDOC.match(text, position):
            endings.append(document.group(2))
            position = document.end()
        elif operator := next((o for o in _OPERATORS if text.startswith(o, position)), ""):
            tokens.append((operator, True, line))
            position += len(operator)
        else:
            stop = _end_of_word(text, position)
            tokens.append((text[position:stop], False, line))
            line += text.count("\n", position, stop)
            position = stop
    return tokens


def _skip_document(text: str, position: int, line: int, ending: str) -> tuple[int, int]:
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        row = text[position:stop].strip()
        position, line = stop + 1, line + 1
        if row == ending:
            break
    return position, line


def _end_of_word(text: str, position: int) -> int:
    """Return where the word that begins here ends; ``$( … )``, quotes and placeholders belong to it."""
    end = len(text)
    while position < end:
        char = text[position]
        if char == "\\":
            position += 2
        elif char in "'\"`":
            position = _end_of_quote(text, position)
        elif text.startswith(("$(", "${"), position):
            position = _end_of_group(text, position + 1)
        elif found := _PLACEHOLDER.match(text, position):
            position = found.end()
        elif text.startswith((">&", "&>", ">|"), position):
            position += 2
        elif char in " \t\r\n;|&()":
            break
        else:
            position += 1
    return min(position, end)


def _end_of_quote(text: str, position: int) -> int:
    quote, position = text[position], position + 1
    while position < len(text) and text[position] != quote:
        position += 2 if text[position] == "\\" and quote != "'" else 1
    return position + 1


def _end_of_group(text: str, position: int) -> int:
    opening = text[position]
    closing, depth = {"(": ")", "{": "}"}[opening], 0
    while position < len(text):
        depth += (text[position] == opening) - (text[position] == closing)
        position += 1
        if depth == 0:
            break
    return position


def pipelines_of(commands: tuple[Simple, ...]) -> tuple[tuple[Simple, ...], ...]:
    """Return the commands grouped by pipeline."""
    groups: list[list[Simple]] = []
    for command in commands:
        if groups and command.before in ("|", "|&") and command.words:
            groups[-1].append(command)
        else:
            groups.append([command])
    return tuple(tuple(group) for group in groups)


_VARIABLE = re.compile(r"(?<!\\)\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?P<has>:?[-=?+][^}]*)?\})")


def variables_of(text: str) -> tuple[str, ...]:
    """Return the names of variables a text uses without a default of its own, outside single quotes."""
    outside = re.sub(r"'[^']*'", "", text)
    names = (m.group(1) or m.group(2) for m in _VARIABLE.finditer(outside) if not m.group("has"))
    return tuple(dict.fromkeys(names))


def assigned_in(text: str) -> tuple[str, ...]:
    """Return the names a text gives values to (``X=…``, ``export X=…``, ``read X``, ``for X in``)."""
    names = [name for command in read_shell(text) for name, _ in command.assigns]
    names += re.findall(r"\b(?:for|read(?: -\w+)*|local|declare(?: -\w+)*)\s+([A-Za-z_]\w*)", text)
    return tuple(dict.fromkeys(names))
