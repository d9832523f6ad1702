"""Checks of order, transactions and guards, statement by statement and over the whole file; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.lint import rules_design, rules_locks, rules_loss
from lockgate.lint import rules_script as rules
from lockgate.lint.here import Checks, Here
from lockgate.lint.script import Item, Script
from lockgate.lint.state import State
from lockgate.model.ddl import Act, Kind, Trait
from lockgate.model.finding import Finding, Severity

_STRING = re.compile(r"'((?:[^']|'')*)'")


def check_item(state: State, script: Script, item: Item) -> Iterator[Finding]:
    """Check a statement as a whole, before its acts."""
    here = Here(state, script, item, item.ddl.acts[0] if item.ddl.acts else Act(kind=Kind.QUERY))
    file = state.file
    if item.ddl.unread:
        yield here.found(rules.NOT_READ, f"the statement could not be read: {item.ddl.unread}")
    if item.ddl.is_alone and file.is_in_transaction:
        first = " ".join(item.text.split()[:3])
        yield here.found(rules_locks.ALONE, f"{first} … cannot run inside a transaction")
    if item.ddl.commits and file.is_in_transaction and not state.dialect.is_transactional and file.began:
        yield here.found(rules.DDL_COMMITS, f"{here.act.kind.value} commits the transaction that is open")
    used = set(_STRING.findall(item.text)) & file.new_enum_values.keys()
    if used and not any(a.kind is Kind.ADD_ENUM_VALUE for a in item.ddl.acts):
        yield here.found(
            rules.ENUM_IN_TRANSACTION, f"{', '.join(sorted(used))} is used before its addition is committed"
        )


def check_guard(here: Here) -> Iterator[Finding]:
    """IF NOT EXISTS."""
    act = here.act
    if act.has(Trait.IF_NOT_EXISTS) and act.kind not in (Kind.CREATE_SCHEMA, Kind.EXTENSION, Kind.ADD_ENUM_VALUE):
        may_be_invalid = act.kind is Kind.CREATE_INDEX and act.has(Trait.CONCURRENTLY)
        what = "an index left invalid" if may_be_invalid else "another definition"
        message = f"IF NOT EXISTS accepts {what} under the name {act.name or act.table}"
        yield here.found(rules.GUARD, message, severity=None if may_be_invalid else Severity.INFO)


def check_twice(here: Here) -> Iterator[Finding]:
    """A column set twice."""
    if here.act.has(Trait.DUPLICATE_ASSIGNMENT):
        yield here.found(rules.ASSIGNED_TWICE, f"a column of {here.act.table} is set twice")


def check_supported(here: Here) -> Iterator[Finding]:
    """Forms that the version lacks."""
    if here.act.has(Trait.UNSUPPORTED):
        version = ".".join(map(str, here.state.server.version))
        yield here.found(rules.UNSUPPORTED, f"{here.act.kind.value} of this form is refused by version {version}")


def check_begin(here: Here) -> Iterator[Finding]:
    """BEGIN within a transaction."""
    if here.state.file.is_in_transaction:
        owner = "the file's own" if here.state.file.began else "the tool's"
        yield here.found(rules.NESTED, f"BEGIN inside {owner} transaction")


def check_commit(here: Here) -> Iterator[Finding]:
    """COMMIT or ROLLBACK without BEGIN."""
    if not here.state.file.began:
        word = here.act.kind.value.upper()
        owner = "ends the tool's transaction" if here.state.file.is_wrapped else "has no BEGIN"
        yield here.found(rules.NESTED, f"{word} {owner}")


def check_opaque(here: Here) -> Iterator[Finding]:
    """Code that cannot be seen."""
    yield here.found(rules.OPAQUE, f"what {here.act.value} runs cannot be seen")


CHECKS: Checks = {
    Kind.BEGIN: check_begin,
    Kind.COMMIT: check_commit,
    Kind.ROLLBACK: check_commit,
    Kind.OPAQUE: check_opaque,
}
EVERYWHERE = (check_guard, check_twice, check_supported)


def check_end(state: State, script: Script) -> Iterator[Finding]:
    """Check a file at its end."""
    if not script.items:
        return
    last = Here(state, script, script.items[-1], Act(kind=Kind.QUERY))
    if state.file.began:
        yield last.found(rules.LEFT_OPEN, "a transaction is begun and never ended")
    if state.file.changes_alone > 1:
        count = state.file.changes_alone
        yield last.found(rules.HALF_APPLIED, f"{count} statements change the schema, each for itself")
    if script.has_way_back is False:
        yield last.found(rules_loss.NO_WAY_BACK, "the down part is missing or empty")


def counts_alone(state: State, item: Item) -> bool:
    """Tell whether a statement stays when a later one of the file fails."""
    if not item.ddl.is_ddl:
        return False
    return not state.file.is_in_transaction or not state.dialect.is_transactional


def find_unindexed_keys(state: State, script: Script) -> Iterator[Finding]:
    """Yield foreign keys of the file whose columns no known index begins with, at the end of the file."""
    if not state.dialect.wants_index_for_keys:
        return
    for item in script.items:
        for act in (part for top in item.ddl.acts for part in (top, *top.parts)):
            if act.kind is not Kind.ADD_FOREIGN_KEY or not act.columns:
                continue
            known = state.indexes.get(act.table, ())
            if not any(set(index.columns[: len(act.columns)]) == set(act.columns) for index in known):
                here = Here(state, script, item, act)
                yield here.found(
                    rules_design.FK_INDEX, f"no index of {act.table} that is known begins with {', '.join(act.columns)}"
                )
