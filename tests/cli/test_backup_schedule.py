"""``lockgate backup schedule`` as a user runs it, beside other entries, without a terminal, in a clean environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import lockgate
from tests.cli.conftest import Cli

OTHERS = "# nightly\nMAILTO=ops\n0 1 * * * /usr/bin/env true 100\\%"
PROGRAM = """#!/bin/sh
# Keeps the table in a file and runs nothing, which is all that is asked of cron here.
case "$1" in
-l) if [ -f "$HOME/table" ]; then cat "$HOME/table"; else echo "no crontab for me" >&2; exit 1; fi ;;
-) cat > "$HOME/table" ;;
*) exit 2 ;;
esac
"""
CONFIG = 'url = "${file:secret.url}"\n[backup]\nschedule = "every 6h at 03:30"\n'
SECRET = "hunter2-in-a-file"


@pytest.fixture
def scheduled(cli: Cli) -> Cli:
    """A configured target, a home of its own and a crontab with entries of others."""
    programs = cli.folder / "bin"
    programs.mkdir()
    (programs / "crontab").write_text(PROGRAM)
    (programs / "crontab").chmod(0o755)
    cli.write("table", OTHERS)
    cli.write("lockgate.toml", CONFIG)
    cli.write("secret.url", "sqlite:///app.db")
    # An entry of cron is short: it must not depend on how long the folders are that the tests are in.
    code = str(Path(lockgate.__file__).parents[1])
    return Cli(cli.folder, {"HOME": str(cli.folder), "PATH": f"{programs}:/usr/bin:/bin", "PYTHONPATH": code})


def _table(cli: Cli) -> str:
    return (cli.folder / "table").read_text()


def _command(cli: Cli) -> str:
    lines = [line for line in _table(cli).splitlines() if "backup create" in line]
    assert len(lines) == 1
    return lines[0].split(" ", 5)[5]


def test_installed_twice_is_one_entry_that_takes_a_backup_and_goes_without_a_trace(scheduled: Cli) -> None:
    first = scheduled("backup", "schedule", "install", "--cron")
    table = _table(scheduled)
    second = scheduled("backup", "schedule", "install", "--cron", "--format", "json")

    assert first.code == second.code == 0, first.err + second.err
    assert table == _table(scheduled) and table.startswith(OTHERS + "\n")
    assert "+30 3,9,15,21 * * * cd" in first.err and "next run:" in first.out
    assert json.loads(second.out)["action"] == "unchanged"
    ran = subprocess.run(
        ["/bin/sh", "-c", _command(scheduled).replace("\\%", "%")],
        env={"HOME": str(scheduled.folder), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert json.loads(scheduled("backup", "list", "--format", "json").out)["backups"][0]["reason"] == "schedule"
    shown = scheduled("backup", "schedule", "show", "--format", "json")
    assert [item["is_edited"] for item in json.loads(shown.out)["schedules"]] == [False]
    assert scheduled("backup", "schedule", "remove").code == 0
    assert _table(scheduled) == OTHERS + "\n"
    assert scheduled("backup", "schedule", "show").code == 3


def test_a_dry_run_shows_the_entry_and_writes_nothing(scheduled: Cli) -> None:
    ran = scheduled("backup", "schedule", "install", "--cron", "--at", "02:15", "--dry-run")

    assert ran.code == 0 and "+15 2 * * * cd" in ran.out and "would be installed" in ran.out
    assert _table(scheduled) == OTHERS


def test_an_entry_that_was_changed_by_hand_is_neither_replaced_nor_removed_unless_forced(scheduled: Cli) -> None:
    scheduled("backup", "schedule", "install", "--cron")
    edited = _table(scheduled).replace("30 3,9", "31 3,9")
    scheduled.write("table", edited)

    for words in (("install", "--cron"), ("remove",)):
        ran = scheduled("backup", "schedule", *words)
        assert ran.code == 4 and "changed by hand" in ran.err
    assert _table(scheduled) == edited
    assert scheduled("backup", "schedule", "remove", "--force").code == 0
    assert _table(scheduled) == OTHERS + "\n"


def test_a_crontab_that_cannot_be_read_is_not_overwritten(scheduled: Cli) -> None:
    (scheduled.folder / "bin/crontab").write_text('#!/bin/sh\n[ "$1" = - ] && cat > "$HOME/table"\nexit 1\n')

    ran = scheduled("backup", "schedule", "install", "--cron")

    assert ran.code == 6 and "cannot be read" in ran.err
    assert _table(scheduled) == OTHERS


def test_a_variable_that_only_a_shell_has_is_refused_until_a_file_holds_it(scheduled: Cli) -> None:
    scheduled.write("lockgate.toml", 'url = "${env:SHOP_URL}"\n')
    install = ("backup", "schedule", "install", "--cron")

    refused = scheduled(*install, SHOP_URL="sqlite:///app.db")
    scheduled.write("env", "# for the backups\nSHOP_URL='sqlite:///app.db'\n")
    open_to_all = scheduled(*install, "--environment-file", "env", SHOP_URL="sqlite:///app.db")
    (scheduled.folder / "env").chmod(0o600)
    done = scheduled(*install, "--environment-file", "env", SHOP_URL="sqlite:///app.db")

    assert refused.code == 2 and "will not have SHOP_URL" in refused.err and "--environment-file" in refused.err
    assert open_to_all.code == 2 and "others can read it" in open_to_all.err
    assert done.code == 0, done.err
    ran = subprocess.run(["/bin/sh", "-c", _command(scheduled)], env={"PATH": "/bin"}, check=False)
    assert ran.returncode == 0


def test_no_password_reaches_a_schedule_and_no_other_database_is_backed_up_in_its_place(scheduled: Cli) -> None:
    url = f"postgresql://app:{SECRET}@127.0.0.1:1/shop"

    ran = scheduled("backup", "schedule", "install", "--cron", LOCKGATE_URL=url)
    bare = scheduled("backup", "schedule", "install", "--cron", LOCKGATE_URL="sqlite:///other.db")

    assert ran.code == 2 and "will not have LOCKGATE_URL" in ran.err
    assert SECRET not in ran.err + ran.out
    assert bare.code == 0 and f"--url sqlite:///{scheduled.folder}/other.db" in _command(scheduled)


def test_units_are_written_once_and_taken_out_again(scheduled: Cli) -> None:
    folder = scheduled.folder / "units"
    install = ("backup", "schedule", "install", "--systemd", "--user", "--folder", str(folder))

    first, second = scheduled(*install), scheduled(*install, "--format", "json")

    assert first.code == 0 and "systemctl --user enable --now lockgate-backup-" in first.out
    assert json.loads(second.out)["action"] == "unchanged"
    assert sorted(path.suffix for path in folder.iterdir()) == [".service", ".timer"]
    other = Path(folder / "other.timer")
    other.write_text("mine")
    assert scheduled("backup", "schedule", "remove", "--systemd", "--folder", str(folder)).code == 0
    assert list(folder.iterdir()) == [other]


def test_a_file_in_cron_d_names_its_user_and_goes_when_it_is_empty(scheduled: Cli) -> None:
    folder = scheduled.folder / "cron.d"
    place = ("--cron", "--system", "--folder", str(folder))

    assert scheduled("backup", "schedule", "install", *place, "--run-as", "backup").code == 0

    (file,) = folder.iterdir()
    assert " * * * backup cd " in file.read_text() and "." not in file.name
    assert scheduled("backup", "schedule", "remove", *place).code == 0
    assert list(folder.iterdir()) == []
