"""`lockgate.locking`: of two writers exactly one wins, on every database, through drivers and through SQLAlchemy."""

from __future__ import annotations

import pickle
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from lockgate.locking import Conflict, LockingError, NotFound, NotUnique, update_versioned
from lockgate.model.target import parse_target
from tests.servers import TestServers

FLAVORS = ("sqlite", "postgres", "mysql", "mariadb")
ODD = 'we"ird `%s` : %(p1)s'
Connect = Callable[..., Any]
_ERRORS = (sqlite3.Error, psycopg.Error, pymysql.MySQLError)


class Place:
    """One database: how to connect to it by its driver and by SQLAlchemy, and how it marks and quotes."""

    def __init__(self, flavor: str, url: str) -> None:
        self.flavor, self.target = flavor, parse_target(url)
        self.mark = "?" if flavor == "sqlite" else "%s"
        self.quote = "`" if flavor in ("mysql", "mariadb") else '"'
        self.url = url

    def connect(self, **options: Any) -> Any:
        """Open a connection by the driver, without autocommit."""
        target = self.target
        if self.flavor == "sqlite":
            return sqlite3.connect(target.path, timeout=30, check_same_thread=False)
        if self.flavor == "postgres":
            return psycopg.connect(self.url)
        connection = pymysql.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password,
            database=target.database,
            charset="utf8mb4",
            **options,
        )
        self.set_snapshot_isolation(connection, "OFF")
        return connection

    def set_snapshot_isolation(self, connection: Any, value: str) -> bool:
        """Switch MariaDB's snapshot isolation, on by default from 11.6.2; False where there is none."""
        with connection.cursor() as cursor:
            if not cursor.execute("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"):
                return False
            cursor.execute(f"SET SESSION innodb_snapshot_isolation = {value}")
        return True

    def engine(self) -> sa.Engine:
        """Open an SQLAlchemy engine on the same database."""
        target = self.target
        if self.flavor == "sqlite":
            return sa.create_engine(f"sqlite:///{target.path}", connect_args={"timeout": 30})
        driver = "postgresql+psycopg" if self.flavor == "postgres" else "mysql+pymysql"
        return sa.create_engine(
            sa.URL.create(
                driver,
                username=target.user,
                password=target.password or None,
                host=target.host,
                port=target.port,
                database=target.database,
            )
        )

    def run(self, *statements: str) -> None:
        """Run statements and commit."""
        with closing(self.connect()) as connection:
            for sql in statements:
                connection.cursor().execute(sql)
            connection.commit()

    def read(self, connection: Any, sql: str) -> tuple[Any, ...] | None:
        """Return a query's first row."""
        cursor = connection.cursor()
        cursor.execute(sql)
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()
        return row


@pytest.fixture(scope="module")
def places(servers: TestServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Place]]:
    """One database of each flavor, made when first asked for."""
    made: dict[str, Place] = {}
    with ExitStack() as stack:

        def get(flavor: str) -> Place:
            if flavor not in made:
                file: Path = tmp_path_factory.mktemp("locking") / "db.db"
                url = f"sqlite:///{file}"
                if flavor != "sqlite":
                    url = stack.enter_context(servers.get(flavor).fresh_database())
                made[flavor] = Place(flavor, url)
            return made[flavor]

        yield get


@pytest.fixture(params=FLAVORS)
def place(request: pytest.FixtureRequest, places: Callable[[str], Place]) -> Place:
    """A database of each flavor with one order of version 1."""
    found = places(request.param)
    found.run(
        "DROP TABLE IF EXISTS orders",
        "CREATE TABLE orders (id int PRIMARY KEY, kind int, n int NOT NULL, version int NOT NULL DEFAULT 1)",
        "INSERT INTO orders (id, kind, n) VALUES (7, 1, 0), (8, 1, 0)",
    )
    return found


def test_an_update_with_the_expected_version_counts_it_up(place: Place) -> None:
    with closing(place.connect()) as one:
        assert update_versioned(one, "orders", {"id": 7}, {"n": 5}, 1) == 2
        assert update_versioned(one, "orders", {"id": 7}, {}, 2) == 3
        one.commit()
        assert place.read(one, "SELECT n, version FROM orders WHERE id = 7") == (5, 3)
        assert place.read(one, "SELECT n, version FROM orders WHERE id = 8") == (0, 1)


