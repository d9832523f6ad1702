"""Sources: what is there is read, what is not there is an error with its name, never a zero."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.engine.activity import Activity, Blocked
from lockgate.errors import ConfigError, StatementFailed
from lockgate.model.runbook import Monitor, Rule
from lockgate.monitor.build import make_source
from lockgate.monitor.source_command import CommandSource
from lockgate.monitor.source_host import HostSource
from lockgate.monitor.source_http import HttpSource
from lockgate.monitor.source_log import LogSource
from lockgate.monitor.source_prometheus import PrometheusSource, metric_names
from lockgate.monitor.source_sql import SqlSource
from lockgate.monitor.source_target import TargetSource
from lockgate.monitor.watch import first_problem
from lockgate.runbook.monitors import TargetLooks, target_sources
from tests.execute.bench import make_bench
from tests.monitor.world import Clock, Service, serve

RATE = Rule(kind="rate", limit=0.01)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serve() as found:
        yield found


def http(service: Service, clock: Clock, paths: str, **options: str) -> HttpSource:
    urls = " ".join(f"{service.url}{path}" for path in paths.split())
    return HttpSource(Monitor("health", "http", query=urls, options=options), clock.context(Path()))


def test_one_address_of_three_with_the_wrong_body_is_down(service: Service) -> None:
    service.pages = {"/a": (200, "all good"), "/b": (200, "all good"), "/c": (200, "maintenance")}
    reading = http(service, Clock(), "/a /b /c", has="good").read()
    assert (reading.is_up, reading.bad, reading.total) == (False, 1, 3)
    assert "/c: HTTP 200, but the body lacks 'good'" in reading.lines[0]
    assert len(reading.samples) == 3
    assert http(service, Clock(), "/a /b", has="good").read().is_up is True


def test_a_status_is_told_and_a_time_out_counts_with_its_time(service: Service) -> None:
    stop = threading.Event()
    service.pages = {"/busy": (503, "busy"), "/slow": lambda: (stop.wait(60), (200, ""))[1]}
    assert "HTTP 503 instead of 200" in http(service, Clock(), "/busy").read().lines[0]
    assert http(service, Clock(), "/busy", status="200,503").read().is_up is True
    began = time.monotonic()
    slow = http(service, Clock(), "/slow", timeout="200ms").read()
    took = time.monotonic() - began
    stop.set()
    assert slow.is_up is False
    assert "timed out" in slow.lines[0]
    assert 0.15 < slow.samples[0] <= took
    refused = HttpSource(Monitor("x", "http", query="http://127.0.0.1:9/"), Clock().context(Path())).read()
    assert (refused.is_up, refused.samples) == (False, ())


def log(folder: Path, clock: Clock | None = None, **more: object) -> LogSource:
    monitor = Monitor("http500", "log", query="app.log", **{"bad": r" 500 ", **more})  # type: ignore[arg-type]
    return LogSource(monitor, (clock or Clock()).context(folder))


def test_a_growing_rotated_and_truncated_log_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("old 500 line\n")
    source = log(tmp_path)
    assert source.begin().total == 1
    assert source.read().total == 0
    with path.open("a") as file:
        file.write("GET / 500 x\nGET / 200 x\nhalf 500")
    assert source.read().total == 1
    with path.open("a") as file:
        file.write(" of a line\nlast 500 before rotation\n")
    path.rename(tmp_path / "app.log.1")
    path.write_text("new 500 file\n")
    reading = source.read()
    assert reading.lines == ("half 500 of a line", "last 500 before rotation", "new 500 file")
    os.truncate(path, 0)
    source.read()
    with path.open("a") as file:
        file.write("cut 500 x\n")
    assert source.read().lines == ("cut 500 x",)
    assert source.evidence()[-1] == "cut 500 x"
    path.unlink()
    assert "No such file" in source.read().error
    source.close()
    assert "No such file" in log(tmp_path / "nowhere").begin().error


def test_what_was_in_a_log_before_is_a_noisy_baseline(tmp_path: Path) -> None:
    clock = Clock()
    clock.seconds = 3600.0
    lines = [f"2026-01-01T00:{minute:02}:00Z GET / 500 boom" for minute in range(0, 60, 2)]
    (tmp_path / "app.log").write_text("\n".join(lines) + "\n")
    source = log(tmp_path, clock)
    first = source.begin()
    assert (first.total, first.window_s) == (5, 600)
    problem = first_problem(Monitor("http500", "log"), Rule(kind="none_of"), first)
    assert problem.startswith("noisy baseline: 5 such lines in the 600 s before the start (0.25 per 30s), the last: ")
    assert not first_problem(Monitor("x", "log", options={"baseline": "subtract"}), Rule(kind="none_of"), first)
    allowed = log(tmp_path, clock, rule=Rule(kind="none_of", allow=("boom",)))
    assert allowed.begin().total == 0
    (tmp_path / "app.log").write_text("a 500 line that tells no time\n")
    untimed = first_problem(Monitor("x", "log", options={"baseline": "subtract"}), Rule(kind="none_of"), source.begin())
    assert "at times they do not tell" in untimed


def test_a_log_tells_rates_and_times(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("")
    rate = log(tmp_path, rule=RATE, bad=r"status=5\d\d", total=r"status=")
    timed = log(tmp_path, rule=Rule(kind="quantile", limit=5), bad=r"took (\d+)ms", options={"unit": "ms"})
    rate.begin(), timed.begin()
    with path.open("a") as file:
        file.write("status=200 took 100ms\nstatus=503 took 6000ms\nnoise\n")
    reading = rate.read()
    assert (reading.bad, reading.total) == (1, 2)
    assert timed.read().samples == (0.1, 6.0)


def test_errors_that_are_over_do_not_keep_a_run_from_beginning_and_those_that_are_not_do(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "app.log"
    clock.seconds = 600.0
    rate = {"rule": RATE, "bad": "status=5", "total": "status="}
    monitor = Monitor("errors", "log", query="app.log", **rate)  # type: ignore[arg-type]
    old = ["2026-01-01T00:05:00Z status=500"] * 50
    path.write_text("\n".join([*old, *["2026-01-01T00:09:50Z status=200"] * 200]) + "\n")
    assert not first_problem(monitor, RATE, log(tmp_path, clock, **rate).begin())
    path.write_text("\n".join(["2026-01-01T00:09:50Z status=500"] * 50) + "\n")
    assert "broken before the start: 50/50" in first_problem(monitor, RATE, log(tmp_path, clock, **rate).begin())
    path.write_text("status=500\n" * 50)
    untimed = log(tmp_path, clock, **rate).begin()
    assert (untimed.value, untimed.total) == (50, 0)
    assert not first_problem(monitor, RATE, untimed)


def prometheus(service: Service, **more: object) -> PrometheusSource:
    options = {"url": service.url, **more.pop("options", {})}  # type: ignore[dict-item]
    monitor = Monitor("errors", "prometheus", options=options, **more)  # type: ignore[arg-type]
    return PrometheusSource(monitor, Clock().context(Path(), {"TOKEN": "s3cret-token"}))


def test_prometheus_counts_bad_of_all_in_windows_and_of_growing_counters(service: Service) -> None:
    service.names = ["http_requests_total"]
    bad = 'sum(increase(http_requests_total{code=~"5.."}[30s]))'
    total = "sum(increase(http_requests_total[30s]))"
    service.metrics = {bad: "6", total: "412"}
    reading = prometheus(service, bad=bad, total=total, rule=RATE).read()
    assert (reading.bad, reading.total) == (6, 412)
    service.metrics = {total: "412"}
    assert prometheus(service, bad=bad, total=total, rule=RATE).read().bad == 0

    growing = prometheus(service, bad="bad", total="all", rule=RATE)
    service.metrics = {"bad": "10", "all": "1000"}
    first = growing.begin()
    assert (first.error, first.value, first.total) == ("", 1000, 0)
    service.metrics = {"bad": "14", "all": "1100"}
    reading = growing.read()
    assert (reading.bad, reading.total) == (4, 100)
    service.metrics = {"bad": "1", "all": "50"}
    assert growing.read().total == 50


def test_a_misspelled_metric_is_named_with_its_neighbour(service: Service) -> None:
    service.names, service.metrics = ["http_requests_total", "up"], {}
    source = prometheus(service, query="sum(http_request_total)", rule=Rule(kind="value", limit=1))
    assert source.begin().error == "there is no metric http_request_total; did you mean http_requests_total?"
    bad = prometheus(service, bad="sum(rate(http_errors_total[1m]))", total="sum(rate(up[1m]))", rule=RATE)
    assert "there is no metric http_errors_total" in bad.begin().error


def test_what_prometheus_says_instead_of_a_number_is_an_error(service: Service) -> None:
    rule = Rule(kind="quantile", limit=5)
    service.names, service.metrics = ["t"], {"many": ["1", "2"], "nan": "NaN", "fine": "0.25"}
    assert prometheus(service, query="fine", rule=rule, options={"bearer": "env:TOKEN"}).read().value == 0.25
    assert service.tokens[-1] == "Bearer s3cret-token"
    assert "2 series instead of one number" in prometheus(service, query="many", rule=rule).read().error
    assert "nan from" in prometheus(service, query="nan", rule=rule).read().error
    assert "nothing from: t" in prometheus(service, query="t", rule=rule).read().error
    assert "HTTP 400: parse error" in prometheus(service, query="!", rule=rule).read().error
    gone = PrometheusSource(
        Monitor("x", "prometheus", query="t", rule=rule, options={"url": "http://127.0.0.1:9"}), Clock().context(Path())
    )
    assert "connection refused" in gone.read().error


def test_names_of_metrics_are_found_in_a_query() -> None:
    query = 'histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket{job="a", x!="sum"}[5m]))) > bool up or 1e3'
    assert metric_names(query) == ("http_seconds_bucket", "up")


@pytest.mark.parametrize(
    ("command", "rule", "found"),
    [
        ("true", Rule(kind="up"), {"is_up": True}),
        ("echo no; exit 3", Rule(kind="up"), {"is_up": False, "lines": ("exit code 3", "no")}),
        ("echo hello; echo 42.5", Rule(kind="value", limit=1), {"value": 42.5}),
        ("echo 6 412", RATE, {"bad": 6, "total": 412}),
        ("echo 42 apples", Rule(kind="value", limit=1), {"error": "its last line is not 1 number: '42 apples'"}),
        ("echo 1; exit 1", Rule(kind="value", limit=1), {"error": "exit code 1: 1"}),
        ("sleep 5", Rule(kind="value", limit=1), {"error": "ended after its limit of 0.2 s"}),
    ],
)
def test_a_command_tells_by_its_code_or_its_last_line(command: str, rule: Rule, found: dict[str, object]) -> None:
    monitor = Monitor(
        "c", "command", query=command, rule=rule, options={"timeout": "200ms" if "sleep" in command else "5s"}
    )
    reading = CommandSource(monitor, Clock().context(Path.cwd())).read()
    assert {name: getattr(reading, name) for name in found} == found


def test_a_query_gives_one_number_or_none() -> None:
    answers: dict[str, list[tuple[object, ...]]] = {
        "n": [(7,)],
        "empty": [],
        "null": [(None,)],
        "text": [("x",)],
        "all": [(100,)],
    }

    def run(sql: str) -> list[tuple[object, ...]]:
        if sql == "broken":
            raise StatementFailed("no such table")
        return answers[sql]

    def read(query: str) -> object:
        monitor = Monitor("q", "sql", query=query, rule=Rule(kind="value", limit=1))
        reading = SqlSource(monitor, Clock().context(Path()), run).read()
        return reading.error or reading.value

    assert read("n") == 7
    assert [read(query) for query in ("empty", "null", "text", "broken")] == [
        "no value from: empty",
        "no value from: null",
        "no number from: text",
        "no such table",
    ]
    rate = SqlSource(Monitor("q", "sql", bad="n", total="all", rule=RATE), Clock().context(Path()), run).read()
    assert (rate.bad, rate.total) == (7, 100)


ACTIVITY = Activity(
    blocked=(
        Blocked("7", "pid 7 shop", 6.2, ("pid 9 lockgate",), True),
        Blocked("8", "pid 8 shop", 70.0, ("pid 6 report",)),
    ),
    longest_s=300.0,
    longest="pid 6 report",
    used=95,
    allowed=100,
    deadlocks=3,
    lags=(("eu", 12.0), ("us", 1.0)),
)


@pytest.mark.parametrize(
    ("source", "options", "query", "value", "line"),
    [
        ("locks", {}, "", 6.2, "pid 7 shop has waited 6.2 s for pid 9 lockgate"),
        ("locks", {"of": "all"}, "", 70.0, "pid 7 shop has waited 6.2 s for pid 9 lockgate"),
        ("locks", {"of": "all", "what": "count"}, "", 2.0, None),
        ("locks", {"what": "deadlocks"}, "", 0.0, None),
        ("sessions", {}, "", 300.0, "open for 300 s: pid 6 report"),
        ("pool", {}, "", 95.0, None),
        ("replication", {}, "", 12.0, "eu: 12.0 s behind"),
        ("replication", {}, "us", 1.0, "us: 1.0 s behind"),
    ],
)
def test_the_targets_own_numbers(
    source: str, options: dict[str, str], query: str, value: float, line: str | None
) -> None:
    reading = TargetSource(
        Monitor("t", source, query=query, options=options), Clock().context(Path()), lambda: ACTIVITY
    ).read()
    assert reading.value == value
    assert line is None or line in reading.lines


def test_what_a_server_does_not_tell_is_no_zero(sqlite_url: str) -> None:
    Path(sqlite_url.removeprefix("sqlite:///")).touch()
    bench = make_bench(sqlite_url)
    looks = TargetLooks(bench.engine, bench.target)
    sources = target_sources(looks)
    context = Clock().context(Path())
    for kind in ("sessions", "locks", "pool", "replication"):
        assert "no server" in make_source(Monitor("t", kind), sources, context).begin().error
    number = Monitor("q", "sql", query="SELECT count(*) FROM sqlite_master", rule=Rule(kind="value", limit=1))
    assert make_source(number, sources, context).read().value == 0
    write = Monitor("q", "sql", query="CREATE TABLE t (a INT)", rule=Rule(kind="value", limit=1))
    assert make_source(write, sources, context).read().error
    looks.close()


def test_a_host_tells_of_itself_and_nothing_of_another(tmp_path: Path) -> None:
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 50 kB\n")
    context = Clock().context(tmp_path)
    assert HostSource(Monitor("m", "host", query="memory"), context, memory=memory).read().value == 95.0
    assert 0 < (HostSource(Monitor("m", "host", query="disk"), context).read().value or 0) <= 100
    assert HostSource(Monitor("m", "host", query="load"), context).read().value is not None
    other = HostSource(Monitor("m", "host", query="memory"), context, "db.example.org").read()
    assert other.value is None
    assert "db.example.org" in other.error
    assert "source: prometheus" in other.error
    memory.write_text("nothing")
    assert "does not tell" in HostSource(Monitor("m", "host", query="memory"), context, memory=memory).read().error


@pytest.mark.parametrize(
    ("monitor", "words"),
    [
        (Monitor("m", "config"), "only named"),
        (Monitor("m", "carrier pigeon", rule=RATE), "what can be watched here"),
        (Monitor("m", "prometheus", query="x", options={"url": "http://p"}), "has no rule"),
        (Monitor("m", "prometheus", query="x", rule=Rule(kind="value")), "names no server"),
        (Monitor("m", "http", query="http://x", options={"colour": "red"}), "an option colour"),
        (Monitor("m", "http", query="http://x", rule=Rule(kind="up", every="often")), "has every: often"),
        (Monitor("m", "http", query="http://x", rule=Rule(kind="rate", limit=1)), "0.01 is 1 %"),
        (Monitor("m", "http", query="http://x", action="explode"), "has action: explode"),
        (Monitor("m", "log", query="f", bad="("), "has a pattern that cannot be read"),
        (Monitor("m", "http", query="http://x", rule=Rule(kind="up", of="4/3")), "has of: 4/3"),
        (Monitor("m", "prometheus", bad="x", rule=RATE, options={"url": "http://p"}), "counts no bad of all"),
    ],
)
def test_a_monitor_that_cannot_be_watched_is_refused_with_the_reason(monitor: Monitor, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_source(monitor, {}, Clock().context(Path()))
    assert words in str(caught.value)
