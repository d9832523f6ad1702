"""Django projects are loaded with the scratch as their only database; what is wrong with them has a code or place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.diff.drift import DriftReport, DriftStatus
from lockgate.engine import load_engine
from lockgate.errors import InputError, LockgateError, SourceError, UnreadSource
from lockgate.model.target import parse_target
from lockgate.source.django import settings_module
from lockgate.workflow.measure_drift import DriftOptions, measure_drift
from lockgate.workflow.subject import ValidateOptions
from lockgate.workflow.validate import validate

SETTINGS = """
INSTALLED_APPS = ["shop"]
SECRET_KEY = "x"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "HOST": "production"}}
"""
MODELS = """
from django.db import models
class Thing(models.Model):
    name = models.CharField(max_length=20)
"""
FIRST = """
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Thing", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=20)),
        ]),
    ]
"""
NEXT = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("shop", "{parent}")]
    operations = [{operation}]
"""
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n'
LIVE = "CREATE TABLE shop_thing (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(20) NOT NULL);"
APPLIED = (
    "CREATE TABLE django_migrations (id integer PRIMARY KEY, app varchar(255), name varchar(255), applied datetime);"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that writes a project with one app; names of migrations and their texts are its arguments."""
    monkeypatch.chdir(tmp_path)

    def write(migrations: dict[str, str] | None = None, *, settings: str = SETTINGS, models: str = MODELS) -> None:
        folder = tmp_path / "shop/migrations"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
        (tmp_path / "shop/__init__.py").touch()
        (tmp_path / "shop/models.py").write_text(models)
        (tmp_path / "settings.py").write_text(settings)
        (tmp_path / "manage.py").write_text(MANAGE)
        for name, text in ({"0001_initial": FIRST} if migrations is None else migrations).items():
            (folder / f"{name}.py").write_text(text)

    with sqlite3.connect("live.db") as live:
        live.executescript(LIVE)
    return write


def drift(spec: str) -> DriftReport:
    """Compare the SQLite database of the working folder with a spec."""
    return measure_drift(load_engine("sqlite"), parse_target("sqlite:///live.db"), spec, DriftOptions())


def follow(parent: str, operation: str = "") -> str:
    """Return a migration that depends on another one of the app."""
    return NEXT.replace("{parent}", parent).replace("{operation}", operation)


@pytest.mark.parametrize("text", ["settings", "manage.py", ".", "settings.py"])
def test_the_settings_are_named_in_every_form(project: Callable[..., None], text: str) -> None:
    project()

    assert settings_module(text, f"django:{text}") == "settings"


@pytest.mark.parametrize("spec", ["django:settings", "migrations:django:settings"])
def test_a_project_is_in_sync_with_what_it_declares(project: Callable[..., None], spec: str) -> None:
    project()

    report = drift(spec)

    assert (report.status, report.findings) == (DriftStatus.IN_SYNC, ())


def test_a_project_below_the_working_folder_runs_in_its_own(project: Callable[..., None]) -> None:
    project()
    Path("backend").mkdir()
    for name in ("shop", "settings.py", "manage.py"):
        Path(name).rename(f"backend/{name}")

    for spec in ("django:backend", "migrations:backend/manage.py"):
        assert drift(spec).status is DriftStatus.IN_SYNC
    Path("backend/shop/models.py").write_text("1 / 0\n")
    with pytest.raises(SourceError, match=r"backend/shop/models\.py:1"):
        drift("django:backend")


def test_a_change_without_a_migration_is_found(project: Callable[..., None]) -> None:
    project(models=MODELS + "    size = models.IntegerField(null=True)\n")

    report = drift("django:settings")

    assert [(f.code, f.message) for f in report.findings] == [
        ("django-model-not-migrated", "shop: Add field size to thing")
    ]
    assert [change.object for change in report.changes] == ["shop_thing.size"]
    assert drift("migrations:manage.py").status is DriftStatus.IN_SYNC


def test_a_table_that_is_not_managed_is_left_alone(project: Callable[..., None]) -> None:
    unmanaged = "class Old(models.Model):\n    class Meta:\n        managed = False\n        db_table = 'old'\n"
    project(models=MODELS + unmanaged, migrations={})
    with sqlite3.connect("live.db") as live:
        live.execute("CREATE TABLE old (id integer)")

    report = drift("django:settings")

    assert report.status is DriftStatus.IN_SYNC
    assert ("django-unmanaged", "shop/models.py", 5, "old") in [
        (f.code, f.file, f.line, f.object) for f in report.findings
    ]


def test_another_alias_is_a_target_of_its_own(project: Callable[..., None]) -> None:
    settings = SETTINGS.replace("}}", '}, "logs": {"ENGINE": "django.db.backends.sqlite3"}}')
    settings += 'DATABASE_ROUTERS = ["shop.router.Router"]\n'
    project(
        settings=settings, models=MODELS + "class Log(models.Model):\n    line = models.TextField()\n", migrations={}
    )
    Path("shop/router.py").write_text(
        "class Router:\n    def allow_migrate(self, db, app_label, model_name=None, **hints):\n"
        "        return (db == 'logs') == (model_name == 'log')\n"
    )

    report = drift("django:settings")
    assert report.status is DriftStatus.IN_SYNC
    assert [(f.code, f.object) for f in report.findings if f.code != "django-model-not-migrated"] == [
        ("django-other-database", "shop_log")
    ]
    other = drift("django:settings?database=logs")
    assert sorted(change.object for change in other.changes) == ["shop_log", "shop_thing"]


@pytest.mark.parametrize(
    ("migrations", "code"),
    [
        (
            {"0001_initial": FIRST, "0002_a": follow("0001_initial"), "0002_b": follow("0001_initial")},
            "migration-several-heads",
        ),
        ({"0001_initial": FIRST, "0002_a": follow("0009_gone")}, "migration-chain-broken"),
        ({"0001_initial": FIRST, "0002_a": follow("0003_b"), "0003_b": follow("0002_a")}, "migration-chain-broken"),
        ({"0001_initial": FIRST, "0002_a": "x = 1\n"}, "migration-chain-broken"),
    ],
)
def test_migrations_that_cannot_run_are_not_compared(
    project: Callable[..., None], migrations: dict[str, str], code: str
) -> None:
    project(migrations)

    with pytest.raises(UnreadSource) as caught:
        drift("migrations:manage.py")

    assert {finding.code for finding in caught.value.findings if finding.severity.value == "critical"} == {code}
    assert drift("django:settings").status is DriftStatus.IN_SYNC


def test_a_number_given_twice_is_seen(project: Callable[..., None]) -> None:
    project({"0001_initial": FIRST, "0002_a": follow("0001_initial"), "0002_b": follow("0002_a")})

    report = drift("migrations:manage.py")

    assert [(f.code, f.object, f.file) for f in report.findings] == [
        ("migration-number-duplicate", "shop.0002_b", "shop/migrations/0002_b.py")
    ]


@pytest.mark.parametrize(
    ("files", "place", "words"),
    [
        ({"settings.py": "import nothing_there\n"}, "settings.py:1", "nothing_there"),
        ({"settings.py": "INSTALLED_APPS = ['nowhere']\nSECRET_KEY = 'x'\n"}, "", "nowhere"),
        ({"settings.py": "raise SystemExit('stop')\n"}, "settings.py:1", "ended its process"),
        ({"settings.py": "x = (\n"}, "settings.py:1", "SyntaxError"),
        ({"settings.py": ""}, "", "no table"),
        ({"shop/models.py": MODELS + "1 / 0\n"}, "shop/models.py:5", "ZeroDivisionError"),
        (
            {"shop/models.py": MODELS + "    bad = models.CharField(max_length=1, db_collation='zz')\n"},
            "shop/models.py:3",
            "zz",
        ),
        ({"shop/migrations/0001_initial.py": "1 / 0\n"}, "shop/migrations/0001_initial.py:1", "ZeroDivisionError"),
    ],
)
def test_a_project_that_fails_is_one_error_with_its_place(
    project: Callable[..., None], files: dict[str, str], place: str, words: str
) -> None:
    project()
    for name, text in files.items():
        Path(name).write_text(text)

    with pytest.raises(SourceError) as caught:
        drift("django:settings")

    assert words in str(caught.value)
    assert place in caught.value.where


def test_a_migration_that_the_server_refuses_is_named(project: Callable[..., None]) -> None:
    project({"0001_initial": FIRST, "0002_sql": follow("0001_initial", "migrations.RunSQL('CREATE NONSENSE')")})

    with pytest.raises(SourceError, match=r"0002_sql\.py.*CREATE NONSENSE.*NONSENSE"):
        drift("migrations:manage.py")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("django:", "names no settings module"),
        ("django:a b", "names no settings module"),
        ("django:nowhere.settings", "there is no module nowhere"),
        ("django:settings?database=zz", "no database 'zz'"),
        ("django:settings?alias=zz", "unknown option"),
        ("django:other/manage.py", "cannot be read"),
        ("migrations:django:other/manage.py", "cannot be read"),
    ],
)
def test_a_spec_that_names_no_project_is_refused(project: Callable[..., None], spec: str, words: str) -> None:
    project()

    with pytest.raises(LockgateError) as caught:
        drift(spec)

    assert isinstance(caught.value, InputError)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["0001_initial", "0002_a", "0003_b"], []),
        (["0001_initial"], [("migration-unapplied", "shop.0002_a"), ("migration-unapplied", "shop.0003_b")]),
        (["0001_initial", "0003_b"], [("migration-out-of-order", "shop.0002_a")]),
        (["0001_initial", "0002_a", "0003_b", "0004_x"], [("migration-applied-unknown", "shop.0004_x")]),
    ],
)
def test_validate_compares_the_recorded_migrations_with_the_files(
    project: Callable[..., None], rows: list[str], found: list[tuple[str, str]]
) -> None:
    project({"0001_initial": FIRST, "0002_a": follow("0001_initial"), "0003_b": follow("0002_a")})
    with sqlite3.connect("live.db") as live:
        live.executescript(APPLIED)
        live.executemany("INSERT INTO django_migrations (app, name) VALUES ('shop', ?)", [(row,) for row in rows])

    report = validate(
        ValidateOptions(
            target=parse_target("sqlite:///live.db"), migrations="manage.py", only=("migrations", "history")
        )
    ).report

    assert [(f.code, f.object) for f in report.findings if f.code != "migration-edits-unknown"] == found
    assert report.unknown == ()


def test_squashed_migrations_stand_for_those_they_replace(project: Callable[..., None]) -> None:
    squashed = FIRST.replace(
        "initial = True", "initial = True\n    replaces = [('shop', '0001_initial'), ('shop', '0002_a')]"
    )
    with sqlite3.connect("live.db") as live:
        live.executescript(APPLIED)
        live.execute("INSERT INTO django_migrations (app, name) VALUES ('shop', '0001_initial'), ('shop', '0002_a')")
    options = ValidateOptions(target=parse_target("sqlite:///live.db"), migrations="manage.py", only=("history",))

    project({"0001_initial": FIRST, "0002_a": follow("0001_initial"), "0001_squashed": squashed})
    both = validate(options).report
    Path("shop/migrations/0001_initial.py").unlink()
    Path("shop/migrations/0002_a.py").unlink()
    alone = validate(options).report

    for report in (both, alone):
        assert [f.code for f in report.findings] == ["migration-edits-unknown"]
