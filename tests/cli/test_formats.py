"""stdout is the result in the form that was asked for, and nothing else."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from .conftest import Cli

ANSI = re.compile(r"\x1b\[")


def test_drift_as_json_is_one_document(cli: Cli) -> None:
    ran = cli("drift", "--desired", "desired.sql", "--format", "json")
    document = json.loads(ran.out)
    assert ran.code == 3
    assert document["format_version"] == 1
    assert document["status"] == "drift"
    assert {"kind", "table", "object", "severity", "before", "after", "message"} <= set(document["changes"][0])
    assert document["checked"]["tables"] == 4


def test_a_comparison_that_could_not_be_made_says_so(cli: Cli) -> None:
    ran = cli("drift", "--desired", "missing.sql", "--format", "json")
    assert ran.code == 2
    assert json.loads(ran.out)["status"] == "not_run"


@pytest.mark.parametrize("form", ["sarif", "github", "junit", "markdown", "json"])
def test_a_comparison_that_could_not_be_made_is_no_empty_document(cli: Cli, form: str) -> None:
    for spec, url in (
        ("missing.sql", "sqlite:///app.db"),
        ("desired.sql", "sqlite:///nowhere.db"),
        ("desired.sql", ""),
    ):
        ran = cli("drift", "--desired", spec, "--format", form, LOCKGATE_URL=url)
        assert ran.code == 2
        words = {"sarif": '"executionSuccessful": false', "github": "::error", "junit": "<error", "json": '"not_run"'}
        assert words.get(form, "not run: nothing was compared") in ran.out


def test_more_than_ten_annotations_of_a_level_are_counted(cli: Cli) -> None:
    tables = "".join(f"CREATE TABLE t{number} (a int);" for number in range(30))
    (cli.folder / "many.sql").write_text(tables)
    lines = cli("drift", "--desired", "many.sql", "--format", "github").out.splitlines()
    assert len([line for line in lines if line.startswith("::error")]) == 11
    assert "21 more differences of severity critical" in "\n".join(lines)


def test_drift_as_sarif_github_junit_and_markdown(cli: Cli) -> None:
    sarif = json.loads(cli("drift", "--desired", "desired.sql", "--format", "sarif").out)
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["results"]
    github = cli("drift", "--desired", "desired.sql", "--format", "github").out
    assert all(line.startswith("::") for line in github.splitlines())
    junit = ElementTree.fromstring(cli("drift", "--desired", "desired.sql", "--format", "junit").out)
    assert int(junit.attrib["failures"]) == len(sarif["runs"][0]["results"])
    assert cli("drift", "--desired", "desired.sql", "--format", "markdown").out.startswith("# Drift of app")


def test_exit_zero_is_for_findings_only(cli: Cli) -> None:
    assert cli("drift", "--desired", "desired.sql", "--exit-zero").code == 0
    assert cli("drift", "--desired", "missing.sql", "--exit-zero").code == 2


def test_the_format_may_stand_before_the_command(cli: Cli) -> None:
    ran = cli("--format", "json", "drift", "--desired", "desired.sql")
    assert json.loads(ran.out)["status"] == "drift"


def test_an_unknown_format_names_the_known_ones(cli: Cli) -> None:
    ran = cli("drift", "--desired", "desired.sql", "--format", "yaml")
    assert ran.code == 2
    assert "junit" in ran.err


@pytest.mark.parametrize(
    "command",
    [("status",), ("show", "plan.json"), ("inspect",), ("checkpoint", "list"), ("apply", "plan.json", "--dry-run")],
)
def test_every_result_has_a_json_form_with_a_version(planned: Cli, command: tuple[str, ...]) -> None:
    ran = planned(*command, "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["format_version"] == 1


@pytest.mark.parametrize("extra", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_there_is_no_colour_without_a_terminal(planned: Cli, extra: dict[str, str]) -> None:
    for command in (("drift", "--desired", "desired.sql"), ("show", "plan.json"), ("status",)):
        ran = planned(*command, **extra)
        assert not ANSI.search(ran.out + ran.err)


def test_a_snapshot_is_a_desired_schema(cli: Cli) -> None:
    assert cli("inspect", "--format", "json", "-o", "live.json").code == 0
    ran = cli("drift", "--desired", "snapshot:live.json")
    assert ran.code == 0, ran.out + ran.err


def test_inspect_as_mermaid_and_sql(cli: Cli) -> None:
    assert cli("inspect", "--format", "mermaid").out.startswith("erDiagram")
    assert "CREATE TABLE" in cli("inspect", "desired.sql", "--format", "sql").out.upper()


def test_quiet_keeps_stderr_empty_and_the_log_file_full(cli: Cli) -> None:
    ran = cli("drift", "--desired", "desired.sql", "-q", "--log-file", "log.txt")
    assert ran.err == ""
    assert "comparing" in (cli.folder / "log.txt").read_text()


def test_a_closed_pipe_is_no_error(cli: Cli) -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m lockgate inspect --format json | head -c 10"
    done = subprocess.run(command, shell=True, cwd=cli.folder, env=cli.environment, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
