"""The tutorial does what it says: its commands are run here one after the other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs/tutorial.md"
REFUSED = 4
FOUND = 3


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _programs(folder: Path) -> Path:
    """Make ``lockgate`` and ``python`` those of this test, and leave the steps of a set-up out."""
    folder.mkdir()
    for name, command in (("lockgate", f"{sys.executable} -m lockgate"), ("python", sys.executable), ("pip", "true")):
        (folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def test_the_tutorial_leads_there_and_back(tmp_path: Path) -> None:
    text = TUTORIAL.read_text()
    first, *blocks = _blocks(text, "console")
    assert first.startswith("pip install")
    (tmp_path / "schema.sql").write_text(_blocks(text, "sql")[0])
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LOCKGATE_", "DATABASE_"))},
        "PATH": f"{_programs(tmp_path / 'bin')}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LOCKGATE_URL": "sqlite:///shop.db",
    }
    codes, output = [], []

    for block in blocks:
        done = subprocess.run(
            ["bash", "-ec", block],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        codes.append(done.returncode)
        output.append(done.stdout + done.stderr)

    assert codes == [0, FOUND, REFUSED, 0, 0, 0, 0], "\n".join(output)
    assert "('007',) ('19',)" in output[5]
