"""Each tool's own table as the tool makes it, and the rows it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.engine import load_engine
from lockgate.engine.base import Session
from lockgate.model.target import parse_target
from lockgate.source.migrations.folder import Folder, Migration

TABLES = {
    "drizzle": ("__drizzle_migrations", "id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint"),
    "drizzle-folders": (
        "__drizzle_migrations",
        "id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint, name text, applied_at timestamp NULL",
    ),
    "flyway": (
        "flyway_schema_history",
        "installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), description VARCHAR(200) NOT NULL, "
        "type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INT, installed_by VARCHAR(100) NOT NULL, "
        "installed_on TIMESTAMP DEFAULT CURRENT_TIMESTAMP, execution_time INT NOT NULL, success BOOLEAN NOT NULL",
    ),
    "golang-migrate": ("schema_migrations", "version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL"),
    "goose": (
        "goose_db_version",
        "id SERIAL PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, "
        "tstamp timestamp DEFAULT CURRENT_TIMESTAMP",
    ),
    "dbmate": ("schema_migrations", "version varchar(128) PRIMARY KEY"),
    "timestamps": ("schema_migrations", "version varchar(255) PRIMARY KEY"),
    "numbered": ("schema_migrations", "version varchar(255) PRIMARY KEY"),
    "prisma": (
        "_prisma_migrations",
        "id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMP NULL, "
        "migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMP NULL, "
        "started_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, applied_steps_count INTEGER DEFAULT 0 NOT NULL",
    ),
    "atlas": (
        "atlas_schema_revisions",
        "version varchar(255) PRIMARY KEY NOT NULL, description varchar(255) NOT NULL, type bigint DEFAULT 2 NOT NULL, "
        "applied bigint DEFAULT 0 NOT NULL, total bigint DEFAULT 0 NOT NULL, error text, hash varchar(255) NOT NULL",
    ),
    "sqlx": (
        "_sqlx_migrations",
        "version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP DEFAULT CURRENT_TIMESTAMP, "
        "success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL",
    ),
}


@dataclass
class Database:
    """A live database in which a tool's rows are written by hand, as the tool would."""

    url: str
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        target = parse_target(self.url)
        self.engine = load_engine(target.engine)
        self.session = self.engine.connect(target, is_read_only=False)

    def run(self, *statements: str) -> None:
        """Run statements."""
        for statement in statements:
            self.session.execute(statement)

    def begin(self, tool: str) -> None:
        """Make the tool's table, and one of the user's, so that the database is not empty."""
        name, columns = TABLES[tool]
        if self.session.target.scheme == "postgresql":
            columns = columns.replace("BLOB", "bytea")
        self.run("DROP TABLE IF EXISTS users_table", "CREATE TABLE users_table (id integer)")
        self.run(f"DROP TABLE IF EXISTS {name}", f"CREATE TABLE {name} ({columns})")

    def end(self, tool: str) -> None:
        """Drop the tool's table."""
        self.run(f"DROP TABLE {TABLES[tool][0]}")

    def record(
        self, folder: Folder, migrations: Sequence[Migration], *, is_edited: bool = False, is_failed: bool = False
    ) -> None:
        """Write that migrations were applied: with another text than now, or half-way, when asked."""
        tool = folder.tool.name
        for migration in migrations:
            row = self.row(tool, migration, is_edited=is_edited, is_failed=is_failed)
            names, values = ", ".join(row), ", ".join(row.values())
            self.run(f"INSERT INTO {TABLES[tool][0]} ({names}) VALUES ({values})")

    def row(self, tool: str, migration: Migration, *, is_edited: bool, is_failed: bool) -> dict[str, str]:
        """Return the columns of one row as SQL."""
        hash_ = migration.hashes[0] if migration.hashes else ""
        if is_edited:
            hash_ = hash_[::-1] if not hash_.lstrip("-").isdigit() else str(int(hash_) // 2)
        name, done = Path(migration.file).stem.replace("'", "''"), "false" if is_failed else "true"
        id_, now = f"'{migration.id}'", "CURRENT_TIMESTAMP"
        match tool:
            case "drizzle":
                return {"hash": f"'{hash_}'", "created_at": str(migration.when)}
            case "drizzle-folders":
                return {"hash": f"'{hash_}'", "created_at": str(migration.when), "name": id_, "applied_at": now}
            case "flyway":
                return self.flyway_row(migration, hash_, done)
            case "golang-migrate":
                return {"version": migration.id, "dirty": "true" if is_failed else "false"}
            case "goose":
                return {"version_id": migration.id, "is_applied": done}
            case "prisma":
                finished = "NULL" if is_failed else now
                return {"id": id_, "checksum": f"'{hash_}'", "migration_name": id_, "finished_at": finished}
            case "atlas":
                total = "2" if is_failed else "1"
                return {"version": id_, "description": f"'{name}'", "applied": "1", "total": total, "hash": "''"}
            case "sqlx":
                blob = f"decode('{hash_}', 'hex')" if self.session.target.scheme == "postgresql" else f"x'{hash_}'"
                columns = {"version": migration.id, "description": "''", "success": done, "checksum": blob}
                return {**columns, "execution_time": "1"}
        return {"version": id_}

    def flyway_row(self, migration: Migration, hash_: str, done: str) -> dict[str, str]:
        """Return a row of flyway_schema_history."""
        rank = self.session.query("SELECT count(*) FROM flyway_schema_history")[0][0] + 1
        is_again = migration.id.startswith("R ")
        kind = "SQL_BASELINE" if migration.id.startswith("B") else "SQL"
        return {
            "installed_rank": str(rank),
            "version": "NULL" if is_again else f"'{migration.id.lstrip('B')}'",
            "description": f"'{migration.id.removeprefix('R ')}'",
            "type": f"'{kind}'",
            "script": "'x.sql'",
            "checksum": hash_,
            "installed_by": "'me'",
            "execution_time": "1",
            "success": done,
        }
