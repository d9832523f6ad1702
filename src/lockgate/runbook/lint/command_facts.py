"""What commands do: read only, write, push, decide; told from the command alone, unknown when it cannot be; pure."""

from __future__ import annotations

import re

from lockgate.model.actions import (
    Action,
    Apply,
    Finalize,
    Git,
    Http,
    Index,
    Manual,
    Migrate,
    Restore,
    Rollback,
    Schedule,
    Sh,
)
from lockgate.model.checks import Check, ManualCheck
from lockgate.runbook.lint.shell import Simple, read_shell

_READERS = frozenset(
    [
        "cat",
        "ls",
        "echo",
        "printf",
        "true",
        ":",
        "head",
        "tail",
        "wc",
        "find",
        "grep",
        "egrep",
        "fgrep",
        "rg",
        "sort",
        "uniq",
        "cut",
        "awk",
        "pwd",
        "date",
        "whoami",
        "hostname",
        "df",
        "du",
        "ps",
        "uptime",
        "which",
        "type",
        "stat",
        "file",
        "less",
        "more",
        "tree",
        "jq",
        "column",
        "tr",
        "diff",
        "env",
        "printenv",
        "cd",
        "set",
        "sleep",
        "nl",
        "comm",
        "xargs",
    ]
)
_GIT_READS = frozenset(
    [
        "status",
        "log",
        "diff",
        "show",
        "branch",
        "remote",
        "rev-parse",
        "describe",
        "ls-files",
        "blame",
        "fetch",
        "tag",
        "stash",
    ]
)
_GIT_WRITES = frozenset(["push", "commit", "merge", "rebase", "reset", "revert", "tag", "cherry-pick", "rm", "mv"])
_PROGRAM_WRITES = frozenset(
    [
        "rm",
        "mv",
        "cp",
        "touch",
        "mkdir",
        "ln",
        "chmod",
        "chown",
        "install",
        "dd",
        "truncate",
        "rsync",
        "scp",
        "tar",
        "unzip",
    ]
)
_TWO_WORDS = {
    "kubectl": {"apply", "delete", "scale", "rollout", "patch", "create", "replace", "edit", "drain", "cordon"},
    "docker": {"run", "rm", "stop", "start", "restart", "push", "build", "kill"},
    "docker-compose": {"up", "down", "restart", "stop", "start"},
    "systemctl": {"start", "stop", "restart", "reload", "enable", "disable"},
    "service": {"start", "stop", "restart", "reload"},
    "terraform": {"apply", "destroy", "import"},
    "helm": {"install", "upgrade", "uninstall", "rollback"},
    "alembic": {"upgrade", "downgrade", "stamp"},
    "drizzle-kit": {"push", "migrate", "drop"},
    "prisma": {"migrate", "db"},
    "flyway": {"migrate", "clean", "repair"},
    "doctl": {"update", "create", "delete", "create-deployment"},
    "heroku": {"ps:scale", "restart", "maintenance:on", "maintenance:off", "releases:rollback"},
    "crontab": {"-r"},
    "lockgate": {"apply", "rollback", "restore", "finalize", "migrate"},
}
_SQL_CLIENTS = frozenset(["mysql", "mariadb", "psql", "sqlite3", "mycli", "pgcli", "sqlcmd"])
_SQL_WRITES = re.compile(
    r"\b(insert\s+into|update\s+\w+\s+set|delete\s+from|alter|create|drop|truncate|rename|grant|revoke|replace\s+into)\b",
    re.IGNORECASE,
)
_WRITING_SCRIPT = re.compile(
    r"(?:^|[/:_\-.])(apply|migrate|deploy|restore|rollback|drop|alter|push|install|rename|backfill|fix|write|seed|"
    r"create|add|delete|purge)(?:[/:_\-.]|$)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"--(dry-run|check|plan|help|version|list|status)\b")


def is_reader(command: Simple) -> bool:
    """Whether a command only reads and shows, whatever it finds."""
    if command.writes and any(not name.startswith(("/dev/", "/tmp/")) for name in command.writes):
        return False
    if command.program == "git":
        return bool(command.args) and command.args[0] in _GIT_READS and not writes_git(command)
    if command.program == "sed":
        return not command.has_flag("-i", "--in-place")
    if command.program == "find":
        return not {"-delete", "-exec", "-execdir"} & set(command.args)
    return not command.words or command.program in _READERS


def writes_git(command: Simple) -> bool:
    """Whether a git command changes commits, tags or another's repository."""
    if command.program != "git" or not command.args:
        return False
    verb, rest = command.args[0], command.args[1:]
    if verb == "tag":
        return bool([word for word in rest if not word.startswith("-")]) and not command.has_flag("-l", "--list")
    return verb in _GIT_WRITES


def pushes(command: Simple) -> bool:
    """Whether a command pushes to another repository."""
    return command.program == "git" and "push" in command.args[:1]


def writes_target(command: Simple) -> bool:
    """Whether a command surely changes a database or a service."""
    if _HARMLESS.search(" ".join(command.words)):
        return False
    if command.program in _SQL_CLIENTS:
        return any(_SQL_WRITES.search(word) for word in command.words) or any(
            name.endswith((".sql", ".dump")) for name in (*command.reads, *command.words)
        )
    verbs = _TWO_WORDS.get(command.program, ())
    if verbs:
        return bool(set(verbs) & set(command.args))
    names = [word for word in command.words if re.search(r"\.(sh|py|ts|js|mjs|rb|php)$", word)] or list(
        command.args[:2]
    )
    return any(
        _WRITING_SCRIPT.search(name) and re.search(r"apply|migrat|restore|rollback|deploy", name) for name in names
    )


def changes_of(action: Action | None, text: str = "") -> str:
    """Return in a word what an action surely changes: target, git, files; empty: nothing that is known."""
    match action:
        case Apply() | Restore() | Rollback() | Finalize() | Migrate() | Index():
            return "target"
        case Http(method=method):
            return "target" if method.upper() not in ("GET", "HEAD", "OPTIONS") else ""
        case Schedule():
            return "schedule"
        case Git(do=do):
            return "git" if do in ("push", "commit", "tag", "revert", "branch", "merge") else ""
        case Sh(command=command, writes=writes):
            return shell_changes(command) or ("files" if writes else "")
    return shell_changes(text) if text else ""


def shell_changes(text: str) -> str:
    """Return what a shell text surely changes: target, git, files or nothing known."""
    commands = read_shell(text)
    if any(writes_target(command) for command in commands):
        return "target"
    if any(writes_git(command) for command in commands):
        return "git"
    if any(c.program in _PROGRAM_WRITES or (c.program == "sed" and not is_reader(c)) for c in commands):
        return "files"
    return ""


def is_deciding(check: Check) -> bool:
    """Whether a check measures something by itself."""
    return not isinstance(check, ManualCheck)


def is_by_hand(action: Action | None) -> bool:
    """Whether a person must do it or say it."""
    return action is None or isinstance(action, Manual)
