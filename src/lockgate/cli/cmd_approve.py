"""``lockgate approve``: record who approved which plan; opens no database and runs nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from lockgate.cli.confirm import detect_agent, has_terminal
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import read_plan_file
from lockgate.errors import ConfigError, Interrupted, RefusedError


@make_command("approve", "Record who approved which plan or runbook; never runs anything.")
@click.argument("plan_file", metavar="FILE")
@click.option("--role", default="", help="For a runbook: the role you approve in.")
@click.option("--note", default="", help="Why, or under which conditions.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(face: Face, plan_file: str, role: str, note: str, yes: bool) -> int:
    """The approval is bound to the plan's digest: an edited plan is not approved any more. A protected target is only
    written to with an approved plan. A coding agent cannot approve. A runbook (YAML) is approved as by
    `runbook approve`."""
    import os

    if plan_file.endswith((".yaml", ".yml")):
        return _approve_runbook(face, plan_file, role, note, yes)
    if role:
        raise ConfigError("a plan is approved without a role", where="--role", state="nothing was recorded")
    plan = read_plan_file(plan_file)
    agent = detect_agent(os.environ)
    target = face.settings.target
    if agent and (target is None or target.is_protected):
        raise RefusedError(
            "a coding agent may not approve a plan",
            where=plan_file,
            cause=f"{agent} is set in the environment",
            state="nothing was recorded",
            hint=f"ask a person to run: lockgate approve {plan_file}",
        )
    from lockgate.cli.approval import record_approval
    from lockgate.cli.result import document_of
    from lockgate.report.plan import stage_line

    if not yes:
        for stage in plan.stages:
            face.talk.say(stage_line(stage))
        if not has_terminal():
            raise ConfigError(
                "approving needs an answer and there is no terminal to ask on",
                where=plan_file,
                cause="--yes was not given",
                state="nothing was recorded",
                hint="repeat the command with --yes",
            )
        if not click.confirm(f"approve {plan.id} (digest {plan.digest[:12]}) for {plan.target}?", err=True):
            raise Interrupted("you answered no", where=plan_file, state="nothing was recorded")
    approval, path = record_approval(plan, plan_file, face.settings.state_dir, note, datetime.now(UTC))
    if face.output_format == "json":
        face.show_json({**document_of(approval), "file": str(path)})
    else:
        face.show(
            f"approved {plan.id} for {plan.target} by {approval.approved_by} at {approval.approved_at}\n"
            f"digest: {plan.digest}\nrecorded in: {path}\nnext: lockgate apply {plan_file}"
        )
    return 0


def _approve_runbook(face: Face, file: str, role: str, note: str, is_yes: bool) -> int:
    from lockgate.cli.desk import open_desk, refuse_agents
    from lockgate.cli.runbook_approve import approve_runbook

    refuse_agents("approve")
    return approve_runbook(face, open_desk(face), file, role=role, comment=note, is_yes=is_yes)
