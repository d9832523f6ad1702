"""SQLAlchemy models are read by their own code in a child process; every way that can fail is one clear error."""

from __future__ import annotations

import importlib.util
import os
import textwrap
import venv
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Scope, ScratchOptions
from lockgate.errors import ConfigError, LockgateError, SourceError
from lockgate.model.finding import Finding
from lockgate.model.schema import Schema
from lockgate.model.server import Server
from lockgate.model.target import Target, parse_target
from lockgate.source.child_python import child_environment, find_python
from lockgate.source.desired import read_declaration
from lockgate.source.inside.metadata import declared_tables
from lockgate.source.spec import parse_spec
from lockgate.source.sqlalchemy import parse_metadata_name
from lockgate.workflow.measure_drift import DriftOptions, measure_drift

MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, event, DDL
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

print("noise on the standard output")

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    best_id: Mapped[int | None] = mapped_column(ForeignKey("book.id", name="author_best"))

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id", name="book_author"))

event.listen(Book.__table__, "after_create", DDL("CREATE INDEX by_event ON book (author_id)"))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that writes files of Python code into the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> None:
        for name, text in files.items():
            path = tmp_path / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")

    return write


def read(spec: str) -> tuple[Schema, tuple[Finding, ...]]:
    """Return what a spec declares on SQLite, and its findings."""
    engine = load_engine("sqlite")
    with engine.open_scratch(_server(), _target(), ScratchOptions()) as scratch:
        declaration = read_declaration(parse_spec(spec), engine, scratch.server)
        session = scratch.create_database("desired")
        assert declaration.fill is not None
        declaration.fill(session)
        schema = engine.inspect(session, scratch.server, Scope())
        session.close()
    return schema, declaration.findings


def _target() -> Target:
    return Target(engine="sqlite", scheme="sqlite", path=":memory:")


def _server() -> Server:
    engine = load_engine("sqlite")
    Path("live.db").touch()
    session = engine.connect(parse_target("sqlite:///live.db"), is_read_only=True)
    try:
        return engine.identify(session)
    finally:
        session.close()


def names(schema: Schema) -> list[str]:
    """Return the names of all tables."""
    return [table.name for table in schema.tables]


@pytest.mark.parametrize(
    "spec",
    [
        "sqlalchemy:models:Base",
        "sqlalchemy:models:Base.metadata",
        "sqlalchemy:models:Base.registry",
        "sqlalchemy:models",
        "sqlalchemy:models.py:Base",
        "sqlalchemy:more:every",
        "sqlalchemy:more:one",
        "sqlalchemy:more:make_metadata",
        "sqlalchemy:more:make_metadata()",
        "sqlalchemy:more:by_name",
        "sqlalchemy:models,more:Base",
    ],
)
def test_metadata_is_found_in_every_form(project: Callable[..., None], spec: str) -> None:
    project(
        models=MODELS,
        more="""
        from models import Author, Base, Book
        every = [Base.metadata, Base]
        one = Author.__table__
        by_name = {"app": Base}
        def make_metadata():
            return Base.metadata
        """,
    )

    declaration = read_declaration(parse_spec(spec), load_engine("sqlite"), _server())

    assert declaration.checked["tables"] == 2
    assert declaration.findings == ()
    assert declaration.cache_key == ""


def test_tables_in_a_circle_and_what_listeners_make_are_there(project: Callable[..., None]) -> None:
    project(models=MODELS)

    schema, findings = read("sqlalchemy:models:Base")

    assert names(schema) == ["author", "book"]
    assert [index.name for table in schema.tables for index in table.indexes] == ["by_event"]
    assert findings == ()


