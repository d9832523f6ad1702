"""The values of a runbook: ``${name}`` put in place at use, secrets read at use and masked; nothing is evaluated.

Commands are not written into: bash finds ``${name}`` in its environment, so that a value is never read as a command
and a secret never stands among the arguments of a process. ``$${name}`` stays ``${name}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lockgate.errors import ConfigError
from lockgate.model.actions import Sh
from lockgate.model.runbook import Runbook, Variable
from lockgate.outside.redact import add_secret
from lockgate.outside.shell import KEPT_VARIABLES

S = TypeVar("S", bound=msgspec.Struct)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USE = re.compile(r"(\$?)\$\{(?:secret:)?([A-Za-z_][A-Za-z0-9_]*)\}")
_IN_COMMAND = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_DANGEROUS = re.compile(r"(LD_|DYLD_|BASH|PYTHON|GIT_)|(ENV|IFS|SHELLOPTS|PS4|PROMPT_COMMAND)$")
_COMMANDS = ("command",)
_KEPT_AS_IS = ("written", "commands", "proposed")


class Values(Mapping[str, str]):
    """A runbook's variables by name; a secret is read when it is asked for, and masked from then on."""

    def __init__(
        self, given: Mapping[str, Variable], chosen: Mapping[str, str], environ: Mapping[str, str], folder: Path
    ):
        """Take what the runbook declares and what the caller chose.

        Raises:
            ConfigError: A value is chosen for a name the runbook does not declare, or for a secret; a name is none.
        """
        self._given, self._chosen, self._environ, self._folder = given, dict(chosen), environ, folder
        for name in given:
            if not _NAME.fullmatch(name) or name in KEPT_VARIABLES or _DANGEROUS.match(name):
                raise _mistake(
                    f"the variable name {name!r} cannot be used", "letters, digits, _; not one of the shell's own"
                )
        for name in chosen:
            if name not in given:
                raise _mistake(f"the runbook has no variable {name}", f"it has: {', '.join(given) or 'none'}")
            if given[name].secret:
                raise _mistake(
                    f"{name} is a secret and is never given as an argument", f"it is read from {given[name].secret}"
                )

    def __getitem__(self, name: str) -> str:
        variable = self._given[name]
        if not variable.secret:
            return self._chosen.get(name, variable.default)
        value = self._read_secret(name, variable.secret)
        add_secret(value)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def check(self) -> None:
        """Read every secret once, so that a missing one is known before anything begins.

        Raises:
            ConfigError: One cannot be read.
        """
        for name in self:
            self[name]

    def _read_secret(self, name: str, source: str) -> str:
        kind, _, place = source.partition(":")
        if kind == "env":
            if not self._environ.get(place):
                raise _mistake(f"the secret {name} is not there", f"the environment variable {place} is not set")
            return self._environ[place]
        if kind == "file":
            try:
                return (self._folder / Path(place).expanduser()).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                cause = f"{place}: {getattr(error, 'strerror', '') or error}"
                raise _mistake(f"the secret {name} cannot be read", cause) from None
        raise _mistake(f"the secret {name} says {source!r}", "write env:NAME or file:PATH")


def fill(value: S, values: Mapping[str, str]) -> S:
    """Return an action or check with its variables in place; the text of commands stays as it is.

    Raises:
        ConfigError: It names a variable nobody declared.
    """
    plain = msgspec.to_builtins(value)
    filled = {key: item if key in (*_COMMANDS, *_KEPT_AS_IS) else _fill(item, values) for key, item in plain.items()}
    return value if filled == plain else msgspec.convert(filled, type(value), strict=False)


def named_in(command: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a command names: what its environment gets besides the allow-list."""
    return {name: values[name] for name in dict.fromkeys(_IN_COMMAND.findall(command)) if name in values}


def command_of(value: msgspec.Struct) -> str:
    """Return the command of an action or check, empty when it has none."""
    return str(getattr(value, "command", "")) if isinstance(value, Sh) or hasattr(value, "command") else ""


def check_names(runbook: Runbook, values: Mapping[str, str]) -> None:
    """Raise ConfigError when an action or check names a variable that nobody declared."""
    parts: list[tuple[str, msgspec.Struct]] = [("requires", check) for check in runbook.requires]
    for phase in runbook.phases:
        parts += [(f"phase {phase.id}", check) for check in phase.before]
        parts += [(f"gate {phase.gate.id}", check) for check in phase.gate.checks] if phase.gate else []
        for task in phase.tasks:
            things = (task.do, task.revert, *task.before, *task.verify)
            parts += [(f"task {task.id}", thing) for thing in things if thing is not None]
    known = dict.fromkeys(values, "0")
    for where, part in parts:
        plain = msgspec.to_builtins(part)
        for key, item in plain.items():
            if key not in (*_COMMANDS, *_KEPT_AS_IS):
                _fill(item, known, where)


def _fill(item: Any, values: Mapping[str, str], where: str = "") -> Any:
    if isinstance(item, str):
        return _USE.sub(lambda match: _value(match, values, where), item)
    if isinstance(item, list | tuple):
        return [_fill(part, values, where) for part in item]
    if isinstance(item, dict):
        return {key: _fill(part, values, where) for key, part in item.items()}
    return item


def _value(match: re.Match[str], values: Mapping[str, str], where: str) -> str:
    if match[1]:
        return match[0][1:]
    if match[2] not in values:
        raise _mistake(
            f"${{{match[2]}}} names no variable of the runbook",
            f"declare it under vars{f' ({where})' if where else ''}",
        )
    return values[match[2]]


def _mistake(what: str, cause: str) -> ConfigError:
    return ConfigError(what, where="vars of the runbook", cause=cause, state="nothing was touched")