def test_of_two_writers_with_the_same_version_one_gets_a_conflict_with_both_versions(place: Place) -> None:
    with closing(place.connect()) as one, closing(place.connect()) as two:
        for connection in (one, two):
            assert place.read(connection, "SELECT version FROM orders WHERE id = 7") == (1,)
            if place.flavor == "sqlite":
                connection.commit()
        update_versioned(one, "orders", {"id": 7}, {"n": 1}, 1)
        one.commit()
        with pytest.raises(Conflict) as raised:
            update_versioned(two, "orders", {"id": 7}, {"n": 2}, 1)
        two.rollback()
    assert (raised.value.expected, raised.value.current) == (1, 2)
    assert "orders (id=7)" in str(raised.value) and "expected version 1, current version 2" in str(raised.value)


def test_a_writer_who_waits_for_the_other_gets_the_conflict_when_that_one_commits(place: Place) -> None:
    caught: list[BaseException] = []
    started = threading.Event()

    def write() -> None:
        with closing(place.connect()) as two:
            started.set()
            try:
                update_versioned(two, "orders", {"id": 7}, {"n": 2}, 1)
                two.commit()
            except LockingError as error:
                caught.append(error)
                two.rollback()

    with closing(place.connect()) as one:
        update_versioned(one, "orders", {"id": 7}, {"n": 1}, 1)
        thread = threading.Thread(target=write)
        thread.start()
        started.wait(10)
        thread.join(0.2)
        assert not caught
        one.commit()
        thread.join(30)
    assert [type(error) for error in caught] == [Conflict]


def test_many_writers_lose_no_update(place: Place) -> None:
    def write() -> None:
        with closing(place.connect()) as mine:
            for _ in range(5):
                while True:
                    row = place.read(mine, "SELECT n, version FROM orders WHERE id = 7")
                    mine.rollback()
                    assert row is not None
                    try:
                        update_versioned(mine, "orders", {"id": 7}, {"n": row[0] + 1}, row[1])
                        mine.commit()
                        break
                    except Conflict:
                        mine.rollback()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with closing(place.connect()) as one:
        assert place.read(one, "SELECT n, version FROM orders WHERE id = 7") == (20, 21)


def test_a_row_that_is_not_there_is_not_found(place: Place) -> None:
    with closing(place.connect()) as one:
        with pytest.raises(NotFound, match=r"orders \(id=99\) does not exist"):
            update_versioned(one, "orders", {"id": 99}, {"n": 1}, 1)
        one.rollback()


def test_a_key_of_several_rows_is_refused_and_can_be_rolled_back(place: Place) -> None:
    with closing(place.connect()) as one:
        with pytest.raises(NotUnique, match="names 2 rows"):
            update_versioned(one, "orders", {"kind": 1}, {"n": 9}, 1)
        one.rollback()
        assert place.read(one, "SELECT sum(n) FROM orders") == (0,)


def test_the_transaction_is_the_callers(place: Place) -> None:
    with closing(place.connect()) as one:
        update_versioned(one, "orders", {"id": 7}, {"n": 5}, 1)
        one.rollback()
        assert place.read(one, "SELECT n, version FROM orders WHERE id = 7") == (0, 1)


def test_the_drivers_own_error_comes_through(place: Place) -> None:
    with closing(place.connect()) as one, pytest.raises(_ERRORS):
        update_versioned(one, "no_such_table", {"id": 7}, {"n": 5}, 1)


