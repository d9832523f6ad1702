"""Alembic's folder is read without running it, its revisions run without env.py, and its errors have a place."""

from __future__ import annotations

import ast
import sqlite3
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.diff.drift import DriftStatus
from lockgate.engine import load_engine
from lockgate.errors import InputError, SourceError, UnreadSource
from lockgate.model.finding import Finding
from lockgate.model.target import parse_target
from lockgate.source.inside.revisions import slice_env
from lockgate.source.migrations.detect import read_folder
from lockgate.source.sqlalchemy.alembic_folder import ancestors_of, heads_of, read_alembic_config, read_revisions
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.subject import ValidateOptions
from lockgate.workflow.validate import validate

ENV = """
import os
from alembic import context
from sqlalchemy import create_engine
raise_if_run = os.environ["NOT_THERE"] if False else None

def run():
    engine = create_engine("postgresql://app:secret@production/shop")
    with engine.connect() as connection:
        context.configure(connection=connection{options})
        context.run_migrations()

run()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A function that writes an Alembic project of revisions into the working folder and returns its spec."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "live.db").touch()

    def write(*revisions: tuple[str, object, str], env: str = ENV.replace("{options}", ""), ini: str = "") -> str:
        (tmp_path / "db/versions").mkdir(parents=True, exist_ok=True)
        (tmp_path / "db/env.py").write_text(env)
        (tmp_path / "alembic.ini").write_text(ini or "[alembic]\nscript_location = db\nprepend_sys_path = .\n")
        for revision, parent, body in revisions:
            code = textwrap.indent(textwrap.dedent(body), "    ")
            text = f"from alembic import op\nimport sqlalchemy as sa\nrevision = {revision!r}\n"
            text += f"down_revision = {parent!r}\n"
            path = tmp_path / f"db/versions/{revision}_{len(list(tmp_path.rglob('versions/*.py')))}.py"
            path.write_text(f"{text}\n\ndef upgrade():\n{code}\n")
        return "migrations:alembic.ini"

    return write


def drift(spec: str) -> tuple[DriftStatus, tuple[Finding, ...]]:
    """Compare the SQLite database of the working folder with a spec."""
    report = measure_drift(load_engine("sqlite"), parse_target("sqlite:///live.db"), spec, DriftOptions())
    return report.status, report.findings


MAKE_A = ("a1", None, "op.create_table('a', sa.Column('id', sa.Integer, primary_key=True), sa.Column('n', sa.Integer))")
ADD_B = ("b2", "a1", "op.create_table('b', sa.Column('id', sa.Integer, primary_key=True))")


def test_the_sum_is_compared_and_env_does_not_connect(project: Callable[..., str]) -> None:
    spec = project(MAKE_A, ADD_B)
    with sqlite3.connect("live.db") as live:
        live.executescript(
            "CREATE TABLE a (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id));"
            "CREATE TABLE b (id INTEGER NOT NULL, PRIMARY KEY (id));"
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
        )

    assert drift(spec) == (DriftStatus.IN_SYNC, ())
    assert drift("migrations:db")[0] is DriftStatus.IN_SYNC


def test_the_options_of_env_are_used(project: Callable[..., str]) -> None:
    options = ", target_metadata=models.metadata, version_table='our_' + NAME"
    env = "import models\nNAME = 'versions'\n" + ENV.replace("{options}", options)
    Path("models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData(naming_convention={'uq': 'unique_%(table_name)s'})\n"
    )
    spec = project(("a1", None, "op.create_table('a', sa.Column('n', sa.Integer), sa.UniqueConstraint('n'))"), env=env)
    with sqlite3.connect("live.db") as live:
        live.executescript(
            "CREATE TABLE a (n INTEGER, CONSTRAINT unique_a UNIQUE (n)); CREATE TABLE our_versions (version_num TEXT)"
        )

    assert drift(spec) == (DriftStatus.IN_SYNC, ())


def test_a_section_and_a_flask_app_are_options_of_the_spec(project: Callable[..., str]) -> None:
    env = """
from flask import current_app
from alembic import context
config = context.config
arguments = current_app.config["ALEMBIC"]

