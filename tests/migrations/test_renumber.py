"""Numbers used twice get new ones: what was applied stays, git can revert it, and the folder adds up to the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.engine.base import Scope
from lockgate.errors import LockgateError, RefusedError
from lockgate.model.target import parse_target
from lockgate.source.migrations.check import check_folder
from lockgate.source.migrations.detect import read_folder
from lockgate.workflow.renumber import Renumbered, renumber
from lockgate.workflow.replay_folder import replay_folder
from lockgate.workflow.subject import ValidateOptions

from .bookkeeping import Database
from .folders import codes, write_drizzle, write_files

TAGS = ["0000_a", "0001_b", "0001_c", "0002_d", "0002_e", "0007_f"]


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty git repository, with an author that the environment names."""
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "a")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "a@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def commit(repository: Path) -> None:
    """Commit everything."""
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "migrations")


def drizzle(repository: Path, dialect: str = "sqlite") -> Path:
    """Commit a Drizzle folder with two numbers used twice; each migration builds on the one before."""
    texts = ["CREATE TABLE t (id int);", *(f"ALTER TABLE t ADD c{n} int;" for n in range(1, len(TAGS)))]
    folder = write_drizzle(repository / "drizzle", list(zip(TAGS, texts, strict=True)), dialect=dialect)
    commit(repository)
    return folder


def run(folder: Path, *, url: str = "", keep: tuple[str, ...] = (), is_dry_run: bool = False) -> Renumbered:
    """Renumber a folder."""
    target = parse_target(url) if url else None
    return renumber(ValidateOptions(target=target, migrations=str(folder)), keep=keep, is_dry_run=is_dry_run)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file and its content."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".git" not in p.parts
    }


@pytest.mark.parametrize(("flavor", "dialect"), [("sqlite", "sqlite"), ("postgres", "postgresql")])
def test_drizzles_numbers_change_and_nothing_that_a_database_knows(
    flavor: str, dialect: str, repository: Path, make_database: Callable[[str], str]
) -> None:
    folder = drizzle(repository, dialect)
    before, files = read_folder(str(folder)), tree(repository)
    database = Database(make_database(flavor))
    database.begin("drizzle")
    database.record(before, before.migrations[:4])

    assert codes(check_folder(before)) == ["migration-number-duplicate"] * 2
    proposed = run(folder, url=database.url, is_dry_run=True)
    assert tree(repository) == files
    done = run(folder, url=database.url)
    after = read_folder(str(folder))

    assert proposed.proposal == done.proposal
    assert [m.id for m in after.migrations] == ["0000_a", "0001_b", "0002_c", "0003_d", "0004_e", "0007_f"]
    assert [(m.hashes, m.when, m.text) for m in after.migrations] == [
        (m.hashes, m.when, m.text) for m in before.migrations
    ]
    assert codes(check_folder(after)) == ["migration-snapshot-missing"] * 2  # what shared one never had its own
    server = database.engine.identify(database.session)
    with database.engine.open_scratch(server, database.session.target, ValidateOptions().scratch) as scratch:
        sums = [replay_folder(f, database.engine, scratch, name=f"r{i}").schema for i, f in enumerate((before, after))]
    assert sums[0] == sums[1] is not None
    assert git(repository, "rev-list", "--count", "HEAD") == "2"
    assert git(repository, "rev-parse", "HEAD") == done.commit
    assert git(repository, "status", "--porcelain") == ""
    git(repository, "revert", "--no-edit", "HEAD")
    assert tree(repository) == files
    database.session.close()


def test_the_next_generated_migration_gets_a_number_of_its_own(repository: Path) -> None:
    folder = drizzle(repository)
    run(folder)
    entries = json.loads((folder / "meta/_journal.json").read_text())["entries"]
    assert [entry["idx"] for entry in entries] == [0, 1, 2, 3, 4, 7]
    assert [entry["when"] for entry in entries] == sorted(entry["when"] for entry in entries)
    assert sorted(p.name for p in (folder / "meta").glob("*_snapshot.json")) == [
        "0000_snapshot.json", "0002_snapshot.json", "0004_snapshot.json", "0007_snapshot.json",
    ]  # fmt: skip


def test_a_folder_without_doubled_numbers_is_left_alone(repository: Path) -> None:
    folder = write_drizzle(repository / "drizzle", [("0000_a", "SELECT 1;"), ("0001_b", "SELECT 1;")])
    assert run(folder).proposal.changes == ()


