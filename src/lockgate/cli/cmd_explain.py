"""``lockgate explain``: print the page of a finding's code."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command
from lockgate.errors import InputError


@make_command("explain", "Print what a finding's code means and what to do about it.", is_target_configured=False)
@click.argument("code", required=False)
def command(face: Face, code: str | None) -> int:
    """Without CODE all rules are listed."""
    from lockgate.workflow.rules import find_rule, list_rules

    if code is None:
        rules = list_rules()
        if face.output_format == "json":
            face.show_json({"format_version": 1, "rules": [_document(rule) for rule in rules]})
        else:
            face.show("\n".join(f"{rule.code:40} {rule.severity.value:8} {rule.title}" for rule in rules))
        return 0
    rule = find_rule(code)
    if rule is None:
        import difflib

        near = difflib.get_close_matches(code, [r.code for r in list_rules()], 3)
        raise InputError(
            f"there is no rule {code!r}",
            cause=f"similar are {', '.join(near)}" if near else "",
            state="nothing was touched",
            hint="`lockgate explain` lists all",
        )
    if face.output_format == "json":
        face.show_json({"format_version": 1, "rule": _document(rule)})
    else:
        from lockgate.report.rule import rule_markdown

        face.show(rule_markdown(rule))
    return 0


def _document(rule: object) -> object:
    from lockgate.cli.result import plain_of

    return plain_of(rule)
