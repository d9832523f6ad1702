"""A small shop that is backed up, then ruined by a bad migration, on each engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lockgate.backup.repository import Backup, Repository
from lockgate.backup.settings import BackupSettings
from lockgate.engine.base import Session
from lockgate.model.backup import Level, Verification
from lockgate.model.restore import RestorePlan, RestoreResult
from lockgate.model.schema import Key
from lockgate.workflow import restore_back
from lockgate.workflow.back_up import back_up
from lockgate.workflow.restore import restore
from lockgate.workflow.restore_plan import RestoreOptions, plan_restore
from tests.execute.bench import Bench, make_bench

SHOP = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL)",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL,"
    " total INTEGER NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers (id))",
    "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace'), (3, 'O''Neill 50% \U0001f600')",
    "INSERT INTO orders VALUES (1, 1, 70), (2, 2, 5), (3, 1, 12)",
    "CREATE VIEW rich AS SELECT id, total FROM orders WHERE total > 10",
)
RUIN = (
    "CREATE TABLE audit (id INTEGER PRIMARY KEY, order_id INTEGER, FOREIGN KEY (order_id) REFERENCES orders (id))",
    "INSERT INTO audit VALUES (1, 1)",
    "CREATE VIEW poor AS SELECT id FROM orders WHERE total < 10",
    "UPDATE orders SET total = 0",
    "DELETE FROM orders WHERE id = 3",
    "INSERT INTO customers VALUES (4, 'since')",
)
WELL = [(1, 70), (2, 5), (3, 12)]
RUINED = [(1, 0), (2, 0)]


@dataclass
class Shop:
    """The shop, its repository, and short words for what the tests do."""

    bench: Bench
    folder: Path
    options: RestoreOptions = field(default_factory=lambda: RestoreOptions(operator="tester", lock_s=3))
    told: list[str] = field(default_factory=list)

    @property
    def repository(self) -> Repository:
        """Where its backups are."""
        return Repository(self.folder / "backups", operator="tester")

    def back_up(self, *, is_proven: bool = True) -> Backup:
        """Take a backup; its proof, which takes a server of its own, is only noted (`is_proven`)."""
        made = back_up(
            self.bench.engine, self.bench.target, "shop", self.repository, self.options.settings, tell=self.told.append
        )
        if is_proven:
            proof = Verification(backup=made.backup.id, at="2026-01-01T00:00:00+00:00", asked=Level.SCHEMA,
                                 level=Level.SCHEMA, restore_s=1.5)  # fmt: skip
            self.repository.note("verified", made.backup.id, "", proof)
        return made.backup

    def plan(self, backup: Backup, **fields: object) -> RestorePlan:
        """Plan a restore."""
        options = replace(self.options, **fields)
        return plan_restore(self.bench.engine, self.bench.target, self.repository, backup, options)

    def restore(self, backup: Backup, **fields: object) -> RestoreResult:
        """Plan a restore and carry it out."""
        options = replace(self.options, **fields)
        plan = plan_restore(self.bench.engine, self.bench.target, self.repository, backup, options)
        return restore(self.bench.engine, self.bench.target, self.repository, backup, plan, options, self.told.append)

    def undo(self, restore_id: str = "") -> RestoreResult:
        """Undo a restore."""
        return restore_back.undo(
            self.bench.engine, self.bench.target, self.repository, restore_id, self.options, self.told.append
        )

    def resume(self) -> RestoreResult:
        """Go on with a killed restore."""
        return restore_back.resume(
            self.bench.engine, self.bench.target, self.repository, self.options, self.told.append
        )

    def abort(self) -> RestoreResult:
        """Give a killed restore up."""
        return restore_back.abort(self.bench.engine, self.bench.target, self.repository, self.options, self.told.append)

    def orders(self) -> list[tuple[object, ...]]:
        """Return the live orders."""
        return [tuple(row) for row in self.bench.rows("SELECT id, total FROM orders ORDER BY id")]

    def tables(self) -> list[str]:
        """Return the names of the live tables and views."""
        schema = self.bench.schema()
        return sorted([table.name for table in schema.tables] + [item.name for item in schema.definitions])

    def place(self, name: str) -> Bench:
        """Return another database on the same server (or another file)."""
        target = self.bench.engine.swap().place(self.bench.target, name)
        return Bench(self.bench.engine, target)

    def connect(self) -> Session:
        """Open a session on the live database."""
        return self.bench.connect()

    def hooks(self, count: int = 3, *, is_new: bool = True) -> Path:
        """Name hooks of an application of so many instances; return the file that counts them."""
        file = self.folder / "instances"
        if is_new:
            file.write_text(f"{count}\n")
        commands = {
            "state": f"cat {file}",
            "stop": f"echo stop >> {file}.log; echo 0 > {file}",
            "start": f"echo start >> {file}.log; echo $LOCKGATE_APP_STATE > {file}",
        }
        self.options = replace(self.options, settings=BackupSettings(hooks=commands))
        return file

    def clean(self) -> None:
        """Drop what restores kept."""
        from lockgate.backup.restores import RestoreLog

        for item in RestoreLog(self.repository.root).list():
            for name in (item.side, item.kept):
                if name:
                    self.bench.engine.swap().drop(self.bench.engine.swap().place(self.bench.target, name))


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Shop]:
    """The shop with its rows; on two engines unless a test asks for others."""
    made = make_shop(make_database(request.param), tmp_path)
    yield made
    made.clean()


ALL = pytest.mark.parametrize("shop", ["sqlite", "postgres", "mysql", "mariadb"], indirect=True)
"""For what differs most by engine; a restore on MySQL takes a safety backup each time."""


def make_shop(url: str, folder: Path) -> Shop:
    """Build the shop on a fresh database."""
    bench = make_bench(url)
    bench.run(*SHOP)
    return Shop(bench, folder)


def keys(*names: str) -> tuple[Key, ...]:
    """Return keys of tables as restoring takes them."""
    return tuple(Key("table", *name.rpartition(".")[::2]) for name in names)


def damage(backup: Backup) -> None:
    """Flip a bit in the largest file of a backup."""
    file = max(backup.manifest.files, key=lambda item: item.bytes)
    place = backup.folder / file.path
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 0x10
    place.write_bytes(bytes(data))


def copy_of(backup: Backup, folder: Path) -> Path:
    """Copy a backup's folder away."""
    return Path(shutil.copytree(backup.folder, folder / "elsewhere" / backup.id))


__all__: Sequence[str] = ("RUIN", "RUINED", "WELL", "Shop", "copy_of", "damage", "keys", "make_shop", "shop")
