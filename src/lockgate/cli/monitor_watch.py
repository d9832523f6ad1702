"""``lockgate monitor watch``: live decisions until Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.monitor.base import Decision, Reading


@make_command("watch", "Print what the monitors decide until Ctrl-C.")
@click.argument("words", nargs=-1, metavar="[RUNBOOK] [NAME]…")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="A variable of the runbook; repeatable.")
@click.option("--for", "length", metavar="LENGTH", help="End after this time (30s, 5m); without: go on.")
@click.option("--until-breach", is_flag=True, help="End at the first breach, with exit code 4.")
def command(
    face: Face, words: tuple[str, ...], variables: tuple[str, ...], length: str | None, until_breach: bool
) -> int:
    """Every monitor must give a value first, as before a run. With --format json one JSON object a line. Nothing acts
    on a breach here. Exit 4 when the last thing known of a monitor is a breach."""
    import tempfile
    import threading
    import time
    from pathlib import Path

    from lockgate.cli.monitors import choose_monitors, open_chosen, values_of
    from lockgate.config import parse_duration_s

    chosen = choose_monitors(face, words)
    length_s = parse_duration_s(length, "--for") if length else float("inf")
    printing = threading.Lock()

    def show(decision: Decision, reading: Reading) -> None:
        with printing:
            _show(face, decision)

    with tempfile.TemporaryDirectory(prefix="lockgate-watch-") as folder:
        watch = open_chosen(face, chosen, values_of(chosen, variables), Path(folder), on_decision=show)
        watch.begin()
        until = time.monotonic() + length_s
        try:
            while time.monotonic() < until and not (until_breach and watch.breach()):
                time.sleep(min(0.2, max(until - time.monotonic(), 0.01)))
                for hold in watch.holds():
                    if hold.monitor == "watch":
                        face.talk.say(hold.why)
                        return 1
        except KeyboardInterrupt:
            pass
        finally:
            watch.close()
        return 4 if watch.breach() else 0


def _show(face: Face, decision: Decision) -> None:
    """Print one decision: a line for people, or a JSON object in a line."""
    import json

    from lockgate.outside.redact import redact

    if face.output_format == "json":
        line = {
            "at": decision.at,
            "monitor": decision.monitor,
            "judgement": decision.judgement.value,
            "sentence": decision.sentence,
            "values": dict(decision.values),
        }
        click.echo(redact(json.dumps(line, ensure_ascii=False)))
    else:
        face.show(f"{decision.at}  {decision.judgement.value:<6}  {decision.monitor}: {decision.sentence}")
