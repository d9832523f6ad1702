"""Make a starter runbook from a template: the parts that were asked for, with names and addresses put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from lockgate.errors import InputError

TEMPLATES = ("staged-sync", "minimal", "expand-contract")
_CONDITION = re.compile(r"^\s*#(if|else|end)\b\s*(.*)$", re.MULTILINE)
_BLANK = re.compile(r"@@([A-Z_]+)@@")


@dataclass(frozen=True)
class Wish:
    """What a starter runbook is to have; what is empty is left out. ``file`` is the name it gets.

    ``watch`` has the target itself watched: that a ``database`` answers, of a ``server`` also locks and connections.
    """

    template: str = "staged-sync"
    file: str = "runbook.yaml"
    target: str = ""
    app_url: str = ""
    log: str = ""
    channel: str = ""
    approvers: tuple[str, ...] = ()
    plan: str = "plan.json"
    docs: str = "runbook-reports"
    watch: str = ""


def make_runbook(wish: Wish) -> str:
    """Return the text of a starter runbook.

    Raises:
        InputError: There is no such template, or a value cannot stand in YAML.
    """
    if wish.template not in TEMPLATES:
        raise InputError(
            f"there is no template {wish.template!r}",
            cause=f"there are {', '.join(TEMPLATES)}",
            state="nothing was written",
            hint="lockgate runbook new --template staged-sync -o runbook.yaml",
        )
    values = {
        "FILE": wish.file,
        "NAME": re.sub(r"[^a-z0-9]+", "-", f"{wish.target} {wish.template}".lower()).strip("-"),
        "OF_TARGET": f" of {wish.target}" if wish.target else "",
        "TARGET": wish.target,
        "APP_URL": wish.app_url,
        "LOG": wish.log,
        "CHANNEL": wish.channel,
        "APPROVERS": ", ".join(wish.approvers),
        "QUORUM": str(min(2, len(wish.approvers))),
        "PLAN": wish.plan,
        "DOCS": wish.docs,
    }
    for name, value in values.items():
        if re.search(r"[\"\\\n\r]", value):
            raise InputError(
                f"{name.lower()}: {value!r} has a quote, a backslash or a line break", state="nothing was written"
            )
    kept = _keep(_text_of(wish.template), _asked(wish))
    return _BLANK.sub(lambda match: values[match.group(1)], kept)


def left_out(wish: Wish) -> tuple[str, ...]:
    """Return the options that were given and that the template has no part for."""
    known = {name.strip() for line in _CONDITION.findall(_text_of(wish.template)) for name in line[1].split(" or ")}
    names = {"app": "--app-url", "log": "--log", "watch": "--watch", "channel": "--channel", "approvers": "--approver"}
    return tuple(option for name, option in names.items() if _asked(wish)[name] and name not in known)


def _asked(wish: Wish) -> dict[str, str]:
    return {
        "target": wish.target,
        "app": wish.app_url,
        "log": wish.log,
        "channel": wish.channel,
        "watch": wish.watch,
        "server": wish.watch if wish.watch == "server" else "",
        "approvers": "x" if wish.approvers else "",
    }


def _text_of(template: str) -> str:
    return files(__package__).joinpath(f"{template}.yaml").read_text(encoding="utf-8")


def _keep(text: str, asked: Mapping[str, str]) -> str:
    """Return the lines whose conditions (``#if a or b``, ``#else``, ``#end``) hold."""
    lines, open_ones = [], [True]
    for line in text.splitlines():
        match = _CONDITION.match(line)
        if match is None:
            lines += [line] if all(open_ones) else []
        elif match.group(1) == "if":
            open_ones.append(any(asked[name.strip()] for name in match.group(2).split(" or ")))
        elif match.group(1) == "else":
            open_ones[-1] = not open_ones[-1]
        else:
            open_ones.pop()
    return "\n".join(lines) + "\n"
