"""How a private PostgreSQL is made and started."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from lockgate.engine.private.binaries import ServerBinary
from lockgate.engine.private.flavor import Flavor, Settings, run_tool, unprivileged_user

_FAST = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=50",
    "max_locks_per_transaction=512",
    "shared_buffers=32MB",
    "max_wal_size=256MB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "jit=off",
    "dynamic_shared_memory_type=mmap",
    "log_min_messages=warning",
    "logging_collector=off",
)


def _initialise(binary: ServerBinary, folder: Path, password: str, settings: Settings) -> None:
    user = unprivileged_user() if os.geteuid() == 0 else None
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if user:
        os.chown(secret, *user)
    run_tool(
        (
            str(binary.program.with_name("initdb")),
            f"--pgdata={folder}/data",
            "--username=postgres",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
            "--wal-segsize=1",
        ),
        cwd=folder,
        user=user,
    )
    secret.unlink()


def _command(binary: ServerBinary, home: Path, port: int, settings: Settings) -> tuple[str, ...]:
    chosen = (*_FAST, *(f"{name}={value}" for name, value in settings))
    return (*binary.command, "-D", f"{home}/data", "-p", str(port), *(f"--{pair}" for pair in chosen))


def _is_ready(home: Path, log: bytes) -> bool:
    """The server writes ``ready`` into its own data directory once it listens; it ends when the port is taken."""
    try:
        return "ready" in (home / "data/postmaster.pid").read_text()
    except OSError:
        return False


FLAVOR = Flavor(
    name="postgres",
    scheme="postgresql",
    superuser="postgres",
    default_database="postgres",
    programs=("postgres",),
    series_length=1,
    template_settings=(),
    initialise=_initialise,
    command=_command,
    is_ready=_is_ready,
    stop_signal=signal.SIGQUIT,
    allows_root=False,
)
