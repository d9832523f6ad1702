"""`lockgate init` and the configuration it writes."""

from __future__ import annotations

from .conftest import Cli


def test_init_twice_changes_nothing(cli: Cli) -> None:
    assert cli("init", "--desired", "desired.sql").code == 0
    text = (cli.folder / "lockgate.toml").read_text()
    again = cli("init", "--desired", "desired.sql")
    assert again.code == 0, again.err
    assert (cli.folder / "lockgate.toml").read_text() == text
    assert cli("drift").code == 3


def test_init_writes_no_password(cli: Cli) -> None:
    ran = cli("init", "--desired", "desired.sql", LOCKGATE_URL="postgresql://app:canary-9431@db.invalid/shop")
    assert ran.code == 0, ran.err
    assert "canary-9431" not in (cli.folder / "lockgate.toml").read_text() + ran.out + ran.err


def test_init_does_not_overwrite(cli: Cli) -> None:
    cli.write("lockgate.toml", 'desired = "desired.sql"\n')
    ran = cli("init", "--desired", "desired.sql")
    assert ran.code == 2
    assert (cli.folder / "lockgate.toml").read_text() == 'desired = "desired.sql"\n'