def test_a_flask_app_and_its_database_object_are_read_with_each_bind_key(project: Callable[..., None]) -> None:
    project(
        shop="""
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        class User(db.Model):
            id = db.Column(db.Integer, primary_key=True)
        class Line(db.Model):
            __bind_key__ = "audit"
            id = db.Column(db.Integer, primary_key=True)
        def create_app():
            app = Flask("shop")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
            app.config["SQLALCHEMY_BINDS"] = {"audit": "sqlite://"}
            db.init_app(app)
            return app
        """
    )

    for spec in ("sqlalchemy:shop:db", "sqlalchemy:shop:create_app"):
        schema, findings = read(spec)
        assert names(schema) == ["user"]
        assert [(f.code, f.object) for f in findings] == [("sqlalchemy-other-database", "line")]
    schema, findings = read("sqlalchemy:shop:db?bind=audit")
    assert names(schema) == ["line"]
    assert [f.object for f in findings] == ["user"]


def test_sqlmodel_is_read(project: Callable[..., None]) -> None:
    project(
        heroes="""
        from sqlmodel import Field, SQLModel
        class Hero(SQLModel, table=True):
            id: int | None = Field(default=None, primary_key=True)
            name: str = Field(index=True)
        """
    )

    schema, findings = read("sqlalchemy:heroes:SQLModel")

    assert names(schema) == ["hero"]
    assert findings == ()


def test_a_model_in_a_file_that_nothing_imports_and_a_second_base_are_found(project: Callable[..., None]) -> None:
    project(
        app__in____init__="",
        app__in__models=MODELS + "\nclass Second(DeclarativeBase):\n    pass\n\n"
        "class Log(Second):\n    __tablename__ = 'log'\n    id: Mapped[int] = mapped_column(primary_key=True)\n",
        app__in__forgotten="""
        from app.models import Base, Mapped, mapped_column
        class Lost(Base):
            __tablename__ = "lost"
            id: Mapped[int] = mapped_column(primary_key=True)
        """,
    )

    _, findings = read("sqlalchemy:app.models:Base")

    assert [(f.code, f.file, f.line, f.object) for f in findings] == [
        ("sqlalchemy-model-not-imported", "app/forgotten.py", 3, "lost"),
        ("sqlalchemy-other-metadata", "", 0, "log"),
    ]
    assert read("sqlalchemy:app.forgotten,app.models:Base,Second")[1] == ()


def test_tables_are_seen_in_files_that_are_not_run() -> None:
    text = """
class A(Base):
    __tablename__ = "a"
class Mixin(Base):
    __abstract__ = True
    __tablename__ = "none"
class HeroOfWar(SQLModel, table=True): pass
class Shape(SQLModel): pass
class HTTPLog2Line(db.Model): pass
class Django(models.Model): pass
b = Table("b", metadata)
c = sa.Table(name, metadata)
"""

    assert [name for _, name in declared_tables(text)] == ["a", "heroofwar", "http_log2_line", "b"]
    assert declared_tables("\0") == declared_tables("def (") == []


def test_a_table_in_another_database_is_left_out_and_found(project: Callable[..., None]) -> None:
    project(
        models="""
        from sqlalchemy import Column, Integer, MetaData, Table
        metadata = MetaData()
        Table("here", metadata, Column("id", Integer, primary_key=True))
        Table("there", metadata, Column("id", Integer, primary_key=True), schema="other")
        """
    )

    schema, findings = read("sqlalchemy:models:metadata")
    assert names(schema) == ["here"]
    assert [(f.code, f.object) for f in findings] == [("sqlalchemy-other-database", "other.there")]

    schema, findings = read("sqlalchemy:models:metadata?schema=other")
    assert names(schema) == ["here", "there"]
    assert findings == ()


