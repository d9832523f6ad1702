"""The published JSON Schema: as the code has it, right for every runbook we publish, wrong for typical mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lockgate.runbook.kinds import ACTIONS, CHECKS
from lockgate.runbook.read import parse_runbook
from lockgate.runbook.schema import runbook_schema
from lockgate.runbook.templates.new import TEMPLATES, Wish, make_runbook
from tools.write_runbook_reference import build_files

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").rglob("*runbook*.yaml"))
SMALL = "runbook: x\nphases:\n- id: 1\n  title: t\n  tasks:\n  - {id: 1.1, title: t, do: %s, verify: [%s]}\n"


class PlainLoader(yaml.SafeLoader):
    """YAML as editors read it: dates are text."""


PlainLoader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for key, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = runbook_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read(text: str) -> Any:
    return yaml.load(text, Loader=PlainLoader)


def test_the_published_files_are_those_of_the_code() -> None:
    for path, text in build_files().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: python -m tools.write_runbook_reference"


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_valid(template: str, validator: Draft202012Validator) -> None:
    wish = Wish(template=template, target="t", app_url="https://a", log="l", channel="c", approvers=("dba",))
    for text in (make_runbook(Wish(template=template)), make_runbook(wish)):
        assert [error.message for error in validator.iter_errors(read(text))] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_example_is_valid(path: Path, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(read(path.read_text(encoding="utf-8")))] == []


GOOD = [
    ("{sh: ls, cwd: src}", "{exit: 0}"),
    ("{sh: {command: ls}}", "{http: 'https://a', status: 200, of: 3/3}"),
    ("{kind: sh, command: ls}", "{sql: select 1, expect: 0}"),
    ("{drift: }", "{tests: no_worse_than_baseline}"),
    ("{monitors: {}}", "{documents: [a.md, b.md]}"),
    ("{apply: {plan: p.json, stage: 1}}", "{plan: p.json, is: applied, stage: 1}"),
]
BAD = [
    ("{sh: ls, directory: src}", "{exit: ''}"),
    ("{shell: ls}", "{exit: ''}"),
    ("{apply: {stage: 1}}", "{exit: ''}"),
    ("{apply: p.json, stage: one}", "{exit: ''}"),
    ("ls", "{exit: ''}"),
    ("{sh: ls}", "{http: 'https://a', state: 200}"),
    ("{sh: ls}", "schema expected"),
]


@pytest.mark.parametrize(("do", "check"), GOOD)
def test_what_the_reader_takes_the_schema_takes(do: str, check: str, validator: Draft202012Validator) -> None:
    text = SMALL % (do, check)
    parse_runbook(text, "r.yaml")
    assert [error.message for error in validator.iter_errors(read(text))] == []


@pytest.mark.parametrize(("do", "check"), BAD)
def test_typical_mistakes_are_refused_by_both(do: str, check: str, validator: Draft202012Validator) -> None:
    text = SMALL % (do, check)
    assert list(validator.iter_errors(read(text)))
    with pytest.raises(Exception, match=r".+"):
        parse_runbook(text, "r.yaml")


@pytest.mark.parametrize(
    "text",
    ["phases: []", "runbook: x\nphase: []", "runbook: x\nphases:\n- {id: 1}", "runbook: x\nbake: [1]",
     "runbook: x\nphases:\n- {id: 1, title: t, risk: huge}"],
)  # fmt: skip
def test_mistakes_around_the_tasks_are_refused_too(text: str, validator: Draft202012Validator) -> None:
    assert list(validator.iter_errors(read(text)))


def test_every_action_and_check_is_in_it() -> None:
    names = json.dumps(runbook_schema()["$defs"])
    for kind in (*ACTIONS, *CHECKS):
        assert f'"{kind}"' in names
