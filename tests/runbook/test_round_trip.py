"""A runbook written as YAML or Markdown and read again is the same runbook, whatever is in it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.model import actions, checks
from lockgate.model.outcome import RollbackLevel
from lockgate.model.runbook import (
    ApprovalItem,
    ApprovalPolicy,
    Contact,
    Gate,
    LevelPlan,
    Message,
    Metric,
    Monitor,
    OnFail,
    Phase,
    Rerun,
    Risk,
    Rule,
    Runbook,
    Stage,
    Task,
    Touches,
    Trigger,
    Variable,
    Window,
    Written,
)
from lockgate.runbook.load import load_runbook
from lockgate.runbook.markdown import parse_markdown
from lockgate.runbook.read import parse_runbook
from lockgate.runbook.render import render_runbook
from lockgate.runbook.render_html import render_html
from lockgate.runbook.write import dump_runbook

PLANS = sorted((Path(__file__).parent / "plans").glob("*.md"))

RICH = Runbook(
    runbook="orders-v2",
    title="Orders | v2",
    version="2.0",
    targets=("prod-eu", "prod-us"),
    vars={"app_url": Variable(default="https://app.example.org"), "token": Variable(secret="env:TOKEN")},
    approvals=ApprovalPolicy(quorum=2, roles=("dba",), not_=("author",), items=(ApprovalItem("Look at it", ("dba",)),)),
    window=Window(days=("tue",), from_="09:00", to="15:00", tz="Europe/Berlin"),
    requires=(checks.GitCheck(is_="clean"), checks.ManualCheck(text="Coffee is ready")),
    monitors=(
        Monitor("errors", "prometheus", bad="e", total="t", rule=Rule("rate", 0.01), options={"url": "http://p"}),
    ),
    triggers=(Trigger("Error rate > 1%", "stop", "errors"),),
    metrics=(Metric("Errors"),),
    levels=(LevelPlan(RollbackLevel.SCHEMA, "1", "Schema", commands=("a\nb", "c `d`")),),
    contacts=(Contact("On call", "team"), Contact("Ada", reach="ada@example.org", role="DBA")),
    messages=(Message("Soon", "before", "team", ("24h", "15m")), Message("Broken", "breach")),
    preauthorised=(RollbackLevel.CODE,),
    bake="10m",
    phases=(
        Phase(
            "3",
            "Do it",
            risk=Risk.HIGH,
            estimate="4h",
            rollback=RollbackLevel.SCHEMA,
            stages=(Stage("3.1", "Safe", "only new things"),),
            before=(checks.BackupCheck(max_age="10m"),),
            tasks=(
                Task("3.0", "Back up", actions.Backup(), verify=(checks.BackupCheck(max_age="10m", since="run"),)),
                Task(
                    "3.2",
                    "Apply | stage 1",
                    actions.Apply("plan.json", 1),
                    verify=(checks.SchemaCheck(is_="expected"), checks.HttpCheck(url="${app_url}/health", of="3/3")),
                    revert=actions.Rollback("cp-3.0"),
                    needs=("3.0",),
                    retries=2,
                    rerun=Rerun.PROBE,
                    touches=Touches(tables=("orders",)),
                    stage="3.1",
                ),
                Task("3.9", "Long\ntitle", actions.Sh("echo 'a | b'\nprintf \"`date`\"\n", env=("HOME",))),
                Task("3.10", "Read it", written=Written(command="Read it", notes="twice")),
            ),
            gate=Gate(
                "gate-3",
                checks=(checks.LogCheck(log="app", without="ERROR"), checks.TestsCheck(baseline="tests")),
                on_fail=OnFail.ROLLBACK,
                level=RollbackLevel.SCHEMA,
            ),
            written={"text": "Mind the `step`."},
        ),
        Phase("4", "Empty"),
    ),
)


def _check(runbook: Runbook) -> None:
    written = dump_runbook(runbook)
    assert parse_runbook(written, "a.yaml").runbook == runbook
    markdown = render_runbook(runbook)
    again = parse_markdown(markdown, "a.md").runbook
    assert again == runbook and dump_runbook(again) == written and render_runbook(again) == markdown


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_markdown_to_yaml_to_markdown_to_yaml(path: Path) -> None:
    _check(load_runbook(path).runbook)


def test_what_words_cannot_say_stands_in_the_settings() -> None:
    _check(RICH)
    markdown = render_runbook(RICH)
    assert "## Runbook settings" in markdown
    assert "| 3.2 | Apply \\| stage 1 | `{apply: plan.json, stage: 1}` | `{schema: expected}`<br>`{http:" in markdown


def test_settings_change_only_what_is_still_there() -> None:
    markdown = render_runbook(RICH).replace("| 3.10 | Read it | Read it |", "| 3.11 | Read it | Read it |")
    ids = [task.id for task in parse_markdown(markdown, "a.md").runbook.tasks]
    assert ids == ["3.0", "3.2", "3.9", "3.11"]


TEXT = st.text(alphabet=st.sampled_from("ab c|`*_#-:{}[]<>\\\"'~=\n1.é🛑$&"), min_size=1, max_size=12)


@given(TEXT, TEXT, TEXT, TEXT)
def test_any_text_comes_back(title: str, command: str, words: str, name: str) -> None:
    task = Task(
        name, title, actions.Sh(command), verify=(checks.ManualCheck(text=words),), written=Written(notes=words)
    )
    gate = Gate("gate-1", words, (checks.ManualCheck(text=title), checks.ExitCheck(command=command)), written=command)
    phase = Phase("1", title, tasks=(task,), gate=gate, objectives=(words,), written={"text": words})
    _check(Runbook("x", title, summary=words, phases=(phase,), appendix={title: words}, contacts=(Contact(words),)))


@pytest.mark.parametrize("kind", [*actions.Action.__args__], ids=lambda kind: kind.__name__)
def test_every_action_comes_back(kind: type[msgspec.Struct]) -> None:
    action = _filled(kind)
    _check(Runbook("x", phases=(Phase("1", "One", tasks=(Task("1.1", "Do", action, revert=action),)),)))


@pytest.mark.parametrize("kind", [*checks.Check.__args__], ids=lambda kind: kind.__name__)
def test_every_check_comes_back(kind: type[msgspec.Struct]) -> None:
    check = _filled(kind)
    gate = Gate("gate-1", checks=(check,))
    _check(Runbook("x", phases=(Phase("1", "One", tasks=(Task("1.1", "Do", verify=(check,)),), gate=gate),)))


def _filled(kind: type[msgspec.Struct]) -> msgspec.Struct:
    """Return a value of a kind with something in each field."""
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        text = str(field.type)
        if field.type is str:
            values[field.name] = "a: 'b | c'"
        elif field.type is bool:
            values[field.name] = True
        elif field.type is int:
            values[field.name] = 7
        elif "tuple[str" in text:
            values[field.name] = ("x y", "z")
        elif "dict" in text:
            values[field.name] = {"A": "b"}
    return kind(**values)


def test_html_shows_the_words_unchanged_and_runs_nothing() -> None:
    path = next(path for path in PLANS if path.name == "harbor.md")
    page = render_html(render_runbook(load_runbook(path).runbook))
    assert "<script" not in page and "one table. This plan parts them" in page and "Error rate &gt; 1%" in page
