"""The task ``git``: tag, commit, revert, branch, pull and push, never with force and never over what is there."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.errors import ConfigError, FailedError, RefusedError
from lockgate.model.actions import Git as GitAction
from lockgate.model.procedure import TaskState
from lockgate.outside.git import Git, refuse_force
from lockgate.runbook.actions.common import done, fact_of, find_effects, would
from lockgate.runbook.actions.revert import commits_of, revert_commits
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.target import TargetTools

_MOST_TAGS = 100


def perform(tools: TargetTools, action: GitAction, context: TaskContext) -> Done:
    """Do one thing with git.

    Raises:
        ConfigError: It is none that is known. RefusedError: It would need force. FailedError: Git refused.
    """
    do = _DO.get(action.do)
    if do is None:
        raise ConfigError(
            f"git cannot be asked to {action.do!r}",
            where=f"task {context.task.id}",
            cause=f"allowed are {', '.join(_DO)}",
            state="nothing was touched",
        )
    return do(action, Git(context.folder, context.environment, min(context.timeout_s, 600.0)), context)


def _tag(action: GitAction, git: Git, context: TaskContext) -> Done:
    """Tag a commit by a name that is free: the name itself, else with a number; one that is there stays as it is."""
    commit = git.resolve(action.commits or "HEAD")
    if not commit:
        raise FailedError(f"there is no commit {action.commits or 'HEAD'} to tag", where=str(git.folder))
    name = free_tag(git, _needed(action.name, "name", context))
    if context.is_dry_run:
        return would(f"tag {commit[:12]} as {name}")
    git.get("tag", "--annotate", "--message", action.message or f"{context.run} {context.task.id}", name, commit)
    context.effect(Effect("tag", name, {"commit": commit, "asked": action.name}))
    if git.resolve(name) != commit:
        raise FailedError(f"the tag {name} does not stand for {commit[:12]}", where=str(git.folder))
    return done(f"tag {name} is {commit[:12]}" + (f" ({action.name} was taken)" if name != action.name else ""))


def free_tag(git: Git, name: str) -> str:
    """Return a tag's name that nothing stands under yet."""
    for number in range(1, _MOST_TAGS):
        wanted = name if number == 1 else f"{name}-{number}"
        if git.run("show-ref", "--quiet", "--verify", f"refs/tags/{wanted}").code == 1:
            return wanted
    raise RefusedError(f"the tag {name} exists {_MOST_TAGS} times", state="nothing was touched")


def _commit(action: GitAction, git: Git, context: TaskContext) -> Done:
    """Commit exactly the named paths; nothing else that is staged comes along."""
    if not action.paths:
        raise ConfigError(
            "a commit needs the paths it is to hold", where=f"task {context.task.id}", state="nothing was committed"
        )
    changed = git.get("status", "--porcelain", "--untracked-files=all", "--", *action.paths)
    if not changed:
        return done(f"nothing to commit: {', '.join(action.paths)} is as in HEAD")
    if context.is_dry_run:
        return would(
            f"commit {len(changed.splitlines())} changed files", context.keep("git-status.txt", changed.encode())
        )
    before = git.resolve("HEAD")
    git.get("add", "--", *action.paths)
    git.get("commit", "--quiet", "--only", "--message", action.message or context.task.title, "--", *action.paths)
    commit = git.resolve("HEAD")
    context.effect(Effect("commit", commit, {"before": before, "branch": git.branch(), "paths": list(action.paths)}))
    return done(f"commit {commit[:12]} on {git.branch() or 'no branch'}")


def _revert(action: GitAction, git: Git, context: TaskContext) -> Done:
    commits = commits_of(action.commits, git, context)
    if not commits:
        return done("there is no commit to revert; nothing was done")
    if context.is_dry_run:
        return would(f"revert {', '.join(c[:12] for c in commits)}{f' on branch {action.name}' if action.name else ''}")
    return revert_commits(git, commits, action.name, context)


def _branch(action: GitAction, git: Git, context: TaskContext) -> Done:
    name = _needed(action.name, "name", context)
    if context.is_dry_run:
        return would(f"make and check out the branch {name}")
    git.get("switch", "--quiet", "--create", name)
    context.effect(Effect("branch", name, {"commit": git.resolve("HEAD")}))
    return done(f"branch {name} at {git.resolve('HEAD')[:12]}")


def _pull(action: GitAction, git: Git, context: TaskContext) -> Done:
    """Pull by fast-forward alone; anything else is refused by git and leaves the tree as it was."""
    before = git.resolve("HEAD")
    if context.is_dry_run:
        return would("pull, by fast-forward only")
    git.get("pull", "--ff-only", "--quiet", *(["origin", action.name] if action.name else []))
    after = git.resolve("HEAD")
    if after != before:
        context.effect(Effect("pull", after, {"before": before}))
    return done(f"at {after[:12]}, {'unchanged' if after == before else f'was {before[:12]}'}")


def _push(action: GitAction, git: Git, context: TaskContext) -> Done:
    """Push one branch or tag to where it is already, or newly; what others have is never overwritten."""
    refuse_force([*action.name.split(), *action.commits.split(), *action.message.split()])
    name = action.name or git.branch()
    if not name:
        raise RefusedError("no branch is checked out and none is named", state="nothing was pushed")
    kind = "tags" if git.run("show-ref", "--quiet", "--verify", f"refs/tags/{name}").is_ok else "heads"
    ref = f"refs/{kind}/{name}"
    if context.is_dry_run:
        return would(f"push {ref} to origin, without force")
    git.get("push", "--quiet", "--no-force", "origin", f"{ref}:{ref}")
    context.effect(Effect("push", name, {"commit": git.resolve(ref), "ref": ref}))
    return done(f"pushed {ref} at {git.resolve(ref)[:12]}")


_DO: dict[str, Callable[[GitAction, Git, TaskContext], Done]] = {
    "tag": _tag,
    "commit": _commit,
    "revert": _revert,
    "branch": _branch,
    "pull": _pull,
    "push": _push,
}


def _needed(value: str, name: str, context: TaskContext) -> str:
    if not value or value.startswith("-"):
        raise ConfigError(
            f"git needs a {name}", where=f"task {context.task.id}", cause=repr(value), state="nothing was touched"
        )
    return value


def probe(tools: TargetTools, action: GitAction, context: TaskContext) -> TaskState:
    """Look into the repository whether it was done; a revert that was cut off is taken back first."""
    git = Git(context.folder, context.environment)
    made = [
        e
        for what in ("tag", "commit", "branch", "push", "revert")
        for e in find_effects(context.entries, what, context.task.id)
    ]
    if made:
        return TaskState.DONE
    if action.do == "revert":
        if git.resolve("REVERT_HEAD"):
            git.get("revert", "--abort")
        return TaskState.UNKNOWN
    if action.do == "commit":
        is_left = bool(git.get("status", "--porcelain", "--untracked-files=all", "--", *action.paths))
        return TaskState.PENDING if is_left else TaskState.DONE
    if action.do == "tag":
        return (
            TaskState.DONE if git.resolve(action.name) == git.resolve(action.commits or "HEAD") else TaskState.PENDING
        )
    if action.do == "branch":
        return TaskState.DONE if git.branch() == action.name else TaskState.PENDING
    return TaskState.PENDING


def commit_of_tag(context: TaskContext, name: str) -> str:
    """Return the commit that this run's journal says a tag stands for; empty when it made none."""
    found = [
        entry for entry in find_effects(context.entries, "tag") if name in (entry.body["id"], fact_of(entry, "asked"))
    ]
    return str(fact_of(found[-1], "commit")) if found else ""
