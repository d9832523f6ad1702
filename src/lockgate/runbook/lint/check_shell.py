"""Finds commands that hide a failure or cannot fail; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.checks import OutputCheck
from lockgate.model.finding import Finding
from lockgate.runbook.lint.command_facts import is_by_hand, is_deciding, is_reader
from lockgate.runbook.lint.rules_shell import CANNOT_FAIL, CURL, INTERPRETER, MASKED_EXIT
from lockgate.runbook.lint.sheet import Place, Sheet, Spoken
from lockgate.runbook.lint.shell import Simple, pipelines_of

_SINKS = frozenset(["tee", "cat", "head", "tail", "less", "more", "logger", "ts", "nl"])
_SWALLOWS = frozenset(("true", ":", "echo", "printf"))
_LANGUAGES = {
    "tsx": "js", "ts-node": "js", "node": "js", "nodejs": "js", "deno": "js", "bun": "js", "python": "py",
    "python3": "py", "python2": "py", "bash": "sh", "sh": "sh", "zsh": "sh", "dash": "sh", "ruby": "rb", "perl": "pl",
    "php": "php", "mysql": "sql", "mariadb": "sql", "psql": "sql", "sqlite3": "sql",
}  # fmt: skip
_SUFFIXES = {
    "js": "js", "mjs": "js", "cjs": "js", "ts": "js", "mts": "js", "cts": "js", "tsx": "js", "jsx": "js", "py": "py",
    "sh": "sh", "bash": "sh", "rb": "rb", "pl": "pl", "php": "php", "sql": "sql",
}  # fmt: skip
_PROGRAM_OF = {
    "js": "tsx or node",
    "py": "python3",
    "sh": "bash",
    "rb": "ruby",
    "pl": "perl",
    "php": "php",
    "sql": "the SQL client",
}


def check_masked_exit(sheet: Sheet) -> Iterator[Finding]:
    """Find commands whose exit code is not the one that is seen."""
    for spoken in sheet.spoken:
        for command, what, fix in _masks(spoken):
            yield sheet.found(
                MASKED_EXIT, f"{spoken.owner}: {what}", line=spoken.line_at(command), object=spoken.owner, fix=fix
            )


def _masks(spoken: Spoken) -> Iterator[tuple[Simple, str, str]]:
    commands = spoken.commands
    has_pipefail = spoken.is_ours or "pipefail" in spoken.text
    for group in pipelines_of(commands):
        last = group[-1]
        if len(group) > 1 and last.program in _SINKS and not has_pipefail and not all(map(is_reader, group[:-1])):
            fix = f"`set -o pipefail; {spoken.text.strip()}`" if "\n" not in spoken.text.strip() else ""
            yield last, f"`| {last.program}` gives the exit code of {last.program}, not of {group[0].program}", fix
    for index, command in enumerate(commands):
        previous = commands[index - 1] if index else None
        if command.program == "set" and {"+e", "+o"} & set(command.args):
            if "+e" in command.args or "pipefail" in command.args:
                yield command, f"`{' '.join(command.words)}` lets everything after it fail unseen", ""
        elif previous is None or is_reader(previous):
            continue
        elif command.before == "||" and _is_swallow(command):
            yield command, f"`|| {' '.join(command.words)}` makes any failure of {previous.program} a success", ""
        elif command.before == ";" and _is_swallow(command) and index == len(commands) - 1 and not spoken.is_ours:
            yield command, f"`; {' '.join(command.words)}` gives its own exit code instead of {previous.program}'s", ""
    if commands and commands[-1].after == "&":
        yield commands[-1], f"`&` does not wait for {commands[-1].program}", ""


def _is_swallow(command: Simple) -> bool:
    return command.program in _SWALLOWS or command.words[:2] in (("exit", "0"), ("return", "0"))


def check_curl(sheet: Sheet) -> Iterator[Finding]:
    """Find curl where an error page counts as success."""
    for spoken in sheet.spoken:
        for group in pipelines_of(spoken.commands):
            command = group[0]
            if command.program != "curl" or command.has_flag("--help", "--version"):
                continue
            decides = any(_decides(other) for other in group[1:])
            if decides or "http_code" in spoken.text or "response_code" in spoken.text or _fails(command):
                continue
            if isinstance(_output_of(sheet, spoken), OutputCheck):
                continue
            url = next((word for word in command.args if "://" in word or word.startswith("$")), "URL")
            yield sheet.found(
                CURL,
                f"{spoken.owner}: `{' '.join(command.words)}` ends with 0 also when the answer is 500",
                line=spoken.line_at(command),
                object=spoken.owner,
                fix=f'replace it by the check `{{http: "{url}", status: 200, of: "3/3"}}`',
            )


def _fails(command: Simple) -> bool:
    return command.has_flag("-f", "--fail", "--fail-with-body")


def _decides(command: Simple) -> bool:
    quiet = command.program in ("grep", "egrep", "fgrep", "rg") and command.has_flag("-q", "--quiet", "--silent", "-c")
    return quiet or (command.program == "jq" and command.has_flag("-e", "--exit-status"))


def _output_of(sheet: Sheet, spoken: Spoken) -> object:
    checks = (*spoken.task.verify,) if spoken.task and spoken.place is Place.DO else ()
    return next((c for c in checks if isinstance(c, OutputCheck) and not c.command), None)


def check_cannot_fail(sheet: Sheet) -> Iterator[Finding]:
    """Find what is meant to check something and only shows it."""
    for spoken in sheet.spoken:
        if not spoken.commands or not all(is_reader(command) for command in spoken.commands):
            continue
        if any(_decides(command) or command.has_flag("--exit-code", "--quiet") for command in spoken.commands):
            continue
        if spoken.place in (Place.CHECK, Place.GATE):
            if _is_output_check(sheet, spoken):
                continue
        elif spoken.place is not Place.DO or not _is_verification(spoken):
            continue
        first = spoken.commands[0]
        yield sheet.found(
            CANNOT_FAIL,
            f"{spoken.owner}: `{' '.join(first.words)}` shows something and decides nothing",
            line=spoken.line,
            object=spoken.owner,
            fix=_better_check(spoken),
        )


def _is_output_check(sheet: Sheet, spoken: Spoken) -> bool:
    return any(path == spoken.path and isinstance(check, OutputCheck) for path, check, *_ in sheet.checks)


def _is_verification(spoken: Spoken) -> bool:
    """Whether the task only looks, and nothing of its checks decides."""
    task = spoken.task
    if task is None or any(is_deciding(check) for check in task.verify):
        return False
    said = task.written.verification.strip(" -–—") if task.written else ""
    if said or is_by_hand(task.do):
        return True
    return bool(task.verify) or bool(
        re.match(r"(check|verify|confirm|ensure|make sure|validate|test)\b", task.title, re.I)
    )


def _better_check(spoken: Spoken) -> str:
    first = spoken.commands[0]
    files = [word for word in first.plain_args if not word.startswith("$")]
    match first.program:
        case "cat" | "ls" | "head" | "tail" if files:
            return f"add a check that decides, e.g. `{{file: {files[-1]}, has: …}}` or `{{output: …, without: …}}`"
        case "grep" | "egrep" | "rg" if files:
            return f'add a check that decides: `{{output: "", without: "{files[0]}"}}`, or `grep -q` with its code'
        case "git":
            return "replace it by a typed check: `{git: clean}`, `{git: unpushed}` or `{session: no-conflict}`"
    return ""


def check_interpreter(sheet: Sheet) -> Iterator[Finding]:
    """Find files given to the program of another language."""
    for spoken in sheet.spoken:
        for command in spoken.commands:
            language = _LANGUAGES.get(command.program)
            args = command.reads if language == "sql" else command.plain_args[:1]
            for name in args:
                suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
                if language and suffix in _SUFFIXES and _SUFFIXES[suffix] != language:
                    right = _PROGRAM_OF[_SUFFIXES[suffix]]
                    yield sheet.found(
                        INTERPRETER,
                        f"{spoken.owner}: {command.program} is given {name}, which is for {right}",
                        line=spoken.line_at(command),
                        object=spoken.owner,
                        fix=f"run `{name}` with {right}",
                    )
