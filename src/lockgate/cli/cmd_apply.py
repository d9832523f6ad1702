"""``lockgate apply``: apply exactly the plan that was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.confirm import confirm_write, refuse_agent
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import read_plan_file, scratch_options
from lockgate.cli.read_patience import patience_options
from lockgate.errors import ConfigError, LockgateError

if TYPE_CHECKING:
    from lockgate.execute.retry import Patience
    from lockgate.workflow.back_up_stages import StageBackups


@make_command("apply", "Apply exactly the plan that was shown, stage by stage.", has_scratch=True)
@patience_options
@click.argument("plan_file", metavar="PLAN")
@click.option("--dry-run", is_flag=True, help="Connect read-only, run the pre-checks, print the SQL; change nothing.")
@click.option("--stage", type=click.IntRange(1, 3), help="Stop after this stage; a later run goes on from there.")
@click.option("--yes", is_flag=True, help="Do not ask (not enough for a protected target).")
@click.option("--confirm", metavar="NAME", help="The target's name: needed for a protected target.")
@click.option("--keep-going", is_flag=True, help="On an error leave the steps that are done, instead of rolling back.")
@click.option(
    "--on-error", type=click.Choice(["run", "stage", "stop"]), default=None, help="What an error undoes (default run)."
)
@click.option("--no-checkpoint", is_flag=True, help="Count no rows at checkpoints; needs --reason.")
@click.option(
    "--backup",
    type=click.Choice(["full", "tables", "off"]),
    help="Take and prove a backup first (full when protected).",
)
@click.option("--reason", default="", help="Why; kept in the journal.")
@click.option("--other-target", is_flag=True, help="The plan was made on another database of the same schema.")
def command(
    face: Face,
    plan_file: str,
    dry_run: bool,
    stage: int | None,
    yes: bool,
    confirm: str | None,
    keep_going: bool,
    on_error: str | None,
    no_checkpoint: bool,
    backup: str | None,
    reason: str,
    other_target: bool,
    patience: Patience,
) -> int:
    """A plan runs once, on the schema it was made for. Every step is verified; on an error everything is rolled back to
    where it was. Rows and values are parked, not dropped, until `lockgate finalize`."""
    target = face.target
    plan = read_plan_file(plan_file)
    if no_checkpoint and not reason:
        raise ConfigError(
            "--no-checkpoint needs a --reason",
            where="lockgate apply",
            cause="a run without row counts is a deviation that must be explained",
            state="nothing was touched",
            hint='add --reason "…"',
        )
    if backup == "off" and target.is_protected and not reason:
        raise ConfigError(
            "--backup off needs a --reason on a protected target",
            where="lockgate apply",
            cause="a change without a proven backup is a deviation that must be explained",
            state="nothing was touched",
            hint='add --reason "…"',
        )
    if keep_going and on_error not in (None, "stop"):
        raise ConfigError(
            "--keep-going and --on-error contradict each other",
            where="lockgate apply",
            cause="--keep-going means --on-error stop",
            state="nothing was touched",
            hint="give one of them",
        )
    if not dry_run and not plan.is_empty:
        if target.is_protected:
            from lockgate.cli.approval import require_approval

            refuse_agent(target, "apply a plan")
            approval = require_approval(target, plan, plan_file, face.settings.state_dir)
            face.talk.say(f"approved by {approval.approved_by} at {approval.approved_at}")
            from lockgate.cli.rehearsal import require_rehearsal

            face.talk.say(require_rehearsal(target, plan, plan_file, face.settings.state_dir))
        confirm_write(target, f"apply {plan.id}", yes, confirm)
    face.talk.say(f"{'dry run of' if dry_run else 'applying'} {plan.id} on {target.target.display}")
    from lockgate.cli.evidence import write_failure_report, write_run_report
    from lockgate.cli.progress import Progress
    from lockgate.cli.result import show_run
    from lockgate.workflow.apply_plan import apply_plan
    from lockgate.workflow.options import ApplyOptions

    options = ApplyOptions(
        is_dry_run=dry_run,
        stage=stage or 0,
        on_error="stop" if keep_going else on_error or "run",
        is_other_target_allowed=other_target,
        is_checkpoint_skipped=no_checkpoint,
        reason=reason,
        patience=patience,
        scratch=scratch_options(face),
        back_up=None if dry_run or plan.is_empty else _stage_backups(face, backup),
    )
    estimates = tuple(step.estimate_s for step in plan.steps)
    progress = Progress(face.talk, None if dry_run else face.settings.state_dir, estimates)
    try:
        result = apply_plan(face.engine, target.target, plan, options, progress)
    except LockgateError as error:
        write_failure_report(progress, face.talk, target.name, error)
        raise
    finally:
        progress.close()
    write_run_report(progress, face.talk, result)
    show_run(face, result)
    return 0


def _stage_backups(face: Face, wanted: str | None) -> StageBackups | None:
    """Return what takes backups before stages; None when none is wanted."""
    from lockgate.workflow.back_up_stages import OFF, StageBackups, choose_policy

    target = face.target
    policy = choose_policy(wanted or "", target.backup.before_change, target.is_protected)
    if policy == OFF:
        return None
    from lockgate.cli.backups import open_repository, read_identities

    return StageBackups(
        engine=face.engine,
        target=target.target,
        name=target.name,
        repository=open_repository(face),
        settings=target.backup,
        policy=policy,
        identities=read_identities(face, None),
        tell=face.talk.say,
    )
