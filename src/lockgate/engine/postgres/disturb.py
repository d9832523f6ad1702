"""What happens to each fact between two schemas, and to everything PostgreSQL ties to it; pure.

A change of one fact disturbs others: a view has to go before a column it reads changes its type. This module decides,
for every fact, whether it is created, dropped, replaced or altered in place, and follows the dependencies until all is
settled.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres.ops_graph import ROUTINE_KINDS, TYPE_KINDS, Fact, Graph
from lockgate.errors import UnsupportedChange
from lockgate.model import keys
from lockgate.model.change import (
    AddColumn,
    AddConstraint,
    AddIndex,
    AlterColumn,
    AlterConstraint,
    AlterIndex,
    AlterObject,
    AlterTable,
    Change,
    CreateObject,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropObject,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameTable,
)
from lockgate.model.schema import Column, ForeignKey, Key, Table
from lockgate.model.schema import Sequence as SequenceObject
from lockgate.model.server import Server


class Doing(enum.Enum):
    """What happens to a fact. ``WITH_TABLE``: it is created by its table; ``PARKED``: it stays on its parked table."""

    CREATE = "create"
    DROP = "drop"
    REPLACE = "replace"
    ALTER = "alter"
    WITH_TABLE = "with_table"
    PARKED = "parked"
    ABSORBED = "absorbed"


GONE = (Doing.DROP, Doing.REPLACE)
_TYPE_BLOCKED = frozenset({"view", "materialized_view", "rule", "policy", "trigger", "publication", *ROUTINE_KINDS})


class Decisions:
    """What happens to every fact that does not simply stay, and the columns whose type is converted.

    ``mirrored`` are columns that are converted beside the old one, so that a foreign key can be there twice.
    """

    def __init__(self, before: Graph, after: Graph, server: Server, mirrored: frozenset[Key] = frozenset()) -> None:
        self.before, self.after, self.server = before, after, server
        self.mirrored = mirrored
        self.doing: dict[Key, Doing] = {}
        self.retyped: set[Key] = set()
        self.reowned: set[Key] = set()
        self.change_of: dict[Key, Change] = {}
        self.renames: list[Change] = []
        self._todo: list[Key] = []

    def is_gone(self, key: Key) -> bool:
        """Tell whether the fact of before is dropped or replaced."""
        return self.doing.get(key) in GONE

    def is_parked(self, key: Key) -> bool:
        """Tell whether the fact of before goes on living on or as something parked."""
        return self.doing.get(key) is Doing.PARKED

    def decide(self, changes: Sequence[Change]) -> None:
        """Take the changes in, then follow what they disturb until nothing new turns up."""
        for change in changes:
            self._take(change)
        self._keep_owned_sequences()
        self._keep_what_moves_between_parent_and_child()
        while self._todo:
            self._spread(self._todo.pop(0))

    def _keep_what_moves_between_parent_and_child(self) -> None:
        """A part a child had from its parent is its own after it left, and the other way round."""
        for key, change in list(self.change_of.items()):
            if not isinstance(change, AlterTable) or self.doing.get(key) is not Doing.ALTER:
                continue
            for graph, table, doing in (
                (self.before, change.before, Doing.CREATE),
                (self.after, change.after, Doing.DROP),
            ):
                other = self.after if graph is self.before else self.before
                for part in compare.parts_from_parents(table, graph, other.parts_of(key)):
                    if self.doing.get(part) is doing:
                        del self.doing[part]

    def _keep_owned_sequences(self) -> None:
        """A dropped sequence that a parked table or column owns is parked as a part of it."""
        for key, fact in self.before.facts.items():
            owner = fact.value.owned_by if isinstance(fact.value, SequenceObject) else None
            if owner is None or self.doing.get(key) is not Doing.DROP:
                continue
            if self.is_gone(owner) or self.is_gone(owner._replace(kind="table", child="")):
                self.doing[key] = Doing.PARKED

    def _set(self, key: Key, doing: Doing, change: Change | None = None) -> None:
        if change is not None:
            self.change_of[key] = change
        if self.doing.get(key) is not doing:
            self.doing[key] = doing
            if doing in GONE:
                self._todo.append(key)

    def _take(self, change: Change) -> None:
        match change:
            case CreateObject():
                self._take_created(change)
            case DropObject():
                self._take_dropped(change)
            case AlterObject():
                in_place = compare.is_alterable(change.before, change.after, self.before, self.server)
                self._set(keys.key_of(change.after), Doing.ALTER if in_place else Doing.REPLACE, change)
            case AlterTable():
                if compare.needs_rebuild(change.before, change.after):
                    self._rebuild(keys.table_key(change.after), change)
                else:
                    self._set(keys.table_key(change.after), Doing.ALTER, change)
            case AddColumn():
                key = keys.child_key(change.table, change.column)
                self._set(key, Doing.CREATE, change)
                self._set_default(key, self.after, Doing.WITH_TABLE)
            case DropColumn():
                key = keys.child_key(change.table, change.column)
                self._set(key, Doing.DROP, change)
                self._set_default(key, self.before, Doing.PARKED)
            case AlterColumn():
                self._take_column(change)
            case AddIndex():
                self._set(keys.child_key(change.table, change.index), Doing.CREATE, change)
            case DropIndex():
                self._set(keys.child_key(change.table, change.index), Doing.DROP, change)
            case AddConstraint():
                self._set(keys.child_key(change.table, change.constraint), Doing.CREATE, change)
            case DropConstraint():
                self._set(keys.child_key(change.table, change.constraint), Doing.DROP, change)
            case AlterIndex():
                in_place = compare.is_index_alterable(change.before, change.after)
                self._set(
                    keys.child_key(change.table, change.after), Doing.ALTER if in_place else Doing.REPLACE, change
                )
            case AlterConstraint():
                in_place = compare.is_constraint_alterable(change.before, change.after)
                self._set(
                    keys.child_key(change.table, change.after), Doing.ALTER if in_place else Doing.REPLACE, change
                )
            case RenameTable() | RenameColumn() | RenameIndex() | RenameConstraint():
                self.renames.append(change)

    def _take_created(self, change: CreateObject) -> None:
        key = keys.key_of(change.object)
        self._set(key, Doing.CREATE, change)
        if isinstance(change.object, Table):
            self._create_parts(key)

    def _create_parts(self, table: Key) -> None:
        for part in self.after.parts_of(table):
            own = Doing.CREATE if isinstance(part.value, ForeignKey) else Doing.WITH_TABLE
            self._set(part.key, own)

    def _take_dropped(self, change: DropObject) -> None:
        key = keys.key_of(change.object)
        self._set(key, Doing.DROP, change)
        if isinstance(change.object, Table):
            self._park_parts(key)

    def _park_parts(self, table: Key) -> None:
        for part in self.before.parts_of(table):
            is_foreign = isinstance(part.value, ForeignKey) and not compare.is_self_reference(part)
            self._set(part.key, Doing.DROP if is_foreign else Doing.PARKED)

    def _rebuild(self, table: Key, change: AlterTable) -> None:
        if change.before.partition_of or change.after.partition_of or change.before.inherits or change.after.inherits:
            raise UnsupportedChange(f"table {table.path} would have to be rebuilt as a child of another table")
        self._set(table, Doing.REPLACE, change)
        self._rebuild_parts(table)
        self._rebuild_partitions(table)

    def _rebuild_partitions(self, parent: Key) -> None:
        """The partitions of a rebuilt table are rebuilt with it, unless they leave it."""
        for key, child in self.before.tables.items():
            part, now = child.partition_of, self.after.tables.get(key)
            if part is None or (part.namespace, part.name) != (parent.namespace, parent.name) or now is None:
                continue
            if now.partition_of is None or now.partition_of.name != parent.name:
                continue
            self._set(key, Doing.REPLACE)
            self._rebuild_parts(key)
            self._rebuild_partitions(key)

    def _rebuild_parts(self, table: Key) -> None:
        for part in self.before.parts_of(table):
            is_foreign = isinstance(part.value, ForeignKey)
            self._set(part.key, Doing.REPLACE if is_foreign and part.key in self.after.facts else Doing.DROP)
        for part in self.after.parts_of(table):
            if not isinstance(part.value, ForeignKey):
                self._set(part.key, Doing.REPLACE)
            elif part.key not in self.before.facts:
                self._set(part.key, Doing.CREATE)

    def _set_default(self, column: Key, graph: Graph, doing: Doing) -> None:
        key = column._replace(kind="default")
        if key in graph.facts:
            self._set(key, doing)

    def _take_column(self, change: AlterColumn) -> None:
        key = keys.child_key(change.table, change.after)
        before, after = change.before, change.after
        if compare.must_replace_column(before, after, self.before, self.after):
            self._replace_column(key, change)
            return
        self._set(key, Doing.ALTER, change)
        if compare.is_retyped(before, after):
            self._retype(key)
        old, new = self._default_of(key, self.before), self._default_of(key, self.after)
        default_key = key._replace(kind="default")
        if old is None and new is not None:
            self._set(default_key, Doing.CREATE)
        elif old is not None and new is None:
            self._set(default_key, Doing.DROP)
        elif old != new and self.doing.get(default_key) is None:
            self._set(default_key, Doing.ALTER)

    def _replace_column(self, key: Key, change: AlterColumn) -> None:
        self._set(key, Doing.REPLACE, change)
        self._set_default(key, self.before, Doing.PARKED)
        self._set_default(key, self.after, Doing.WITH_TABLE)

    def _default_of(self, column: Key, graph: Graph) -> str | None:
        fact = graph.get(column)
        value = fact.value if fact else None
        return value.default if isinstance(value, Column) and value.generated is None else None

    def _retype(self, key: Key) -> None:
        if key not in self.retyped:
            self.retyped.add(key)
            if key not in self.doing:
                self.doing[key] = Doing.ALTER
            self._todo.append(key)

    def _spread(self, key: Key) -> None:
        is_gone = self.doing.get(key) in GONE
        for name in self.before.dependants.get(key, ()):
            dependant = self.before.facts[name]
            doing = self.doing.get(name)
            if doing in (Doing.DROP, Doing.REPLACE, Doing.PARKED):
                continue
            if is_gone:
                self._spread_gone(key, dependant)
            elif key in self.retyped:
                self._spread_retyped(key, dependant)

    def _spread_gone(self, key: Key, dependant: Fact) -> None:
        value, name = dependant.value, dependant.key
        if isinstance(value, Table):
            if key.kind in TYPE_KINDS:
                raise UnsupportedChange(f"table {name.path} is bound to {key}, which is replaced")
            return
        if isinstance(value, SequenceObject) and key.kind in ("column", "table"):
            self.reowned.add(name)
            return
        if isinstance(value, Column) and value.generated is None:
            if key.kind in TYPE_KINDS or key.kind == "collation":
                self._retype(name)
            return
        if key.kind == "namespace" or (name.kind == "extension" and key.kind == "namespace"):
            return
        self._replace(name)

    def _spread_retyped(self, key: Key, dependant: Fact) -> None:
        name, value = dependant.key, dependant.value
        if key in self.mirrored and isinstance(value, ForeignKey):
            return
        if (
            isinstance(value, ForeignKey)
            or name.kind in _TYPE_BLOCKED
            or (isinstance(value, Column) and value.generated is not None)
        ):
            self._replace(name)

    def _replace(self, name: Key) -> None:
        """Drop before, and create again when the desired schema still has it."""
        if (
            name.kind == "default" and name in self.after.facts and name._replace(kind="column") in self.retyped
        ) or name in self.after.facts:
            self._set(name, Doing.REPLACE)
        else:
            self._set(name, Doing.DROP)
