"""A mistake in a runbook's YAML is told in its writer's words, with what may stand there instead."""

from __future__ import annotations

import pytest

from lockgate.errors import SourceError
from lockgate.runbook.read import parse_runbook

TASK = "runbook: r\nphases:\n- {{id: '1', title: t, tasks: [{{id: '1.1', title: t, do: {{sh: ls}}, {}}}]}}\n"


@pytest.mark.parametrize(
    ("written", "what", "cause"),
    [
        ("verify: [{sh: ls}]", "verify[0]: sh is no check", "allowed are approved, backup,"),
        ("revert: {shh: ls}", "revert: shh is no action", "did you mean sh? allowed are apply, backup,"),
        ("revert: {}", "revert: no action stands here", "allowed are apply,"),
        ("revert: {backup: full, foo: 1}", "revert: the key foo means nothing here", "allowed are type, verify, store"),
        ("verify: [{http: x, evry: 1s}]", "verify[0]: the key evry means nothing here", "did you mean every?"),
        ("verifi: [{http: x}]", "tasks[0]: the key verifi means nothing here", "did you mean verify?"),
        ("risk: hgih", "risk: hgih is none of its values", "did you mean high?"),
        ("revert: ls", "revert: a table of keys is expected", "text stands here"),
        ("verify: ls", "verify: a list is expected", "text stands here"),
        ("retries: many", "retries: a whole number is expected", "text stands here"),
    ],
)
def test_it_is_named_with_what_is_allowed(written: str, what: str, cause: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_runbook(TASK.format(written), "plan.yaml")
    error = caught.value
    assert what in str(error) and (error.cause or "").startswith(cause), (str(error), error.cause)
    assert "plan.yaml:3" in str(error.where)


def test_a_key_at_the_top_too() -> None:
    with pytest.raises(SourceError) as caught:
        parse_runbook("runbook: r\nphasess: []\n", "plan.yaml")
    assert "did you mean phases?" in (caught.value.cause or "")
