"""What is linted: a runbook, the text it was read from, and every command in it with its place; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

import yaml

from lockgate.model.actions import Baseline, Manual, Sh
from lockgate.model.checks import Check, ExitCheck, ManualCheck, OutputCheck, TestsCheck
from lockgate.model.finding import Finding, Severity
from lockgate.model.rule import Rule
from lockgate.model.runbook import Phase, Runbook, Task
from lockgate.runbook.lint.shell import Simple, read_shell
from lockgate.runbook.markdown.cells import command_of as whole_command
from lockgate.runbook.read import SourceMap

_FAR = 80


class Place(Enum):
    """What a command is for."""

    DO = "command"
    CHECK = "check"
    REVERT = "way back"
    GATE = "gate"
    LEVEL = "rollback level"
    MONITOR = "monitor"


@dataclass(frozen=True)
class Spoken:
    """A command as it stands somewhere. ``line`` is where it begins; ``is_ours``: it is run with pipefail by us."""

    text: str
    place: Place
    path: str
    line: int
    is_ours: bool
    task: Task | None = None
    phase: Phase | None = None
    name: str = ""

    @property
    def commands(self) -> tuple[Simple, ...]:
        """The simple commands of it."""
        return read_shell(self.text)

    @property
    def owner(self) -> str:
        """Whose it is, for people: ``3.2``, ``level data``, or the path."""
        return self.task.id if self.task else self.name or self.path

    def line_at(self, command: Simple) -> int:
        """Return the line one of its commands stands in."""
        return self.line + command.line if self.line else 0


@dataclass(frozen=True)
class Text:
    """A document beside the runbook (a report, another plan): its name and its lines."""

    file: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A runbook with its text.

    ``lines`` are the repaired ones; ``others`` came with it (``--with``). ``people`` are names with their roles, None
    when lockgate.toml has none. ``folder_files`` are the texts of scripts beside the file.
    """

    runbook: Runbook
    source: SourceMap
    lines: tuple[str, ...]
    is_markdown: bool
    repaired: tuple[int, ...] = ()
    others: tuple[Text, ...] = ()
    people: Mapping[str, tuple[str, ...]] | None = None
    folder_files: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def text(self) -> Text:
        """The runbook's own lines as a document."""
        return Text(self.source.file, self.lines)

    @cached_property
    def spoken(self) -> tuple[Spoken, ...]:
        """Every command in it, in the order of the file."""
        return tuple(_spoken(self))

    @cached_property
    def steps(self) -> tuple[tuple[str, Phase, Task], ...]:
        """Every task with its path and phase."""
        return tuple(
            (f"phases[{p}].tasks[{t}]", phase, task)
            for p, phase in enumerate(self.runbook.phases)
            for t, task in enumerate(phase.tasks)
        )

    @cached_property
    def checks(self) -> tuple[tuple[str, Check, Place, Task | None, Phase | None], ...]:
        """Every typed check with its path, place, task and phase."""
        return tuple(_checks(self))

    def line_of(self, path: str, needle: str = "") -> int:
        """Return the line of a path, or the one after it that has a text; 0 when nothing is known."""
        start = self.source.line_of(path)
        wanted = _flat(needle.strip().splitlines()[0])[:60] if needle.strip() else ""
        if wanted:
            near = range(max(start, 1), min(max(start, 1) + _FAR, len(self.lines) + 1))
            for number in (*near, *range(1, len(self.lines) + 1)):
                if wanted in _flat(self.lines[number - 1]):
                    return int(number)
        return start

    def found(
        self,
        rule: Rule,
        message: str,
        path: str = "",
        *,
        needle: str = "",
        line: int = 0,
        object: str = "",
        fix: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding at a line, or where a path (and a text within it) stands."""
        return rule.found(
            message,
            file=self.source.file,
            line=line or self.line_of(path, needle),
            object=object,
            next_step=fix,
            severity=severity,
        )


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\\|", "|")).strip()


def text_found(rule: Rule, text: Text, line: int, message: str, fix: str = "") -> Finding:
    """Return a finding in a document beside the runbook."""
    return rule.found(message, file=text.file, line=line, next_step=fix)


def code_of(cell: str) -> str:
    """Return the code in an author's words: its spans in backticks, else nothing."""
    return "\n".join(span.replace("\\|", "|") for span in re.findall(r"`+([^`]+)`+", cell))


def _spoken(sheet: Sheet) -> Iterator[Spoken]:
    runbook = sheet.runbook
    for path, phase, task in sheet.steps:
        yield from _of_task(sheet, path, phase, task)
    for path, check, place, owner, within in sheet.checks:
        if text := command_of(check):
            yield _say(sheet, text, place, path, owner, within)
    for number, level in enumerate(runbook.levels):
        texts = [*level.commands, level.stop, level.start, level.state]
        for text in texts:
            if text.strip():
                called = f"level {level.number or number + 1} ({level.level.value})"
                yield replace(_say(sheet, text, Place.LEVEL, f"levels[{number}]"), name=called)
    for number, monitor in enumerate(runbook.monitors):
        if monitor.source == "command" and monitor.query:
            yield _say(sheet, monitor.query, Place.MONITOR, f"monitors[{number}]")


def _of_task(sheet: Sheet, path: str, phase: Phase, task: Task) -> Iterator[Spoken]:
    do = task.do
    if isinstance(do, Sh | Baseline):
        yield _say(sheet, do.command, Place.DO, f"{path}.do", task, phase)
    elif isinstance(do, Manual) and (proposed := _proposed_command(do)):
        yield _say(sheet, proposed, Place.DO, path, task, phase)
    elif task.written and (code := whole_command(task.written.command)) and _is_open(sheet, task):
        yield _say(sheet, code, Place.DO, path, task, phase)
    if isinstance(task.revert, Sh):
        yield _say(sheet, task.revert.command, Place.REVERT, f"{path}.revert", task, phase)
    elif task.revert is None and task.written and (code := code_of(task.written.rollback)):
        yield _say(sheet, code, Place.REVERT, path, task, phase)


def _proposed_command(action: Manual) -> str:
    """Return the command that was proposed for a task, so that it can be looked at before somebody takes it."""
    if not action.proposed:
        return ""
    try:
        table = yaml.load(action.proposed, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return ""
    return str(table.get("sh", "")) if isinstance(table, dict) else ""


def _is_open(sheet: Sheet, task: Task) -> bool:
    """Whether the author's command is still all there is."""
    return sheet.is_markdown or (isinstance(task.do, Manual) and bool(task.do.proposed))


def _say(
    sheet: Sheet, text: str, place: Place, path: str, task: Task | None = None, phase: Phase | None = None
) -> Spoken:
    words = task.written.command.strip("` ") if task and task.written else ""
    is_ours = not sheet.is_markdown and place is not Place.LEVEL and (not words or _flat(words) != _flat(text))
    return Spoken(text, place, path, sheet.line_of(path, text), is_ours, task, phase)


def command_of(check: Check) -> str:
    """Return the command a check runs, or is in the author's words; empty: none of its own."""
    if isinstance(check, ManualCheck):
        return whole_command(check.text)
    return check.command if isinstance(check, ExitCheck | OutputCheck | TestsCheck) else ""


def _checks(sheet: Sheet) -> Iterator[tuple[str, Check, Place, Task | None, Phase | None]]:
    for number, check in enumerate(sheet.runbook.requires):
        yield f"requires[{number}]", check, Place.CHECK, None, None
    for p, phase in enumerate(sheet.runbook.phases):
        for number, check in enumerate(phase.before):
            yield f"phases[{p}].before[{number}]", check, Place.CHECK, None, phase
        for t, task in enumerate(phase.tasks):
            for key, group in (("before", task.before), ("verify", task.verify)):
                for number, check in enumerate(group):
                    yield f"phases[{p}].tasks[{t}].{key}[{number}]", check, Place.CHECK, task, phase
        for number, check in enumerate(phase.gate.checks if phase.gate else ()):
            yield f"phases[{p}].gate.checks[{number}]", check, Place.GATE, None, phase


def numbered(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Return lines with their numbers from 1."""
    return iter(enumerate(lines, start=1))
