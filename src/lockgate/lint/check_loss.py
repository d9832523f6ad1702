"""Checks of what takes data away, breaks programs or weakens protection; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.lint import rules_clients as clients
from lockgate.lint import rules_loss as loss
from lockgate.lint.here import Check, Checks, Here
from lockgate.model.ddl import Kind, Trait
from lockgate.model.finding import Finding
from lockgate.model.rule import Rule

_NUMBERS = re.compile(r"\d+")
_UNCHECKED = {
    ("foreign_key_checks", "0"),
    ("foreign_key_checks", "off"),
    ("foreign_key_checks", "false"),
    ("session_replication_role", "replica"),
}
_SIZES = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "integer": 4, "bigint": 8}


def plain(rule: Rule, text: str, *, without: Trait | None = None, needs: Trait | None = None) -> Check:
    """Return a check that fires on a table in use, with or without a trait; ``text`` may use ``{act}``."""

    def check(here: Here) -> Iterator[Finding]:
        act = here.act
        if here.is_new or act.has(Trait.TEMPORARY):
            return
        if (without is not None and act.has(without)) or (needs is not None and not act.has(needs)):
            return
        yield here.found(rule, text.format(act=act))

    return check


def check_drop_table(here: Here) -> Iterator[Finding]:
    """DROP TABLE; in SQLite with foreign keys on it deletes the children's rows as well."""
    act, state = here.act, here.state
    if here.is_new or act.has(Trait.TEMPORARY):
        return
    if _is_rebuilt(here):
        if state.dialect.has_one_write_lock and state.file.settings.get("foreign_keys") != "off":
            yield here.found(
                loss.REBUILD_CHILDREN,
                f"with foreign keys on, dropping {act.table} to rebuild it deletes the rows that refer to it",
            )
        return
    yield here.found(loss.DROP_TABLE, f"{act.table} is dropped with its rows")


def _is_rebuilt(here: Here) -> bool:
    """Tell whether a later statement renames a table of this file to the dropped one's name."""
    later = here.script.items[here.item.number + 1 :]
    renames = (a for item in later for a in item.ddl.acts if a.kind is Kind.RENAME_TABLE)
    return any(a.other == here.act.table and here.state.is_new(a.table) for a in renames)


def check_create_or_replace(here: Here) -> Iterator[Finding]:
    """CREATE OR REPLACE TABLE, which drops the old one; and tables made from a query."""
    act = here.act
    if act.has(Trait.OR_REPLACE):
        yield here.found(loss.DROP_TABLE, f"OR REPLACE drops {act.table} with its rows when it exists")
    if act.has(Trait.FROM_QUERY) and not act.has(Trait.TEMPORARY):
        yield here.found(loss.CONVERTS_TABLE, f"{act.table} takes no keys, defaults or constraints from the query")


def check_cascade(here: Here) -> Iterator[Finding]:
    """CASCADE anywhere."""
    if here.act.has(Trait.CASCADE) and not here.is_new and here.act.kind is not Kind.CHANGE_TYPE:
        yield here.found(loss.CASCADE, f"{here.act.kind.value} {here.act.name or here.act.table} … CASCADE")


def check_type(here: Here) -> Iterator[Finding]:
    """A type that may not hold every value, and an ENUM that changes."""
    act, state = here.act, here.state
    if here.is_new or act.has(Trait.UNSUPPORTED):
        return
    old = state.types.get((act.table, act.name), "")
    if old.startswith("enum(") and act.value.startswith("enum("):
        if old != act.value and not state.dialect.is_free_change(old, act.value, state.server):
            yield here.found(loss.ENUM_CHANGED, f"{act.table}.{act.name} changes from {old} to {act.value}")
    elif act.has(Trait.CONVERTED):
        yield here.found(loss.LOSSY_TYPE, f"{act.table}.{act.name} is converted to {act.value} by an expression")
    elif old and is_narrower(old, act.value):
        yield here.found(loss.LOSSY_TYPE, f"{act.table}.{act.name} changes from {old} to {act.value}, which holds less")


def is_narrower(old: str, new: str) -> bool:
    """Tell whether a type holds less than another; types of different kinds count as narrower unless text."""
    one, two = old.split("(")[0].strip(), new.split("(")[0].strip()
    if old == new:
        return False
    a, b = one.split(" ")[0], two.split(" ")[0]
    if a in _SIZES and b in _SIZES:
        return _SIZES[b] < _SIZES[a] or ("unsigned" in new) != ("unsigned" in old)
    if one == two:
        was, becomes = [int(n) for n in _NUMBERS.findall(old)], [int(n) for n in _NUMBERS.findall(new)]
        return bool(becomes) and (not was or any(y < x for x, y in zip(was, becomes, strict=False)))
    is_text = two in ("text", "longtext", "mediumtext", "varchar", "clob")
    return not (is_text and "(" not in new) and not (a in _SIZES and b in ("numeric", "decimal"))