def run():
    conf_args = dict(arguments)
    with get_engine().connect() as connection:
        context.configure(connection=connection, **conf_args)
        context.run_migrations()

run()
"""
    Path("shop.py").write_text(
        "from flask import Flask\ndef make():\n    app = Flask('shop')\n"
        "    app.config['ALEMBIC'] = {'version_table': 'seen', 'compare_type': True}\n    return app\n"
    )
    project(MAKE_A, env=env, ini="[other]\nscript_location = %(here)s/db\n")
    with sqlite3.connect("live.db") as live:
        live.executescript(
            "CREATE TABLE a (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id)); CREATE TABLE seen (version_num TEXT)"
        )

    assert drift("migrations:alembic.ini?name=other&app=shop:make()")[0] is DriftStatus.IN_SYNC
    with pytest.raises(SourceError, match=r"db/env\.py:5.*application context"):
        drift("migrations:alembic.ini?name=other")


@pytest.mark.parametrize(
    ("revisions", "code", "places"),
    [
        ([MAKE_A, ("b2", "zz", "pass")], "migration-chain-broken", 1),
        ([("a1", "b2", "pass"), ("b2", "a1", "pass")], "migration-chain-broken", 2),
        ([MAKE_A, ADD_B, ("b2", "a1", "pass")], "alembic-revision-twice", 1),
        ([MAKE_A, ("b2", "a1", "pass\n  broken(")], "alembic-revision-unreadable", 1),
    ],
)
def test_a_folder_that_alembic_cannot_load_is_not_compared(
    project: Callable[..., str], revisions: list[tuple[str, object, str]], code: str, places: int
) -> None:
    spec = project(*revisions)

    with pytest.raises(UnreadSource) as caught:
        drift(spec)

    assert [finding.code for finding in caught.value.findings if finding.code == code] == [code] * places
    assert all(finding.file.startswith("db/versions/") for finding in caught.value.findings)
    assert any(finding.line for finding in caught.value.findings)


@pytest.mark.parametrize(
    "text",
    ["", "\0\0", "x = 1\n", "revision = make()\n", "revision = 'z'\ndown_revision = [\n", "\xff", "revision = 7\n"],
)
def test_hostile_revision_files_are_findings(project: Callable[..., str], text: str) -> None:
    spec = project(MAKE_A)
    Path("db/versions/zz.py").write_bytes(text.encode("latin-1"))

    with pytest.raises(UnreadSource) as caught:
        drift(spec)

    assert [(f.code, f.file) for f in caught.value.findings] == [("alembic-revision-unreadable", "db/versions/zz.py")]


def test_a_bom_and_windows_line_ends_are_read(project: Callable[..., str]) -> None:
    spec = project(MAKE_A)
    file = next(Path("db/versions").glob("*.py"))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    status, findings = drift(spec)

    assert (status, findings) == (DriftStatus.DRIFT, ())


def test_a_project_below_the_working_folder_runs_in_its_own(project: Callable[..., str]) -> None:
    project(
        MAKE_A,
        ("b2", "a1", "import beside\nraise ValueError(beside.WORD)"),
        env="import beside\n" + ENV.format(options=""),
    )
    Path("beside.py").write_text("WORD = 'in the folder'\n")
    Path("backend").mkdir()
    for name in ("db", "alembic.ini", "beside.py"):
        Path(name).rename(f"backend/{name}")

    with pytest.raises(SourceError, match="in the folder") as caught:
        drift("migrations:backend/alembic.ini")

    assert caught.value.where == "backend/db/versions/b2_1.py:9"
    assert [m.file for m in read_folder("backend").migrations] == [
        "backend/db/versions/a1_0.py",
        "backend/db/versions/b2_1.py",
    ]


def test_options_that_are_put_together_step_by_step_are_read() -> None:
    text = "options = {}\ndef run():\n    options['version_table'] = NAME\n    options.update(OTHERS)\n    print(1)\n"
    sliced = slice_env(ast.parse(text + "    context.configure(connection=c, **options)\nNAME = 'x'\nOTHERS = {}\n"))

    assert sliced is not None
    assert {ast.unparse(statement) for statement in sliced[0]} == {
        "options = {}", "NAME = 'x'", "OTHERS = {}", "options['version_table'] = NAME", "options.update(OTHERS)"
    }  # fmt: skip


def test_several_heads_are_all_run_and_found(project: Callable[..., str]) -> None:
    spec = project(MAKE_A, ADD_B, ("c3", "a1", "op.add_column('a', sa.Column('m', sa.Integer))"))
    with sqlite3.connect("live.db") as live:
        live.executescript(
            "CREATE TABLE a (id INTEGER NOT NULL, n INTEGER, m INTEGER, PRIMARY KEY (id));"
            "CREATE TABLE b (id INTEGER NOT NULL, PRIMARY KEY (id))"
        )

    status, findings = drift(spec)

    assert status is DriftStatus.IN_SYNC
    assert [(f.code, f.object) for f in findings] == [
        ("migration-several-heads", "b2"),
        ("migration-several-heads", "c3"),
    ]


def test_what_env_does_on_its_connection_is_found(project: Callable[..., str]) -> None:
    env = ENV.replace("{options}", "").replace(
        "        context.run", "        connection.execute('x')\n        context.run"
    )

    _, findings = drift(project(MAKE_A, env=env))

    assert [(f.code, f.file, f.line) for f in findings] == [("alembic-env-connection", "db/env.py", 11)]


@pytest.mark.parametrize(
    ("revision", "place", "words"),
    [
        (("a1", None, "\nop.execute('CREATE NONSENSE')"), ":9", "NONSENSE"),
        (("a1", None, "raise ValueError('why not')"), ":8", "why not"),
        (("a1", None, "import sys\nsys.exit(4)"), ":9", "ended its process"),
        (("a1", None, "op.drop_constraint('x', 'y')"), ":8", "ALTER"),
        (("a1", None, "op.execute('DELETE FROM alembic_version')\nimport os\nos._exit(0)"), "", "exit code 0"),
        (("a1", None, "sa.create_engine('sqlite:///real.db').connect()"), ":8", "reach none but the scratch"),
    ],
)
def test_a_revision_that_fails_is_one_error_with_its_place(
    project: Callable[..., str], revision: tuple[str, object, str], place: str, words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        drift(project(revision))

    assert words in str(caught.value)
    assert caught.value.where.startswith("db/versions/a1_0.py" + place if place else "")
    assert not Path("real.db").exists()


@pytest.mark.parametrize(
    ("ini", "words"),
    [
        ("", "there is no"),
        ("[other]\n", "no section"),
        ("[alembic]\n", "does not say where"),
        ("[alembic]\nscript_location = nowhere\n", "nowhere"),
        ("[alembic]\nscript_location = package:db\n", "no folder package:db"),
        ("[alembic]\nscript_location = %(what)s\n", "cannot be read"),
        ("\0\xff", "cannot be read"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ini: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("live.db").touch()
    if ini:
        Path("alembic.ini").write_bytes(ini.encode("latin-1"))

    with pytest.raises(InputError) as caught:
        drift("migrations:alembic.ini")

    assert words in str(caught.value)


def test_an_env_without_the_call_is_unknown_until_the_defaults_are_said_to_hold(project: Callable[..., str]) -> None:
    spec = project(MAKE_A, env="from ours import run\nrun()\n")

    with pytest.raises(SourceError, match=r"no call of context\.configure") as caught:
        drift(spec)
    assert "?env=default" in caught.value.hint

    assert drift(spec + "?env=default")[0] is DriftStatus.DRIFT


def test_options_that_are_made_while_env_runs_are_unknown(project: Callable[..., str]) -> None:
    env = ENV.replace("{options}", ", version_table=name").replace("    with", "    for name in ('a', 'b'):\n     with")

    with pytest.raises(SourceError, match=r"while it runs.*db/env\.py:11.*'name' is not defined"):
        drift(project(MAKE_A, env=env))


@pytest.mark.parametrize("spec", ["migrations:alembic.ini", "migrations:pyproject.toml", "migrations:."])
def test_a_configuration_in_pyproject_is_read_beside_the_ini_file(project: Callable[..., str], spec: str) -> None:
    project(MAKE_A, ini="[alembic]\n")
    Path("pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/db"\nprepend_sys_path = ["."]\n')

    assert drift(spec)[0] is DriftStatus.DRIFT


def test_revisions_that_need_their_own_transactions_run(
    project: Callable[..., str], make_database: Callable[[str], str]
) -> None:
    url = make_database("postgres")
    spec = project(
        ("a1", None, "op.execute(\"CREATE TYPE mood AS ENUM ('sad')\")"),
        ("b2", "a1", "with op.get_context().autocommit_block():\n    op.execute(\"ALTER TYPE mood ADD VALUE 'ok'\")"),
        ("c3", "b2", "op.execute(\"CREATE TABLE t (m mood DEFAULT 'ok')\")"),
        env=ENV.replace(
            "{options}", ", version_table='v', version_table_schema='alembic', transaction_per_migration=True"
        ),
    )
    target = parse_target(url)

    report = measure_drift(load_engine(target.engine), target, spec, DriftOptions())

    assert [change.object for change in report.changes if "alembic" not in change.object] == ["public.mood", "public.t"]


def test_only_what_the_options_need_is_taken_out_of_env() -> None:
    text = """
