"""Finds what belongs to one environment or to nobody's plan: addresses, secrets, variables of a gone shell; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.finding import Finding
from lockgate.runbook.lint.rules_shell import (
    CONSTANT_STATE,
    CROSSES_STEPS,
    FORCE_PUSH,
    HARDCODED,
    PASSWORD_IN_ENV,
    SECRET,
)
from lockgate.runbook.lint.sheet import Place, Sheet, numbered, text_found
from lockgate.runbook.lint.shell import Simple, assigned_in, variables_of

_KNOWN_TO_SHELLS = frozenset(
    [
        "HOME",
        "PATH",
        "USER",
        "LOGNAME",
        "SHELL",
        "PWD",
        "OLDPWD",
        "TMPDIR",
        "LANG",
        "TERM",
        "HOSTNAME",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "IFS",
        "UID",
        "EUID",
        "BASH",
    ]
)
_WARNED = re.compile(
    r"(?:\b(?:never|not|avoid|instead of|without|no|refuse[sd]?)|n['’]t)\s+"
    r"(?:(?:use|using|by|set|setting|the|rely on|pass|"
    r"export|in|with|via|run|a|any)\s+){0,3}[`'\"*(]*$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"^\W*(is|are|was)\s+(not|never|refused|forbidden)\b", re.IGNORECASE)
_PASSWORD_NAMES = re.compile(r"\b(MYSQL_PWD|PGPASSWORD|REDISCLI_AUTH|SSHPASS|MARIADB_PWD|SQLCMDPASSWORD)\b")
_URL = re.compile(r"\b(?:https?|wss?|ssh|ftp)://([^\s/`'\"<>|)$]+)[^\s`'\"<>|)]*")
_LOCAL_HOST = re.compile(r"^(localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal)")
_FORCED = re.compile(r"\bgit push\b[^`;|&]*\s(--force(-with-lease)?|-f)\b")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?!127\.|0\.)(?:\d{1,3}\.){3}\d{1,3}\b(?!\.)")
_COUNT = re.compile(
    r"[\"']?\b(instance[-_]count|instances|replicas|desired[-_]?count|min[-_]instances|num[-_]instances|workers|web)\b[\"']?"
    r"\s*[:= ]\s*[\"']?(?P<count>\d+)\b|\bscale\s+(?:[\w/.-]*[a-z][\w/.-]*[= ]\s*)?(?P<scaled>\d+)\b",
    re.IGNORECASE,
)
_SECRETS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@'\"`<>]*:(?![$<{*]|\*+@|password@"
    r"|PASSWORD@|xxx)[^\s/@'\"`<>]+@")),
    ("an access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}"
    r"|xox[abprs]-[\w-]{10,}|sk-[\w-]{20,}|dop_v1_[0-9a-f]{40,}|npm_[A-Za-z0-9]{30,}"
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a password in an argument", re.compile(r"(?:--password=|\bsshpass -p ?|\b(?:mysql|mysqldump"
    r"|mariadb|mariadb-dump)\b[^|;&`]*\s-p)(?![\s`'\"]|$)(?![$<{*])[^\s`'\"]+")),
    ("a password", re.compile(r"\b(?:[A-Z_]*(?:PASSWORD|SECRET|TOKEN|API_KEY|MYSQL_PWD)|password"
    r"|passwd)\s*=\s*['\"]?(?![$<{*'\"\s]|env:|file:|\.\.\.|…|xxx|secret:)[^\s'\"`,;]{4,}")),
)  # fmt: skip


def check_secrets(sheet: Sheet) -> Iterator[Finding]:
    """Find secrets in any line of any document; the message does not repeat them."""
    for text in (sheet.text, *sheet.others):
        for number, line in numbered(text.lines):
            kinds = [what for what, pattern in _SECRETS if pattern.search(line)]
            if kinds:
                yield text_found(SECRET, text, number, f"{kinds[0]} stands in this line")


def check_password_in_env(sheet: Sheet) -> Iterator[Finding]:
    """Find lines that put a password into the environment, unless they warn of it."""
    for text in (sheet.text, *sheet.others):
        for number, line in numbered(text.lines):
            found = _PASSWORD_NAMES.search(line)
            if found and not _is_warned_of(line, found):
                yield text_found(
                    PASSWORD_IN_ENV, text, number, f"{found.group(1)} puts the password into the environment"
                )


def _is_warned_of(line: str, found: re.Match[str]) -> bool:
    """Whether a line says not to do what it names."""
    return bool(_WARNED.search(line[: found.start()]) or _DENIED.match(line[found.end() :]))


def check_force_push(sheet: Sheet) -> Iterator[Finding]:
    """Find pushes with force, in commands and in any code of the text."""
    seen: set[int] = set()
    for spoken in sheet.spoken:
        for command in spoken.commands:
            if _is_force_push(command):
                line = spoken.line_at(command)
                seen.add(line)
                yield sheet.found(
                    FORCE_PUSH, f"{spoken.owner}: `{' '.join(command.words)}`", line=line, object=spoken.owner
                )
    for text in (sheet.text, *sheet.others):
        for number, words in numbered(text.lines):
            is_told = number in seen and text.file == sheet.source.file
            found = _FORCED.search(words)
            if found and not is_told and not _is_warned_of(words, found):
                yield text_found(FORCE_PUSH, text, number, "a push with force")


def _is_force_push(command: Simple) -> bool:
    if command.program != "git" or "push" not in command.args[:1]:
        return False
    return command.has_flag("-f", "--force", "--force-with-lease", "--mirror") or any(
        word.startswith("+") for word in command.args
    )


def check_hardcoded(sheet: Sheet) -> Iterator[Finding]:
    """Find addresses and ids of one environment in commands, checks and monitors."""
    for path, text, owner, line in _texts(sheet):
        for offset, row in enumerate(text.splitlines()):
            for value, name in _values_of(row):
                yield sheet.found(
                    HARDCODED,
                    f"{owner}: {value} stands in the text",
                    path,
                    line=line + offset if line else 0,
                    object=owner,
                    fix=f'declare `vars: {{{name}: {{default: "{value}"}}}}` and write `${{{name}}}` here',
                )


def _texts(sheet: Sheet) -> Iterator[tuple[str, str, str, int]]:
    for spoken in sheet.spoken:
        yield spoken.path, spoken.text, spoken.owner, spoken.line
    for path, check, _, task, _ in sheet.checks:
        if url := getattr(check, "url", ""):
            yield path, url, task.id if task else path, sheet.line_of(path, url)
    for path, _, task in sheet.steps:
        if url := getattr(task.do, "url", ""):
            yield f"{path}.do", url, task.id, sheet.line_of(path, url)
    for number, monitor in enumerate(sheet.runbook.monitors):
        if monitor.source != "command":
            path = f"monitors[{number}]"
            yield path, monitor.query, monitor.name, sheet.line_of(path, monitor.query)


def _values_of(row: str) -> Iterator[tuple[str, str]]:
    """Return each value of one environment with a name for the variable."""
    row = re.sub(r"(^|\s)#.*", r"\1", row)
    for found in _URL.finditer(row):
        if not _LOCAL_HOST.match(found.group(1)):
            scheme, _, rest = found.group(0).partition("://")
            yield f"{scheme}://{rest.split('/', 1)[0]}", "app_url"
    bare = _URL.sub("", row)
    for found in _UUID.finditer(bare):
        yield found.group(0), "app_id"
    for found in _ADDRESS.finditer(bare):
        yield found.group(0), "host"


def check_variables(sheet: Sheet) -> Iterator[Finding]:
    """Find shell variables that one step sets and another uses."""
    given: dict[str, str] = {}
    declared = {name.lower() for name in sheet.runbook.vars}
    for spoken in sheet.spoken:
        own = assigned_in(spoken.text)
        if spoken.place in (Place.DO, Place.LEVEL):
            for name in own:
                given.setdefault(name, spoken.owner)
    for spoken in sheet.spoken:
        own = assigned_in(spoken.text)
        for name in variables_of(spoken.text):
            setter = given.get(name)
            if setter is None or name in own or name in _KNOWN_TO_SHELLS or name.lower() in declared:
                continue
            if setter == spoken.owner:
                continue
            yield sheet.found(
                CROSSES_STEPS,
                f"{spoken.owner}: ${name} was set in {setter}, in another shell",
                line=_line_within(spoken.text, f"${name}", spoken.line)
                or _line_within(spoken.text, f"${{{name}", spoken.line)
                or spoken.line,
                object=spoken.owner,
                fix=f"declare `vars: {{{name.lower()}: {{default: …}}}}` and use `${{{name.lower()}}}`",
            )


def _line_within(text: str, needle: str, start: int) -> int:
    for offset, row in enumerate(text.splitlines()):
        if needle in row and start:
            return start + offset
    return 0


def check_constant_state(sheet: Sheet) -> Iterator[Finding]:
    """Find numbers of instances put back as constants after a stop."""
    for spoken in sheet.spoken:
        if spoken.place not in (Place.LEVEL, Place.REVERT):
            continue
        for offset, row in enumerate(spoken.text.splitlines()):
            for found in _COUNT.finditer(row):
                count = found.group("count") or found.group("scaled")
                if int(count) > 0:
                    yield sheet.found(
                        CONSTANT_STATE,
                        f"{spoken.owner}: {found.group(1) or 'scale'} comes back as {count}, whatever it was before",
                        line=spoken.line + offset if spoken.line else 0,
                        object=spoken.owner,
                    )
