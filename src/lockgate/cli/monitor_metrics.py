"""``lockgate monitor metrics``: a run's own metrics, printed, written for the node exporter, or served."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.face import Face, make_command


@make_command("metrics", "Print what a run says of itself to Prometheus.", ("text",), is_target_configured=False)
@click.argument("run", default="latest")
@click.option("-o", "--output", metavar="FILE", help="Write a .prom file, whole at any moment.")
@click.option("--listen", metavar="HOST:PORT", help="Serve /metrics there until Ctrl-C.")
def command(face: Face, run: str, output: str | None, listen: str | None) -> int:
    """RUN is a run's id, a part of it, or latest. The numbers are folded from its journal: lockgate_run_state,
    lockgate_step_duration_seconds, lockgate_gate_result, lockgate_lock_wait_seconds."""
    from lockgate.cli.result import write_result
    from lockgate.monitor.own_metrics import metrics_text
    from lockgate.runbook.record import read_entries
    from lockgate.runbook.runs import find_folder

    def text() -> str:
        return metrics_text(read_entries(find_folder(face.settings.state_dir, run)))

    if listen:
        return _serve(face, listen, text)
    if output:
        write_result(Path(output), text())
    else:
        face.show(text())
    return 0


def _serve(face: Face, listen: str, text: object) -> int:
    """Answer GET /metrics until Ctrl-C."""
    from lockgate.errors import ConfigError
    from lockgate.monitor.own_serve import serve_metrics

    host, _, port = listen.rpartition(":")
    if not port.isdigit() or not host:
        raise ConfigError(f"{listen!r} is no address", where="--listen", cause="write 127.0.0.1:9187")
    assert callable(text)
    try:
        serve_metrics(host, int(port), text, lambda where: face.talk.say(f"serving {where}"))
    except OSError as error:
        raise ConfigError(
            f"{listen} cannot be listened on", where="--listen", cause=error.strerror or str(error)
        ) from None
    return 0