@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("import nothing_of_that_name\n", "models.py:1", "nothing_of_that_name"),
        ("\n\ndef broken(:\n", "models.py:3", "SyntaxError"),
        ("import sys\nsys.exit(3)\n", "models.py:2", "ended its process"),
        ("import os\nos._exit(3)\n", "", "exit code 3"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "", "SIGSEGV"),
        ("import time\nwhile True:\n    time.sleep(0.05)\n", "models.py:", "did not end within"),
        ("def f():\n    raise RuntimeError('so it is')\nf()\n", "models.py:2", "so it is"),
        ("import sys\nsys.excepthook = None\nsys.stdout.close()\n1 / 0\n", "models.py:4", "ZeroDivisionError"),
        ("from sqlalchemy import MetaData\nBase = MetaData()\n", "models", "no table"),
        ("Base = 5\n", "", "holds no SQLAlchemy metadata"),
        ("def Base():\n    return Base\n", "", "holds no SQLAlchemy metadata"),
        ("\0\0", "", "null bytes"),
        ("", "", "has no Base"),
        (
            "from sqlalchemy import create_engine\ncreate_engine('sqlite:///other.db').connect()\n",
            "models.py:2",
            "reach none but the scratch",
        ),
        (
            MODELS
            + "from sqlalchemy.dialects.postgresql import TSVECTOR\nclass Fact(Base):\n    __tablename__ = 'fact'\n"
            "    id: Mapped[int] = mapped_column(primary_key=True)\n    facts: Mapped[str] = mapped_column(TSVECTOR)\n",
            "models.py:23",
            "cannot make the tables on sqlite",
        ),
        (
            MODELS + "event.listen(Base.metadata, 'after_create', DDL('CREATE NONSENSE'))\n",
            "models.py",
            'near "NONSENSE"',
        ),
    ],
)
def test_code_that_fails_is_one_clear_error(
    project: Callable[..., None], monkeypatch: pytest.MonkeyPatch, code: str, place: str, words: str
) -> None:
    project(models=code)
    if "while True" in code:
        monkeypatch.setenv("LOCKGATE_SOURCE_TIMEOUT", "6")

    with pytest.raises(SourceError) as caught:
        read("sqlalchemy:models:Base")

    assert place in caught.value.where
    assert words in str(caught.value)
    assert not Path("other.db").exists()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("sqlalchemy:", "no module is given"),
        ("sqlalchemy:a b:c", "'a b' is no name"),
        ("sqlalchemy:models:Base?dialct=x", "unknown option"),
        ("sqlalchemy:models:Base?schema=", "has no value"),
        ("sqlalchemy:nowhere.models:Base", "there is no module nowhere.models"),
    ],
)
def test_a_spec_that_names_nothing_is_refused(project: Callable[..., None], spec: str, words: str) -> None:
    project(models=MODELS)

    with pytest.raises(LockgateError) as caught:
        read(spec)

    assert caught.value.exit_code == 2
    assert words in str(caught.value)


def test_the_code_is_given_no_address_and_no_password() -> None:
    environ = {
        "PATH": "/bin",
        "PWD": "/srv",
        "DATABASE_URL": "postgresql://me:s3cret@prod/shop",
        "APP_DB": "postgresql+asyncpg://me:s3cret@prod/shop",
        "REPORTS": "mssql://me:s3cret@prod/shop",
        "DB_PASSWORD": "s3cret",
        "CACHE": "redis://me:s3c@ret@cache/0",
        "DATABASES": '{"default": "postgres://me:s3cret@db/shop"}',
        "PGPASSWORD": "s3cret",
        "MYSQL_PWD": "s3cret",
        "LOCKGATE_URL": "postgresql://me:s3cret@prod/shop",
        "PGHOST": "prod",
    }
    address = {
        "host": "127.0.0.1", "port": 5, "user": "u", "password": "p:w", "database": "d", "path": "", "params": {},
    }  # fmt: skip

    given = child_environment(environ, "postgres", address)
    blind = child_environment(environ, "mysql", None)

    assert "s3cret" not in repr(given) + repr(blind)
    assert "prod" not in repr(given) + repr(blind)
    assert given["DATABASE_URL"] == "postgresql://u:p%3Aw@127.0.0.1:5/d"
    assert given["APP_DB"] == "postgresql+asyncpg://u:p%3Aw@127.0.0.1:5/d"
    assert (given["PATH"], given["PWD"], given["DB_PASSWORD"]) == ("/bin", "/srv", "p:w")
    assert given["CACHE"] == "redis://me:lockgate@cache/0"
    assert given["DATABASES"] == '{"default": "postgres://me:lockgate@db/shop"}'
    assert blind["DATABASE_URL"].startswith("mysql://lockgate")