def test_odd_names_are_quoted(place: Place) -> None:
    q = place.quote
    name = q + ODD.replace(q, q * 2) + q
    place.run(
        f"DROP TABLE IF EXISTS {name}",
        f"CREATE TABLE {name} (id int PRIMARY KEY, {name} int, {q}v v{q} int NOT NULL)",
        f"INSERT INTO {name} VALUES (1, 0, 4)",
    )
    with closing(place.connect()) as one:
        assert update_versioned(one, ODD, {"id": 1}, {ODD: 3}, 4, "v v") == 5
        with pytest.raises(Conflict):
            update_versioned(one, ODD, {ODD: 3}, {}, 4, "v v")
        one.rollback()
    engine = place.engine()
    with engine.begin() as connection:
        assert update_versioned(connection, ODD, {"id": 1}, {ODD: 6}, 4, "v v") == 5
    engine.dispose()


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_a_repeatable_read_tells_the_version_that_is_there_now(places: Callable[[str], Place], flavor: str) -> None:
    """MySQL's snapshot would show the version expected, beside a conflict nobody could explain."""
    place = places(flavor)
    place.run(
        "DROP TABLE IF EXISTS orders",
        "CREATE TABLE orders (id int PRIMARY KEY, n int, version int NOT NULL DEFAULT 1)",
        "INSERT INTO orders (id, n) VALUES (7, 0)",
    )
    for flags in (0, pymysql.constants.CLIENT.FOUND_ROWS):
        with closing(place.connect(client_flag=flags)) as one, closing(place.connect(client_flag=flags)) as two:
            version = (place.read(two, "SELECT version FROM orders WHERE id = 7") or (0,))[0]
            assert update_versioned(one, "orders", {"id": 7}, {"n": 0}, version) == version + 1
            one.commit()
            with pytest.raises(Conflict) as raised:
                update_versioned(two, "orders", {"id": 7}, {"n": 0}, version)
            assert raised.value.current == version + 1
            two.rollback()


def test_under_mariadbs_snapshot_isolation_the_drivers_own_error_comes_through(
    places: Callable[[str], Place],
) -> None:
    place = places("mariadb")
    place.run(
        "DROP TABLE IF EXISTS orders",
        "CREATE TABLE orders (id int PRIMARY KEY, n int, version int NOT NULL DEFAULT 1)",
        "INSERT INTO orders (id, n) VALUES (7, 0)",
    )
    with closing(place.connect()) as one, closing(place.connect()) as two:
        has_it = place.set_snapshot_isolation(two, "ON")
        place.read(two, "SELECT version FROM orders WHERE id = 7")
        update_versioned(one, "orders", {"id": 7}, {}, 1)
        one.commit()
        with pytest.raises(pymysql.err.OperationalError if has_it else Conflict):
            update_versioned(two, "orders", {"id": 7}, {}, 1)
        two.rollback()


class Base(DeclarativeBase):
    """The models of this test."""


class Order(Base):
    """The same table as a mapped class; one attribute has another name than its column."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[int | None]
    number: Mapped[int] = mapped_column("n")
    version: Mapped[int]


@pytest.mark.parametrize("table", ["orders", Order, Order.__table__], ids=["name", "class", "table"])
def test_sqlalchemy_connections_and_sessions_conflict_too(place: Place, table: Any) -> None:
    engine = place.engine()
    with engine.connect() as one, Session(engine) as two:
        assert update_versioned(one, table, {"id": 7}, {"n": 1}, 1) == 2
        one.commit()
        with pytest.raises(Conflict) as raised:
            update_versioned(two, table, {"id": 7}, {"n": 2}, 1)
        assert (raised.value.table, raised.value.current) == ("orders", 2)
        two.rollback()
        assert update_versioned(two, table, {"id": 7}, {"n": 2}, 2) == 3
        two.commit()
        with pytest.raises(NotFound):
            update_versioned(one, table, {"id": 99}, {"n": 2}, 2)
        one.rollback()
        one.execute(sa.text("UPDATE orders SET version = 1"))
        with pytest.raises(NotUnique):
            update_versioned(one, table, {"kind": 1}, {"n": 2}, 1)
        one.rollback()
    with Session(engine) as session, pytest.raises(sa.exc.DBAPIError):
        update_versioned(session, "no_such_table", {"id": 1}, {}, 1)
    engine.dispose()


def test_a_name_with_a_schema_is_quoted_in_parts(places: Callable[[str], Place]) -> None:
    place = places("postgres")
    place.run(
        "CREATE SCHEMA IF NOT EXISTS sales",
        "CREATE TABLE IF NOT EXISTS sales.lines (id int PRIMARY KEY, version int NOT NULL)",
        "INSERT INTO sales.lines VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = 1",
    )
    with closing(place.connect()) as one:
        assert update_versioned(one, ("sales", "lines"), {"id": 1}, {}, 1) == 2
        with pytest.raises(Conflict, match=r"sales\.lines"):
            update_versioned(one, ("sales", "lines"), {"id": 1}, {}, 1)
    engine = place.engine()
    with engine.connect() as connection:
        assert update_versioned(connection, ("sales", "lines"), {"id": 1}, {}, 1) == 2
    engine.dispose()


@pytest.mark.parametrize("style", ["qmark", "named", "numeric"])
def test_every_paramstyle_that_sqlite_takes_works(style: str) -> None:
    with closing(sqlite3.connect(":memory:")) as one:
        one.execute("CREATE TABLE t (id int, n int, version int)")
        one.execute("INSERT INTO t VALUES (1, 0, 1)")
        with_style = _Numbered(one) if style == "numeric" else one
        assert update_versioned(with_style, "t", {"id": 1}, {"n": 3}, 1, paramstyle=style) == 2
        assert one.execute("SELECT n, version FROM t").fetchall() == [(3, 2)]


class _Numbered:
    """SQLite spells numeric marks ``?1``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def cursor(self) -> Any:
        """Return a cursor that takes ``:1``."""
        cursor = self._connection.cursor()

        class Cursor:
            """Turns the marks around."""

            description = None
            rowcount = property(lambda _: cursor.rowcount)

            def execute(self, sql: str, params: Any) -> None:
                """Run it."""
                cursor.execute(sql.replace(":", "?"), params)

            def close(self) -> None:
                """Close it."""
                cursor.close()

        return Cursor()


