"""``lockgate runbook run``: run a runbook on a target, phase by phase, past no closed gate."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.actor import find_actor
from lockgate.cli.confirm import confirm_write, refuse_agent
from lockgate.cli.face import Face, make_command
from lockgate.errors import ConfigError, StalePlan

if TYPE_CHECKING:
    from lockgate.runbook.lock import Lock


@make_command("run", "Run a runbook: phases in order, nothing past a closed gate.", has_scratch=True)
@click.argument("runbook_file", metavar="RUNBOOK")
@click.option("--dry-run", is_flag=True, help="Each task says what it would do; nothing is written or sent.")
@click.option("--phase", metavar="ID", default="", help="Run only this phase; what it needs must have ended.")
@click.option("--until", metavar="ID", default="", help="Stop after this task, gate or phase; resume goes on.")
@click.option("--from", "start_from", metavar="ID", default="", help="Begin here; earlier gates need a waiver.")
@click.option(
    "--var", "variables", metavar="NAME=VALUE", multiple=True, help="A value of the runbook; part of its digest."
)
@click.option("--digest", metavar="HEX", default="", help="Run only if the runbook has this digest.")
@click.option("--wait/--no-wait", default=None, help="Wait here for people and windows (default: at a terminal).")
@click.option("--bake", metavar="TIME", default="", help="How long monitors stay armed after the last task.")
@click.option(
    "--no-verify", is_flag=True, help="Leave out the checks after tasks; needs --reason; never when protected."
)
@click.option("--outside-window", is_flag=True, help="Begin outside the window or in a freeze; needs --reason.")
@click.option("--again", is_flag=True, help="Begin another run of what was run here already; needs --reason.")
@click.option("--reason", default="", help="Why; kept in the journal as a deviation.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
def command(
    face: Face,
    runbook_file: str,
    dry_run: bool,
    phase: str,
    until: str,
    start_from: str,
    variables: tuple[str, ...],
    digest: str,
    wait: bool | None,
    bake: str,
    no_verify: bool,
    outside_window: bool,
    again: bool,
    reason: str,
    yes: bool,
    confirm: str | None,
) -> int:
    """What runs is the runbook as it is now, made fast under a digest; editing the file later changes nothing. Killed
    or stopped at any moment, `lockgate runbook resume` goes on from there."""
    from lockgate.cli import runbook_engine
    from lockgate.cli.runbook_admission import refuse_shut, refuse_used, require_approvals, waivers_now
    from lockgate.runbook.dry_runs import require_dry_run
    from lockgate.runbook.runs import new_run

    target, now = face.target, datetime.now(UTC)
    lock = make_lock(face, Path(runbook_file), variables)
    if digest and not lock.digest.startswith(digest):
        raise StalePlan(
            f"the runbook {runbook_file} is not the one with digest {digest[:12]}",
            where=runbook_file,
            cause=f"its digest is {lock.digest}",
            state="nothing was touched",
            hint="have it approved as it is now, or put the file back",
        )
    chosen: dict[str, Any] = {"only_phase": phase, "until": until, "start_from": start_from, "bake": bake}
    if dry_run:
        return _dry_run(face, lock, chosen)
    refuse_agent(target, "run a runbook")
    deviations = _deviations(face, no_verify=no_verify, outside_window=outside_window, again=again, reason=reason)
    if not again:
        refuse_used(face, lock)
    admitted = require_approvals(face, lock, now)
    if target.is_protected:
        require_dry_run(face.settings.state_dir, lock, now)
    is_waiting = runbook_engine.is_waiting(wait)
    if not outside_window and not is_waiting:
        refuse_shut(lock, now)
    confirm_write(target, f"run {lock.runbook.runbook}", yes, confirm)
    runbook_engine.make_values(lock)
    folder = new_run(face.settings.state_dir, lock, now=now, new_hex=lambda: secrets.token_hex(3))
    face.talk.say(f"run {folder.name} of {lock.runbook.runbook} on {target.target.display}, digest {lock.digest[:12]}")
    return runbook_engine.carry_out(
        face,
        lock,
        folder,
        {
            **chosen,
            "is_waiting": is_waiting,
            "is_verifying": not no_verify,
            "window_override": reason if outside_window else "",
            "deviations": deviations,
            "admitted": admitted,
            "started": {"commit": lock.runbook.commit, "actor_kind": find_actor(os.environ).kind},
            "waivers": lambda: waivers_now(face, lock),
        },
    )


def make_lock(face: Face, path: Path, variables: tuple[str, ...]) -> Lock:
    """Read a runbook and make it fast for the target; where none is configured, it has the same digest.

    Raises:
        SourceError, ConfigError: It cannot be read, or is for other targets.
    """
    from lockgate.runbook.load import load_runbook
    from lockgate.runbook.lock import compile_lock
    from lockgate.runbook.monitors import settle_monitors

    runbook = load_runbook(path).runbook
    name = face.settings.target.name if face.settings.target is not None else ""
    if name and runbook.targets and name not in runbook.targets:
        raise ConfigError(
            f"the runbook is not for the target {name}",
            where=str(path),
            cause=f"its targets are {', '.join(runbook.targets)}",
            state="nothing was touched",
            hint="choose one with --target, or add the name to targets",
        )
    runbook = settle_monitors(runbook, _configured_monitors(face))
    values = dict(_pair(text) for text in variables)
    return compile_lock(runbook, path.resolve().parent, values=values, target=name, source=str(path))


def _configured_monitors(face: Face) -> dict[str, Any]:
    from lockgate.monitor.settings import parse_monitors

    return dict(face.settings.part("monitors", parse_monitors))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(
            f"--var {text} has no value", where="--var", cause="write NAME=VALUE", state="nothing was touched"
        )
    return name, value


def _deviations(face: Face, *, reason: str, **flags: bool) -> tuple[tuple[str, str], ...]:
    """Return what the options deviate from, each with its reason.

    Raises:
        ConfigError: The reason is missing, or a check may not be left out here.
    """
    if flags["no_verify"] and face.target.is_protected:
        raise ConfigError(
            "--no-verify is not for a protected target", where=face.target.name, state="nothing was touched"
        )
    wanted = [f"--{name.replace('_', '-')}" for name, is_set in flags.items() if is_set]
    if wanted and not reason:
        raise ConfigError(
            f"{wanted[0]} needs a --reason",
            where="lockgate runbook run",
            cause="a deviation must be explained",
            state="nothing was touched",
            hint='add --reason "…"',
        )
    if wanted:
        from lockgate.cli.runbook_decide import refuse_any_agent

        refuse_any_agent(face, wanted[0])
    return tuple(("force", f"{name}: {reason}") for name in wanted)


def _dry_run(face: Face, lock: Lock, chosen: dict[str, Any]) -> int:
    """Let each task say what it would do, and keep on record that it was asked."""
    import tempfile

    import msgspec

    from lockgate.cli import runbook_engine
    from lockgate.cli.approval import current_actor
    from lockgate.runbook.dry_runs import DryRunRecord, write_dry_run
    from lockgate.runbook.engine.dry import dry_run

    with tempfile.TemporaryDirectory(prefix="lockgate-dry-run-") as place:
        folder = Path(place)
        with runbook_engine.open_stage(face, lock, folder, None, chosen) as stage:
            found = dry_run(lock, stage.world, folder, stage.options)
    refused = tuple(f"{item.task}: {item.text}" for item in found if not item.is_ok)
    is_whole = not chosen["only_phase"] and not chosen["until"]
    if is_whole:
        by = current_actor()
        record = DryRunRecord(lock.digest, lock.target, runbook_engine.stamp(), by, not refused, refused)
        write_dry_run(face.settings.state_dir, record)
    if face.output_format == "json":
        tasks = [msgspec.to_builtins(item) for item in found]
        face.show_json({"format_version": 1, "digest": lock.digest, "tasks": tasks, "refused": list(refused)})
        return 4 if refused else 0
    lines = [f"dry run of {lock.runbook.runbook} on {lock.target}, digest {lock.digest[:12]}; nothing was written"]
    for item in found:
        lines.append(f"  {item.task}  {item.title} [{item.kind}]{'' if item.is_ok else '  WOULD BE REFUSED'}")
        lines += [f"      {line}" for line in item.text.splitlines()]
        lines += [f"      then check {title}" for title in item.checks]
    face.show("\n".join(lines))
    return 4 if refused else 0
