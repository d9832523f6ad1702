"""Take commits back by further commits: those of a task, of the run, or everything since a tag; never by force."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.errors import FailedError, InputError
from lockgate.model.outcome import FailureClass
from lockgate.outside.git import Git
from lockgate.runbook.actions.common import done, failed, find_effects
from lockgate.runbook.base import Done, Effect, TaskContext

RUN, TASK = "run", "task:"


def commits_of(wanted: str, git: Git, context: TaskContext) -> tuple[str, ...]:
    """Return the commits that are meant, newest first: ``run``, ``task:ID``, or names and ranges of git's own.

    Raises:
        InputError: A name stands for no commit.
    """
    if wanted in ("", RUN) or wanted.startswith(TASK):
        task = wanted.removeprefix(TASK) if wanted.startswith(TASK) else ""
        made = [str(entry.body["id"]) for entry in find_effects(context.entries, "commit", task)]
        taken_back = {c for entry in find_effects(context.entries, "revert") for c in entry.body.get("commits", ())}
        return tuple(commit for commit in reversed(made) if commit not in taken_back)
    found: list[str] = []
    for word in wanted.split():
        if word.startswith("-"):
            raise InputError(f"{word!r} is no commit", state="nothing was touched")
        if ".." in word:
            found += git.get("rev-list", "--no-merges", word, "--").split()
            continue
        commit = git.resolve(word)
        if not commit:
            raise InputError(f"there is no commit {word}", where=str(git.folder), state="nothing was touched")
        found.append(commit)
    return tuple(found)


def revert_commits(git: Git, commits: Sequence[str], branch: str, context: TaskContext) -> Done:
    """Revert commits, newest first, each by a commit; on a new branch when one is named.

    A conflict leaves everything as it was.

    Raises:
        RefusedError: The tree is not clean. FailedError: Git refused.
    """
    git.check_clean()
    before, was_on = git.resolve("HEAD"), git.branch()
    if branch:
        git.get("switch", "--quiet", "--create", branch)
    try:
        git.get("revert", "--no-edit", *commits)
    except FailedError as error:
        git.run("revert", "--abort")
        if branch and was_on:
            git.run("switch", "--quiet", was_on)
            git.run("branch", "--delete", branch)
        error.state = f"the revert was taken back; HEAD is {git.resolve('HEAD')[:12]}"
        error.hint = "revert by hand and settle the conflict"
        raise
    after = git.resolve("HEAD")
    facts = {"before": before, "commits": list(commits), "branch": git.branch()}
    context.effect(Effect("revert", after, facts))
    oldest = commits[-1]
    is_top = git.run("merge-base", "--is-ancestor", oldest, before).is_ok
    count = int(git.get("rev-list", "--count", f"{oldest}^..{before}")) if is_top else -1
    if count == len(commits) and git.tree("HEAD") != git.tree(f"{oldest}^"):
        return failed("the files are not as before the commits that were reverted", FailureClass.CODE)
    proof = f"; the files are those of {oldest[:12]}^" if count == len(commits) else ""
    return done(f"{len(commits)} commits reverted on {git.branch() or 'no branch'}, HEAD is {after[:12]}{proof}")


def go_to_tag(git: Git, tag: str, branch: str, context: TaskContext) -> Done:
    """Make the files those of a tag by one further commit on a new branch, whatever lies between, merges included.

    Raises:
        InputError: There is no such tag. RefusedError: The tree is not clean.
    """
    goal = git.resolve(tag)
    if not goal:
        raise InputError(f"there is no tag {tag}", where=str(git.folder), state="nothing was touched")
    git.check_clean()
    before = git.resolve("HEAD")
    if git.tree(goal) == git.tree(before):
        return done(f"the files are those of {tag} already; nothing was done")
    between = git.get("rev-list", f"{goal}..{before}").split()
    git.get("switch", "--quiet", "--create", branch)
    git.get("read-tree", "--reset", "-u", goal)
    git.get("commit", "--quiet", "--message", f"Revert to {tag}: takes back {len(between)} commits")
    after = git.resolve("HEAD")
    context.effect(Effect("revert", after, {"before": before, "commits": between, "branch": branch, "tag": tag}))
    if git.tree("HEAD") != git.tree(goal):
        return failed(f"the files are not those of {tag}", FailureClass.CODE)
    return done(f"branch {branch} has the files of {tag} ({goal[:12]}); {len(between)} commits are taken back by one")