def check_added_not_null(here: Here) -> Iterator[Finding]:
    """A NOT NULL column that old programs cannot fill."""
    act = here.act
    fills = {Trait.DEFAULT, Trait.IDENTITY, Trait.GENERATED, Trait.SERIAL} & act.traits
    needs = act.has(Trait.NOT_NULL) or act.has(Trait.PRIMARY)
    if needs and not fills and not here.is_new:
        yield here.found(clients.ADD_NOT_NULL, f"{act.table}.{act.name} is NOT NULL and has no default")


def check_restriction(here: Here) -> Iterator[Finding]:
    """A rule that old programs do not know."""
    act = here.act
    is_unique = act.kind is not Kind.CREATE_INDEX or act.has(Trait.UNIQUE)
    if is_unique and not here.is_new and not act.has(Trait.USING_INDEX) and not act.has(Trait.UNSUPPORTED):
        what = act.name or ", ".join(c for c in act.columns if c) or act.value
        yield here.found(clients.RESTRICTION, f"{act.kind.value} {what} on {act.table} refuses rows that were fine")


def check_row_security(here: Here) -> Iterator[Finding]:
    """Row level security switched off, or on for a table in use."""
    if here.act.has(Trait.OFF):
        yield here.found(clients.ROW_SECURITY, f"row level security of {here.act.table} is switched off")
    elif not here.is_new:
        yield here.found(clients.POLICY, f"{here.act.table} shows only what its policies let through from now on")


def check_extension(here: Here) -> Iterator[Finding]:
    """An extension updated or dropped."""
    if not here.act.has(Trait.ON):
        yield here.found(clients.EXTENSION, f"extension {here.act.name} is changed or dropped")


def check_domain(here: Here) -> Iterator[Finding]:
    """A constraint of a domain."""
    if "constrained domain" in here.act.notes:
        yield here.found(clients.DOMAIN_CONSTRAINT, f"the constraint of domain {here.act.name} holds in every table")
    elif here.act.kind is Kind.CHANGE_TYPE:
        yield here.found(clients.REPLACED, f"type {here.act.name or here.act.table} is changed")


def check_setting(here: Here) -> Iterator[Finding]:
    """Settings that switch protection off."""
    act, state = here.act, here.state
    value = act.value.strip("'\" ").lower()
    if (act.name, value) in _UNCHECKED:
        yield from _checks_off(here)
    elif act.name == "writable_schema" and value not in ("off", ""):
        yield here.found(loss.WRITABLE_SCHEMA, "PRAGMA writable_schema lets any text into the schema table")
    elif act.name == "foreign_keys" and state.dialect.has_one_write_lock:
        if state.file.is_in_transaction:
            message = f"PRAGMA foreign_keys = {value} inside a transaction is ignored"
            yield here.found(loss.PRAGMA_IN_TRANSACTION, message)
        elif value == "off":
            yield from _checks_off(here)


def _checks_off(here: Here) -> Iterator[Finding]:
    """Foreign keys off, unless they are switched on again later in the file."""
    later = here.script.items[here.item.number + 1 :]
    settings = (a for item in later for a in item.ddl.acts if a.kind is Kind.SET and a.name == here.act.name)
    if not any(a.value.strip("'\" ").lower() in ("1", "on", "true", "origin", "default") for a in settings):
        yield here.found(clients.CHECKS_OFF, f"{here.act.name} is switched off and never on again")


def check_rename_table(here: Here) -> Iterator[Finding]:
    """A renaming, unless a view takes the old name or the table is new."""
    act, state = here.act, here.state
    if here.is_new or act.table in state.file.dropped or act.other in state.file.dropped:
        return
    later = [a for item in here.script.items[here.item.number :] for a in item.ddl.acts]
    views = {a.table for a in later if a.kind is Kind.CREATE_VIEW}
    renames = [a for item in here.script.items for a in item.ddl.acts if a.kind is Kind.RENAME_TABLE]
    is_swapped = any(a.other == act.table for a in renames) or any(a.table == act.other for a in renames)
    if act.table not in views and not is_swapped:
        yield here.found(clients.RENAME_TABLE, f"{act.table} becomes {act.other}, and old programs fail at once")


