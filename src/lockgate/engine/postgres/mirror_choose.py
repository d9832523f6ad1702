"""Which columns are converted by a mirrored pair, and why others are not; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres.convert import TypeName, find_conversion
from lockgate.engine.postgres.literals import walk_key
from lockgate.engine.postgres.ops_graph import TYPE_KINDS, Fact, Graph
from lockgate.engine.postgres.render import option
from lockgate.model import keys
from lockgate.model.change import AlterColumn, AlterObject, AlterTable, Change
from lockgate.model.op import Strategy
from lockgate.model.schema import (
    Check,
    Column,
    Definition,
    Exclusion,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Table,
    Unique,
)

PAIRED = (Strategy.ONLINE, Strategy.COLUMN_PAIR)
TRIGGER_PREFIX = "~lockgate_"
"""Triggers fire by name; ours comes after all others, to see what they make of a row."""

_ON_SETTINGS = frozenset({"timestamp without time zone", "timestamp with time zone", "date", "time with time zone"})
_BY_SETTINGS = frozenset(
    {*_ON_SETTINGS, "time without time zone", "interval", "bytea", "real", "double precision", "money"}
)
_FAMILIES = ({"smallint", "integer", "bigint"}, {"text", "character varying"})
_UPDATE = re.compile(r"\bUPDATE\b(?! OF )")


@dataclass
class Choice:
    """The mirrored columns by table, and a sentence for each table whose changes stay plain."""

    columns: dict[Key, list[Key]] = field(default_factory=dict)
    reasons: dict[Key, list[str]] = field(default_factory=dict)

    @property
    def mirrored(self) -> frozenset[Key]:
        """The keys of all mirrored columns."""
        return frozenset(key for found in self.columns.values() for key in found)


def choose_pairs(changes: Sequence[Change], before: Graph, after: Graph, strategies: Mapping[Key, Strategy]) -> Choice:
    """Return which converted columns of the tables with such a strategy are mirrored."""
    choice = Choice()
    replaced = {keys.key_of(c.after) for c in changes if isinstance(c, AlterObject)}
    rebuilt = {keys.table_key(c.after) for c in changes if isinstance(c, AlterTable)}
    for change in changes:
        if not isinstance(change, AlterColumn) or not compare.is_retyped(change.before, change.after):
            continue
        strategy = strategies.get(change.table, Strategy.PLAIN)
        if strategy is Strategy.PLAIN:
            continue
        looked = _Look(change, before, after, replaced, rebuilt)
        if strategy is Strategy.ONLINE and not looked.rewrites():
            continue
        reason = next(looked.reasons(), "") if strategy in PAIRED else f"PostgreSQL has no {strategy.value} here"
        name = f"{change.table.path}.{change.after.name}"
        if reason:
            choice.reasons.setdefault(change.table, []).append(f"{name} is converted under a lock: {reason}")
        else:
            choice.columns.setdefault(change.table, []).append(keys.child_key(change.table, change.after))
    return choice


@dataclass
class _Look:
    change: AlterColumn
    before: Graph
    after: Graph
    replaced: set[Key]
    rebuilt: set[Key]

    @property
    def key(self) -> Key:
        return keys.child_key(self.change.table, self.change.after)

    @property
    def types(self) -> tuple[TypeName, TypeName]:
        old = compare.column_type(self.change.before, self.before)
        return old, compare.column_type(self.change.after, self.after)

    def rewrites(self) -> bool:
        """Tell whether plain DDL would write the table again."""
        there = find_conversion(*self.types)
        return there is None or there.rewrites or self.change.before.collation != self.change.after.collation

    def reasons(self) -> Iterator[str]:
        """Yield why this column cannot be mirrored; nothing when it can."""
        table, now = self.before.tables.get(self.change.table), self.after.tables.get(self.change.table)
        if table is None or now is None:
            yield "the table is new"
            return
        yield from self._of_table(table)
        yield from self._of_types()
        yield from self._of_column(table)
        for name in self.before.dependants.get(self.key, ()):
            yield from self._of_dependant(self.before.facts[name])

    def _of_table(self, table: Table) -> Iterator[str]:
        name, options = table.name, dict(table.options)
        if "server" in options:
            yield f"{name} is a foreign table"
        if self.change.table in self.rebuilt:
            yield f"{name} itself changes in this plan"
        if table.partitioning or table.partition_of or table.inherits or _children(self.before, table):
            yield f"{name} is partitioned or inherits, which a pair does not follow"
        if "of_type" in options:
            yield f"{name} is bound to a type and takes no further column"
        if "force_row_security" in options:
            yield f"row security is forced on {name}, so that we may not see all of its rows"
        if find_key(table) is None:
            yield f"{name} has no primary key and no unique key without NULL to walk along"
        yield from self._of_publications(table)
        yield from self._of_triggers(table)

    def _of_publications(self, table: Table) -> Iterator[str]:
        for definition in self.before.schema.definitions:
            if definition.kind == "publication" and (
                "FOR ALL TABLES" in definition.sql
                or "TABLES IN SCHEMA" in definition.sql
                or self.change.table in definition.depends_on
            ):
                yield f"publication {definition.name} has {table.name}, and its subscribers would miss our column"

    def _of_triggers(self, table: Table) -> Iterator[str]:
        for trigger in triggers_of(self.before, table):
            if trigger.name.encode() > TRIGGER_PREFIX.encode():
                yield f"trigger {trigger.name} would fire after ours"
            if option(trigger.options, "enabled") in ("replica", "always") and fires_on_update(trigger):
                yield f"trigger {trigger.name} would fire for every row that is copied"
        for definition in self.before.schema.definitions:
            if definition.kind == "rule" and (definition.namespace, definition.table) == (table.namespace, table.name):
                yield f"rule {definition.name} rewrites statements on {table.name}"

    def _of_types(self) -> Iterator[str]:
        old, new = self.types
        there, back = find_conversion(old, new), find_conversion(new, old)
        if there is None or back is None:
            yield "values cannot be converted both ways"
        for kind in (old, new):
            if kind.base == "bit":
                yield "a bit string of another length is refused or padded, as the statement has it"
        if old.base != new.base and (_ON_SETTINGS & {old.base} and _ON_SETTINGS & {new.base}):
            yield "what a time becomes depends on the session's TimeZone"
        if old.base != new.base and any(
            one.base in _BY_SETTINGS and other.base in ("text", "character varying", "character")
            for one, other in ((old, new), (new, old))
        ):
            yield f"how {old.text} is written as {new.text} depends on the session's settings"
        for column in (self.change.before, self.change.after):
            for dep in column.depends_on:
                if dep.kind in TYPE_KINDS and dep in self.replaced:
                    yield f"{dep} is made anew in this plan"

    def _of_column(self, table: Table) -> Iterator[str]:
        before, after = self.change.before, self.change.after
        if before.generated is not None or after.generated is not None:
            yield "it is generated"
        if before.identity is not None and after.identity is None:
            yield "it is an identity column and no longer in this plan"
        for column in (before, after):
            if option(column.options, "not_null_no_inherit") or option(column.options, "not_null_comment"):
                yield "its NOT NULL has settings of its own"
        if option(table.options, "replica_identity").startswith("index ") or option(table.options, "clustered_on"):
            yield f"{table.name} is marked with an index (CLUSTER ON or REPLICA IDENTITY)"

    def _of_dependant(self, fact: Fact) -> Iterator[str]:
        value, key = fact.value, fact.key
        is_own = fact.table is not None and keys.table_key(fact.table) == self.change.table
        if isinstance(value, Exclusion):
            yield f"exclusion constraint {value.name} cannot be built without a lock"
        elif isinstance(value, PrimaryKey) and is_own:
            yield from self._of_primary(value)
        elif isinstance(value, Column) and is_own:
            yield f"generated column {value.name} is computed from it"
        elif isinstance(value, ForeignKey):
            yield from self._of_foreign_key(fact, value, is_own)
        elif isinstance(value, Unique | Index) and is_own:
            yield from self._of_index(value)
        elif isinstance(value, Check) and is_own:
            yield from self._of_check(value)
        elif key.kind in ("statistics", "publication", "event_trigger"):
            yield f"{key} is bound to it"
        elif isinstance(value, Definition | Table) or key.kind in ("view", "materialized_view"):
            yield from self._of_view(key)

    def _of_view(self, key: Key) -> Iterator[str]:
        seen, todo = set(), [key]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if name.kind == "materialized_view":
                yield f"materialized view {name.path} would be filled again under the lock"
            todo += self.before.dependants.get(name, ())

    def _of_foreign_key(self, fact: Fact, value: ForeignKey, is_own: bool) -> Iterator[str]:
        if value.match != "simple" and len(value.columns) > 1:
            yield f"foreign key {value.name} is MATCH {value.match.upper()}"
        if dict(value.options):
            yield f"foreign key {value.name} has settings of its own"
        here = [keys.table_key(fact.table) if fact.table else self.change.table] * len(value.columns)
        there = [Key("table", value.ref_namespace, value.ref_table)] * len(value.columns)
        for one, name, other, ref in zip(here, value.columns, there, value.ref_columns, strict=True):
            left = self.after.get(one._replace(kind="column", child=name))
            right = self.after.get(other._replace(kind="column", child=ref))
            if left is None or right is None:
                yield f"a column of foreign key {value.name} goes"
            elif not _is_same_family(self._type(left), self._type(right)):
                yield f"foreign key {value.name} cannot compare {name} with {ref}"
        if not is_own and fact.table is not None and (fact.table.partitioning or fact.table.partition_of):
            yield f"foreign key {value.name} of partitioned table {fact.table.name} refers to it"

    def _type(self, fact: Fact) -> TypeName:
        assert isinstance(fact.value, Column)
        return compare.column_type(fact.value, self.after)

    def _of_primary(self, value: PrimaryKey) -> Iterator[str]:
        old, new = self.types
        integers = ("smallint", "integer", "bigint")
        is_wider = old.base in integers and new.base in integers and integers.index(old.base) < integers.index(new.base)
        is_text = old.base in _FAMILIES[1] and new.base in _FAMILIES[1] and not new.modifiers
        if not (is_wider or is_text) or old.is_array or new.is_array or old.user or new.user:
            yield f"it is part of primary key {value.name}, which takes no value twice and no NULL"
        if value.deferrable is not None or option(value.options, "without_overlaps"):
            yield f"primary key {value.name} has settings of its own"
        if self.change.before.collation != self.change.after.collation:
            yield f"primary key {value.name} would be sorted anew"

    def _of_index(self, value: Unique | Index) -> Iterator[str]:
        is_unique = isinstance(value, Unique) or value.is_unique
        old, new = self.types
        there, back = find_conversion(old, new), find_conversion(new, old)
        if is_unique and there and back and (there.loses or back.loses):
            yield f"two different values could become equal in {value.name}"
        if is_unique and value.nulls_not_distinct and back and back.fits is not None:
            yield f"{value.name} takes NULL only once"
        own = [part for part in value.parts if part.column == self.change.after.name]
        if old.base != new.base and any(part.operator_class for part in own):
            yield f"index {value.name} names an operator class"
        if isinstance(value, Index) and (not value.is_valid or option(value.options, "extension_dependency")):
            yield f"index {value.name} is not valid, or bound to an extension"

    def _of_check(self, value: Check) -> Iterator[str]:
        back = find_conversion(self.types[1], self.types[0])
        text = value.expression.upper()
        if back and back.fits is not None and any(word in text for word in ("IS NOT NULL", "COALESCE", "NUM_N")):
            yield f"check {value.name} does not let a value that the old type cannot hold be NULL"
        if not value.is_enforced:
            yield f"check {value.name} is not enforced"


def _children(graph: Graph, table: Table) -> bool:
    key = keys.table_key(table)
    return any(key in other.inherits for other in graph.tables.values())


def _is_same_family(one: TypeName, other: TypeName) -> bool:
    if one.user is not None or other.user is not None or one.is_array or other.is_array:
        return False
    return one.base == other.base or any({one.base, other.base} <= family for family in _FAMILIES)


def find_key(table: Table) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
    """Return a unique key without NULL to walk along: names, quoted columns and literals; None when there is none."""
    by_name = {column.name: column for column in table.columns}
    found: list[PrimaryKey | Unique | Index] = [*table.uniques, *(i for i in table.indexes if i.is_unique)]
    if table.primary_key is not None:
        found.insert(0, table.primary_key)
    for key in found:
        names = [part.column for part in key.parts]
        if isinstance(key, Index) and (key.where is not None or (key.method or "btree") != "btree" or not key.is_valid):
            continue
        if any(name is None or name not in by_name or by_name[name].is_nullable for name in names):
            continue
        if getattr(key, "deferrable", None) is not None or dict(key.options).get("without_overlaps"):
            continue
        columns = [by_name[name or ""] for name in names]
        if any(part.collation for part in key.parts) or any(column.generated for column in columns):
            continue
        walked = walk_key(columns)
        if walked is not None:
            return tuple(column.name for column in columns), *walked
    return None


def triggers_of(graph: Graph, table: Table) -> list[Definition]:
    """Return the triggers of a table that are not disabled."""
    return [
        d
        for d in graph.schema.definitions
        if d.kind == "trigger"
        and (d.namespace, d.table) == (table.namespace, table.name)
        and option(d.options, "enabled") != "disabled"
    ]


def fires_on_update(trigger: Definition) -> bool:
    """Tell whether a trigger fires for an UPDATE of a column that it does not name."""
    return _UPDATE.search(trigger.sql.split(" ON ", 1)[0]) is not None