def test_the_interpreter_is_the_named_one_then_the_projects_then_ours(tmp_path: Path) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    assert find_python("no_such_library", {}, [tmp_path]) == ""
    assert find_python("json", {}, [tmp_path])

    (tmp_path / ".venv/lib/python3.11/site-packages/no_such_library").mkdir(parents=True)
    assert find_python("no_such_library", {}, [tmp_path]) == str(tmp_path / ".venv/bin/python")
    assert find_python("no_such_library", {"LOCKGATE_PYTHON": "/other/python"}, [tmp_path]) == "/other/python"


@pytest.mark.parametrize("python", ["/no/such/python", os.devnull])
def test_an_interpreter_that_cannot_be_started_is_named(
    project: Callable[..., None], monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    project(models=MODELS)
    monkeypatch.setenv("LOCKGATE_PYTHON", python)

    with pytest.raises(ConfigError, match="cannot be started"):
        read("sqlalchemy:models:Base")


def test_a_dialect_that_is_none_of_the_server_is_refused(project: Callable[..., None]) -> None:
    project(models=MODELS)

    with pytest.raises(SourceError, match="allowed here: sqlite"):
        read("sqlalchemy:models:Base?dialect=oracle")


def test_names_are_read() -> None:
    name = parse_metadata_name("a.b,c/d.py:X,Y.z()?dialect=mysql&schema=shop")

    assert (name.modules, name.attributes, name.dialect, name.schema) == (
        ("a.b", "c.d"),
        ("X", "Y.z"),
        "mysql",
        "shop",
    )


def test_the_projects_own_python_borrows_the_driver_it_lacks(
    project: Callable[..., None], monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    """The virtual environment has SQLAlchemy and nothing else; models say which interpreter they ran in."""
    venv.create(".venv", with_pip=False)
    packages = next(Path(".venv").glob("lib*/python*/site-packages"))
    for name in ("sqlalchemy", "typing_extensions"):
        origin = importlib.util.find_spec(name).origin  # type: ignore[union-attr]
        source = Path(str(origin)).parent if str(origin).endswith("__init__.py") else Path(str(origin))
        (packages / source.name).symlink_to(source)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("PYTHONPATH", "")
    project(
        models="""
        import sys
        from sqlalchemy import Column, Integer, MetaData, Table
        metadata = MetaData()
        Table("ran_in_" + ("project" if ".venv" in sys.prefix else "ours"), metadata, Column("id", Integer))
        """
    )

    options = DriftOptions()
    report = measure_drift(load_engine("postgres"), parse_target(postgres_url), "sqlalchemy:models:metadata", options)

    assert [change.object for change in report.changes] == ["public.ran_in_project"]


@pytest.mark.parametrize("flavor", ["postgres", "mysql"])
def test_a_scratch_server_that_was_given_is_filled_and_left_empty(
    project: Callable[..., None], make_database: Callable[[str], str], flavor: str
) -> None:
    project(models=MODELS)
    url, scratch = make_database(flavor), make_database(flavor)
    target = parse_target(url)

    options = DriftOptions(scratch=ScratchOptions(url=scratch))
    report = measure_drift(load_engine(target.engine), target, "sqlalchemy:models:Base", options)

    assert {change.object.rpartition(".")[2] for change in report.changes} >= {"author", "book"}
    with closing(load_engine(target.engine).connect(parse_target(scratch), is_read_only=True)) as session:
        assert session.query("SELECT count(*) FROM information_schema.tables WHERE table_name = 'author'") == [(0,)]
