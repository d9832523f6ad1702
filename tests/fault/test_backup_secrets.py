"""Passwords and keys are in no argument list, environment, output, manifest, journal or temporary file."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import boto3
import pytest
from moto.server import ThreadedMotoServer

from lockgate.model.target import parse_target
from tests.fault.backup_kit.oracle import has_command
from tests.fault.backup_kit.watch import Watch
from tests.fault.backup_kit.world import World
from tests.fault.kit.clients import Client
from tests.moments import wait_until

PASSWORD = "canary-Zq7/93%x:'\"\\y"
S3_KEY, S3_SECRET = "AKIACANARY0000000001", "canary/S3+secret/0000000000000000000001"
ENGINES = ("sqlite", "postgres", "mysql", "mariadb")
TOOLS = {"sqlite": (), "postgres": ("pg_dump",), "mysql": ("mysqldump",), "mariadb": ("mariadb-dump",)}


@pytest.fixture
def url_with_password(make_database: Callable[[str], str]) -> Iterator[Callable[[str], str]]:
    """A function that gives the URL of an empty database whose user has the canary for a password."""
    cleaning: list[tuple[str, str]] = []

    def make(flavor: str) -> str:
        url = make_database(flavor)
        if flavor == "sqlite":
            return url
        target = parse_target(url)
        user = f"canary_{target.database}"
        for sql in _user_statements(flavor, user):
            _run(url, sql)
        cleaning.append((url, user))
        return f"{target.scheme}://{user}:{quote(PASSWORD, safe='')}@{target.host}:{target.port}/{target.database}"

    yield make
    for url, user in cleaning:
        for sql in _goodbye(url, user):
            _run(url, sql)


def _run(url: str, sql: str) -> None:
    client = Client(url)
    client.execute(sql)
    client.close()


def _user_statements(flavor: str, user: str) -> list[str]:
    if flavor == "postgres":
        return [f"CREATE ROLE {user} SUPERUSER LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'"]
    text = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    return [f"CREATE USER {user} IDENTIFIED BY '{text}'", f"GRANT ALL ON *.* TO {user} WITH GRANT OPTION"]


def _goodbye(url: str, user: str) -> list[str]:
    if parse_target(url).engine == "postgres":
        return [f"REASSIGN OWNED BY {user} TO CURRENT_USER", f"DROP OWNED BY {user}", f"DROP ROLE {user}"]
    return [f"DROP USER {user}"]


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """The address of a bucket; its keys are in files."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=S3_KEY,
        aws_secret_access_key=S3_SECRET,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="canaries")
    keys = "access_key_id=${file:s3_key}&secret_access_key=${file:s3_secret}"
    yield f"s3://canaries/backups?endpoint={endpoint}&region=us-east-1&{keys}"
    server.stop()


class SecretWorld(World):
    """A database with a password; nothing of it is in an environment, for that is where users may keep theirs."""

    store = ""

    def write_config(self, **more: str) -> None:
        """Write all secrets into files that only their owner may read, and refer to them."""
        texts = {"url": self.url, "s3_key": S3_KEY, "s3_secret": S3_SECRET}
        for name, text in texts.items():
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(text, encoding="utf-8")
        if self.store:
            more["stores"] = f"['{self.store}']"
        super().write_config(**more)
        with (self.folder / "lockgate.toml").open("a", encoding="utf-8") as file:
            file.write('\n[targets.app]\nurl = "${file:url}"\n')

    def begin(self, *arguments, env=None, **options):  # type: ignore[no-untyped-def]
        """Start a command without a URL in its environment."""
        return super().begin(*arguments, env={**(env or {}), "LOCKGATE_URL": ""}, **options)


@pytest.mark.parametrize(
    "flavor",
    ["sqlite", *(pytest.param(name, marks=pytest.mark.slow) for name in ("postgres", "mysql", "mariadb"))],
)
def test_no_secret_is_where_others_can_see_it(
    flavor: str, url_with_password: Callable[[str], str], s3_url: str
) -> None:
    world = SecretWorld(url_with_password(flavor), flavor, random.Random(3), is_encrypted=True, megabytes=0.3)
    try:
        # Only now: the world takes a backup of its own and forgets it, and the next of the same second has its name.
        world.store = s3_url.replace("canaries/backups", f"canaries/{flavor}")
        world.write_config()
        key = (world.folder / "key.txt").read_text(encoding="utf-8").strip()
        leave = [world.folder / name for name in ("key.txt", "url", "s3_key", "s3_secret")]
        secrets = (PASSWORD, S3_SECRET, S3_KEY, key)
        commands = [
            ("backup", "create", "--verify", "schema"),
            ("backup", "list"),
            ("backup", "show", "latest"),
            ("--format", "json", "backup", "show", "latest"),
        ]
        if has_command("backup", "status"):
            commands.append(("backup", "status"))
        if has_command("restore"):
            commands.append(("restore", "latest", "--dry-run"))
        with Watch(secrets, [world.temporary, world.folder], leave) as watch:
            for command in commands:
                done = world.call(*command)
                watch.judge_text(" ".join(command), done.out + done.err)
                assert done.code in (0, 3), done.err
        assert watch.found == []
        assert watch.looks > 20
        assert {*TOOLS[flavor]} <= watch.programs, watch.programs
    finally:
        world.close()


def test_a_secret_that_is_shown_is_seen(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    wanted = {"arguments", "environment", "temporary"}
    with Watch(["canary-1", "canary-2", "canary-3"], [tmp_path / "tmp", tmp_path]) as watch:
        idle = [sys.executable, "-c", "import time; time.sleep(60)"]
        one = subprocess.Popen([*idle, "canary-1"])
        two = subprocess.Popen(idle, env={**os.environ, "SECRET": "canary-2"})
        (tmp_path / "tmp/options").write_text("password=canary-3")
        try:
            wait_until(lambda: _kinds(watch) == wanted, "a look at each")
        finally:
            (tmp_path / "tmp/options").unlink()
            for process in (one, two):
                process.kill()
                process.wait()

    assert _kinds(watch) == wanted


def _kinds(watch: Watch) -> set[str]:
    """Return where secrets were found; a process is seen under two names when it is looked at while it begins."""
    return {where.split()[0] for where in list(watch.found)}
