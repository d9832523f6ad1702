"""Helpers for tests of backups on MySQL and MariaDB: a database with everything, taking, loading, other users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lockgate.backup.create import CreateOptions, create_backup
from lockgate.backup.repository import Backup, Repository
from lockgate.engine import load_engine
from lockgate.engine.backup import DumpOptions, Snapshot, What
from lockgate.engine.base import Scope, Session
from lockgate.engine.mysql.lexer import quote_name
from lockgate.model import codec
from lockgate.model.backup import TableFacts
from lockgate.model.keys import table_key
from lockgate.model.server import Server
from lockgate.model.target import Target, parse_target
from tests.fault.backup_kit.everything import build_everything

ENGINE = load_engine("mysql")
PASSWORD = "p#w ' \" \\ 1"
LOCK_MS = 60_000
"""How long a moment may take to be had; on a busy machine the dump programs begin late."""
EXTRA = (
    "CREATE TABLE wave (id int PRIMARY KEY, f float, at datetime DEFAULT CURRENT_TIMESTAMP, bare timestamp NULL)",
    "INSERT INTO wave VALUES (1, 16777217, '2020-01-01', NULL), (2, 1.1, '2020-01-01', '2020-06-01 12:00:00')",
    "SET sql_mode = ''",
    "INSERT INTO wave VALUES (3, NULL, '0000-00-00', NULL)",
    "SET sql_mode = DEFAULT",
    "CREATE TABLE old_engine (id int PRIMARY KEY, v varchar(20)) ENGINE = MyISAM",
    "INSERT INTO old_engine VALUES (1, 'one')",
    "CREATE TABLE `a.b -c\nd` (id int PRIMARY KEY, l varchar(9) CHARSET latin1, b varchar(9) COLLATE utf8mb4_bin)",
    "INSERT INTO `a.b -c\nd` VALUES (1, 'é', 'É'), (2, NULL, '😀')",
    "CREATE TRIGGER {db}.qualified BEFORE INSERT ON {db}.wave FOR EACH ROW SET NEW.f = NEW.f + 0",
    "CREATE USER IF NOT EXISTS `lg stranger`@`10.%`",
    "GRANT ALL ON {db}.* TO `lg stranger`@`10.%`",
    "CREATE DEFINER = `lg stranger`@`10.%` VIEW by_stranger AS SELECT id FROM wave",
    "CREATE VIEW on_stranger AS SELECT id FROM by_stranger",
    "CREATE PROCEDURE reaches() SELECT count(*) FROM {db}.wave",
    "CREATE PROCEDURE breaks() BEGIN\r\n  SELECT 'a\r\nb';\r\nEND",
    "CREATE EVENT soon ON SCHEDULE EVERY 1 DAY STARTS '2036-01-01 00:00:00' DO DELETE FROM wave WHERE id < 0",
    "CREATE TABLE altered (id int PRIMARY KEY, a char(9), gone varchar(9), b bit(3), c year, d time(6),"
    " e decimal(20, 9), f set('x', 'y'), g enum('p', 'q'), h double, i timestamp(3) NULL, j datetime(6), k binary(5),"
    " l mediumtext, m point)",
    "INSERT INTO altered VALUES (1, 'a', 'g', b'101', 2026, '-12:00:00.5', 1.5, 'x,y', 'p', 0.1,"
    " '2026-03-29 02:30:00.5', '0001-01-01', x'00', 'ü', ST_GeomFromText('POINT(1 2)'))",
    "INSERT INTO altered (id) VALUES (2)",
    "ALTER TABLE altered ADD COLUMN n varchar(20) DEFAULT 'old', ADD COLUMN o bit(1) DEFAULT b'1'",
    "ALTER TABLE altered DROP COLUMN gone",
    "INSERT INTO altered (id, a) VALUES (3, 'late')",
    "ALTER TABLE altered ADD COLUMN p int FIRST",
    "CREATE TABLE spelled (a varchar(9), b varchar(9) COLLATE utf8mb4_general_ci) COLLATE utf8mb4_unicode_ci",
    "SET sql_mode = 'ansi_quotes,no_backslash_escapes'",
    "CREATE PROCEDURE odd_mode() SELECT 'a\\' AS \"x\"",
    'CREATE TRIGGER "odd_trigger" BEFORE DELETE ON {db}."wave" FOR EACH ROW SET @a = \'\\\'',
    "SET sql_mode = DEFAULT",
    "CREATE TABLE pairs (id int PRIMARY KEY AUTO_INCREMENT, v int)",
    "CREATE TABLE sums (id int PRIMARY KEY, v bigint)",
    "INSERT INTO sums VALUES (1, 0)",
)
MARIADB_EXTRA = (
    "CREATE TABLE drawn (id int PRIMARY KEY DEFAULT NEXTVAL(ticket), v int)",
    "INSERT INTO drawn (v) VALUES (1), (2)",
    "CREATE TABLE past (id int PRIMARY KEY, v int) WITH SYSTEM VERSIONING",
    "INSERT INTO past VALUES (1, 1), (2, 2)",
    "UPDATE past SET v = 3 WHERE id = 1",
    "DELETE FROM past WHERE id = 2",
)


@dataclass(frozen=True)
class Shop:
    """A database with everything, for all tests of a file: they leave its rows as they are, or add pairs only."""

    flavor: str
    target: Target

    @contextmanager
    def session(self, target: Target | None = None) -> Iterator[Session]:
        """Open a session, here or elsewhere."""
        with closing(ENGINE.connect(target or self.target, is_read_only=False)) as session:
            yield session

    def server(self) -> Server:
        """Tell which server it is."""
        with self.session() as session:
            return ENGINE.identify(session)

    def run(self, *statements: str) -> None:
        """Run statements."""
        with self.session() as session:
            for statement in statements:
                session.execute(statement)

    @contextmanager
    def user(self, *rights: str) -> Iterator[Target]:
        """Make a user with rights (``{db}`` stands for the database); give their target; drop them."""
        account = "'lg_backup'@'%'"
        database = quote_name(self.target.database.replace("_", "\\_"))
        with self.session() as session:
            session.execute(f"DROP USER IF EXISTS {account}")
            session.query(f"CREATE USER {account.replace('%', '%%')} IDENTIFIED BY %s", (PASSWORD,))
            for right in rights:
                session.execute(f"GRANT {right} TO {account}".replace("{db}", database))
        try:
            yield replace(self.target, user="lg_backup", password=PASSWORD)
        finally:
            self.run(f"DROP USER {account}")


def build_shop(url: str, flavor: str) -> Shop:
    """Fill an empty database."""
    build_everything(url, flavor)
    shop = Shop(flavor, parse_target(url))
    extra = EXTRA + (MARIADB_EXTRA if flavor == "mariadb" else ())
    shop.run(*(statement.replace("{db}", quote_name(shop.target.database)) for statement in extra))
    return shop


def take(shop: Shop, folder: Path, target: Target | None = None, **options: object) -> Backup:
    """Take a backup into a repository."""
    tell: Callable[[str], None] = lambda text: None  # noqa: E731
    chosen = CreateOptions(**{"dump": DumpOptions(lock_ms=LOCK_MS), **options})  # type: ignore[arg-type]
    return create_backup(ENGINE, target or shop.target, "shop", Repository(folder), chosen, tell)


@contextmanager
def moment(
    shop: Shop, raw: Path, target: Target | None = None, what: What | None = None, **options: object
) -> Iterator[Snapshot]:
    """Hold a moment of the database."""
    server = shop.server()
    chosen = DumpOptions(raw=raw, **{"lock_ms": LOCK_MS, **options})  # type: ignore[arg-type]
    with ENGINE.backup().open_snapshot(target or shop.target, server, what or What(), chosen) as snapshot:
        yield snapshot


def facts_of(session: Session) -> tuple[TableFacts, ...]:
    """Measure every table."""
    schema = ENGINE.inspect(session, ENGINE.identify(session), Scope())
    keys = [table_key(table) for table in schema.tables]
    return tuple(sorted(ENGINE.backup().read_facts(session, schema, keys), key=lambda fact: fact.table))


def fingerprint_of(session: Session) -> str:
    """Return the fingerprint of the session's database."""
    return codec.fingerprint(ENGINE.inspect(session, ENGINE.identify(session), Scope()))
