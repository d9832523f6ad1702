"""Cells of a rendered step: the author's words while they mean what is done, else the action or check itself; pure."""

from __future__ import annotations

import json
import re

import msgspec

from lockgate.model.actions import Manual, Sh
from lockgate.model.checks import Check, ManualCheck
from lockgate.model.runbook import Task, Written
from lockgate.runbook.kinds import fold
from lockgate.runbook.markdown.cells import command_of, read_check, read_checks, read_do, read_revert
from lockgate.runbook.markdown.propose import to_flow


def command_cell(task: Task) -> str:
    """Return the cell of what a task does."""
    words = (task.written or Written()).command
    if task.do is None or (words and (read_do(words) == task.do or isinstance(task.do, Manual))):
        return words
    if isinstance(task.do, Sh) and read_do(_code(task.do.command)) == task.do:
        return _code(task.do.command)
    return _typed(task.do)


def revert_cell(task: Task) -> str:
    """Return the cell of the way back."""
    words = (task.written or Written()).rollback
    if read_revert(words) == task.revert:
        return words
    if task.revert is None:
        return ""
    if isinstance(task.revert, Sh) and read_revert(_code(task.revert.command)) == task.revert:
        return _code(task.revert.command)
    return _typed(task.revert)


def verify_cell(task: Task) -> str:
    """Return the cell of what must hold afterwards."""
    words = (task.written or Written()).verification
    command = command_of(command_cell(task))
    if read_checks(words, command) == task.verify:
        return words
    return "<br>".join(_check(check, command) for check in task.verify)


def item_text(check: Check) -> str:
    """Return a check as an item of a list."""
    return _check(check, command_of(check.text) if isinstance(check, ManualCheck) else "")


def _check(check: Check, command: str) -> str:
    if isinstance(check, ManualCheck) and read_check(check.text, command) == check and "\n" not in check.text:
        return check.text
    return _typed(check)


def _typed(value: msgspec.Struct) -> str:
    table = fold(value)
    flow = to_flow(table)
    return _code(flow if "\n" not in flow else json.dumps(table, ensure_ascii=False))


def _code(text: str) -> str:
    mark = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{mark}{space}{text}{space}{mark}"
