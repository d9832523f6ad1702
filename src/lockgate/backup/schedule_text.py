"""The texts a scheduler reads: a marked block of a crontab, systemd's units; ours are known by mark and hash; pure."""

from __future__ import annotations

import hashlib
import re
import shlex

from lockgate.backup.schedule import Installed, Job
from lockgate.errors import ConfigError, RefusedError

MOST_CRON = 990
"""How long a command may be for every cron: the oldest ones cut at 1000. Source: MAX_COMMAND in cron.h."""
_HEAD = re.compile(
    r"# >>> (?P<name>lockgate-backup-[\w-]+): made by `lockgate backup schedule install`; (?P<when>[^;]+); "
    r"since (?P<since>\S+); sha256 (?P<hash>[0-9a-f]{16})"
)


def mark(name: str, when: str, since: str, body: str) -> str:
    """Return the line by which we know our own."""
    return f"# >>> {name}: made by `lockgate backup schedule install`; {when}; since {since}; sha256 {_hash(body)}"


def shell_line(job: Job) -> str:
    """Return the command for ``sh``: in its folder, with its environment and nothing else of ours."""
    quoted = [shlex.quote(f"{name}={value}") for name, value in job.environment]
    parts = [f"cd {shlex.quote(job.folder)}"]
    if job.environment_file:
        parts += ["set -a", f". {shlex.quote(job.environment_file)}", "set +a"]
    return " && ".join([*parts, " ".join(["/usr/bin/env", *quoted, *map(shlex.quote, job.command)])])


def cron_block(job: Job, since: str, *, has_user: bool = False) -> bytes:
    """Return our block of a crontab (``has_user``: of a file in cron.d, which names the user).

    Raises:
        ConfigError: Something in it no crontab can hold.
    """
    command = f"{shell_line(job)} >/dev/null"
    if any(ord(char) < 32 for char in command) or "\\%" in command:
        raise _cannot(job, "a name or path in the command holds a line break, or a backslash before %")
    command = command.replace("%", "\\%")
    if len(command) > MOST_CRON:
        raise _cannot(job, f"the command has {len(command)} characters, and cron takes {MOST_CRON}; shorten PATH")
    user = f"{job.user} " if has_user else ""
    body = f"{job.when.cron()} {user}{command}\n"
    return f"{mark(job.name, str(job.when), since, body)}\n{body}# <<< {job.name}\n".encode()


def put_block(table: bytes, name: str, block: bytes) -> bytes:
    """Return a crontab with exactly one block of ours called so; all else stays as it is, byte by byte.

    Raises:
        RefusedError: Our own block was torn apart.
    """
    before, found, after = _split(table, name)
    if found:
        return before + block + take_block(after, name)
    if before and not before.endswith(b"\n"):
        before += b"\n"
    return before + block


def take_block(table: bytes, name: str) -> bytes:
    """Return a crontab without any block of ours called so; raises as `put_block`."""
    before, found, after = _split(table, name)
    return before + take_block(after, name) if found else table


def find_block(table: bytes, name: str, place: str) -> Installed | None:
    """Return our block of a crontab; raises as `put_block`."""
    _, found, _ = _split(table, name)
    if not found:
        return None
    head, _, rest = found.decode(errors="replace").partition("\n")
    body = rest.removesuffix(f"# <<< {name}\n").removesuffix(f"# <<< {name}")
    return _installed("cron", place, head, body)


def service_text(job: Job, since: str, *, is_user: bool) -> str:
    """Return the text of the service unit."""
    lines = ["[Unit]", f"Description=Lockgate backup of {_specifier(job.target)}"]
    if not is_user:
        lines += ["Wants=network-online.target", "After=network-online.target"]
    lines += ["", "[Service]", "Type=oneshot", f"WorkingDirectory={_specifier(job.folder)}"]
    lines += [f"Environment={_quoted(f'{name}={value}')}" for name, value in job.environment]
    if job.environment_file:
        lines.append(f"EnvironmentFile={_specifier(job.environment_file)}")
    if job.user and not is_user:
        lines.append(f"User={job.user}")
    command = " ".join(_quoted(part).replace("$", "$$") for part in job.command)
    lines += [f"ExecStart={command}", "UMask=0077", "Nice=10", "KillMode=control-group", "TimeoutStartSec=12h"]
    return _unit(job, since, lines)


def timer_text(job: Job, since: str) -> str:
    """Return the text of the timer unit; what was missed while the machine was off is made up for."""
    lines = ["[Unit]", f"Description=Lockgate backups of {_specifier(job.target)}, {job.when}", "", "[Timer]"]
    lines += [f"OnCalendar={job.when.calendar()}", "Persistent=true", "AccuracySec=1min"]
    return _unit(job, since, [*lines, "", "[Install]", "WantedBy=timers.target"])


def find_unit(text: str, name: str, place: str) -> Installed | None:
    """Return what a unit file says about itself; None when it is none of ours."""
    head, _, body = text.partition("\n")
    match = _HEAD.fullmatch(head)
    return _installed("systemd", place, head, body) if match and match["name"] == name else None


def refuse_edited(found: Installed, action: str) -> None:
    """Refuse to touch what somebody changed by hand.

    Raises:
        RefusedError: The hash does not fit.
    """
    if found.is_edited:
        raise RefusedError(
            f"the schedule was changed by hand and is not {action}",
            where=found.place,
            cause="its text is not the one that was installed",
            state="nothing was touched",
            hint="look at `lockgate backup schedule show`; to go on all the same add --force",
        )


def _installed(kind: str, place: str, head: str, body: str) -> Installed:
    match = _HEAD.fullmatch(head)
    if match is None:
        return Installed(kind=kind, place=place, when="", since="", text=body, is_edited=True)
    return Installed(
        kind=kind,
        place=place,
        when=match["when"],
        since=match["since"],
        text=body,
        is_edited=_hash(body) != match["hash"],
    )


def _split(table: bytes, name: str) -> tuple[bytes, bytes, bytes]:
    """Return what is before our block, the block, what is after it."""
    lines = table.splitlines(keepends=True)
    starts = [n for n, line in enumerate(lines) if line.startswith(f"# >>> {name}: ".encode())]
    ends = [n for n, line in enumerate(lines) if line.rstrip() == f"# <<< {name}".encode()]
    if not starts and not ends:
        return table, b"", b""
    if not starts or not ends or ends[0] < starts[0] or (len(starts) > 1 and starts[1] < ends[0]):
        raise RefusedError(
            "our entry in the crontab was torn apart",
            where=f"between `# >>> {name}` and `# <<< {name}`",
            cause="one of its two marks is gone or out of place",
            state="nothing was touched",
            hint="remove what is left of it by hand with `crontab -e`, then repeat the command",
        )
    first, last = starts[0], ends[0] + 1
    return b"".join(lines[:first]), b"".join(lines[first:last]), b"".join(lines[last:])


def _unit(job: Job, since: str, lines: list[str]) -> str:
    body = "\n".join(lines) + "\n"
    if any(ord(char) < 32 and char != "\n" for char in body) or body.count("\n") != len(lines):
        raise _cannot(job, "a name or path in the command holds a line break")
    return f"{mark(job.name, str(job.when), since, body)}\n{body}"


def _specifier(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_specifier(escaped)}"'


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _cannot(job: Job, cause: str) -> ConfigError:
    return ConfigError(
        f"the backups of {job.target} cannot be scheduled like this", cause=cause, state="nothing was installed"
    )
