"""``lockgate runbook new``: write a starter runbook."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.face import Face, make_command


@make_command("new", "Write a starter runbook that runs as it is.", is_target_configured=False)
@click.option(
    "--template", default="staged-sync", metavar="NAME", help="staged-sync (six phases), minimal, expand-contract."
)
@click.option(
    "--app-url", default="", metavar="URL", help="The application's health address: checks and a monitor of it."
)
@click.option("--log", default="", metavar="FILE", help="The application's log: a check and a monitor of it.")
@click.option(
    "--watch",
    type=click.Choice(["database", "server"]),
    help="Monitors of the target itself: that it answers; of a server also locks and connections.",
)
@click.option("--channel", default="", metavar="NAME", help="A channel of [notify]: messages before, during and after.")
@click.option("--approver", "approvers", multiple=True, metavar="ROLE", help="A role that must approve; repeatable.")
@click.option("--plan", "plan_file", default="plan.json", metavar="FILE", help="The plan's file.")
@click.option("-o", "--output", metavar="FILE", help="Write it here instead of to standard output.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
def command(
    face: Face,
    template: str,
    app_url: str,
    log: str,
    watch: str | None,
    channel: str,
    approvers: tuple[str, ...],
    plan_file: str,
    output: str | None,
    overwrite: bool,
) -> int:
    """The file is lint-free and needs no editing; with --target it is for that target alone, else for the one that
    lockgate.toml names. Parts that need something of yours (an address, a log, a channel, roles) are in it only when
    you name them."""
    from lockgate.runbook.templates.new import Wish, left_out, make_runbook

    wish = Wish(
        template=template,
        file=output or "runbook.yaml",
        target=face.settings.target.name if face.settings.target else "",
        app_url=app_url,
        log=log,
        channel=channel,
        watch=watch or "",
        approvers=approvers,
        plan=plan_file,
    )
    text = make_runbook(wish)
    for option in left_out(wish):
        face.talk.say(f"note: the template {template} has no part for {option}; it is not in the runbook")
    if output is None:
        if face.output_format == "json":
            face.show_json({"format_version": 1, "template": template, "file": "", "runbook": text})
        else:
            face.show(text)
        return 0
    _write(Path(output), text, is_overwritten=overwrite)
    if face.output_format == "json":
        face.show_json({"format_version": 1, "template": template, "file": output, "runbook": text})
    else:
        face.show(f"wrote {output}: template {template}; next: lockgate runbook lint {output}")
    return 0


def _write(path: Path, text: str, *, is_overwritten: bool) -> None:
    from lockgate.errors import InputError

    try:
        with path.open("w" if is_overwritten else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(
            f"{path} is there already", state="nothing was written", hint="add --overwrite to replace it"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be written", cause=error.strerror or str(error), state="nothing was written"
        ) from None
