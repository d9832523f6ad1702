"""``lockgate inspect``: show a schema as text, JSON, SQL, or a diagram of tables and foreign keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import scratch_options
from lockgate.cli.result import write_result
from lockgate.errors import ConfigError

if TYPE_CHECKING:
    from lockgate.model.schema import Key
    from lockgate.workflow.inspect_schema import Inspected

_DRAWN = ("mermaid", "svg")


@make_command(
    "inspect",
    "Show a schema as text, json, sql, or a mermaid or svg diagram.",
    ("text", "json", "sql", "mermaid", "svg"),
    has_scratch=True,
)
@click.argument("spec", metavar="[SPEC]", required=False)
@click.option("-o", "--output", metavar="FILE", help="Write it to a file; JSON can be read again as snapshot:FILE.")
@click.option("--around", multiple=True, metavar="TABLE", help="Draw only this table and its neighbours. Repeatable.")
@click.option("--changed-from", metavar="SPEC", help="Draw only what differs from this schema, and its neighbours.")
@click.option("--depth", type=click.IntRange(0, 9), default=1, help="How many foreign keys away (default 1).")
def command(
    face: Face, spec: str | None, output: str | None, around: tuple[str, ...], changed_from: str | None, depth: int
) -> int:
    """SPEC is a database URL, SQL files or a folder of them, snapshot:FILE, drizzle:FILE and so on; without it the
    target is shown. --around and --changed-from make a diagram smaller; a changed table says so in its head."""
    if (around or changed_from) and face.output_format not in _DRAWN:
        raise ConfigError(
            "--around and --changed-from are for diagrams",
            where="--format",
            cause=f"the format is {face.output_format}",
            state="nothing was touched",
            hint="add --format svg or --format mermaid",
        )
    face.talk.say(f"reading {spec or face.target.target.display}")
    result = _read(face, spec)
    notes: dict[Key, str] = {}
    if around or changed_from:
        result, notes = _narrow(face, result, around, changed_from, depth)
    text = _render(result, face.output_format, spec or face.target.target.display, notes)
    if output:
        write_result(Path(output), text)
        face.talk.say(f"wrote {output}")
    else:
        face.show(text)
    return 0


def _read(face: Face, spec: str | None) -> Inspected:
    from lockgate.workflow.inspect_schema import inspect_spec, inspect_target

    if not spec:
        return inspect_target(face.target.target)
    target = face.settings.target
    wanted = face.spec(spec, "SPEC")
    return inspect_spec(wanted, target=target.target if target else None, scratch=scratch_options(face))


def _narrow(
    face: Face, result: Inspected, around: tuple[str, ...], changed_from: str | None, depth: int
) -> tuple[Inspected, dict[Key, str]]:
    from lockgate.model.neighbours import find_tables, keep_neighbourhood

    schema, notes = result.schema, {}
    if changed_from:
        from lockgate.diff.touched import join_schemas, touched_tables

        before = _read(face, changed_from).schema
        notes = touched_tables(before, schema)
        schema = join_schemas(before, schema)
    centre = find_tables(schema, around) | notes.keys()
    return replace(result, schema=keep_neighbourhood(schema, centre, depth)), notes


def _render(result: Inspected, output_format: str, title: str, notes: dict[Key, str]) -> str:
    from lockgate.report import schema as views

    match output_format:
        case "json":
            from lockgate.model.codec import encode_pretty
            from lockgate.source.snapshot import build_snapshot

            return encode_pretty(build_snapshot(result.schema, result.server)).decode()
        case "sql":
            return ";\n\n".join(result.engine.render_schema(result.schema, result.server)) + ";\n"
        case "mermaid":
            return views.schema_mermaid(result.schema, notes)
        case "svg":
            from lockgate.report.svg import schema_svg

            return schema_svg(result.schema, title, notes)
    return views.schema_text(result.schema, result.server)
