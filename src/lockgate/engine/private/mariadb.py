"""How a private MariaDB is made and started."""

from __future__ import annotations

import signal
from pathlib import Path

from lockgate.engine.private.binaries import ServerBinary
from lockgate.engine.private.flavor import Flavor, Settings, run_tool
from lockgate.engine.private.mysql import is_listening, listen_options, server_options, setting_options

_FAST = (
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-load-at-startup=0",
    "--innodb-buffer-pool-dump-at-shutdown=0",
    "--aria-pagecache-buffer-size=8M",
    "--key-buffer-size=1M",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--skip-ssl",
    "--event-scheduler=OFF",
)
_SCRIPTS = ("system_tables", "performance_tables", "system_tables_data")


def _share_folders(binary: ServerBinary) -> list[Path]:
    named = [Path(part.split("=", 1)[1]) for part in binary.command if part.startswith("--lc-messages-dir=")]
    prefix = binary.program.resolve().parent.parent
    return [
        *named,
        prefix / "share/mariadb",
        prefix / "share/mysql",
        Path("/usr/share/mariadb"),
        Path("/usr/share/mysql"),
    ]


def _script(binary: ServerBinary, name: str) -> bytes:
    for folder in _share_folders(binary):
        for file in (folder / f"mariadb_{name}.sql", folder / f"mysql_{name}.sql", folder / f"{name}.sql"):
            if file.is_file():
                return file.read_bytes()
    raise OSError(f"{binary.program} comes without its script mysql_{name}.sql")


def _initialise(binary: ServerBinary, folder: Path, password: str, settings: Settings) -> None:
    """Feed the server's own scripts to its bootstrap mode, as mariadb-install-db does, and make one superuser.

    Source: MariaDB's scripts/mysql_install_db.sh; measured with 10.11 and 11.8.
    """
    (folder / "data/mysql").mkdir(parents=True)
    head = b"USE mysql;\nSET @auth_root_socket=NULL, @current_hostname='localhost', @skip_auth_anonymous=1;\n"
    parts = [_script(binary, name) for name in _SCRIPTS]
    parts.append(_script(binary, "maria_add_gis_sp_bootstrap"))
    parts.append(_script(binary, "sys_schema"))
    users = (
        "\nDELETE FROM mysql.global_priv WHERE User IN ('', 'root');\nFLUSH PRIVILEGES;\n"
        f"CREATE USER root@localhost IDENTIFIED BY '{password}', root@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;\n"
        "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    run_tool(
        (*server_options(binary), *_FAST, f"--datadir={folder}/data", "--bootstrap"),
        cwd=folder,
        stdin=head + b"\n".join(parts) + users.encode(),
    )


def _command(binary: ServerBinary, home: Path, port: int, settings: Settings) -> tuple[str, ...]:
    return (
        *server_options(binary),
        *_FAST,
        "--innodb-fast-shutdown=2",
        *listen_options(home, port),
        *setting_options(settings),
    )


FLAVOR = Flavor(
    name="mariadb",
    scheme="mariadb",
    superuser="root",
    default_database="",
    programs=("mariadbd", "mysqld"),
    series_length=2,
    template_settings=(),
    initialise=_initialise,
    command=_command,
    is_ready=is_listening,
    stop_signal=signal.SIGKILL,
    allows_root=True,
)
