"""Run the real drizzle-kit on copies of Drizzle projects, offline; npm puts it into a cache folder when missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.drizzle.forms import FORMS
from tests.drizzle.generate import write_project

VERSIONS = ("drizzle-kit@0.31.11", "drizzle-orm@0.45.2")
CASES = Path(__file__).parent.parent / "tests" / "drizzle" / "cases"
EXPECTED = CASES.parent / "expected"


def find_kit() -> Path:
    """Return a folder whose ``node_modules`` has drizzle-kit: ``LOCKGATE_DRIZZLE_KIT``, else a cache filled by npm."""
    given = os.environ.get("LOCKGATE_DRIZZLE_KIT")
    if given:
        return Path(given)
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lockgate" / "drizzle-kit"
    if not (folder / "node_modules" / ".bin" / "drizzle-kit").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n')
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", *VERSIONS], cwd=folder, check=True)
    return folder


def export_sql(project: Path, kit: Path) -> str:
    """Return the SQL that drizzle-kit makes of a project.

    ``export`` does not look at ``casing``, so a project that sets it goes through ``generate`` into an empty folder.

    Raises:
        RuntimeError: drizzle-kit says it could not.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("expected.sql", "expect.json"))
        (copy / "node_modules").symlink_to(kit / "node_modules")
        config = next(copy.glob("drizzle.config.*"))
        has_casing = "casing" in config.read_text()
        command = "generate" if has_casing else "export"
        run = subprocess.run(
            [str(kit / "node_modules/.bin/drizzle-kit"), command, f"--config={config.name}"],
            cwd=copy,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        if run.returncode != 0 or "Error" in run.stderr:
            raise RuntimeError(f"{project.name}: {run.stderr.strip()[-600:] or run.stdout.strip()[-600:]}")
        if not has_casing:
            return _without_log(run.stdout)
        return "\n".join(file.read_text() for file in sorted((copy / "drizzle").glob("*.sql"))) + "\n"


def _without_log(text: str) -> str:
    """Leave out the list of files that it prints before the SQL of MySQL."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith(("CREATE ", "ALTER "))]
    return "\n".join(lines[starts[0] :]).strip() + "\n" if starts else ""


def main() -> None:
    """Write the expected SQL of every case that drizzle-kit can read, and of the generated projects."""
    kit = find_kit()
    for case in sorted(CASES.iterdir()):
        expect = json.loads((case / "expect.json").read_text()) if (case / "expect.json").exists() else {}
        if expect.get("kit") == "fails" or not list(case.glob("drizzle.config.*")):
            continue
        (case / "expected.sql").write_text(export_sql(case, kit))
        print(f"{case.name}: written")  # noqa: T201
    for dialect in FORMS:
        with tempfile.TemporaryDirectory() as folder:
            sql = export_sql(write_project(Path(folder), dialect), kit)
        (EXPECTED / f"{dialect}.sql").write_text(sql)
        print(f"the generated {dialect} project: written")  # noqa: T201


if __name__ == "__main__":
    main()
