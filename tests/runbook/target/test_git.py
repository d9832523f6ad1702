"""Tasks with git: tags that are free, commits of named paths, reverts by commits, and never force."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockgate.model.actions import Git
from lockgate.model.outcome import FailureClass, RollbackLevel
from lockgate.model.procedure import TaskState
from lockgate.model.runbook import Task
from lockgate.outside.git import find_force
from lockgate.runbook.base import LevelAsk
from lockgate.runbook.levels.choose import take_back
from tests.runbook.target.bench import Bench, make_bench


def git(bench: Bench, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=bench.folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "book"
    folder.mkdir()
    made = make_bench(sqlite_url, folder)
    subprocess.run(["git", "init", "--bare", "--quiet", str(tmp_path / "remote")], check=True)
    for words in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("config", "user.name", "tester"),
        ("config", "user.email", "tester@example.org"),
        ("remote", "add", "origin", str(tmp_path / "remote")),
    ):
        git(made, *words)
    made.write(".gitignore", "state/\n")
    made.write("a.txt", "1\n")
    git(made, "add", ".")
    git(made, "commit", "--quiet", "-m", "first")
    yield made
    made.record.close()


def test_a_tag_is_never_moved(bench: Bench) -> None:
    first = git(bench, "rev-parse", "HEAD")
    assert bench.do(Git(do="tag", name="baseline"), "0.7").state is TaskState.DONE
    bench.write("a.txt", "2\n")
    bench.do(Git(do="commit", message="second", paths=("a.txt",)), "1.1")

    ended = bench.do(Git(do="tag", name="baseline"), "0.8")

    assert ended.state is TaskState.DONE
    assert git(bench, "rev-parse", "baseline^{commit}") == first
    assert [tag["id"] for tag in bench.effects("tag")] == ["baseline", "baseline-2"]


def test_a_commit_holds_the_named_paths_alone(bench: Bench) -> None:
    bench.write("a.txt", "2\n")
    bench.write("b.txt", "other\n")
    git(bench, "add", "b.txt")

    assert bench.do(Git(do="commit", message="a", paths=("a.txt",)), "1.1").state is TaskState.DONE

    assert git(bench, "show", "--name-only", "--format=") == "a.txt"
    assert "nothing to commit" in bench.do(Git(do="commit", paths=("a.txt",)), "1.2").message


def test_the_code_level_reverts_the_runs_commits_on_a_branch(bench: Bench) -> None:
    tree = git(bench, "rev-parse", "HEAD^{tree}")
    for number in (2, 3):
        bench.write("a.txt", f"{number}\n")
        bench.do(Git(do="commit", message=str(number), paths=("a.txt",)), f"1.{number}")
    ask = LevelAsk(RollbackLevel.CODE, "", "a test", FailureClass.CODE, False)

    ended = take_back(bench.tools, ask, bench.context(Task(id="1.9", title="gate")))

    assert ended.state is TaskState.DONE, ended.message
    assert git(bench, "rev-parse", "HEAD^{tree}") == tree
    assert git(bench, "branch", "--show-current") == "rollback-20260101-test-abcdef"
    assert git(bench, "rev-list", "--count", "main") == "3"
    assert git(bench, "status", "--porcelain") == ""
    assert "nothing was done" in take_back(bench.tools, ask, bench.context(Task(id="1.9", title="gate"))).message


def test_the_code_level_goes_back_to_a_tag_by_one_commit(bench: Bench) -> None:
    bench.do(Git(do="tag", name="baseline"), "0.7")
    git(bench, "switch", "--quiet", "--create", "side")
    bench.write("b.txt", "side\n")
    git(bench, "add", "b.txt")
    git(bench, "commit", "--quiet", "-m", "side")
    git(bench, "switch", "--quiet", "main")
    git(bench, "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    ask = LevelAsk(RollbackLevel.CODE, "baseline", "a test", FailureClass.CODE, False)

    ended = take_back(bench.tools, ask, bench.context(Task(id="1.9", title="gate")))

    assert ended.state is TaskState.DONE, ended.message
    assert git(bench, "rev-parse", "HEAD^{tree}") == git(bench, "rev-parse", "baseline^{tree}")
    assert not (bench.folder / "b.txt").exists()
    assert git(bench, "rev-list", "--count", "main") == "3"


def test_a_conflict_leaves_everything_as_it_was(bench: Bench) -> None:
    bench.write("a.txt", "2\n")
    bench.do(Git(do="commit", message="2", paths=("a.txt",)), "1.2")
    bench.write("a.txt", "3\n")
    git(bench, "commit", "--quiet", "-am", "somebody else")
    head = git(bench, "rev-parse", "HEAD")

    ended = bench.do(Git(do="revert", commits="task:1.2", name="back"), "1.3")

    assert ended.state is TaskState.FAILED
    assert git(bench, "rev-parse", "HEAD") == head
    assert git(bench, "branch", "--show-current") == "main"
    assert git(bench, "status", "--porcelain") == ""


def test_a_push_goes_forward_only(bench: Bench) -> None:
    assert bench.do(Git(do="push"), "1.1").state is TaskState.DONE
    bench.write("a.txt", "2\n")
    git(bench, "commit", "--quiet", "-am", "x", "--amend")

    ended = bench.do(Git(do="push"), "1.2")
    assert ended.state is TaskState.FAILED
    assert "git push failed" in ended.message
    for name in ("--force main", "+main", "-f", ":main"):
        assert "nothing was pushed" in bench.do(Git(do="push", name=name), "1.3").message


@pytest.mark.parametrize(
    "word",
    ["--force", "-f", "-uf", "-fu", "--force-with-lease", "--force-with-lease=main:abc", "--force-if-includes",
     "+main", "+main:main", ":main", "--mirror", "--delete", "-d", "--prune"],
)  # fmt: skip
def test_force_is_seen_in_every_spelling(word: str) -> None:
    assert find_force(["origin", word]) == word


@pytest.mark.parametrize("word", ["main", "v1.0", "--quiet", "main:main", "-u", "feature/force"])
def test_what_is_no_force_is_let_through(word: str) -> None:
    assert find_force(["origin", word]) == ""


def test_a_dry_run_of_git_writes_nothing(bench: Bench) -> None:
    bench.is_dry_run = True
    bench.write("a.txt", "2\n")
    for action in (
        Git(do="tag", name="t"),
        Git(do="commit", paths=("a.txt",)),
        Git(do="branch", name="b"),
        Git(do="pull"),
        Git(do="push"),
    ):
        assert bench.do(action).message.startswith("would")
    assert git(bench, "tag") == ""
    assert git(bench, "branch", "--show-current") == "main"
    assert git(bench, "status", "--porcelain") == "M a.txt"
    assert bench.do(Git(do="fly")).state is TaskState.FAILED
