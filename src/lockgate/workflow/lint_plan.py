"""Lint the statements of a plan with the rules for hand-written ones."""

from __future__ import annotations

import re
from pathlib import Path

from lockgate.engine import load_engine
from lockgate.errors import ArtifactError
from lockgate.lint import rules_locks, rules_script
from lockgate.lint.run import Choice, lint_scripts
from lockgate.lint.script import Item, Script
from lockgate.model.ddl import DdlDialect
from lockgate.model.finding import Checked
from lockgate.model.plan import Plan, Step, decode_plan
from lockgate.model.server import Server

# What the executor takes care of: it limits every wait, keeps a checkpoint after each statement and goes on from there.
TAKEN_CARE_OF = frozenset(
    [
        rules_locks.LOCK_TIMEOUT.code,
        rules_locks.STATEMENT_TIMEOUT.code,
        rules_locks.ALGORITHM.code,
        rules_script.HALF_APPLIED.code,
    ]
)


def lint_plan(path: str, choice: Choice) -> Checked:
    """Return what the rules find in a plan's forward statements, each step as a script of its own.

    Raises:
        ArtifactError: The plan is missing, empty, cut short, edited, or of another version.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"the plan {path} cannot be read", where=path, cause=error.strerror or str(error),
            state="nothing was checked",
        ) from None  # fmt: skip
    plan = decode_plan(data, f"the plan {path}")
    dialect = load_engine(plan.engine, needs_driver=False).ddl()
    server = server_of(plan)
    scripts = [script_of(step, path, dialect, server) for step in plan.steps]
    return lint_scripts(scripts, dialect, server, Choice(choice.only, choice.skip | TAKEN_CARE_OF))


def server_of(plan: Plan) -> Server:
    """Return the server that a plan was made for."""
    version = tuple(int(part) for part in re.findall(r"\d+", plan.server_version)[:3])
    return Server(engine=plan.engine, flavor=plan.flavor, version=version, version_text=plan.server_version)


def script_of(step: Step, name: str, dialect: DdlDialect, server: Server) -> Script:
    """Return a step's statements as a script; its lines are the statements' numbers."""
    items = tuple(
        Item(text=s.sql, line=number + 1, end_line=number + 1, ddl=dialect.read(s.sql, server), number=number)
        for number, s in enumerate(step.statements)
    )
    return Script(f"{name}#{step.id}", items, is_wrapped=all(s.is_transactional for s in step.statements))
