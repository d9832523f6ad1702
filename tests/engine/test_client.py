"""Client programs: their credentials, their words, their end; run with the shell in place of a database's own."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lockgate.engine.client.child import Call, Group, Stopped, capture_client, run_client
from lockgate.engine.client.credentials import client_environment, open_secret_file, option_text, pgpass_text
from lockgate.engine.client.find import ClientProgram, beside, choose_client, find_clients
from lockgate.engine.client.words import mask
from lockgate.errors import BackupFailed, Interrupted


def shell(script: str, **more: object) -> Call:
    """A call of the shell under another name."""
    return Call("pg_tool", ("/bin/sh", "-c", script), client_environment(), **more)  # type: ignore[arg-type]


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(pid: int) -> bool:
    end = time.monotonic() + 30
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


def test_what_a_program_prints_is_pumped_whole() -> None:
    out = io.BytesIO()
    run_client(shell("head -c 3000000 /dev/zero"), into=out)
    assert out.getvalue() == bytes(3_000_000)


def test_a_program_is_fed_and_must_read_everything() -> None:
    out = capture_client(shell("echo a; echo b"))
    assert out == b"a\nb\n"
    run_client(shell("test $(wc -c) = 3000000"), source=io.BytesIO(bytes(3_000_000)))
    with pytest.raises(BackupFailed, match="before it had read everything"):
        run_client(shell("head -c 10 >/dev/null"), source=io.BytesIO(bytes(30_000_000)))


def test_a_failure_tells_program_code_and_masked_words() -> None:
    script = "echo 'secret row 1' >&2; echo \"pg_tool: error: value 'secret' in relation 'orders', pw\" >&2; exit 3"
    with pytest.raises(BackupFailed) as caught:
        run_client(shell(script, secrets=("pw",)))
    assert caught.value.what == "pg_tool failed"
    assert caught.value.cause == "it ended with 3: value '…' in relation 'orders', ***"


def test_a_program_that_cannot_be_started_is_one_clear_error() -> None:
    with pytest.raises(BackupFailed, match="cannot be started"):
        run_client(Call("pg_tool", ("/nowhere/pg_tool",), client_environment()))


def test_silence_is_noticed_and_all_its_processes_ended(tmp_path: Path) -> None:
    script = f"trap '' TERM; sleep 120 & echo $! > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 121"

    def sign() -> object:
        return 0 if (tmp_path / "pid").exists() else time.monotonic()  # silent only once both processes run

    started = time.monotonic()
    with pytest.raises(BackupFailed, match=r"no sign of life for 0\.5 s"):
        run_client(shell(script, idle_s=0.5, grace_s=0.2, sign=sign), into=io.BytesIO())
    assert time.monotonic() - started < 60
    assert wait_for_end(int((tmp_path / "pid").read_text()))


def test_a_sign_of_life_keeps_a_silent_program_running() -> None:
    run_client(shell("sleep 1.2", idle_s=0.4, sign=time.monotonic))


def test_an_error_of_the_taker_ends_the_program_and_goes_on(tmp_path: Path) -> None:
    class Full:
        def write(self, data: bytes | memoryview) -> int:
            raise Interrupted("a stop was asked for")

    with pytest.raises(Interrupted):
        run_client(shell(f"echo $$ > {tmp_path}/pid; echo; sleep 60"), into=Full())
    assert wait_for_end(int((tmp_path / "pid").read_text()))


def test_the_first_failure_ends_all(tmp_path: Path) -> None:
    group = Group()
    seen: list[BaseException] = []
    begun = tmp_path / "begun"

    def wait() -> None:
        try:
            run_client(shell(f": > {begun}; sleep 60"), group=group)
        except Stopped as error:
            seen.append(error)
            raise

    def fail() -> None:
        run_client(shell(f"until [ -e {begun} ]; do sleep 0.05; done; exit 7"), group=group)

    with pytest.raises(BackupFailed, match="ended with 7"):
        group.run([wait, fail], jobs=2)
    assert len(seen) == 1


def test_tasks_are_done_in_order_so_many_at_a_time() -> None:
    done: list[int] = []
    Group().run([lambda n=n: done.append(n) for n in range(5)], jobs=1)  # type: ignore[misc]
    assert done == [0, 1, 2, 3, 4]


def test_a_program_and_its_workers_end_when_we_are_killed(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $$ $! > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pids; wait"
    code = (
        "from lockgate.engine.client.child import Call, run_client\n"
        f"run_client(Call('x', ('/bin/sh', '-c', {script!r}), {{'PATH': '/usr/bin:/bin'}}, has_workers=True))"
    )
    us = subprocess.Popen([sys.executable, "-c", code])
    end = time.monotonic() + 60
    while not (tmp_path / "pids").exists() and time.monotonic() < end:
        time.sleep(0.02)
    us.send_signal(signal.SIGKILL)
    us.wait()
    assert all(wait_for_end(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_a_secret_file_is_ours_alone_can_be_read_again_and_is_gone_after() -> None:
    with open_secret_file("käse\n") as secret:
        assert os.stat(secret.path).st_mode & 0o777 == 0o600
        call = shell(f"cat {secret.path}; cat {secret.path}", descriptors=secret.descriptors)
        assert capture_client(call).decode() == "käse\nkäse\n"
    assert not os.path.exists(secret.path)


def test_where_files_in_memory_are_missing_it_is_a_file_only_we_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with open_secret_file("x") as secret:
        assert os.stat(secret.path).st_mode & 0o777 == 0o600
        assert os.stat(os.path.dirname(secret.path)).st_mode & 0o777 == 0o700
    assert not os.path.exists(os.path.dirname(secret.path))


def test_nothing_secret_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGPASSWORD", "MYSQL_PWD", "AWS_SECRET_ACCESS_KEY", "PGOPTIONS", "DATABASE_URL"):
        monkeypatch.setenv(name, "canary")
    found = client_environment(PGAPPNAME="lockgate")
    assert "canary" not in found.values()
    assert (found["LC_ALL"], found["PGSERVICEFILE"], found["PGAPPNAME"]) == ("C", os.devnull, "lockgate")


@pytest.mark.parametrize("password", ["plain", 'p#w \\ "1', "a'b;c", "tab\there", " spaces ", "ünï", "\\n"])
def test_option_files_are_read_back_by_the_clients_own_program(password: str) -> None:
    with open_secret_file(option_text({"client": {"password": password, "user": "x"}})) as secret:
        program = find_clients(("my_print_defaults",), "mysql")[0]
        command = (*program.command, f"--defaults-file={secret.path}", "-s", "client")
        out = capture_client(Call("print", command, client_environment(), secret.descriptors)).decode()
    assert out.splitlines()[0] == f"--password={password}"


def test_password_files_of_libpq_escape_colons_and_backslashes() -> None:
    assert pgpass_text("a:b\\c") == "*:*:*:*:a\\:b\\\\c\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Duplicate entry 'O'B' for key 'a' for key 't.email'", "Duplicate entry '…' for key 't.email'"),
        ('invalid input syntax for type integer: "4711"', 'invalid input syntax for type integer: "…"'),
        ('relation "public.orders" does not exist', 'relation "public.orders" does not exist'),
        ("Key (mail)=(a@b.c) already exists.", "Key (mail)… already exists."),
        ("You have an error near 'O'Brien, 4711' at line 1", "You have an error near '…' at line 1"),
        ("near 'unclosed 4711", "near …"),
        ('COPY t, line 3, column x: "4711"', "COPY t, …"),
    ],
)  # fmt: skip
def test_values_are_masked_and_names_kept(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_programs_are_found_where_the_variable_says_and_know_their_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for folder, line in (
        ("a", "pg_dump (PostgreSQL) 91.3"),
        ("b", "pg_dump (PostgreSQL) 90.1"),
        ("c", "pg_dump from 11.8.8-MariaDB, client 10.19"),
    ):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "pg_dump"
        file.write_text(f"#!/bin/sh\necho '{line}'\n")
        file.chmod(0o755)
    monkeypatch.setenv("LOCKGATE_CLIENT_BIN", f"{tmp_path}/a:{tmp_path}/b/pg_dump:{tmp_path}/c")
    found = find_clients(("pg_dump",), "postgres")
    assert [program.version for program in found[:2]] == [(91, 3), (90, 1)]
    assert choose_client(found, (90,)) == found[1]
    assert choose_client(found, (91,)) == found[0]
    assert choose_client(found, (92,)) is None
    assert beside(found[0], "pg_restore") is None
    assert find_clients(("pg_dump",), "mariadb")[0].version == (11, 8, 8)


def test_the_servers_own_clients_are_found() -> None:
    assert {program.name for program in find_clients(("pg_dump", "pg_restore"), "postgres")} == {
        "pg_dump",
        "pg_restore",
    }
    dumps: tuple[ClientProgram, ...] = find_clients(("mysqldump",), "mysql")
    assert dumps and dumps[0].version >= (8,)
