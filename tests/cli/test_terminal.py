"""With a terminal Lockgate asks: y/N before a write, the name before what cannot be repeated, and about renamings."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time

from .conftest import Cli


def _on_terminal(cli: Cli, answer: str, *arguments: str) -> tuple[int, str]:
    """Run a command on a pseudo-terminal and type ``answer`` when it asks."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lockgate", *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=cli.folder,
        env=cli.environment,
        close_fds=True,
    )
    os.close(follower)
    text, has_answered, limit = "", False, time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            chunk = os.read(leader, 4096)
        except OSError:
            break
        if not chunk:
            break
        text += chunk.decode(errors="replace")
        if not has_answered and text.rstrip().endswith((":", "?", "]")) and ("?" in text or "type" in text):
            os.write(leader, f"{answer}\n".encode())
            has_answered = True
    process.wait(timeout=10)
    os.close(leader)
    return process.returncode, text


def test_no_is_the_default_and_nothing_happens(planned: Cli) -> None:
    before = planned.dump()
    code, text = _on_terminal(planned, "", "apply", "plan.json")
    assert "[y/N]" in text
    assert code == 130
    assert planned.dump() == before


def test_yes_applies(planned: Cli) -> None:
    code, text = _on_terminal(planned, "y", "apply", "plan.json")
    assert code == 0, text


def test_a_renaming_is_asked_about_and_keeps_the_values(cli: Cli) -> None:
    desired = "CREATE TABLE customers (id integer PRIMARY KEY, name text, telefax text, email text);"
    desired += (
        "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total text);"
    )
    desired += "CREATE TABLE old_log (id integer PRIMARY KEY, line text);"
    cli.write("renamed.sql", desired)
    code, text = _on_terminal(cli, "y", "plan", "--desired", "renamed.sql", "--allow", "all", "-o", "plan.json")
    assert code == 0, text
    assert "renamed to" in text
