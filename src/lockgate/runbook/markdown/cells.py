"""What a cell of a step becomes: a command, a typed action or check, words for a person; pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import yaml

from lockgate.model.actions import Action, Manual, Sh
from lockgate.model.checks import Check, ExitCheck, ManualCheck
from lockgate.runbook.kinds import ACTIONS, CHECKS, spread
from lockgate.runbook.markdown.propose import propose_action, propose_check, to_flow
from lockgate.runbook.markdown.words import is_nothing, plain

_SPAN = re.compile(r"(?<!`)(`{1,8})(?!`)\s?(.+?)\s?(?<!`)\1(?!`)", re.S)
_JOINT = re.compile(r"(?i)^[\s,;.:()+&]*((and|then|run|execute|or|&&|first|finally|<br\s*/?>)[\s,;.:()]*)*$")
_BREAK = re.compile(r"\s*<br\s*/?>\s*")
_FILE_NAME = re.compile(r"^[\w./*{}<>-]+\.(md|sql|json|ya?ml|txt|csv|log|tsx?|toml|html)$|^[A-Z][A-Z0-9_]+$|^[\w.-]+/$")
_SQL = re.compile(r"(?i)^(drop|alter|create|insert|update|delete|select|truncate|grant|revoke|rename)\s+[a-z*(]")
_BLANK = re.compile(r"(?<![<\w])<[A-Za-z][\w .-]*>(?!>)|\[[a-z]+[_ -](?:id|file|name|tag)\]|\bYYYY|\bXXXX")
_SAYS_NOTHING = re.compile(r"^\s*(cat|ls|echo|head|tail|true|curl(?!.*(-f|--fail))|grep\s+-r)\b|\|\|\s*true|\|\s*tee\b")


def code_spans(cell: str) -> tuple[str, ...]:
    """Return what stands in backticks."""
    return tuple(match.group(2) for match in _SPAN.finditer(cell))


def command_of(cell: str) -> str:
    """Return the command a cell is: code, with no words around it but ``run``, ``then`` and such; else nothing."""
    spans = code_spans(cell)
    if not spans or not _JOINT.match(plain(_SPAN.sub(" ", cell))):
        return ""
    if all(_FILE_NAME.match(span) for span in spans):
        return ""
    return "\n".join(spans)


def is_blank_left(command: str) -> bool:
    """Whether a command has a place that somebody must fill in first (``<id>``)."""
    return _BLANK.search(command) is not None


def is_sql(command: str) -> bool:
    """Whether it is SQL rather than a command of the shell."""
    return _SQL.match(command) is not None


def read_do(cell: str) -> Action | None:
    """Read what a task does. Only a whole command is run; what has a blank, or is SQL, is proposed to a person."""
    if typed := _typed(cell, ACTIONS, Action):
        return typed  # type: ignore[no-any-return]
    command = command_of(cell)
    if not command:
        proposed = propose_action(cell)
        return Manual(text=plain(cell), proposed=proposed) if proposed else None
    if is_blank_left(command):
        return Manual(text=command, proposed=to_flow({"sh": command}))
    if is_sql(command):
        reads = re.match(r"(?i)select\b", command)
        return Manual(text=command, proposed=to_flow({"sql": command}) if reads else "")
    return Sh(command=command)


def read_revert(cell: str) -> Action | None:
    """Read the way back: a command that can be run as it stands, else none (the words are kept elsewhere)."""
    if typed := _typed(cell, ACTIONS, Action):
        return typed  # type: ignore[no-any-return]
    command = command_of(cell)
    if not command or is_nothing(cell) or is_blank_left(command) or is_sql(command):
        return None
    return Sh(command=command)


def read_checks(cell: str, command: str = "") -> tuple[Check, ...]:
    """Read a verification: one check for each line of the cell; words wait for a person."""
    checks = []
    for part in _BREAK.split(cell):
        if part and not is_nothing(part):
            checks.append(read_check(part, command))
    return tuple(checks)


def read_check(text: str, command: str = "") -> Check:
    """Read one check: typed when written so, a command's end when it is code that can fail, else an attestation."""
    if typed := _typed(text, CHECKS, Check):
        return typed  # type: ignore[no-any-return]
    code = command_of(text)
    if code and not is_blank_left(code) and not is_sql(code):
        if not _SAYS_NOTHING.search(code):
            return ExitCheck(command=code)
        return ManualCheck(text=text.strip(), proposed=propose_check(code, code))
    return ManualCheck(text=text.strip(), proposed=propose_check(text, command))


def _typed(cell: str, kinds: dict[str, Any], union: Any) -> Any:
    """Read ``{kind: …}`` in backticks; None when the cell is anything else."""
    match = _SPAN.fullmatch(cell.strip())
    if match is None or not re.match(r"\{\s*\w+\s*:", match.group(2)):
        return None
    try:
        table = yaml.load(match.group(2), Loader=yaml.BaseLoader)
        if isinstance(table, dict) and any(key in kinds for key in table):
            return msgspec.convert(spread(table, kinds), union, strict=False)
    except (yaml.YAMLError, msgspec.ValidationError):
        return None
    return None
