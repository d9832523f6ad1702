"""Check ``git``: the work tree is clean, HEAD or a tag is where it should be, nothing is unpushed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lockgate.gate.asking import count, cut, fail, ok, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import GitCheck
from lockgate.model.outcome import Outcome, worst_of
from lockgate.model.procedure import EntryType, effects_of, last_of
from lockgate.outside.shell import ShellResult, run_argv

_STATES = ("clean", "commit", "tag", "branch", "pushed", "unpushed")
_LIMIT_S = 60.0


def evaluate_git(check: GitCheck, context: CheckContext) -> Answer:
    """Ask git about the folder: ``is`` and every field that is set must hold."""
    if check.is_ not in _STATES:
        return unknown("a state of the work tree", f"is: {check.is_!r} is none of {', '.join(_STATES)}")
    inside = _git(context, "rev-parse", "--show-toplevel")
    if inside.code is None:
        return unknown("an answer by git", inside.error or "git did not end")
    if inside.code != 0:
        return unknown("an answer by git", f"{context.folder} is no work tree of git")
    answers = [ask(check, context) for wanted, ask in _asks(check) if wanted]
    worst = worst_of(answer.outcome for answer in answers)
    shown = [answer for answer in answers if answer.outcome is worst] if worst is not Outcome.OK else answers
    return Answer(
        worst,
        "; ".join(answer.expected for answer in answers),
        "; ".join(answer.found for answer in shown),
        items=tuple(item for answer in shown for item in answer.items),
    )


def _asks(check: GitCheck) -> tuple[tuple[bool, Callable[[GitCheck, CheckContext], Answer]], ...]:
    """Say which questions a check asks. A commit beside a tag is where the tag should be."""
    is_head = bool(check.commit) and not check.tag
    return (
        (check.is_ == "clean", _clean),
        (check.is_ == "commit" or is_head, _head),
        (check.is_ == "tag" or bool(check.tag), _tag),
        (check.is_ == "branch" or bool(check.branch), _branch),
        (check.is_ in ("pushed", "unpushed"), _pushed),
    )


def _clean(check: GitCheck, context: CheckContext) -> Answer:
    """Nothing changed, nothing untracked; the tool's own state folder does not count."""
    state = context.facts.get("state_dir")
    own = [".lockgate"] + ([str(Path(state).resolve())] if state and _is_inside(Path(state), context.folder) else [])
    excluded = [f":(exclude,top){own[0]}", *(f":(exclude){path}" for path in own[1:])]
    result = _git(context, "status", "--porcelain=v1", "--untracked-files=normal", "--", ":/", *excluded)
    if result.code != 0:
        return unknown("a clean work tree", result.output.strip()[:200] or result.error)
    changed = [line for line in result.output.splitlines() if line.strip()]
    if changed:
        return fail("a clean work tree", f"{count(len(changed), 'path')} changed", items=cut(changed))
    return ok("a clean work tree", "clean")


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _head(check: GitCheck, context: CheckContext) -> Answer:
    """HEAD is the commit that is named, or the one the run began at."""
    wanted = check.commit or _begun_at(context)
    expected = f"HEAD is {wanted[:12] or 'the commit of the run'}"
    if not wanted:
        return unknown(expected, "no commit is named, and the run recorded none")
    head, commit = _commit(context, "HEAD"), _commit(context, wanted)
    if not head:
        return unknown(expected, "there is no commit yet")
    return (ok if head == commit else fail)(expected, f"HEAD is {head[:12]}")


def _tag(check: GitCheck, context: CheckContext) -> Answer:
    """A tag resolves to the commit that is named, was recorded with it, or the run began at."""
    recorded = [e for e in effects_of(context.entries, "tag") if e.body.get("id") == check.tag]
    noted = str(recorded[-1].body.get("commit", "")) if recorded else ""
    wanted = check.commit or noted or _begun_at(context)
    expected = f"the tag {check.tag or '?'} is at {wanted[:12] or 'a recorded commit'}"
    if not check.tag:
        return unknown(expected, "the check names no tag")
    found = _commit(context, f"refs/tags/{check.tag}")
    if not found:
        return fail(expected, "there is no such tag")
    if not wanted:
        return unknown(expected, f"it is at {found[:12]}, and no commit is recorded to compare with")
    return (ok if found == _commit(context, wanted) else fail)(expected, f"it is at {found[:12]}")


def _branch(check: GitCheck, context: CheckContext) -> Answer:
    expected = f"the branch {check.branch or '?'}"
    if not check.branch:
        return unknown(expected, "the check names no branch")
    result = _git(context, "symbolic-ref", "--short", "-q", "HEAD")
    found = result.output.strip()
    if result.code != 0 or not found:
        return fail(expected, "HEAD is detached")
    return (ok if found == check.branch else fail)(expected, f"the branch {found}")


def _pushed(check: GitCheck, context: CheckContext) -> Answer:
    expected = "nothing unpushed"
    result = _git(context, "log", "--format=%h %s", "@{upstream}..HEAD")
    if result.code != 0:
        return unknown(expected, "the branch follows no branch of a remote")
    ahead = result.output.splitlines()
    if ahead:
        return fail(expected, f"{count(len(ahead), 'commit')} not pushed", items=cut(ahead))
    return ok(expected, "nothing, as of the last fetch or push")


def _begun_at(context: CheckContext) -> str:
    started = last_of(context.entries, EntryType.RUN_STARTED)
    return str(started.body.get("commit") or "") if started else ""


def _commit(context: CheckContext, name: str) -> str:
    """Return the full id of a commit, empty when there is none of this name."""
    result = _git(context, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return result.output.strip() if result.code == 0 else ""


def _git(context: CheckContext, *arguments: str) -> ShellResult:
    return run_argv(
        ("git", "--no-optional-locks", "-c", "core.quotePath=false", *arguments),
        folder=context.folder,
        environment={**context.environment, "GIT_TERMINAL_PROMPT": "0"},
        timeout_s=_LIMIT_S,
        is_stopped=context.is_stopped,
    )
