"""Where databases to back up are made: a durable server of our own that keeps its log, or a folder of files."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

from tests.fault.durable import DurableServer, make_durable
from tests.fault.kit.clients import Client

_NAME = "proven"
_BINLOG = (("log_bin", "binlog"), ("server_id", "1"), ("binlog_format", "ROW"), ("binlog_row_image", "FULL"))
SETTINGS = {
    "postgres": (("wal_level", "logical"), ("max_wal_senders", "5"), ("max_replication_slots", "5")),
    "mysql": _BINLOG,
    "mariadb": _BINLOG,
}


class Home:
    """Gives an empty database again and again; `close` removes everything."""

    def __init__(self, engine: str, settings: tuple[tuple[str, str], ...] = (), place: str = "/tmp") -> None:
        self.engine = engine
        self.folder = Path(tempfile.mkdtemp(prefix="lockgate-home-", dir=place))
        self.server: DurableServer | None = None
        if engine != "sqlite":
            self.server = make_durable(engine, (*SETTINGS[engine], *settings), place)
        self.version = sqlite3.sqlite_version if self.server is None else self.server.binary.version_text

    def fresh(self, name: str = _NAME) -> str:
        """Return the URL of an empty database, in place of the one before."""
        if self.server is None:
            for file in self.folder.glob(f"{name}.db*"):
                file.unlink()
            (self.folder / f"{name}.db").touch()
            return f"sqlite:///{self.folder}/{name}.db"
        self.server.start()
        client = Client(self.server.url())
        is_postgres = self.engine == "postgres"
        client.execute(f"DROP DATABASE IF EXISTS {name}{' WITH (FORCE)' if is_postgres else ''}")
        defaults = " TEMPLATE template0 ENCODING 'UTF8'" if is_postgres else " CHARACTER SET utf8mb4"
        client.execute(f"CREATE DATABASE {name}{defaults}")
        client.close()
        return self.server.url(name)

    def close(self) -> None:
        """End the server and remove the folder."""
        if self.server is not None:
            self.server.close()
        shutil.rmtree(self.folder, ignore_errors=True)
