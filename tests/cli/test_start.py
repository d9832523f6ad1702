"""The command line starts at once and imports only what a command needs."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from lockgate.cli.app import COMMANDS

from .conftest import Cli

OURS = {
    "lockgate", "lockgate.cli", "lockgate.cli.app", "lockgate.cli.failure", "lockgate.cli.parts",
    "lockgate.cli.stopping", "lockgate.errors", "lockgate.outside", "lockgate.outside.redact",
}  # fmt: skip


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_need_click_and_a_few_small_modules_of_ours(cli: Cli, argument: str) -> None:
    """That is what makes them quick; how quick they are on a machine is measured by `python -m bench.start`."""
    needed = _imported(cli, "-m", "lockgate", argument) - _imported(cli, "-c", "pass")
    ours = {name for name in needed if name.partition(".")[0] == "lockgate"}
    foreign = {name.partition(".")[0] for name in needed - ours} - sys.stdlib_module_names

    assert ours == OURS
    assert foreign == {"click"}
    assert len(needed) < 120


def _imported(cli: Cli, *arguments: str) -> set[str]:
    """Return the modules that a whole process of Python imports."""
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, env=cli.environment, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_help_imports_no_driver_model_or_terminal_library(cli: Cli) -> None:
    code = (
        "import sys, json\n"
        "from lockgate.cli.app import run_command_line\n"
        "run_command_line(['--help'])\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=cli.environment, capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout.splitlines()[-1])
    heavy = {"msgspec", "rich", "sqlite3", "psycopg", "pymysql", "lockgate.engine", "lockgate.workflow", "asyncio"}
    assert not heavy & set(modules)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(cli: Cli, name: str) -> None:
    ran = cli(name, "--help")
    assert ran.code == 0
    assert COMMANDS[name].rstrip(".") in " ".join(ran.out.split())


def test_the_first_line_comes_before_the_server_answers(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none?connect_timeout=600"
        process = subprocess.Popen(
            [sys.executable, "-m", "lockgate", "drift", "--desired", "desired.sql"],
            env={**cli.environment, "LOCKGATE_URL": url},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            cwd=cli.folder,
        )
        assert process.stderr is not None
        line = process.stderr.readline()
        is_waiting = process.poll() is None
        process.kill()
        process.communicate()
    assert "127.0.0.1" in line and not line.startswith("error")
    assert is_waiting


def test_completion_is_available_for_three_shells(cli: Cli) -> None:
    for shell in ("bash", "zsh", "fish"):
        script = "from lockgate.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**cli.environment, "_LOCKGATE_COMPLETE": f"{shell}_source"},
            capture_output=True,
            text=True,
        )
        assert "lockgate" in done.stdout
