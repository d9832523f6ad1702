"""``lockgate monitor test``: every monitor is asked once, as before a run."""

from __future__ import annotations

import click

from lockgate.cli.face import Face, make_command


@make_command("test", "Prove that each monitor gives a value; with --alert that an alert reaches people.")
@click.argument("words", nargs=-1, metavar="[RUNBOOK] [NAME]…")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="A variable of the runbook; repeatable.")
@click.option("--alert", is_flag=True, help="Send a made-up breach of the first of them all the way to people.")
@click.option("--channel", "channels", multiple=True, metavar="NAME", help="Where to; else as a breach would go.")
def command(
    face: Face, words: tuple[str, ...], variables: tuple[str, ...], alert: bool, channels: tuple[str, ...]
) -> int:
    """Each monitor is asked once and its rule applied. Exit 4 when one gives no value or is broken already: a run with
    it would not begin; 3 when an alert did not arrive. What became of an alert is kept: an approval that asks for
    monitoring looks there for a day."""
    from lockgate.cli.monitor_alert import send_alerts
    from lockgate.cli.monitors import choose_monitors, try_chosen, values_of
    from lockgate.cli.result import plain_of

    chosen = choose_monitors(face, words)
    trials = try_chosen(face, chosen, values_of(chosen, variables))
    is_ready = all(trial.is_ready for trial in trials)
    receipts = send_alerts(face, chosen, channels) if alert else ()
    code = 4 if not is_ready else 0 if all(receipt.is_delivered for receipt in receipts) else 3
    if face.output_format == "json":
        monitors = [{**plain_of(trial), "ready": trial.is_ready} for trial in trials]
        alerts = [plain_of(receipt) for receipt in receipts]
        face.show_json({"format_version": 1, "ready": is_ready, "monitors": monitors, "alerts": alerts})
        return code
    for trial in trials:
        word = "ready" if trial.is_ready else "NOT READY"
        face.show(f"{trial.name}: {word}; {trial.problem or trial.decision}")
        face.show(f"  gave: {trial.value or 'nothing'}")
        face.show(f"  breaks when {trial.breaks_when}" if trial.breaks_when else "  no rule")
    for receipt in receipts:
        word = "delivered" if receipt.is_delivered else f"NOT delivered: {receipt.error}"
        face.show(f"alert of {receipt.monitor} to {receipt.channel}: {word}")
    return code
