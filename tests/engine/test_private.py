"""Private servers start, answer only to their owner, and are gone afterwards, however their owner ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pymysql
import pytest

from lockgate.engine.private import FLAVORS, PrivateServer, ServerStartError, find_binaries, private_server
from tests.servers import FLAVORS as NAMES


@pytest.fixture(params=NAMES)
def server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    try:
        started = private_server(request.param)
    except ServerStartError as error:
        pytest.fail(f"{error}\nrun 'python tools/get_servers.py {request.param}'", pytrace=False)
    with started:
        yield started


def _ask(server: PrivateServer, sql: str, password: str | None = None) -> object:
    target = server.target()
    secret = target.password if password is None else password
    if server.flavor.name == "postgres":
        with psycopg.connect(
            host=target.host, port=target.port, user=target.user, password=secret, dbname="postgres"
        ) as connection:
            row = connection.execute(sql.encode()).fetchone()
    else:
        connected = pymysql.connect(host=target.host, port=target.port, user=target.user, password=secret)
        with connected, connected.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
    assert row is not None
    return row[0]


def test_a_private_server_answers_with_the_version_of_its_program(server: PrivateServer) -> None:
    sql = "SHOW server_version" if server.flavor.name == "postgres" else "SELECT version()"

    assert str(_ask(server, sql)).startswith(server.binary.version_text)


def test_nobody_logs_in_to_a_private_server_without_its_password(server: PrivateServer) -> None:
    with pytest.raises((psycopg.OperationalError, pymysql.err.OperationalError)):
        _ask(server, "SELECT 1", password="wrong")


def test_the_password_is_in_no_text_form_of_the_address(server: PrivateServer) -> None:
    target = server.target()

    assert target.password
    assert target.password not in repr(target) + target.display


def test_closing_ends_the_server_and_removes_its_folder(server: PrivateServer) -> None:
    home = server.home
    assert home.is_dir()

    server.close()

    assert not home.exists()
    assert not server.is_running()
    assert not _processes_with(str(home))


def test_two_private_servers_run_side_by_side(server: PrivateServer) -> None:
    with private_server(server.flavor.name) as other:
        assert other.port != server.port
        assert _ask(other, "SELECT 1") == 1
        assert _ask(server, "SELECT 1") == 1


def test_a_killed_owner_leaves_no_server_and_no_folder(server: PrivateServer) -> None:
    name = server.flavor.name
    code = f"from lockgate.engine.private import private_server as p; import time; s = p({name!r}); " + (
        "print(s.home, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=_environment()) as owner:
        try:
            assert owner.stdout is not None
            home = Path(owner.stdout.readline().strip())
            assert home.is_dir()
            assert _processes_with(str(home))
        finally:
            owner.send_signal(signal.SIGKILL)

    assert _becomes_true(lambda: not home.exists() and not _processes_with(str(home)))


def test_an_owner_killed_while_it_copies_leaves_no_folder(server: PrivateServer) -> None:
    code = (
        "import lockgate.engine.private.process as p, time\n"
        "def copy(flavor, binary, settings, home):\n"
        "    (home / 'data').mkdir(); print(home, flush=True); time.sleep(600)\n"
        "p.copy_template = copy\n"
        "from lockgate.engine.private import private_server\n"
        f"private_server({server.flavor.name!r})\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=_environment()) as owner:
        try:
            assert owner.stdout is not None
            home = Path(owner.stdout.readline().strip())
            assert home.is_dir()
        finally:
            owner.send_signal(signal.SIGKILL)

    assert _becomes_true(lambda: not home.exists() and not _processes_with(str(home)))


def test_an_owner_that_ends_without_closing_leaves_nothing(server: PrivateServer) -> None:
    code = f"from lockgate.engine.private import private_server as p; print(p({server.flavor.name!r}).home)"

    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=_environment())

    assert done.returncode == 0
    home = Path(done.stdout.strip())
    assert _becomes_true(lambda: not home.exists() and not _processes_with(str(home)))


def test_the_programs_of_a_running_server_are_found_by_its_port(server: PrivateServer) -> None:
    if not Path("/proc/self/ns/mnt").exists():
        pytest.fail("this test reads the process table of Linux")
    flavor = FLAVORS[server.flavor.name]

    found = find_binaries(flavor.name, flavor.programs, near_port=server.port)

    assert found[0].origin.startswith("the programs of the server on port")
    assert found[0].version == server.binary.version


def test_a_version_nobody_has_is_named_with_what_was_found(server: PrivateServer) -> None:
    with pytest.raises(ServerStartError, match=r"no server program of \w+ 1(\.2)? was found") as caught:
        private_server(server.flavor.name, (1, 2))

    assert server.binary.version_text in str(caught.value)


def test_a_program_that_ends_at_once_is_reported_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mysqld"
    program.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'mysqld  Ver 77.7.0' && exit\necho 'no luck'; exit 3\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("LOCKGATE_SERVER_BIN", str(program))

    with pytest.raises(ServerStartError, match="no luck"):
        private_server("mysql", (77, 7))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _processes_with(text: str) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if text in words:
            found.append(words)
    return found


def _becomes_true(condition: Callable[[], bool], limit_s: float = 60.0) -> bool:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