import asyncio, os
from app import Base, make
load_dotenv()
config = context.config
fileConfig(config.config_file_name)
URL = make(os.environ["DATABASE_URL"])
if os.environ.get("X"):
    TABLE = "x"
else:
    TABLE = "y"
def name():
    return TABLE
target_metadata = Base.metadata
def offline():
    context.configure(url=URL, version_table="not this one")
async def online():
    engine = make(URL)
    context.configure(connection=engine, target_metadata=target_metadata, version_table=name(), compare_type=True)
asyncio.run(online())
"""
    sliced = slice_env(ast.parse(text))

    assert sliced is not None
    taken = "\n".join(ast.unparse(statement) for statement in sliced[0])
    assert [name for name, _ in sliced[1]] == ["target_metadata", "version_table"]
    for part in ("load_dotenv()", "import asyncio", "TABLE = 'x'", "def name", "target_metadata = Base.metadata"):
        assert part in taken
    for part in ("URL", "run(", "fileConfig"):
        assert part not in taken


def test_history_is_read_without_running_anything(project: Callable[..., str]) -> None:
    project(MAKE_A, ADD_B, ("c3", "a1", "pass"), ("d4", ("b2", "c3"), "pass"), env="raise SystemExit\n")

    revisions, unreadable = read_revisions(read_alembic_config("alembic.ini"))

    assert unreadable == ()
    assert revisions[0].id == "a1"
    assert [revision.id for revision in heads_of(revisions)] == ["d4"]
    assert ancestors_of(revisions, ["c3"]) == {"a1", "c3"}
    assert [migration.id for migration in read_folder("db").migrations] == [r.id for r in revisions]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["d4"], []),
        (["b2"], [("migration-unapplied", "c3"), ("migration-unapplied", "d4")]),
        (
            ["b2", "zz"],
            [("migration-applied-unknown", "zz"), ("migration-unapplied", "c3"), ("migration-unapplied", "d4")],
        ),
    ],
)
def test_validate_compares_the_version_table_with_the_files(
    project: Callable[..., str], rows: list[str], found: list[tuple[str, str]]
) -> None:
    project(MAKE_A, ADD_B, ("c3", "a1", "pass"), ("d4", ("b2", "c3"), "pass"))
    with sqlite3.connect("live.db") as live:
        live.execute("CREATE TABLE a (id INTEGER)")
        live.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        live.executemany("INSERT INTO alembic_version VALUES (?)", [(row,) for row in rows])

    only = ("migrations", "history", "replay")
    report = validate(
        ValidateOptions(target=parse_target("sqlite:///live.db"), migrations="alembic.ini", only=only)
    ).report

    codes = [(f.code, f.object) for f in report.findings if f.code != "migration-edits-unknown"]
    assert sorted(codes) == sorted(found)
    assert report.unknown == ()
    assert report.checked["replayed migrations"] == 4
