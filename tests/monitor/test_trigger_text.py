"""What people write as triggers, and the rules they stand for."""

from __future__ import annotations

import pytest

from lockgate.model.runbook import Rule
from lockgate.monitor.trigger_text import read_trigger, rule_of
from lockgate.monitor.words import describe_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Error rate > 1%", Rule(kind="rate", limit=0.01, hard_limit=0.1)),
        ("**Error rate > 1 %** → Stop & Rollback", Rule(kind="rate", limit=0.01, hard_limit=0.1)),
        ("Success rate drops below 99.5 %", Rule(kind="rate", limit=0.005, hard_limit=0.1)),
        ("5xx rate above 20% over 5 minutes", Rule(kind="rate", limit=0.2, hard_limit=0.4, window="5m")),
        ("Response time > 5s", Rule(kind="quantile", limit=5.0)),
        ("p99 latency exceeds 500ms", Rule(kind="quantile", limit=0.5, quantile=0.99)),
        ("Average response time over 2 seconds", Rule(kind="value", limit=2.0)),
        ("Health check fails", Rule(kind="up")),
        ("health check fails 2 of 5", Rule(kind="up", of="2/5")),
        ("Any 500 errors in logs", Rule(kind="none_of")),
        ("more than 10 exceptions in 5 minutes", Rule(kind="none_of", limit=10, window="5m")),
        ("CPU > 80%", Rule(kind="value", limit=80)),
        ("Memory usage ≥ 90 percent for 10 min", Rule(kind="value", limit=90, window="10m")),
        ("Database connections > 95%", Rule(kind="value", limit=95)),
        ("Connection pool usage above 80 %", Rule(kind="value", limit=80)),
        ("Replication lag > 10s", Rule(kind="value", limit=10)),
        ("replica lag above 2 min", Rule(kind="value", limit=120)),
        ("Disk free < 10 GB", Rule(kind="value", limit=10 * 2**30, below=True)),
        ("Lock wait > 5s", Rule(kind="value", limit=5)),
        ("Blocked sessions > 3", Rule(kind="value", limit=3)),
    ],
)
def test_a_trigger_is_read_as_a_rule(text: str, rule: Rule) -> None:
    assert rule_of(text) == rule


@pytest.mark.parametrize(
    "text",
    ["", "Something feels wrong", "Error rate is high", "Data corruption detected", "Response time > 5%", "CPU", "> 5"],
)
def test_what_has_no_number_or_no_subject_is_not_guessed(text: str) -> None:
    assert rule_of(text) is None


def test_what_a_text_leaves_open_is_said() -> None:
    read = read_trigger("Response time > 5s")
    assert read is not None
    assert (read.subject, read.source) == ("latency", "http")
    assert read.defaults[:3] == ("window 30s", "statistic p95", "2 windows in a row")
    precise = read_trigger("p99 latency > 5s over 60 s")
    assert precise is not None
    assert precise.defaults[0] == "2 windows in a row"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Error rate > 1%", "the rate is above 1 %: at least 100 in a window, the lower bound (Wilson, 95 %) above the "
         "limit, 2 windows of 30s in a row; above 10 % of at least 50: at once"),
        ("Response time > 5s", "p95 is above 5 s, 2 windows of 30s in a row"),
        ("Health check fails", "3 of the last 3 tries fail, 5s apart"),
        ("Any 500 errors in logs", "any line is newer than the step's start, less what was there before the run"),
        ("Disk free < 10", "the value is below 10, 2 windows of 30s in a row"),
    ],
)  # fmt: skip
def test_a_rule_is_said_with_all_its_numbers(text: str, words: str) -> None:
    rule = rule_of(text)
    assert rule is not None
    assert describe_rule(rule) == words
