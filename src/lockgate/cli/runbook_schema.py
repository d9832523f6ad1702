"""``lockgate runbook schema``: print the JSON Schema of runbooks."""

from __future__ import annotations

from lockgate.cli.face import Face, make_command


@make_command("schema", "Print the JSON Schema of runbooks, for editors and other tools.", is_target_configured=False)
def command(face: Face) -> int:
    """The same document is published as docs/reference/runbook.schema.json. An editor takes it from a first line
    `# yaml-language-server: $schema=FILE`."""
    from lockgate.runbook.schema import runbook_schema

    face.show_json(runbook_schema())
    return 0
