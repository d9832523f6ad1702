"""``lockgate inspect``: show a schema as text, JSON, SQL or a mermaid diagram."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import scratch_options

if TYPE_CHECKING:
    from lockgate.workflow.inspect_schema import Inspected


@make_command(
    "inspect",
    "Show a schema as text, json, sql or a mermaid diagram.",
    ("text", "json", "sql", "mermaid"),
    has_scratch=True,
)
@click.argument("spec", metavar="[SPEC]", required=False)
@click.option("-o", "--output", metavar="FILE", help="Write it to a file; JSON can be read again as snapshot:FILE.")
def command(face: Face, spec: str | None, output: str | None) -> int:
    """SPEC is a database URL, SQL files or a folder of them, or snapshot:FILE; without it the target is shown."""
    target = face.settings.target
    face.talk.say(f"reading {spec or face.target.target.display}")
    if spec:
        from lockgate.workflow.inspect_schema import inspect_spec

        wanted = face.spec(spec, "SPEC")
        result = inspect_spec(wanted, target=target.target if target else None, scratch=scratch_options(face))
    else:
        from lockgate.workflow.inspect_schema import inspect_target

        result = inspect_target(face.target.target)
    text = _render(result, face.output_format)
    if output:
        Path(output).write_text(text, encoding="utf-8")
        face.talk.say(f"wrote {output}")
    else:
        face.show(text)
    return 0


def _render(result: Inspected, output_format: str) -> str:
    from lockgate.report import schema as views

    match output_format:
        case "json":
            from lockgate.model.codec import encode_pretty
            from lockgate.source.snapshot import build_snapshot

            return encode_pretty(build_snapshot(result.schema, result.server)).decode()
        case "sql":
            return ";\n\n".join(result.engine.render_schema(result.schema, result.server)) + ";\n"
        case "mermaid":
            return views.schema_mermaid(result.schema)
    return views.schema_text(result.schema, result.server)