CHECKS: tuple[Checks, ...] = (
    {
        Kind.DROP_TABLE: check_drop_table,
        Kind.CREATE_TABLE: check_create_or_replace,
        Kind.DROP_COLUMN: plain(loss.DROP_COLUMN, "{act.table}.{act.name} is dropped with its values"),
        Kind.DROP_DATABASE: plain(loss.DROP_DATABASE, "database {act.name} is dropped"),
        Kind.DROP_SCHEMA: plain(loss.DROP_SCHEMA, "schema {act.name} is dropped"),
        Kind.TRUNCATE: plain(loss.TRUNCATE, "{act.table} loses all its rows"),
        Kind.DROP_PARTITION: plain(loss.DROP_PARTITION, "partition {act.name} of {act.table} is dropped with its rows"),
        Kind.DROP_VIEW: plain(loss.DROP_VIEW, "view {act.name} is dropped"),
        Kind.DROP_TYPE: plain(loss.DROP_TYPE, "type {act.name} is dropped"),
        Kind.DROP_ROUTINE: plain(loss.DROP_ROUTINE, "routine {act.name} is dropped"),
        Kind.DROP_SEQUENCE: plain(loss.DROP_SEQUENCE, "sequence {act.name} is dropped"),
        Kind.CHANGE_COLUMN: check_type,
        Kind.ADD_ENUM_VALUE: plain(loss.ADD_ENUM_VALUE, "{act.value} is added to {act.name} for good"),
        Kind.SET: check_setting,
        Kind.RENAME_COLUMN: plain(clients.RENAME_COLUMN, "{act.table}.{act.name} becomes {act.other}"),
        Kind.RENAME_TABLE: check_rename_table,
        Kind.RENAME_OBJECT: plain(clients.RENAME_OBJECT, "{act.name} gets another name"),
        Kind.ADD_COLUMN: check_added_not_null,
        Kind.DROP_NOT_NULL: plain(clients.DROP_NOT_NULL, "{act.table}.{act.name} may hold NULL from now on"),
        Kind.DROP_CONSTRAINT: plain(clients.DROP_CONSTRAINT, "constraint {act.name} of {act.table} is dropped"),
        Kind.DROP_PRIMARY_KEY: plain(clients.DROP_PRIMARY_KEY, "the primary key of {act.table} is dropped"),
        Kind.SET_DEFAULT: plain(clients.DEFAULT_CHANGED, "the default of {act.table}.{act.name} is changed"),
        Kind.DROP_DEFAULT: plain(clients.DEFAULT_CHANGED, "the default of {act.table}.{act.name} is dropped"),
        Kind.CHANGE_IDENTITY: plain(clients.IDENTITY_CHANGED, "how {act.table}.{act.name} gets its numbers is changed"),
        Kind.CHANGE_SEQUENCE: plain(clients.SEQUENCE_CHANGED, "sequence {act.name} is changed"),
        Kind.CHANGE_EXPRESSION: plain(clients.EXPRESSION_CHANGED, "the expression of {act.name} is changed"),
        Kind.DROP_EXPRESSION: plain(clients.EXPRESSION_CHANGED, "{act.name} is no longer generated"),
        Kind.DROP_TRIGGER: plain(clients.DROP_TRIGGER, "trigger {act.name} is dropped"),
        Kind.DISABLE_TRIGGER: plain(clients.DISABLE_TRIGGER, "trigger {act.name} of {act.table} is disabled"),
        Kind.ROW_SECURITY: check_row_security,
        Kind.POLICY: plain(clients.POLICY, "policy {act.name} decides who sees which rows"),
        Kind.REVOKE: plain(clients.REVOKE, "a right is taken away: {act.name}"),
        Kind.CREATE_VIEW: plain(clients.REPLACED, "view {act.name} is replaced", needs=Trait.OR_REPLACE),
        Kind.CREATE_ROUTINE: plain(clients.REPLACED, "routine {act.name} is replaced", needs=Trait.OR_REPLACE),
        Kind.REPLICA_IDENTITY: plain(clients.REPLICA_IDENTITY, "the replica identity of {act.table} is changed"),
        Kind.DETACH_INHERITANCE: plain(clients.INHERITANCE, "{act.table} no longer inherits from {act.other}"),
        Kind.EXTENSION: check_extension,
        Kind.SERVER_SETTING: plain(clients.SERVER_SETTING, "it reaches beyond the schema: {act.name}"),
        Kind.CREATE_TYPE: check_domain,
        Kind.CHANGE_TYPE: check_domain,
    },
    {
        Kind.ADD_UNIQUE: check_restriction,
        Kind.ADD_CHECK: check_restriction,
        Kind.ADD_NOT_NULL: check_restriction,
        Kind.SET_NOT_NULL: check_restriction,
        Kind.ADD_FOREIGN_KEY: check_restriction,
        Kind.ADD_EXCLUSION: check_restriction,
        Kind.CREATE_INDEX: check_restriction,
    },
)
EVERYWHERE = (check_cascade,)