@pytest.mark.parametrize("kind", ["changed", "untracked", "no repository", "no commit", "merging", "ignored", "hook"])
def test_a_tree_that_is_not_clean_is_refused_and_left_as_it_is(kind: str, repository: Path, tmp_path: Path) -> None:
    folder = drizzle(repository)
    match kind:
        case "changed":
            (folder / "0000_a.sql").write_text("SELECT 2;")
        case "untracked":
            (repository / "notes.txt").write_text("x")
        case "no repository":
            folder = write_drizzle(tmp_path / "elsewhere", [(tag, "SELECT 1;") for tag in TAGS])
        case "no commit":
            subprocess.run(["rm", "-rf", ".git"], cwd=repository, check=True)
            git(repository, "init", "-q")
        case "merging":
            (repository / ".git/MERGE_HEAD").write_text(git(repository, "rev-parse", "HEAD") + "\n")
        case "ignored":
            (repository / ".gitignore").write_text("*.sql\n")
            git(repository, "rm", "-q", "--cached", "drizzle/0002_e.sql")
            git(repository, "add", ".gitignore")
            git(repository, "commit", "-q", "-m", "ignore")
        case "hook":
            hook = repository / ".git/hooks/pre-commit"
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\necho no such numbers >&2\nexit 1\n")
            hook.chmod(0o755)
    files = tree(repository)
    with pytest.raises(RefusedError) as caught:
        run(folder)
    assert caught.value.state == "the files are as they were"
    assert caught.value.hint
    assert tree(repository) == files


def numbered(repository: Path) -> Path:
    """Commit a folder of plain numbers in which the second is used twice."""
    folder = write_files(repository / "migrations", {
        "0001_a.sql": "CREATE TABLE a (id int);", "0002_b.sql": "CREATE TABLE b (id int);",
        "0002_c.sql": "CREATE TABLE c (id int);", "0002_c.down.sql": "DROP TABLE c;", "0003_d.sql": "CREATE "
        "TABLE d (id int);",
    })  # fmt: skip
    commit(repository)
    return folder


def test_where_the_number_is_the_migration_a_database_must_be_looked_at(repository: Path) -> None:
    folder = numbered(repository)
    assert run(folder, is_dry_run=True).proposal.changes == (("0002_c.sql", "0003_c.sql"), ("0003_d.sql", "0004_d.sql"))
    with pytest.raises(RefusedError) as caught:
        run(folder)
    assert "--url" in caught.value.hint


def test_what_no_database_has_applied_moves_on_and_takes_its_way_back_along(repository: Path, sqlite_url: str) -> None:
    folder = numbered(repository)
    database = Database(sqlite_url)
    database.begin("numbered")
    database.record(read_folder(str(folder)), read_folder(str(folder)).migrations[:1])
    run(folder, url=sqlite_url)
    names = sorted(p.name for p in folder.iterdir())
    assert names == ["0001_a.sql", "0002_b.sql", "0003_c.down.sql", "0003_c.sql", "0004_d.sql"]


def test_an_applied_number_stays_with_the_file_that_was_applied(repository: Path, sqlite_url: str) -> None:
    folder = numbered(repository)
    database = Database(sqlite_url)
    database.begin("numbered")
    database.run("INSERT INTO schema_migrations VALUES ('0001'), ('0002'), ('0003')")
    with pytest.raises(RefusedError) as caught:
        run(folder, url=sqlite_url)
    assert "--keep 0002_b.sql" in caught.value.hint
    done = run(folder, url=sqlite_url, keep=("0002_c.sql",))
    assert done.proposal.changes == (("0002_b.sql", "0004_b.sql"),)
    assert "add up to the same schema" in done.proof


def test_flyways_checksum_tells_which_of_two_was_applied(repository: Path, sqlite_url: str) -> None:
    files = {
        "V1__a.sql": "CREATE TABLE a (id int);",
        "V1.1__b.sql": "CREATE TABLE b (id int);",
        "V1.1__c.sql": "CREATE TABLE c (id int);",
    }
    folder = write_files(repository / "sql", files)
    commit(repository)
    database = Database(sqlite_url)
    database.begin("flyway")
    read = read_folder(str(folder))
    database.record(read, [m for m in read.migrations if not m.file.endswith("b.sql")])
    assert run(folder, url=sqlite_url).proposal.changes == (("V1.1__b.sql", "V1.2__b.sql"),)


def test_an_order_that_would_add_up_to_something_else_is_refused(repository: Path, sqlite_url: str) -> None:
    folder = write_files(repository / "migrations", {
        "0001_a.sql": "CREATE TABLE a (id int);", "0002_b.sql": "ALTER TABLE a ADD b int;",
        "0002_c.sql": "SELECT 1;", "0003_d.sql": "ALTER TABLE a RENAME COLUMN b TO d;",
    })  # fmt: skip
    commit(repository)
    database = Database(sqlite_url)
    database.begin("numbered")
    database.run("INSERT INTO schema_migrations VALUES ('0001'), ('0002'), ('0003')")
    with pytest.raises(LockgateError) as caught:
        run(folder, url=sqlite_url, keep=("0002_c.sql",))
    assert "cannot be proven" in str(caught.value)
    assert sorted(p.name for p in folder.iterdir())[1] == "0002_b.sql"
    assert Scope()
