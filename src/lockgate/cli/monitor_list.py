"""``lockgate monitor list``: the monitors and their rules in words; asks nothing."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("list", "Show the monitors and when each of them breaks.")
@click.argument("words", nargs=-1, metavar="[RUNBOOK] [NAME]…")
def command(face: Face, words: tuple[str, ...]) -> int:
    """Of a runbook, else those under [monitors] in lockgate.toml. Nothing is asked."""
    import msgspec

    from lockgate.cli.monitors import choose_monitors
    from lockgate.monitor.build import check_monitor
    from lockgate.monitor.source import rule_for
    from lockgate.monitor.words import describe_rule

    chosen = choose_monitors(face, words)
    rows = []
    for monitor in chosen.monitors:
        check_monitor(monitor)
        rule = rule_for(monitor)
        rows.append(
            {**msgspec.to_builtins(monitor), "rule": msgspec.to_builtins(rule), "breaks_when": describe_rule(rule)}
        )
    if face.output_format == "json":
        face.show_json({"format_version": 1, "monitors": rows})
        return 0
    lines = []
    for monitor, row in zip(chosen.monitors, rows, strict=True):
        what = monitor.query or monitor.bad
        lines.append(f"{monitor.name}: {monitor.source}{f' {what}' if what else ''}")
        lines.append(f"  breaks when {row['breaks_when']}")
        lines.append(f"  then: {monitor.action}; without data it holds after {monitor.silence}")
    face.show("\n".join(lines))
    return 0
