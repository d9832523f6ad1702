"""Runs every check over scripts in their order, and takes away what is allowed; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lockgate.lint import check_design, check_locks, check_loss, check_script, rules_script
from lockgate.lint.allow import Allowance
from lockgate.lint.here import Check, Here
from lockgate.lint.rules import BY_CODE
from lockgate.lint.script import Item, Script
from lockgate.lint.state import FileState, State
from lockgate.model.ddl import Act, DdlDialect
from lockgate.model.finding import Checked, Finding
from lockgate.model.rule import Rule
from lockgate.model.server import Server

_BY_KIND = (check_locks.CHECKS, *check_loss.CHECKS, check_script.CHECKS, check_design.CHECKS)
_EVERYWHERE: tuple[Check, ...] = (
    *check_locks.EVERYWHERE,
    *check_loss.EVERYWHERE,
    *check_script.EVERYWHERE,
    *check_design.EVERYWHERE,
)


@dataclass(frozen=True)
class Choice:
    """Which rules count: ``only`` these when not empty, never those of ``skip``."""

    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()

    def takes(self, code: str) -> bool:
        """Tell whether findings of a code are wanted."""
        return code not in self.skip and (not self.only or code in self.only)


def lint_scripts(
    scripts: Iterable[Script], dialect: DdlDialect, server: Server, choice: Choice | None = None
) -> Checked:
    """Return what the rules find in scripts that run one after the other."""
    wanted = choice or Choice()
    state = State(dialect, server, FileState(False))
    findings: list[Finding] = []
    files = statements = 0
    for script in scripts:
        files += 1
        statements += len(script.items)
        state.file = FileState(script.is_wrapped)
        found = [f for f in _lint_one(state, script) if wanted.takes(f.code)]
        findings += _take_allowed(script, found, wanted)
    return Checked(tuple(findings), {"statements": statements, "files": files if statements else 0})


def _lint_one(state: State, script: Script) -> Iterator[Finding]:
    for item in script.items:
        yield from check_script.check_item(state, script, item)
        state.file.changes_alone += check_script.counts_alone(state, item)
        for act in item.ddl.acts:
            yield from _check_act(state, script, item, act)
            state.apply(act, commits=item.ddl.commits and act is item.ddl.acts[0])
    yield from check_script.find_unindexed_keys(state, script)
    yield from check_script.check_end(state, script)


def _check_act(state: State, script: Script, item: Item, act: Act) -> Iterator[Finding]:
    here = Here(state, script, item, act)
    for checks in _BY_KIND:
        check = checks.get(act.kind)
        if check is not None:
            yield from check(here)
    for check in _EVERYWHERE:
        yield from check(here)


def _take_allowed(script: Script, findings: list[Finding], choice: Choice) -> Iterator[Finding]:
    """Yield the findings that no comment allows, and what is wrong with the comments."""
    used: set[tuple[int, str]] = set()
    places = {item.line: item.number for item in script.items}
    for finding in findings:
        allowing = [
            a
            for a in script.allowances
            if not a.problem
            and finding.code in a.rules
            and (a.statement < 0 or a.statement == places.get(finding.line))
        ]
        used |= {(a.line, finding.code) for a in allowing}
        if not allowing:
            yield finding
    yield from (f for f in _check_allowances(script, used, choice) if choice.takes(f.code))


def _check_allowances(script: Script, used: set[tuple[int, str]], choice: Choice) -> Iterator[Finding]:
    for allowance in script.allowances:
        for rule, message in _judge(allowance, used, choice):
            yield rule.found(message, file=script.name, line=allowance.line)


def _judge(allowance: Allowance, used: set[tuple[int, str]], choice: Choice) -> Iterator[tuple[Rule, str]]:
    if allowance.problem:
        yield rules_script.ALLOW_INVALID, f"the comment allows nothing: {allowance.problem}"
        return
    for code in allowance.rules:
        if code not in BY_CODE:
            yield rules_script.ALLOW_INVALID, f"there is no rule {code}"
        elif (allowance.line, code) not in used and choice.takes(code):
            yield rules_script.ALLOW_UNUSED, f"{code} is allowed here and not found"
