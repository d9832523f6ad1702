"""Checks of what holds others up; pure."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.lint import rules_locks as rules
from lockgate.lint.here import Checks, Here
from lockgate.lint.state import STRONG
from lockgate.model.ddl import PLAIN_KINDS, ROW_KINDS, Kind, Trait
from lockgate.model.finding import Finding, Severity


def _certainty(here: Here) -> str:
    return "" if here.act.lock.is_certain else "may "


def check_index(here: Here) -> Iterator[Finding]:
    """An index build that blocks writers."""
    act = here.act
    if here.is_long:
        name = act.name or f"on {', '.join(c for c in act.columns if c)}"
        target = "the database" if here.state.dialect.has_one_write_lock else act.table
        severity = Severity.WARNING if here.state.dialect.has_one_write_lock else rules.INDEX_BUILD.severity
        message = f"building index {name} blocks {here.blocks} to {target} ({act.lock.name})"
        found = here.found(rules.INDEX_BUILD, message)
        yield rules.INDEX_BUILD.found(message, file=found.file, line=found.line, object=found.object, severity=severity)


def check_index_drop(here: Here) -> Iterator[Finding]:
    """DROP INDEX under a lock against reads."""
    if here.is_strong and not here.state.dialect.has_one_write_lock:
        yield here.found(rules.INDEX_DROP, f"dropping index {here.act.name} blocks {here.blocks} to its table")


def check_added_column(here: Here) -> Iterator[Finding]:
    """A new column that is written into every row."""
    act = here.act
    if here.is_long and act.lock.rewrites:
        reason = _why_rewritten(here)
        yield here.found(
            rules.ADD_COLUMN, f"adding {act.table}.{act.name} {_certainty(here)}rewrite{_s(here)} the table: {reason}"
        )


def _s(here: Here) -> str:
    return "s" if here.act.lock.is_certain else ""


def _why_rewritten(here: Here) -> str:
    act = here.act
    column = act.defined[0] if act.defined else None
    if column is None:
        return act.lock.name
    if Trait.SERIAL in column.traits or Trait.IDENTITY in column.traits:
        return "every row gets a number"
    if Trait.GENERATED in column.traits:
        return "the generated value is stored"
    if Trait.VOLATILE_DEFAULT in column.traits:
        return f"the default {column.default} may differ from row to row"
    return act.lock.name


def check_changed_column(here: Here) -> Iterator[Finding]:
    """A change of type that converts every row."""
    act, state = here.act, here.state
    if not here.is_long or act.has(Trait.UNSUPPORTED):
        return
    old = state.types.get((act.table, act.name), "")
    if (
        old
        and act.value
        and state.dialect.is_free_change(old, act.value, state.server)
        and not act.has(Trait.CONVERTED)
    ):
        return
    known = f"from {old} " if old else ""
    word = "rewrites" if old else "may rewrite"
    yield here.found(
        rules.CHANGE_TYPE, f"changing {act.table}.{act.name} {known}to {act.value} {word} the table ({act.lock.name})"
    )


def check_rewrite(here: Here) -> Iterator[Finding]:
    """A copy of the whole table."""
    if here.is_long:
        yield here.found(rules.REWRITE, f"{here.act.value} writes {here.act.table} anew and blocks {here.blocks}")


def check_set_not_null(here: Here) -> Iterator[Finding]:
    """A scan for NULL that a validated check would spare."""
    act, state = here.act, here.state
    if not here.is_long or act.has(Trait.UNSUPPORTED):
        return
    proof = state.not_null_proofs.get((act.table, act.columns[0]))
    if proof is not None and (act.table, proof) not in state.unvalidated and act.kind is Kind.SET_NOT_NULL:
        return
    yield here.found(rules.SET_NOT_NULL, f"NOT NULL on {act.table}.{act.columns[0]} reads every row under a lock")


def check_added_check(here: Here) -> Iterator[Finding]:
    """A check that reads every row."""
    if here.is_long and not here.act.has(Trait.UNSUPPORTED):
        yield here.found(rules.ADD_CHECK, f"checking {here.act.table} blocks {here.blocks} ({here.act.lock.name})")


def check_foreign_key(here: Here) -> Iterator[Finding]:
    """A foreign key that looks up every row; MySQL does not while its checks are off."""
    act = here.act
    is_unchecked = here.state.file.settings.get("foreign_key_checks") in ("0", "off", "false")
    if here.is_long and not act.has(Trait.UNSUPPORTED) and not is_unchecked:
        columns = ", ".join(act.columns)
        yield here.found(
            rules.ADD_FOREIGN_KEY,
            f"the foreign key {act.table} ({columns}) to {act.other} looks up every row and blocks writes to both",
        )


def check_key(here: Here) -> Iterator[Finding]:
    """A key that builds its index."""
    if here.is_long and not here.state.dialect.has_one_write_lock:
        what = here.act.name or ", ".join(here.act.columns)
        yield here.found(rules.ADD_KEY, f"the index of {what} on {here.act.table} is built while {here.blocks} wait")


def check_exclusion(here: Here) -> Iterator[Finding]:
    """An exclusion constraint."""
    if here.is_long:
        yield here.found(rules.ADD_EXCLUSION, f"the index of {here.act.name} is built while {here.blocks} wait")


def check_maintenance(here: Here) -> Iterator[Finding]:
    """VACUUM FULL and its like."""
    act = here.act
    if act.has(Trait.FULL):
        yield here.found(rules.MAINTENANCE, f"{act.value} writes {act.table or 'the database'} anew ({act.lock.name})")


def check_reindex(here: Here) -> Iterator[Finding]:
    """REINDEX that blocks."""
    if here.is_long:
        yield here.found(rules.REINDEX, f"REINDEX {here.act.name} blocks {here.blocks}")


def check_lock_table(here: Here) -> Iterator[Finding]:
    """LOCK TABLE."""
    yield here.found(rules.LOCK_TABLE, f"the migration locks {here.act.table} itself")


def check_attach(here: Here) -> Iterator[Finding]:
    """A partition without a proof of its bounds."""
    act, state = here.act, here.state
    if state.is_new(act.other) or state.is_new(act.table):
        return
    proven = {n for n in state.checks.get(act.other, ()) if (act.other, n) not in state.unvalidated}
    if not proven:
        yield here.found(rules.ATTACH, f"attaching {act.other} to {act.table} reads all its rows under a lock")


def check_detach(here: Here) -> Iterator[Finding]:
    """DETACH without CONCURRENTLY."""
    if here.is_strong and not here.act.has(Trait.CONCURRENTLY):
        yield here.found(rules.DETACH, f"detaching {here.act.other} blocks {here.blocks} to {here.act.table}")


def check_new_table(here: Here) -> Iterator[Finding]:
    """What a new table locks besides itself."""
    act, state = here.act, here.state
    others = [t for t in act.locks_too if not state.is_new(t) and t != act.table]
    if act.lock.blocks not in STRONG or state.dialect.has_one_write_lock or not others:
        return
    if act.has(Trait.PARTITION_OF):
        yield here.found(rules.PARTITION_OF, f"creating {act.table} locks all of {act.other}")
    else:
        yield here.found(rules.CREATE_LOCKS, f"creating {act.table} locks {', '.join(others)} against writes")


def check_refresh(here: Here) -> Iterator[Finding]:
    """REFRESH without CONCURRENTLY."""
    if here.is_long and not here.act.has(Trait.CONCURRENTLY):
        yield here.found(rules.REFRESH, f"refreshing {here.act.name} blocks everybody who reads it")


def check_validate(here: Here) -> Iterator[Finding]:
    """VALIDATE while the strong lock is still held."""
    act, file = here.act, here.state.file
    if file.is_in_transaction and f"{act.table}.{act.name}" in file.added_unvalidated:
        yield here.found(rules.VALIDATE_SAME, f"{act.name} on {act.table} is validated in the transaction that adds it")


def check_rows(here: Here) -> Iterator[Finding]:
    """Rows changed without a bound, or while DDL holds a lock."""
    act, state = here.act, here.state
    if here.is_new:
        return
    if act.has(Trait.NO_WHERE) and not act.has(Trait.LIMITED):
        yield here.found(rules.UNBOUNDED, f"{act.kind.value} of every row of {act.table}")
    grows = act.kind is not Kind.INSERT or act.has(Trait.FROM_QUERY)
    held = sorted(state.file.held)
    if grows and held and not state.dialect.has_one_write_lock:
        yield here.found(
            rules.ROWS_UNDER_LOCK, f"rows of {act.table} are changed while {', '.join(held)} is locked by DDL"
        )


CHECKS: Checks = {
    Kind.CREATE_INDEX: check_index,
    Kind.DROP_INDEX: check_index_drop,
    Kind.ADD_COLUMN: check_added_column,
    Kind.CHANGE_COLUMN: check_changed_column,
    Kind.REWRITE_TABLE: check_rewrite,
    Kind.SET_NOT_NULL: check_set_not_null,
    Kind.ADD_NOT_NULL: check_set_not_null,
    Kind.ADD_CHECK: check_added_check,
    Kind.ADD_FOREIGN_KEY: check_foreign_key,
    Kind.ADD_UNIQUE: check_key,
    Kind.ADD_PRIMARY_KEY: check_key,
    Kind.ADD_EXCLUSION: check_exclusion,
    Kind.MAINTAIN: check_maintenance,
    Kind.REINDEX: check_reindex,
    Kind.LOCK_TABLE: check_lock_table,
    Kind.ATTACH_PARTITION: check_attach,
    Kind.DETACH_PARTITION: check_detach,
    Kind.CREATE_TABLE: check_new_table,
    Kind.REFRESH_VIEW: check_refresh,
    Kind.VALIDATE: check_validate,
    Kind.UPDATE: check_rows,
    Kind.DELETE: check_rows,
    Kind.INSERT: check_rows,
}


def check_limits(here: Here) -> Iterator[Finding]:
    """Limits that must be set before the first strong lock of a file; each is told once."""
    act, state = here.act, here.state
    if act.kind in ROW_KINDS | PLAIN_KINDS or here.is_new or not act.lock.name:
        return
    flavor = state.server.flavor
    waits, runs = state.dialect.lock_timeouts.get(flavor, ()), state.dialect.statement_timeouts.get(flavor, ())
    if waits and not state.is_limited(waits) and rules.LOCK_TIMEOUT.code not in state.file.told:
        state.file.told.add(rules.LOCK_TIMEOUT.code)
        yield here.found(
            rules.LOCK_TIMEOUT,
            f"{act.kind.value} waits for its lock on {act.table or act.name} without a limit",
            next_step=f"add {waits[0][1]} at the top of the file",
        )
    if here.is_long and runs and not state.is_limited(runs) and rules.STATEMENT_TIMEOUT.code not in state.file.told:
        state.file.told.add(rules.STATEMENT_TIMEOUT.code)
        yield here.found(
            rules.STATEMENT_TIMEOUT,
            f"{act.kind.value} on {act.table or act.name} may run without a limit",
            next_step=f"add {runs[0][1]} at the top of the file",
        )


def check_held(here: Here) -> Iterator[Finding]:
    """A second table locked in the same transaction."""
    act, file = here.act, here.state.file
    is_ddl = act.kind not in ROW_KINDS | PLAIN_KINDS or act.kind is Kind.LOCK_TABLE
    if not (file.is_in_transaction and is_ddl and here.is_strong and act.table):
        return
    others = sorted(set(file.held) - {act.table})
    if others and not here.state.dialect.has_one_write_lock and act.kind is not Kind.CREATE_TABLE:
        yield here.found(rules.SEVERAL_LOCKS, f"{act.table} is locked while {', '.join(others)} still is")


def check_algorithm(here: Here) -> Iterator[Finding]:
    """An ALTER that may fall back to a copy."""
    act, state = here.act, here.state
    if not state.dialect.states_algorithm or here.is_new or act.has(Trait.ALGORITHM) or not act.table:
        return
    if act.kind in _STATABLE and act.lock.blocks not in STRONG and act.lock.name:
        code = f"{rules.ALGORITHM.code}:{here.item.number}"
        if code not in state.file.told:
            state.file.told.add(code)
            yield here.found(rules.ALGORITHM, f"ALTER of {act.table} may copy the table without a word")


_STATABLE = frozenset(
    {Kind.ADD_COLUMN, Kind.DROP_COLUMN, Kind.RENAME_COLUMN, Kind.CREATE_INDEX, Kind.DROP_INDEX, Kind.CHANGE_COLUMN,
     Kind.SET_DEFAULT, Kind.DROP_DEFAULT, Kind.ADD_PRIMARY_KEY, Kind.REWRITE_TABLE, Kind.DROP_CONSTRAINT}
)  # fmt: skip
EVERYWHERE = (check_limits, check_held, check_algorithm)
