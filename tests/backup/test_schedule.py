"""When backups run, and the texts that cron and systemd are given; systemd's own checker reads them."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockgate.backup.schedule import Job, When, last_run, missed_run, next_run, parse_when, read_when
from lockgate.backup.schedule_text import cron_block, find_block, put_block, service_text, take_block, timer_text
from lockgate.backup.schedulers import Systemd
from lockgate.errors import BackupFailed, ConfigError, RefusedError
from lockgate.workflow.schedule_backups import make_change, plan_install

NAME = "lockgate-backup-shop-0a1b2c3d"
SINCE = "2026-11-22T08:00:00Z"
NOW = datetime(2026, 11, 22, 8, 40, tzinfo=UTC)
BEFORE = b"# mine\nMAILTO=me\n0 1 * * * /bin/true 100\\%\n"


def _same(local: datetime) -> datetime:
    return local.replace(tzinfo=UTC)


def _job(**more: object) -> Job:
    usual = {"name": NAME, "target": "shop", "when": When(), "command": ("/bin/true", "backup"), "folder": "/srv/shop"}
    return Job(**{**usual, **more})  # type: ignore[arg-type]


RHYTHMS = [
    ("", "", "15 2 * * *", "*-*-* 02:15:00", "2026-11-23T02:15"),
    ("3:30", "6h", "30 3,9,15,21 * * *", "*-*-* 03,09,15,21:30:00", "2026-11-22T09:30"),
    ("00:20", "15m", "5,20,35,50 * * * *", "*-*-* *:05,20,35,50:00", "2026-11-22T08:50"),
    ("Sun 23:05", "7d", "5 23 * * 0", "Sun *-*-* 23:05:00", "2026-11-22T23:05"),
    ("mon 04:00", "", "0 4 * * 1", "Mon *-*-* 04:00:00", "2026-11-23T04:00"),
    ("00:00", "1h", f"0 {','.join(map(str, range(24)))} * * *", "", "2026-11-22T09:00"),
]


@pytest.mark.parametrize(("at", "every", "cron", "calendar", "following"), RHYTHMS)
def test_a_rhythm_is_the_same_to_cron_to_systemd_and_to_us(
    at: str, every: str, cron: str, calendar: str, following: str
) -> None:
    when = parse_when(at, every)

    assert when.cron() == cron
    assert not calendar or when.calendar() == calendar
    assert next_run(when, NOW, _same) == datetime.fromisoformat(f"{following}:00+00:00")
    assert read_when(str(when)) == when


def test_systemd_reads_our_calendars_as_we_do() -> None:
    calendars = [parse_when(at, every).calendar() for at, every, *_ in RHYTHMS]

    done = subprocess.run(
        ["systemd-analyze", "calendar", "--base-time=2026-11-22 08:40:00 UTC", *calendars],
        capture_output=True, text=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    lines = [line.split(": ", 1)[1] for line in done.stdout.splitlines() if "Next elapse" in line]
    assert [line[4:20] for line in lines] == [following.replace("T", " ") for *_, following in RHYTHMS]


@pytest.mark.parametrize(
    ("at", "every"), [("25:00", ""), ("", "7m"), ("", "5h"), ("", "1m"), ("soon", ""), ("Sun 1:00", "6h")]
)
def test_what_no_calendar_holds_is_refused(at: str, every: str) -> None:
    with pytest.raises(ConfigError, match="no rhythm"):
        parse_when(at, every)


@given(
    st.sampled_from([5, 15, 60, 360, 1440, 10080]), st.integers(0, 23), st.integers(0, 59), st.integers(0, 6),
    st.integers(0, 14 * 1440),
)  # fmt: skip
@settings(max_examples=60)
def test_runs_are_a_rhythm_apart_around_any_moment(
    minutes: int, hour: int, minute: int, weekday: int, later: int
) -> None:
    when, now = When(minutes=minutes, hour=hour, minute=minute, weekday=weekday), NOW + timedelta(minutes=later)

    before, after = last_run(when, now, _same), next_run(when, now, _same)

    assert before <= now < after
    assert after - before == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("since", "newest", "missed"),
    [
        ("2026-11-01", "2026-11-22T02:15", ""),
        ("2026-11-01", "2026-11-21T02:15", "2026-11-22T02:15"),
        ("2026-11-01", "", "2026-11-22T02:15"),
        ("2026-11-22T03:00", "", ""),
    ],
)
def test_a_run_that_was_due_and_left_no_backup_is_missed(since: str, newest: str, missed: str) -> None:
    def moment(text: str) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    began = moment(since)
    assert began is not None
    assert missed_run(When(), began, moment(newest), NOW, _same) == moment(missed)
    early = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    assert missed_run(When(), began, moment("2026-11-21T02:15"), early, _same) is None


def test_an_entry_is_put_in_once_changed_in_place_and_taken_out_without_a_trace() -> None:
    block = cron_block(_job(), SINCE)
    other = cron_block(_job(name="lockgate-backup-other-11111111"), SINCE)

    once = put_block(BEFORE, NAME, block)
    twice = put_block(put_block(once, NAME, block) + other, NAME, cron_block(_job(when=When(hour=4)), SINCE))

    assert once == BEFORE + block
    assert twice.startswith(BEFORE) and twice.endswith(other)
    assert twice.count(NAME.encode()) == block.count(NAME.encode())
    assert take_block(twice, NAME) == BEFORE + other
    assert take_block(put_block(b"", NAME, block), NAME) == b""
    assert put_block(b"0 1 * * * /bin/true", NAME, block) == b"0 1 * * * /bin/true\n" + block
    assert put_block(once + block, NAME, block) == once


def test_an_entry_that_was_edited_or_torn_apart_is_seen() -> None:
    block = cron_block(_job(), SINCE)
    table = put_block(BEFORE, NAME, block)
    found = find_block(table, NAME, "crontab")

    assert found is not None and (found.when, found.since, found.is_edited) == ("every 1d at 02:15", SINCE, False)
    edited = find_block(table.replace(b"15 2 * * *", b"15 5 * * *"), NAME, "crontab")
    assert edited is not None and edited.is_edited
    with pytest.raises(RefusedError, match="torn apart"):
        find_block(table.replace(f"# <<< {NAME}".encode(), b""), NAME, "crontab")


def test_cron_gets_percent_signs_escaped_and_nothing_it_cannot_hold(tmp_path: Path) -> None:
    folder = tmp_path / "100% of 'it'"
    folder.mkdir()
    job = _job(folder=str(folder), command=("/bin/pwd",))

    line = cron_block(job, SINCE).decode().splitlines()[1]

    command = line.split(" ", 5)[5]
    assert command.replace("\\%", "").count("%") == 0
    shown = subprocess.run(
        ["/bin/sh", "-c", command.replace("\\%", "%").removesuffix(">/dev/null")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout.strip() == str(folder)
    with pytest.raises(ConfigError, match="cannot be scheduled"):
        cron_block(_job(environment=(("PATH", "/x" * 600),)), SINCE)
    with pytest.raises(ConfigError, match="cannot be scheduled"):
        cron_block(_job(folder="/a\nb"), SINCE)


@pytest.mark.parametrize("scope", ["user", "system"])
def test_systemd_accepts_our_units(tmp_path: Path, scope: str) -> None:
    folder = tmp_path / "100% of it"
    folder.mkdir()
    job = _job(
        folder=str(folder),
        environment=(("LOCKGATE_CONFIG", f"{folder}/lockgate.toml"), ("PATH", '/usr/bin:/a "b" \\c')),
        environment_file=str(folder / "env"),
        command=("/bin/true", "100%", "$HOME", 'a "b"'),
        user="" if scope == "user" else "root",
    )
    service, timer = tmp_path / f"{NAME}.service", tmp_path / f"{NAME}.timer"
    service.write_text(service_text(job, SINCE, is_user=scope == "user"))
    timer.write_text(timer_text(job, SINCE))

    done = subprocess.run(
        ["systemd-analyze", f"--{scope}", "verify", str(service), str(timer)],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path)},
    )

    ours = [line for line in done.stderr.splitlines() if NAME in line]
    assert (done.returncode, ours) == (0, []), done.stderr
    assert 'ExecStart="/bin/true" "100%%" "$$HOME" "a \\"b\\""' in service.read_text()


SYSTEMCTL = """#!/bin/sh
# Writes down what it is told, and is as active as the file says.
echo "$*" >> "$(dirname "$0")/told"
case "$*" in *is-active*) cat "$(dirname "$0")/state"; exit 0 ;; *enable*) exit "$(cat "$(dirname "$0")/code")" ;; esac
"""


def test_systemd_is_told_of_new_units_and_a_refusal_is_no_success(tmp_path: Path) -> None:
    program = tmp_path / "systemctl"
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    (tmp_path / "code").write_text("0")
    (tmp_path / "state").write_text("active\n")
    scheduler = Systemd(tmp_path / "units", "user", str(program))

    change = plan_install(scheduler, _job(), now=NOW)
    done = make_change(change)
    again = plan_install(scheduler, _job(), now=NOW + timedelta(days=1))

    assert done.left == "" and again.is_empty
    assert (tmp_path / "told").read_text().splitlines()[:2] == [
        "--user daemon-reload",
        f"--user enable --now {NAME}.timer",
    ]
    found = scheduler.find(scheduler.read(NAME), NAME)
    assert found is not None and found.is_active and not found.is_edited
    (tmp_path / "code").write_text("1")
    with pytest.raises(BackupFailed, match="systemd does not take the schedule"):
        make_change(plan_install(scheduler, _job(when=When(hour=5)), now=NOW))
    (tmp_path / "units" / f"{NAME}.service").write_text("[Unit]\nDescription=mine\n")
    with pytest.raises(RefusedError, match="unit of another"):
        plan_install(scheduler, _job(), now=NOW)
