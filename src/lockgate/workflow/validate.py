"""Look for what will bite later: run the groups of checks that were asked for and build one report."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import NamedTuple

from lockgate.errors import ConfigError, FailedError, ScratchUnavailable, SourceError, UnreadSource
from lockgate.model.finding import Checked, Finding, FindingReport, build_finding_report
from lockgate.workflow.ignored import check_ignored, leave_out
from lockgate.workflow.subject import Needs, Subject, ValidateOptions

RunGroup = Callable[[Subject], Checked]


class Group(NamedTuple):
    """One group of checks: what it looks at in words, what it needs, and ``module:function`` that runs it."""

    summary: str
    needs: Needs
    function: str


GROUPS: dict[str, Group] = {
    "source": Group(
        "what the source of the desired schema found",
        Needs.DATABASE | Needs.DESIRED,
        "lockgate.workflow.check_source:run",
    ),
    "migrations": Group(
        "what is wrong with the migrations folder on its own",
        Needs.FOLDER,
        "lockgate.workflow.check_migrations:run_folder",
    ),
    "history": Group(
        "the folder against what the database says was applied",
        Needs.DATABASE | Needs.FOLDER,
        "lockgate.workflow.check_migrations:run_history",
    ),
    "replay": Group(
        "whether the migrations run on a new database",
        Needs.DATABASE | Needs.FOLDER,
        "lockgate.workflow.check_migrations:run_replay",
    ),
    "agreement": Group(
        "whether folder, declared schema and live database agree",
        Needs.DATABASE | Needs.DECLARED,
        "lockgate.workflow.check_migrations:run_agreement",
    ),
    "schema": Group("what will bite in the live schema", Needs.DATABASE, "lockgate.workflow.check_defects:run_schema"),
    "data": Group("what will bite in its rows", Needs.DATABASE, "lockgate.workflow.check_defects:run_data"),
    "conventions": Group(
        "what the team agreed on",
        Needs.DATABASE | Needs.CONVENTIONS,
        "lockgate.workflow.check_conventions:run",
    ),
}
"""By name, in the order they run. A group gets the `Subject` and returns `Checked`; see `run_group`."""


class Validated(NamedTuple):
    """The report, and which groups were not asked for because nothing was given for them, in sentences."""

    report: FindingReport
    left_out: tuple[str, ...]


def validate(options: ValidateOptions) -> Validated:
    """Run the groups. A group without the database it needs is *not run*: the report is unknown then, never clean.

    Groups that need a desired schema or a migrations folder when none is given are left out, and named.

    Raises:
        ConfigError: A group's name or a code to ignore is unknown, or a group asked for by name has nothing to look at.
        ConnectError: The database cannot be reached.
    """
    names = choose_groups(options.only, options.skip)
    check_ignored(options.defects.ignored)
    findings: list[Finding] = []
    checked: dict[str, int] = {}
    unknown: list[str] = []
    left_out: list[str] = []
    with ExitStack() as stack:
        subject = Subject(options, stack)
        for name in names:
            missing = subject.missing(GROUPS[name].needs)
            if missing and not subject.is_lack_open(GROUPS[name].needs):
                absent = subject.missing(GROUPS[name].needs & ~Needs.DATABASE)
                if options.only:
                    raise _nothing_to_look_at(name, absent)
                left_out.append(f"{name}: {absent}")
                continue
            result = Checked((), {}, (missing,)) if missing else run_group(name, subject)
            findings += result.findings
            unknown += [f"{name}: {text}" for text in result.unknown]
            for kind, count in result.checked.items():
                checked[kind] = max(checked.get(kind, 0), count)  # two groups look at the same tables
        findings, ignored = leave_out(findings, options.defects.ignored)
        checked |= {"ignored findings": ignored} if ignored else {}
        report = build_finding_report("validate", subject.title, findings, checked, unknown)
    return Validated(report, tuple(left_out))


def choose_groups(only: Iterable[str], skip: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the groups to run, in their order.

    Raises:
        ConfigError: A name is unknown, or none is left.
    """
    wanted, unwanted = set(only), set(skip)
    for name in sorted(wanted | unwanted):
        if name not in GROUPS:
            raise ConfigError(
                f"there is no group of checks {name!r}",
                where="--only" if name in wanted else "--skip",
                cause=f"the groups are {', '.join(GROUPS)}",
                state="nothing was checked",
            )
    names = tuple(name for name in GROUPS if (not wanted or name in wanted) and name not in unwanted)
    if not names:
        raise ConfigError("no group of checks is left", where="--only, --skip", state="nothing was checked")
    return names


def run_group(name: str, subject: Subject) -> Checked:
    """Run one group; what keeps it from looking is an open question of the report, not the end of the others."""
    module, _, function = GROUPS[name].function.partition(":")
    run: RunGroup = getattr(importlib.import_module(module), function)
    try:
        return run(subject)
    except UnreadSource as error:
        return Checked((), {}, (f"not run: {error.what}",))
    except (SourceError, ScratchUnavailable, FailedError) as error:
        return Checked((), {}, (f"not run: {error}",))


def _nothing_to_look_at(name: str, missing: str) -> ConfigError:
    return ConfigError(
        f"the group {name} has nothing to look at",
        where="--only",
        cause=missing,
        state="nothing was checked",
        hint="lockgate validate --help",
    )
