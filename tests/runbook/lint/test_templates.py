"""Starter runbooks: lint-free as they are, with every part and without."""

from __future__ import annotations

import itertools

import pytest

from lockgate.errors import InputError
from lockgate.model.actions import Apply, Backup, Plan, Rehearse
from lockgate.runbook.lint.run import lint_sheet, make_sheet
from lockgate.runbook.read import parse_runbook
from lockgate.runbook.templates.new import TEMPLATES, Wish, left_out, make_runbook

WISHES = [
    Wish(
        template=template,
        target=target,
        app_url=url,
        log=log,
        watch="server" if log else "database" if url else "",
        channel="ops" if url else "",
        approvers=approvers,
    )
    for template in TEMPLATES
    for target, url, log, approvers in itertools.product(
        ("", "prod-eu"), ("", "https://shop.example.net/health"), ("", "app.log"), ((), ("dba", "lead"))
    )
]


@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_a_starter_runbook_has_no_finding_and_nothing_left_to_fill_in(wish: Wish) -> None:
    text = make_runbook(wish)
    assert "@@" not in text and "#if" not in text and "#end" not in text
    report = lint_sheet(make_sheet(parse_runbook(text, "runbook.yaml"), text))
    assert report.findings == () and report.status.value == "clean"


def test_the_staged_sync_has_the_six_phases_and_all_that_protects_them() -> None:
    runbook = parse_runbook(make_runbook(Wish()), "runbook.yaml").runbook
    titles = [phase.title for phase in runbook.phases]
    assert titles == ["Pre-flight", "Analysis", "Tooling", "Execution", "Infrastructure", "Final QA"]
    assert all(phase.gate is not None and phase.gate.checks for phase in runbook.phases)
    kinds = [type(task.do) for task in runbook.tasks]
    assert kinds.index(Backup) < kinds.index(Plan) < kinds.index(Rehearse) < kinds.index(Apply)
    assert [task.do.stage for task in runbook.tasks if isinstance(task.do, Apply)] == [1, 2, 3]


def test_an_unknown_template_names_those_there_are() -> None:
    with pytest.raises(InputError) as error:
        make_runbook(Wish(template="nightly"))
    assert "staged-sync" in error.value.cause


def test_a_value_that_would_break_the_file_is_refused() -> None:
    with pytest.raises(InputError):
        make_runbook(Wish(app_url='https://x"\nphases: []'))


def test_what_a_template_has_no_part_for_is_said() -> None:
    assert left_out(Wish(template="minimal", app_url="https://a", log="l", watch="server")) == ("--log", "--watch")
    assert left_out(Wish(log="l", watch="server", channel="c", approvers=("dba",))) == ()


def test_the_target_itself_is_watched() -> None:
    runbook = parse_runbook(make_runbook(Wish(watch="server")), "runbook.yaml").runbook
    assert [monitor.source for monitor in runbook.monitors] == ["sql", "locks", "pool"]
