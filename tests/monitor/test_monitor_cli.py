"""The commands: list says the rules, test proves values, watch prints decisions, metrics are served."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lockgate.monitor.receipt import monitoring_evidence
from tests.monitor.test_own import write_run
from tests.monitor.world import Service, serve

RUNBOOK = """
runbook: orders
vars: {app: {default: http://127.0.0.1:9}}
monitors:
- health
- name: errors
  source: prometheus
  bad: sum(increase(http_errors_total[30s]))
  total: sum(increase(http_requests_total[30s]))
  rule: {kind: rate, limit: 0.01}
  options: {url: "${app}"}
- name: page
  source: http
  query: ${app}/page
"""
CONFIG = """
[monitors.health]
source = "command"
query = "true"
rule = { kind = "up", every = "100ms" }
"""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serve() as found:
        found.pages = {"/page": (200, "hello")}
        found.names = ["http_errors_total", "http_requests_total"]
        found.metrics = {
            "sum(increase(http_errors_total[30s]))": "6",
            "sum(increase(http_requests_total[30s]))": "412",
        }
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(RUNBOOK)
    (tmp_path / "lockgate.toml").write_text(CONFIG)
    return tmp_path


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "lockgate", "monitor", *words]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *words), cwd=folder, capture_output=True, text=True, timeout=120, env=environment()
    )


def begin(folder: Path, *words: str, **streams: int) -> subprocess.Popen[str]:
    return subprocess.Popen(command(folder, *words), cwd=folder, text=True, env=environment(), **streams)


def environment() -> dict[str, str]:
    source = str(Path(__file__).parents[2] / "src")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": source}


def test_every_monitor_is_tried_and_the_arithmetic_is_shown(folder: Path, service: Service) -> None:
    done = run(folder, "test", "plan.yaml", "--var", f"app={service.url}", "--format", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ready"]) == (0, True), done.stdout + done.stderr
    assert {one["name"]: one["decision"] for one in found["monitors"]} == {
        "health": "0 of the last 1 tries failed → ok",
        "errors": "6/412 = 1.46 %, Wilson low 0.67 % ≤ 1 % → hold",
        "page": "0 of the last 1 tries failed → ok",
    }


def test_a_monitor_without_a_value_is_named_and_the_exit_code_says_so(folder: Path) -> None:
    done = run(folder, "test", "plan.yaml", "errors", "health")
    assert done.returncode == 4, done.stderr
    assert "errors: NOT READY; http://127.0.0.1:9: connection refused" in done.stdout
    assert "health: ready" in done.stdout
    unknown = run(folder, "test", "plan.yaml", "nobody")
    assert unknown.returncode == 2
    assert "there is no monitor nobody" in unknown.stderr


def test_rules_are_listed_in_words(folder: Path) -> None:
    done = run(folder, "list")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        "health: command true",
        "  breaks when 3 of the last 3 tries fail, 100ms apart",
    ]


def test_decisions_are_printed_one_json_object_a_line(folder: Path) -> None:
    watching = begin(folder, "watch", "health", "--format", "json", stdout=subprocess.PIPE)
    try:
        assert watching.stdout is not None
        lines = [json.loads(watching.stdout.readline()) for _ in range(3)]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(60) == 0
    finally:
        watching.kill()
        watching.communicate()
    assert {(line["monitor"], line["judgement"]) for line in lines} == {("health", "ok")}


def test_a_watch_ends_by_itself_after_its_time(folder: Path) -> None:
    done = run(folder, "watch", "health", "--for", "1s", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line)["judgement"] == "ok" for line in done.stdout.splitlines())


def test_an_alert_goes_all_the_way_and_its_receipt_ticks_the_approval(folder: Path, service: Service) -> None:
    notify = f'[notify.channels]\nteam = "json{service.url[4:]}/alerts"\n[notify]\nretries = 0\n'
    (folder / "lockgate.toml").write_text(CONFIG + notify)
    service.pages["/alerts"] = (200, "thanks")
    service.posted.clear()
    assert monitoring_evidence(folder / ".lockgate", datetime.now(UTC))[0] is False
    done = run(folder, "test", "health", "--alert")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "alert of health to team: delivered" in done.stdout
    assert any("TEST, nothing is broken. health: 3 of the last 3 tries failed" in body for body in service.posted)
    is_there, text = monitoring_evidence(folder / ".lockgate", datetime.now(UTC))
    assert is_there, text
    assert monitoring_evidence(folder / ".lockgate", datetime.now(UTC) + timedelta(hours=25))[0] is False
    service.pages["/alerts"] = (500, "no")
    failed = run(folder, "test", "health", "--alert")
    assert failed.returncode == 3, failed.stdout + failed.stderr
    assert "NOT delivered" in failed.stdout
    assert "was not delivered" in monitoring_evidence(folder / ".lockgate", datetime.now(UTC))[1]


def test_metrics_of_a_run_are_printed_and_served(folder: Path) -> None:
    write_run(folder / ".lockgate/procedures/20260101-orders-abcdef")
    done = run(folder, "metrics")
    assert 'state="stopped"} 1' in done.stdout
    child = begin(folder, "metrics", "--listen", "127.0.0.1:0", stderr=subprocess.PIPE)
    try:
        assert child.stderr is not None
        address = child.stderr.readline().split()[-1]
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert 'state="stopped"} 1' in answer.read().decode()
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 0
    finally:
        child.kill()
        child.wait()
