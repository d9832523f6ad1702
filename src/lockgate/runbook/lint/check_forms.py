"""Finds one program called in forms that cannot all be right; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lockgate.model.finding import Finding
from lockgate.runbook.lint.rules_shell import NOT_IN_HELP
from lockgate.runbook.lint.sheet import Sheet, code_of, numbered
from lockgate.runbook.lint.shell import Simple, read_shell

_SCRIPT = re.compile(r"[\w./-]+\.(?:sh|py|ts|js|mjs|cjs|rb|php|pl)$")
_FILE_OPTION = re.compile(r"file|backup|checkpoint|path|dump|input|source|\bto\b|\bid\b|from", re.IGNORECASE)
_TOOL = frozenset(("script", "tool", "command", "cli"))
_RUNNERS = frozenset(("pnpm", "npm", "yarn", "bun"))
_INTERPRETERS = frozenset(
    ["tsx", "ts-node", "node", "python", "python3", "bash", "sh", "zsh", "deno", "bun", "ruby", "php", "perl"]
)


@dataclass(frozen=True)
class _Call:
    """One call of a script: its options with how a value follows (``=``, a space, none) and its bare arguments."""

    script: str
    options: tuple[tuple[str, str], ...]
    bare: tuple[str, ...]
    file: str
    line: int
    text: str


def check_forms(sheet: Sheet) -> Iterator[Finding]:
    """Compare all calls of each script, in all documents, and with the script's own text where it is at hand."""
    calls: dict[str, list[_Call]] = defaultdict(list)
    for call in _calls(sheet):
        calls[call.script].append(call)
    promised = tuple(_promised(sheet))
    for script, group in calls.items():
        stem = script.rsplit("/", 1)[-1].rsplit(" ", 1)[-1].split(".")[0].lower()
        forms = [*(replace(call, script=script, bare=()) for call in promised if stem in call.bare), *group]
        yield from _styles(forms)
        yield from _positions(forms)
        yield from _unknown_options(sheet, group)


def _promised(sheet: Sheet) -> Iterator[_Call]:
    """Return what lines promise of a script: options in code spans of their own; the line's words are in ``bare``."""
    for text in (sheet.text, *sheet.others):
        for number, line in numbered(text.lines):
            options = [_option_of(span.split()) for span in code_of(line).splitlines() if span.startswith("--")]
            words = re.findall(r"[a-z]+", line.lower())
            if options and not _TOOL.isdisjoint(words):
                yield _Call("", tuple(options), tuple(words), text.file, number, line)


def _option_of(words: list[str]) -> tuple[str, str]:
    option, is_equal, _ = words[0].partition("=")
    return option, "=" if is_equal else " " if len(words) > 1 else ""


def _styles(group: list[_Call]) -> Iterator[Finding]:
    first: dict[str, tuple[str, _Call]] = {}
    told: set[tuple[str, int]] = set()
    for call in group:
        for name, style in call.options:
            seen = first.get(name)
            if not style:
                continue
            if seen is None:
                first[name] = (style, call)
            elif seen[0] != style and (call.file, call.line) not in told:
                told.add((call.file, call.line))
                forms = {"=": f"`{name}=VALUE`", " ": f"`{name} VALUE`"}
                yield _found(call, f"{forms[style]} here, {forms[seen[0]]} in line {seen[1].line}: one of them fails")


def _positions(group: list[_Call]) -> Iterator[Finding]:
    """An option with a file here, the file as a bare argument there."""
    valued = [call for call in group if any(style for _, style in call.options) and not call.bare]
    bare = [c for c in group if c.bare and _is_value(c.bare[0]) and not any(style for _, style in c.options)]
    if valued and bare:
        name = next((n for n, style in valued[0].options if style and _FILE_OPTION.search(n)), "")
        if not name or " " in bare[0].script:
            return
        yield _found(bare[0], f"a bare argument `{bare[0].bare[0]}` here, `{name}` in line {valued[0].line}")


def _is_value(word: str) -> bool:
    """Whether a bare argument is a file or a placeholder; a plain word may be a subcommand."""
    return bool(re.search(r"[./<$]", word))


def _unknown_options(sheet: Sheet, group: list[_Call]) -> Iterator[Finding]:
    body = sheet.folder_files.get(group[0].script)
    for call in group if body is not None else ():
        missing = [
            name for name, _ in call.options if name not in (body or "") and name.lstrip("-") not in (body or "")
        ]
        if missing:
            yield _found(call, f"{call.script} has no {missing[0]}: its text does not know it")


def _found(call: _Call, message: str) -> Finding:
    return NOT_IN_HELP.found(f"{call.script}: {message}", file=call.file, line=call.line)


def _calls(sheet: Sheet) -> Iterator[_Call]:
    seen: set[tuple[str, int, str]] = set()
    for spoken in sheet.spoken:
        for command in spoken.commands:
            if call := _call_of(command, sheet.source.file, spoken.line_at(command)):
                seen.add((call.file, call.line, call.script))
                yield call
    for text in (sheet.text, *sheet.others) if sheet.is_markdown else sheet.others:
        for number, code in _code_lines(text.lines):
            for command in read_shell(code):
                call = _call_of(command, text.file, number)
                if call and (call.file, call.line, call.script) not in seen:
                    yield call


def _code_lines(lines: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Return the code of a document: lines within fences, and spans in backticks."""
    is_inside = False
    for number, line in numbered(lines):
        if line.lstrip().startswith(("```", "~~~")):
            is_inside = not is_inside
        elif is_inside:
            yield number, line
        elif code := code_of(line):
            for span in code.splitlines():
                yield number, span


def _call_of(command: Simple, file: str, line: int) -> _Call | None:
    words = list(command.words)
    at = next((i for i, word in enumerate(words) if _SCRIPT.fullmatch(word)), None)
    if at is not None and at > 0 and command.program not in (*_INTERPRETERS, words[at].rsplit("/", 1)[-1]):
        return None
    if at is None and words and words[0] in _RUNNERS:
        at = next((i for i, word in enumerate(words) if i and word not in ("run", "exec") and word[0] != "-"), None)
    if at is None:
        return None
    name = words[at].removeprefix("./") if "." in words[at] else f"{words[0]} {words[at]}"
    options, bare, rest = [], [], words[at + 1 :]
    while rest:
        word = rest.pop(0)
        if word == "--":
            continue
        if re.match(r"--?[A-Za-z]", word):
            option, is_equal, _ = word.partition("=")
            has_value = not is_equal and bool(rest) and not rest[0].startswith("-")
            options.append((option, "=" if is_equal else " " if has_value else ""))
            if has_value:
                rest.pop(0)
        else:
            bare.append(word)
    return _Call(name, tuple(options), tuple(bare), file, line, " ".join(words))
