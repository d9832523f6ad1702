"""What is known at a statement from those before it: transaction, locks, limits, new tables, types; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lockgate.model.ddl import Act, DdlDialect, Kind, Trait
from lockgate.model.op import Blocks
from lockgate.model.server import Server

STRONG = (Blocks.WRITES, Blocks.READS_AND_WRITES)


class KnownIndex(NamedTuple):
    """An index that the files create: where, and what it holds."""

    name: str
    columns: tuple[str, ...]
    is_unique: bool
    what: str


@dataclass
class FileState:
    """What holds within one file."""

    is_wrapped: bool
    began: int = 0
    new_tables: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    limits: set[str] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)
    held: dict[str, Blocks] = field(default_factory=dict)
    added_unvalidated: set[str] = field(default_factory=set)
    new_enum_values: dict[str, str] = field(default_factory=dict)
    changes_alone: int = 0
    told: set[str] = field(default_factory=set)

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open, the file's own or the tool's."""
        return self.is_wrapped or self.began > 0


@dataclass
class State:
    """What is known so far: of the file, and (types, checks, indexes) of the files before it."""

    dialect: DdlDialect
    server: Server
    file: FileState
    types: dict[tuple[str, str], str] = field(default_factory=dict)
    not_null_proofs: dict[tuple[str, str], str] = field(default_factory=dict)
    checks: dict[str, set[str]] = field(default_factory=dict)
    unvalidated: set[tuple[str, str]] = field(default_factory=set)
    indexes: dict[str, list[KnownIndex]] = field(default_factory=dict)

    def is_new(self, table: str) -> bool:
        """Tell whether nobody uses a table yet, because this file created it; a schema may be left out of a name."""
        if table in self.file.new_tables or not table:
            return table in self.file.new_tables
        bare = table.split(".")[-1]
        return any(new.split(".")[-1] == bare and ("." in new) != ("." in table) for new in self.file.new_tables)

    def is_limited(self, limits: tuple[tuple[str, str], ...]) -> bool:
        """Tell whether one of these settings was made."""
        return any(name in self.file.limits for name, _ in limits)

    def apply(self, act: Act, *, commits: bool) -> None:
        """Take in what an act changes."""
        if commits:
            self.end_transaction()
        _APPLY.get(act.kind, _apply_nothing)(self, act)
        if act.kind in (Kind.CREATE_TABLE, Kind.ADD_COLUMN, Kind.CHANGE_COLUMN):
            for column in act.defined:
                self.types[act.table, column.name] = column.type
            if act.kind is Kind.CHANGE_COLUMN and not act.defined:
                self.types[act.table, act.name] = act.value
        holds = act.lock.blocks in STRONG and act.kind not in (Kind.CREATE_TABLE,)
        if self.file.is_in_transaction and holds and act.table and not self.is_new(act.table):
            self.file.held[act.table] = act.lock.blocks
        for part in act.parts:
            self.apply(part, commits=False)

    def end_transaction(self) -> None:
        """Forget what ends with the transaction."""
        self.file.began = 0
        self.file.held.clear()
        self.file.added_unvalidated.clear()
        self.file.new_enum_values.clear()


def _apply_nothing(state: State, act: Act) -> None:
    """Most acts change nothing that later statements are judged by."""


def _created(state: State, act: Act) -> None:
    if not act.has(Trait.PARTITION_OF) and not act.has(Trait.IF_NOT_EXISTS):
        state.indexes.pop(act.table, None)
    state.file.new_tables.add(act.table)


def _dropped(state: State, act: Act) -> None:
    state.file.new_tables.discard(act.table)
    state.file.dropped.add(act.table)
    state.indexes.pop(act.table, None)
    for key in [key for key in state.types if key[0] == act.table]:
        del state.types[key]


def _renamed(state: State, act: Act) -> None:
    if state.is_new(act.table):
        state.file.new_tables.add(act.other)
    state.file.new_tables.discard(act.table)
    for table, column in [key for key in state.types if key[0] == act.table]:
        state.types[act.other, column] = state.types.pop((table, column))
    if act.table in state.indexes:
        state.indexes[act.other] = state.indexes.pop(act.table)


def _indexed(state: State, act: Act) -> None:
    if not act.columns or act.has(Trait.PARTIAL) or "" in act.columns:
        return
    is_unique = act.has(Trait.UNIQUE) or act.kind in (Kind.ADD_PRIMARY_KEY, Kind.ADD_UNIQUE)
    known = KnownIndex(act.name, act.columns, is_unique, act.value or "btree")
    state.indexes.setdefault(act.table, []).append(known)


def _index_dropped(state: State, act: Act) -> None:
    name = act.name.split(".")[-1]
    for table, known in state.indexes.items():
        state.indexes[table] = [index for index in known if index.name.split(".")[-1] != name]


def _check_added(state: State, act: Act) -> None:
    state.checks.setdefault(act.table, set()).add(act.name)
    is_open = act.has(Trait.NOT_VALID)
    if is_open:
        state.unvalidated.add((act.table, act.name))
        state.file.added_unvalidated.add(f"{act.table}.{act.name}")
    column = act.columns[0] if act.kind is Kind.ADD_NOT_NULL else _not_null_column(act.value)
    if column:
        state.not_null_proofs[act.table, column] = act.name


def _not_null_column(text: str) -> str:
    words = text.replace("(", " ").replace(")", " ").split()
    if len(words) == 4 and [w.upper() for w in words[1:]] == ["IS", "NOT", "NULL"]:
        return words[0].strip('"`[]') if words[0][0] in '"`[' else words[0].lower()
    return ""


def _foreign_key_added(state: State, act: Act) -> None:
    if act.has(Trait.NOT_VALID):
        state.unvalidated.add((act.table, act.name))
        state.file.added_unvalidated.add(f"{act.table}.{act.name}")


def _validated(state: State, act: Act) -> None:
    state.unvalidated.discard((act.table, act.name))


def _began(state: State, act: Act) -> None:
    state.file.began += 1


def _ended(state: State, act: Act) -> None:
    state.end_transaction()


def _set(state: State, act: Act) -> None:
    if act.name == "foreign_keys" and state.file.is_in_transaction:
        return  # ignored there
    is_off = act.value.strip("'\" ").lower() in ("0", "default", "0ms", "0s", "off")
    if is_off:
        state.file.limits.discard(act.name)
    else:
        state.file.limits.add(act.name)
    state.file.settings[act.name] = act.value.strip("'\" ").lower()


def _value_added(state: State, act: Act) -> None:
    if state.file.is_in_transaction:
        state.file.new_enum_values[act.value.strip("'")] = act.name


_APPLY = {
    Kind.CREATE_TABLE: _created,
    Kind.CREATE_VIEW: _created,
    Kind.DROP_TABLE: _dropped,
    Kind.RENAME_TABLE: _renamed,
    Kind.CREATE_INDEX: _indexed,
    Kind.ADD_PRIMARY_KEY: _indexed,
    Kind.ADD_UNIQUE: _indexed,
    Kind.DROP_INDEX: _index_dropped,
    Kind.ADD_CHECK: _check_added,
    Kind.ADD_NOT_NULL: _check_added,
    Kind.ADD_FOREIGN_KEY: _foreign_key_added,
    Kind.VALIDATE: _validated,
    Kind.BEGIN: _began,
    Kind.COMMIT: _ended,
    Kind.ROLLBACK: _ended,
    Kind.SET: _set,
    Kind.ADD_ENUM_VALUE: _value_added,
}