@pytest.mark.parametrize(
    ("key", "changes", "version"),
    [
        ({}, {"n": 1}, 1),
        ({"id": None}, {"n": 1}, 1),
        ({"id": 1}, {"version": 9}, 1),
        ({"version": 1}, {}, 1),
        ({"id": 1}, {}, True),
        ({"id": 1}, {}, "1"),
        ({"id": 1}, {"a\0": 1}, 1),
    ],
)
def test_arguments_that_cannot_mean_one_row_are_refused_before_anything_is_sent(
    key: dict[str, Any], changes: dict[str, Any], version: Any
) -> None:
    with closing(sqlite3.connect(":memory:")) as one, pytest.raises(ValueError):
        update_versioned(one, "t", key, changes, version)


def test_an_unknown_driver_must_say_how_it_marks_parameters() -> None:
    with pytest.raises(ValueError, match="paramstyle"):
        update_versioned(object(), "t", {"id": 1}, {}, 1)


def test_an_asynchronous_session_is_refused_with_the_way_to_use_it() -> None:
    class Asynchronous:
        sync_session = None

    with pytest.raises(ValueError, match="run_sync"):
        update_versioned(Asynchronous(), "t", {"id": 1}, {}, 1)


def test_subclasses_and_dictionary_rows_are_fine(places: Callable[[str], Place]) -> None:
    class Own(sqlite3.Connection):
        """A connection of the application's own class."""

    with closing(sqlite3.connect(":memory:", factory=Own)) as one:
        one.row_factory = sqlite3.Row
        one.execute("CREATE TABLE t (id int, version int)")
        one.execute("INSERT INTO t VALUES (1, 4)")
        with pytest.raises(Conflict) as raised:
            update_versioned(one, "t", {"id": 1}, {}, 1)
        assert raised.value.current == 4
    place = places("mysql")
    with closing(place.connect(cursorclass=pymysql.cursors.DictCursor)) as two:
        two.cursor().execute("CREATE TEMPORARY TABLE t (id int, version int)")
        two.cursor().execute("INSERT INTO t VALUES (1, 4)")
        with pytest.raises(Conflict) as raised:
            update_versioned(two, "t", {"id": 1}, {}, 1)
        assert raised.value.current == 4


def test_a_row_without_a_version_is_a_conflict() -> None:
    with closing(sqlite3.connect(":memory:")) as one:
        one.execute("CREATE TABLE t (id int, version int)")
        one.execute("INSERT INTO t VALUES (1, NULL)")
        with pytest.raises(Conflict) as raised:
            update_versioned(one, "t", {"id": 1}, {}, 1)
        assert raised.value.current is None


def test_the_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(Conflict("orders", {"id": 7}, 1, 2)))
    assert (type(error), error.table, error.key, error.expected, error.current) == (Conflict, "orders", {"id": 7}, 1, 2)
