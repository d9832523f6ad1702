"""What the op makers share: the two schemas by folded name, and the keys ops are ordered by; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lockgate.engine.base import NO_STRATEGIES, ParkNames
from lockgate.engine.sqlite.tokens import fold
from lockgate.model.change import AlterObject, Change, CreateObject, DropObject, RenameColumn, RenameTable
from lockgate.model.op import Strategy
from lockgate.model.schema import Definition, Key, Schema, Table


@dataclass
class World:
    """Both schemas by folded name, and which tables and views carry their triggers along in ops of their own."""

    old: dict[str, Table]
    new: dict[str, Table]
    old_triggers: dict[str, tuple[Definition, ...]]
    new_triggers: dict[str, tuple[Definition, ...]]
    names: ParkNames
    renames: tuple[tuple[Key, tuple[str, ...]], ...]
    carried: set[str] = field(default_factory=set)
    strategies: dict[str, Strategy] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        changes: Sequence[Change],
        before: Schema,
        after: Schema,
        names: ParkNames,
        strategies: Mapping[Key, Strategy] = NO_STRATEGIES,
    ) -> World:
        """Index both schemas, and the strategies by folded name of table."""
        world = cls(
            old={fold(t.name): t for t in before.tables},
            new={fold(t.name): t for t in after.tables},
            old_triggers=_triggers(before),
            new_triggers=_triggers(after),
            names=names,
            renames=tuple((rename_key(c), _renamed(c)) for c in changes if isinstance(c, RenameTable | RenameColumn)),
            strategies={fold(key.name): strategy for key, strategy in strategies.items()},
        )
        for change in changes:
            if isinstance(change, CreateObject | DropObject) and _is_owner(change.object):
                world.carried.add(fold(change.object.name))
            if isinstance(change, AlterObject) and _is_owner(change.after):
                world.carried.add(fold(change.after.name))
        return world

    def triggers_before(self, owner: str) -> tuple[Definition, ...]:
        """Return the live triggers on a table or view."""
        return self.old_triggers.get(fold(owner), ())

    def triggers_after(self, owner: str) -> tuple[Definition, ...]:
        """Return the desired triggers on a table or view."""
        return self.new_triggers.get(fold(owner), ())

    def strategy(self, table: str) -> Strategy:
        """Return how the changes of a table are to be carried out."""
        return self.strategies.get(fold(table), Strategy.PLAIN)

    def is_renamed(self, table: str) -> bool:
        """Tell whether the plan renames a table or a column of it: what is settled later is called otherwise then."""
        return any(fold(table) in names for _, names in self.renames)

    def all_renames(self) -> frozenset[Key]:
        """Return the keys of all renamings."""
        return frozenset(key for key, _ in self.renames)

    def renames_for(self, owner: str, *texts: str) -> frozenset[Key]:
        """Return the renamings an op must wait for: those of ``owner``, and of tables that ``texts`` speak of.

        Everything else may be expanded before anything is renamed. A name found inside a longer word waits in vain,
        which only costs a later stage.
        """
        folded = fold("\n".join(texts))
        return frozenset(
            key for key, names in self.renames if fold(owner) in names or any(name in folded for name in names)
        )

    def renames_for_table(self, table: str) -> frozenset[Key]:
        """Return the renamings an op on a table must wait for, by its own text and its triggers' on both sides."""
        tables = [found[fold(table)] for found in (self.old, self.new) if fold(table) in found]
        triggers = (*self.triggers_before(table), *self.triggers_after(table))
        return self.renames_for(table, *(t.text for t in tables), *(t.text or t.sql for t in triggers))


def _renamed(change: RenameTable | RenameColumn) -> tuple[str, ...]:
    """Return the names, folded, of the table a renaming is about."""
    if isinstance(change, RenameTable):
        return fold(change.before.name), fold(change.after.name)
    return (fold(change.table.name),)


def _is_owner(obj: object) -> bool:
    return isinstance(obj, Table) or (isinstance(obj, Definition) and obj.kind == "view")


def _triggers(schema: Schema) -> dict[str, tuple[Definition, ...]]:
    grouped: dict[str, list[Definition]] = {}
    for definition in schema.definitions:
        if definition.kind == "trigger" and definition.table is not None:
            grouped.setdefault(fold(definition.table), []).append(definition)
    return {owner: tuple(found) for owner, found in grouped.items()}


def rename_key(change: RenameTable | RenameColumn) -> Key:
    """Return the key of a renaming."""
    if isinstance(change, RenameTable):
        return Key("renaming", "", fold(change.after.name))
    return Key("renaming", "", fold(change.table.name), fold(change.after))


def relation(name: str) -> Key:
    """Return the key of a name that tables, views and indexes share."""
    return Key("relation", "", fold(name))


def trigger_name(name: str) -> Key:
    """Return the key of a trigger's name, which is global too."""
    return Key("trigger_name", "", fold(name))


def shape_key(table: str) -> Key:
    """Return the key of a table's final shape: what needs its new columns waits for it."""
    return Key("shape", "", fold(table))


def names_of(table: Table | None, triggers: Iterable[Definition], *, with_table: bool) -> frozenset[Key]:
    """Return the keys of the names a table takes with its indexes and triggers."""
    if table is None:
        return frozenset()
    keys = {relation(i.name) for i in table.indexes} | {trigger_name(t.name) for t in triggers}
    return frozenset(keys | {relation(table.name)}) if with_table else frozenset(keys)
