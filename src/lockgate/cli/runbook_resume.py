"""``lockgate runbook resume``: go on with a run that was stopped, killed, or waited."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from lockgate.cli.confirm import confirm_write, refuse_agent
from lockgate.cli.face import Face, make_command
from lockgate.errors import ConfigError, StalePlan


@make_command("resume", "Go on with a run that was stopped or killed, or that waited.", has_scratch=True)
@click.argument("run_id", metavar="[RUN]", default="latest")
@click.option("--phase", metavar="ID", default="", help="Run only this phase; what it needs must have ended.")
@click.option("--until", metavar="ID", default="", help="Stop after this task, gate or phase.")
@click.option("--from", "start_from", metavar="ID", default="", help="Begin here; earlier gates need a waiver.")
@click.option("--wait/--no-wait", default=None, help="Wait here for people and windows (default: at a terminal).")
@click.option("--bake", metavar="TIME", default="", help="How long monitors stay armed after the last task.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
def command(
    face: Face,
    run_id: str,
    phase: str,
    until: str,
    start_from: str,
    wait: bool | None,
    bake: str,
    yes: bool,
    confirm: str | None,
) -> int:
    """What ran is not run again: finished tasks are verified, one that was cut short is looked up, the rest runs. The
    runbook is the one the run began with, whatever became of its file."""
    from lockgate.cli import runbook_engine
    from lockgate.cli.runbook_admission import require_approvals, waivers_now
    from lockgate.runbook.runs import find_folder, open_run, taken_back_by

    folder = find_folder(face.settings.state_dir, run_id)
    known = open_run(folder)
    lock, target = known.lock, face.target
    if lock.target and lock.target != target.name:
        raise ConfigError(
            f"the run {known.id} is on {lock.target}, not on {target.name}",
            where="--target",
            state="nothing was touched",
            hint=f"lockgate runbook resume {known.id} --target {lock.target}",
        )
    back = taken_back_by(folder)
    if back:
        raise StalePlan(
            f"the run {known.id} was taken back",
            where=f"run {back}",
            cause="what its journal calls done is not so any more",
            state="nothing was touched",
            hint="begin another run: lockgate runbook run RUNBOOK --again --reason …",
        )
    if not known.state.status.is_over:
        refuse_agent(target, "resume a runbook")
        require_approvals(face, lock, datetime.now(UTC))
        confirm_write(target, f"resume {known.id}", yes, confirm)
    face.talk.say(f"resuming {known.id} ({known.state.status.value})")
    return runbook_engine.carry_out(
        face,
        lock,
        folder,
        {
            "only_phase": phase,
            "until": until,
            "start_from": start_from,
            "bake": bake,
            "is_waiting": runbook_engine.is_waiting(wait),
            "waivers": lambda: waivers_now(face, lock),
        },
    )
