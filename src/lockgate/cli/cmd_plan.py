"""``lockgate plan``: write the staged plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lockgate.cli.confirm import has_terminal
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import (
    cache_folder,
    check_engine,
    desired_option,
    engine_option,
    scratch_options,
)
from lockgate.plan.estimate import DEFAULT_MAX_BLOCK_MS


@make_command("plan", "Write the staged plan that leads from the live to the desired schema.", has_scratch=True)
@click.option("-o", "--output", metavar="FILE", help="Where the plan goes (default .lockgate/plans/<id>.json).")
@click.option("--allow", multiple=True, metavar="HAZARD", help="Allow a hazard by name, or all. Repeatable.")
@click.option("--rename", "renames", multiple=True, metavar="OLD:NEW", help="A table, or table.column. Repeatable.")
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="[TABLE=]NAME",
    help="How tables are changed: auto, plain, online, column-pair, table-pair, pt-osc. Repeatable.",
)
@click.option(
    "--max-block",
    "max_block_ms",
    type=click.IntRange(min=0),
    default=DEFAULT_MAX_BLOCK_MS,
    show_default=True,
    metavar="MS",
    help="A table is changed online where plain DDL would keep others waiting longer.",
)
@click.option("--allow-unmanaged", is_flag=True, help="Plan although the database holds what Lockgate cannot read.")
@desired_option
@engine_option
def command(
    face: Face,
    desired: str | None,
    engine_name: str | None,
    output: str | None,
    allow: tuple[str, ...],
    renames: tuple[str, ...],
    strategies: tuple[str, ...],
    max_block_ms: int,
    allow_unmanaged: bool,
) -> int:
    """The database is only read. The plan is proven on a scratch copy before it is written: forward it must lead to the
    desired schema, backward to the live one. An empty plan is a result: applying it does nothing."""
    check_engine(face, engine_name)
    target = face.target
    face.talk.say(f"planning for {target.target.display}")
    spec = face.desired(desired)
    from lockgate.cli.acceptances import load_acceptances, today
    from lockgate.model.plan import encode_plan
    from lockgate.report.plan import summarize_plan
    from lockgate.workflow.make_plan import PlanOptions, make_plan
    from lockgate.workflow.plan_file import write_plan_file

    options = PlanOptions(
        allow=allow,
        renames=renames,
        is_unmanaged_allowed=allow_unmanaged,
        ask_renames=_ask_renames if has_terminal() else None,
        scratch=scratch_options(face),
        cache=cache_folder(face),
        acceptances=load_acceptances(face),
        today=today(),
        strategies=strategies,
        max_block_ms=max_block_ms,
    )
    result = make_plan(face.engine, target.target, spec, options)
    for note in result.notes:
        face.talk.say(f"note: {note}")
    data = encode_plan(result.plan)
    if output == "-":
        click.echo(data.decode(), nl=False)
        return 0
    path = Path(output) if output else face.settings.state_dir / "plans" / f"{result.plan.id}.json"
    write_plan_file(path, data)
    if face.output_format == "json":
        click.echo(data.decode(), nl=False)
    else:
        face.show(summarize_plan(result.plan, str(path)))
    return 0


def _ask_renames(questions: tuple[tuple[str, str], ...]) -> Sequence[str]:
    """Ask for each pair whether it is a renaming; a table or column is asked about until one answer is yes."""
    hints: list[str] = []
    taken: set[str] = set()
    for old, new in questions:
        place = f"{old.rpartition('.')[0]}.{new}"
        if old in taken or place in taken:
            continue
        if click.confirm(f"Was {old} renamed to {new}? (no: it is parked, and {new} starts empty)", err=True):
            hints.append(f"{old}:{new}")
            taken |= {old, place}
    return hints
