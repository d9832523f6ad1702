"""The ladder of danger: what must be answered before a write, and what a coding agent may not do."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace

import click

from lockgate.config import TargetSettings
from lockgate.errors import ConfigError, Interrupted, RefusedError

# Variables that coding agents set in the shells they drive; documented in docs/reference/cli.md. A person's terminal
# inside the same product does not set them.
AGENT_VARIABLES = (
    "CLAUDECODE",
    "CLAUDE_CODE",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "CODEX_SANDBOX",
    "CODEX_CI",
    "OPENCODE",
    "CLINE_ACTIVE",
    "AUGMENT_AGENT",
    "GOOSE_TERMINAL",
    "AMP_CURRENT_THREAD_ID",
    "COPILOT_AGENT",
    "AI_AGENT",
    "LOCKGATE_AGENT",
)


def detect_agent(environ: Mapping[str, str]) -> str:
    """Return the variable that gives a coding agent away, or an empty text."""
    return next((name for name in AGENT_VARIABLES if environ.get(name, "").lower() not in ("", "0", "false")), "")


def refuse_agent(target: TargetSettings, action: str) -> None:
    """Refuse a coding agent on a protected target.

    Raises:
        RefusedError: An agent is detected and the target is protected.
    """
    agent = detect_agent(os.environ)
    if agent and target.is_protected:
        raise RefusedError(
            f"a coding agent may not {action} on the protected target {target.name}",
            where=target.target.display,
            cause=f"{agent} is set in the environment",
            state="nothing was touched",
            hint=f"ask a person to run this command in their own terminal with --confirm {target.name}",
        )


def confirm_loss(target: TargetSettings, action: str, confirm: str | None) -> None:
    """Ask for the target's name before what people would miss; a coding agent is refused on every target.

    Raises:
        RefusedError: A coding agent asks.
        ConfigError: The name is missing and there is no terminal, or it is another one.
    """
    refuse_agent(replace(target, is_protected=True), action)
    confirm_by_name(target, action, confirm)


def confirm_write(target: TargetSettings, action: str, is_yes: bool, confirm: str | None) -> None:
    """Ask before a write: y/N (``--yes``), on a protected target its name typed (``--confirm NAME``).

    Raises:
        ConfigError: The answer is missing and there is no terminal, or the name is another target's.
        Interrupted: The answer was no.
    """
    if target.is_protected:
        confirm_by_name(target, action, confirm)
        return
    if confirm is not None:
        _check_name(target, confirm)
        return
    if is_yes:
        return
    if not has_terminal():
        raise _missing_answer(target, action, "--yes")
    if not click.confirm(f"{action} on {target.target.display}?", default=False, err=True):
        raise Interrupted("you answered no", where=target.target.display, state="nothing was touched")


def confirm_by_name(target: TargetSettings, action: str, confirm: str | None) -> None:
    """Ask for the target's name before what cannot simply be repeated; ``--yes`` does not cover this.

    Raises:
        RefusedError: A coding agent asks, and the target is protected.
        ConfigError: The name is missing and there is no terminal, or it is another one.
    """
    refuse_agent(target, action)
    if confirm is None:
        if not has_terminal():
            raise _missing_answer(target, action, f"--confirm {target.name}")
        confirm = str(click.prompt(f"{action} on {target.target.display}: type {target.name} to go on", err=True))
    _check_name(target, confirm)


def has_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _check_name(target: TargetSettings, confirm: str) -> None:
    if confirm != target.name:
        raise ConfigError(
            f"--confirm says {confirm!r}, but the target is {target.name!r}",
            where=target.target.display,
            cause="the two must be equal, so that nobody hits the wrong database",
            state="nothing was touched",
            hint=f"if you mean this target: --confirm {target.name}",
        )


def _missing_answer(target: TargetSettings, action: str, flag: str) -> ConfigError:
    return ConfigError(
        f"{action} needs a confirmation and there is no terminal to ask on",
        where=target.target.display,
        cause=f"{flag} was not given",
        state="nothing was touched",
        hint=f"repeat the command with {flag}",
    )
