"""How a private MySQL is made and started."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from lockgate.engine.private.binaries import ServerBinary
from lockgate.engine.private.flavor import Flavor, Settings, run_tool

_FAST = (
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-load-at-startup=0",
    "--innodb-buffer-pool-dump-at-shutdown=0",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--secure-file-priv=NULL",
    "--event-scheduler=OFF",
    "--loose-mysqlx=OFF",
    "--loose-innodb-redo-log-capacity=16M",
    "--performance-schema-max-table-instances=1000",
)


def server_options(binary: ServerBinary) -> tuple[str, ...]:
    """Return the command with what every start of it needs: no option files, and root when we are root."""
    head = binary.command if "--no-defaults" in binary.command else (*binary.command, "--no-defaults")
    return (*head, "--user=root") if os.geteuid() == 0 else head


def listen_options(home: Path, port: int) -> tuple[str, ...]:
    """Return the options that keep a server in its folder and on its port of loopback."""
    return (
        f"--datadir={home}/data",
        f"--tmpdir={home}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={home}/s",
        f"--pid-file={home}/pid",
    )


def setting_options(settings: Settings) -> tuple[str, ...]:
    """Return settings as options, in their order."""
    return tuple(f"--{name.replace('_', '-')}={value}" for name, value in settings)


def is_listening(home: Path, log: bytes) -> bool:
    """The server says so in its own log, and ends when the port is taken."""
    return b"ready for connections" in log


def _initialise(binary: ServerBinary, folder: Path, password: str, settings: Settings) -> None:
    first = folder / "first.sql"
    first.touch(mode=0o600)
    first.write_text(
        f"ALTER USER root@localhost IDENTIFIED BY '{password}';\n"
        f"CREATE USER root@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
        "GRANT PROXY ON ''@'' TO root@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    fixed = tuple(pair for pair in settings if pair[0] in FLAVOR.template_settings)
    run_tool(
        (
            *server_options(binary),
            *_FAST,
            *setting_options(fixed),
            f"--datadir={folder}/data",
            f"--init-file={first}",
            "--initialize-insecure",
        ),
        cwd=folder,
    )
    (folder / "data/auto.cnf").unlink(missing_ok=True)


def _command(binary: ServerBinary, home: Path, port: int, settings: Settings) -> tuple[str, ...]:
    return (*server_options(binary), *_FAST, *listen_options(home, port), *setting_options(settings))


FLAVOR = Flavor(
    name="mysql",
    scheme="mysql",
    superuser="root",
    default_database="",
    programs=("mysqld",),
    series_length=2,
    template_settings=("lower_case_table_names",),
    initialise=_initialise,
    command=_command,
    is_ready=is_listening,
    stop_signal=signal.SIGKILL,
    allows_root=True,
)
