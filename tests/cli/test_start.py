"""The command line starts at once and imports only what a command needs."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import pytest

from lockgate.cli.app import COMMANDS

from .conftest import Cli


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_come_within_150_ms(cli: Cli, argument: str) -> None:
    # Processor time, which a busy machine does not lengthen; on an idle one it is the time that passes.
    seconds = []
    for _ in range(5):
        began = _children_s()
        done = subprocess.run([sys.executable, "-m", "lockgate", argument], env=cli.environment, capture_output=True)
        seconds.append(_children_s() - began)
        assert done.returncode == 0
    assert min(seconds) < 0.150


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
    process = subprocess.Popen(
        [sys.executable, "-m", "lockgate", "drift", "--desired", "desired.sql"],
        env={**cli.environment, "LOCKGATE_URL": "postgresql://nobody@192.0.2.1:5432/none?connect_timeout=30"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=cli.folder,
    )
    began = time.perf_counter()
    assert process.stderr is not None
    line = process.stderr.readline()
    seconds = time.perf_counter() - began
    process.kill()
    process.communicate()
    assert "192.0.2.1" in line
    assert seconds < 2.0


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
