"""The code level: the run's commits are reverted by commits on a branch, or the files become those of a tag again."""

from __future__ import annotations

from lockgate.model.outcome import RollbackLevel
from lockgate.model.runbook import LevelPlan, Runbook
from lockgate.outside.git import Git, refuse_force
from lockgate.runbook.actions.common import done, find_effects, would
from lockgate.runbook.actions.revert import commits_of, go_to_tag, revert_commits
from lockgate.runbook.base import Done, TaskContext


def take_back_code(to: str, context: TaskContext) -> Done:
    """Take the run's commits back, from ``to`` on when that is one of them; any other name (or the level's ``base``)
    is a tag whose files come back.

    Raises:
        RefusedError: The tree is not clean, or it would need force. FailedError: Git refused.
    """
    level = level_of(context.runbook)
    git = Git(context.folder, context.environment)
    branch = (level.branch if level else "") or f"rollback-{context.run}"
    refuse_force([branch])
    own = [str(entry.body["id"]) for entry in find_effects(context.entries, "commit")]
    goal = to or (level.base if level else "")
    if goal and goal not in own and git.resolve(goal):
        if context.is_dry_run:
            return would(f"make branch {branch} with the files of {goal}")
        return go_to_tag(git, goal, branch, context)
    commits = commits_of("run", git, context)
    if to in own:
        later = set(own[own.index(to) :])
        commits = tuple(commit for commit in commits if commit in later)
    if not commits:
        return done("this run made no commit that stands; nothing was done")
    if context.is_dry_run:
        return would(f"revert {', '.join(commit[:12] for commit in commits)} on branch {branch}")
    return revert_commits(git, commits, branch, context)


def level_of(runbook: Runbook) -> LevelPlan | None:
    """Return how the runbook wants the code level carried out."""
    return next((level for level in runbook.levels if level.level is RollbackLevel.CODE), None)
