"""What every op builder needs: both graphs, the decisions, names to park under, and how keys become edges; no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lockgate.engine.base import ParkNames
from lockgate.engine.postgres.disturb import Decisions, Doing
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.ops_graph import ROUTINE_KINDS, TYPE_KINDS, Default, Fact, Graph
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.errors import UnsupportedChange
from lockgate.model import keys
from lockgate.model.change import Change
from lockgate.model.op import Op
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
from lockgate.model.server import Server

_PARKABLE = frozenset(
    {"enum", "domain", "composite", "range", "function", "procedure", "aggregate", "sequence", "collation"}
)
_RELATIONS = frozenset({"table", "view", "materialized_view", "sequence", "composite"})
_NAMED_TYPES = frozenset({"table", "view", "materialized_view", "enum", "domain", "composite", "range", "base_type"})


@dataclass
class Context:
    """State of one planning; ``ops`` grows in a deterministic order."""

    before: Graph
    after: Graph
    decisions: Decisions
    server: Server
    names: ParkNames
    ops: list[Op] = field(default_factory=list)
    late: set[Key] = field(default_factory=set)
    kept_before: set[Key] = field(default_factory=set)
    kept_after: set[Key] = field(default_factory=set)
    reserved: dict[Key, str] = field(default_factory=dict)
    is_lenient: bool = False

    def doing(self, key: Key) -> Doing | None:
        """Return what happens to a fact; None when it stays."""
        return self.decisions.doing.get(key)

    def add(self, op: Op) -> None:
        """Take one op in."""
        self.ops.append(op)

    def changes_of(self, key: Key) -> tuple[Change, ...]:
        """Return the change that names a fact, when one does."""
        change = self.decisions.change_of.get(key)
        return (change,) if change is not None else ()

    def is_new_table(self, table: Key) -> bool:
        """Tell whether a table is made by this plan, so that nobody uses it and it holds no rows of old."""
        return self.doing(table) is Doing.CREATE

    def parents(self, table: Table) -> list[Key]:
        """Return the tables a table inherits from or is a partition of."""
        found = list(table.inherits)
        if table.partition_of is not None:
            found.append(Key("table", table.partition_of.namespace, table.partition_of.name))
        return found

    def comes_from_parent(self, graph: Graph, fact: Fact) -> bool:
        """Tell whether the same happens to a column on a parent, from where it reaches this table by itself."""
        for parent in self.parents(fact.table) if fact.table is not None else ():
            above = graph.get(fact.key._replace(namespace=parent.namespace, name=parent.name))
            if above is None or self.doing(above.key) is not self.doing(fact.key):
                continue
            if (above.key in self.decisions.retyped) != (fact.key in self.decisions.retyped):
                continue
            if self.doing(parent) not in (Doing.CREATE, Doing.DROP, Doing.REPLACE):
                return True
        return False

    def heirs(self, graph: Graph, fact: Fact) -> list[Fact]:
        """Return the same column on the tables below, where it comes and goes with this one."""
        below: list[Fact] = []
        for table in graph.tables.values():
            if fact.table is not None and keys.table_key(fact.table) in self.parents(table):
                child = graph.get(fact.key._replace(namespace=table.namespace, name=table.name))
                if child is not None and self.comes_from_parent(graph, child):
                    below += [child, *self.heirs(graph, child)]
        return below

    def is_absorbed(self, default: Key) -> bool:
        """Tell whether a default goes and comes within the op that converts its column."""
        column = default._replace(kind="column")
        fact = self.after.get(column)
        if fact is None or column not in self.decisions.retyped or self.doing(default) is Doing.REPLACE:
            return False
        was = self.before.get(column)
        if was is not None and any(self.doing(d) is Doing.REPLACE for d in was.deps if d.kind in TYPE_KINDS):
            return False
        return not self.comes_from_parent(self.after, fact)

    def parked_type(self, fact: Fact) -> str:
        """Return the text of a column's old type, under its reserved name when the type is parked for a new one."""
        assert isinstance(fact.value, Column)
        text = fact.value.type
        element = text.split("[")[0] if text.endswith("]") else text
        for key in fact.deps:
            is_parked = key.kind in TYPE_KINDS and self.doing(key) is Doing.REPLACE and key in self.reserved
            if is_parked and element in (qualify(key.namespace, key.name), key.name):
                return f"lockgate.{quote_ident(self.reserved[key])}" + text[len(element) :]
        return text

    def copies_below(self, graph: Graph, fact: Fact) -> frozenset[Key]:
        """Return the names that the copies of a partitioned table's index get on its partitions."""
        value = fact.value
        if not isinstance(value, Index | PrimaryKey | Unique) or any(p.column is None for p in value.parts):
            return frozenset()
        names = [p.column or "" for p in value.parts] + list(value.include)
        suffix = "idx" if isinstance(value, Index) else "pkey" if isinstance(value, PrimaryKey) else "key"
        found = set()
        todo = [fact.key._replace(kind="table", child="")]
        while todo:
            above = todo.pop()
            for table in graph.tables.values():
                if table.partition_of is not None and above in self.parents(table):
                    columns = "" if suffix == "pkey" else "_".join(names)
                    found.add(Key("relation", table.namespace, make_object_name(table.name, columns, suffix)))
                    todo.append(keys.table_key(table))
        return frozenset(found)

    def settle(self) -> None:
        """Work out what lives on when it is parked, both ways, and which parts must not go with their table."""
        for key in sorted(self.decisions.retyped):
            fact, default = self.after.get(key), key._replace(kind="default")
            stays = default in self.after.facts and default in self.before.facts
            if fact is not None and stays and self.comes_from_parent(self.after, fact):
                self.decisions.doing[default] = Doing.REPLACE
        self._drop_what_cannot_stay()
        self.kept_before = self._kept(self.before, self._parked_before()) | self._swapped_types()
        self._find_late()
        self.kept_after = self._kept(self.after, self._parked_after())

    def _swapped_types(self) -> set[Key]:
        """Return the types that columns leave for a new type of the same name, made while they still use the old."""
        found: set[Key] = set()
        for column in self.decisions.retyped:
            fact = self.before.get(column)
            found |= (
                {d for d in fact.deps if d.kind in TYPE_KINDS and self.doing(d) is Doing.REPLACE} if fact else set()
            )
        return found

    def _parked_before(self) -> set[Key]:
        found = set()
        for key, fact in self.before.facts.items():
            doing = self.doing(key)
            is_data = isinstance(fact.value, Table) or (isinstance(fact.value, Column) and fact.value.generated is None)
            if doing is Doing.PARKED or (is_data and doing in (Doing.DROP, Doing.REPLACE)):
                found.add(key)
        return found

    def _parked_after(self) -> set[Key]:
        found = set()
        for key, fact in self.after.facts.items():
            doing = self.doing(key)
            table = fact.value if isinstance(fact.value, Table) else fact.table
            if table is not None and self.copies_back(keys.table_key(table)):
                continue
            if (isinstance(fact.value, Table) and doing in (Doing.CREATE, Doing.REPLACE)) or (
                doing is Doing.WITH_TABLE and key not in self.late and self._is_with_parked_table(fact)
            ):
                found.add(key)
        return found

    def _is_with_parked_table(self, fact: Fact) -> bool:
        if fact.table is None:
            return False
        return self.doing(keys.table_key(fact.table)) in (Doing.CREATE, Doing.REPLACE)

    def _kept(self, graph: Graph, parked: set[Key]) -> set[Key]:
        """Return the types, routines and sequences that something parked still uses."""
        kept: set[Key] = set()
        todo = sorted(parked)
        while todo:
            fact = graph.get(todo.pop())
            for dep in sorted(fact.deps) if fact else ():
                if dep.kind in _PARKABLE and dep not in kept:
                    kept.add(dep)
                    todo.append(dep)
        return kept

    def _drop_what_cannot_stay(self) -> None:
        """Drop parts of parked tables that depend on something that really goes away (an extension, an operator)."""
        for key, fact in list(self.before.facts.items()):
            if self.doing(key) is not Doing.PARKED or not isinstance(fact.value, Index | Check | Exclusion | Default):
                continue
            if any(self.decisions.is_gone(d) and self._is_really_dropped(d) for d in fact.deps):
                self.decisions.doing[key] = Doing.DROP

    def _is_on_program(self, fact: Fact, created: frozenset[Key]) -> bool:
        """Tell whether a part of a new table uses a routine or an extension that this plan makes, too.

        It then gets an op of its own, so that on the way back the table can be parked without it.
        """
        return any(d in created and (d.kind in ROUTINE_KINDS or self._is_really_dropped(d)) for d in fact.deps)

    def copies_back(self, table: Key) -> bool:
        """Tell whether a new table's rows are copied on the way back, because its columns use what cannot be parked."""
        return any(
            isinstance(part.value, Column) and any(d.kind in ("extension", "range", "base_type") for d in part.deps)
            for part in self.after.parts_of(table)
        )

    def _is_really_dropped(self, key: Key) -> bool:
        return key.kind not in _PARKABLE and key.kind not in ("table", "column", "namespace", "default")

    def _find_late(self) -> None:
        created = frozenset(
            k for k, d in self.decisions.doing.items() if d in (Doing.CREATE, Doing.WITH_TABLE, Doing.REPLACE)
        )
        for key, fact in self.after.facts.items():
            if self.doing(key) is not Doing.WITH_TABLE or fact.table is None:
                continue
            table = keys.table_key(fact.table)
            if self.doing(table) is not Doing.CREATE:
                continue
            if isinstance(fact.value, Index | Check | Exclusion | Default) and self._is_on_program(fact, created):
                self.late.add(key)
                continue
            outside = [d for d in fact.deps if (d.namespace, d.name) != (table.namespace, table.name) or d.child == ""]
            outside = [d for d in outside if d != table]
            if self.after.reaches(outside, table, created - {table}):
                self.late.add(key)
        for key, fact in self.after.facts.items():
            if key.kind == "default" and self.doing(key) is Doing.WITH_TABLE and fact.table is not None:
                above = [key._replace(namespace=p.namespace, name=p.name) for p in self.parents(fact.table)]
                if any(a in self.late for a in above):
                    self.late.add(key)
        for key in sorted(self.late):
            self.decisions.doing[key] = Doing.CREATE


def resources_of(fact: Fact) -> frozenset[Key]:
    """Return the names a fact takes in name spaces it shares with other kinds of objects."""
    value, key = fact.value, fact.key
    found: set[Key] = set()
    if key.kind == "index" and isinstance(value, Definition):
        found.add(Key("relation", key.namespace, key.child))
    if isinstance(value, Index | PrimaryKey | Unique | Exclusion):
        found.add(Key("relation", key.namespace, key.child))
    elif key.kind in _RELATIONS and not key.child:
        found.add(Key("relation", key.namespace, key.name))
    if key.kind in _NAMED_TYPES and not key.child:
        found.add(Key("typename", key.namespace, key.name))
    if isinstance(value, PrimaryKey | Unique | Exclusion | Check | ForeignKey):
        found.add(Key("constraint", key.namespace, key.name, key.child))
    if isinstance(value, PrimaryKey):
        found.add(Key("primary", key.namespace, key.name))
    if isinstance(value, Column):
        found.add(Key("attribute", key.namespace, key.name, key.child))
        if value.identity is not None:
            name = dict(value.identity.options).get("sequence") or make_object_name(key.name, key.child, "seq")
            found.add(Key("relation", key.namespace, name))
    if key.kind in ROUTINE_KINDS:
        found.add(Key("routine", key.namespace, key.name))
    return frozenset(found)


def names_and_key(facts: Iterable[Fact]) -> frozenset[Key]:
    """Return the keys of facts and all names they take."""
    found: set[Key] = set()
    for fact in facts:
        found.add(fact.key)
        found |= resources_of(fact)
    return frozenset(found)


def refuse(what: str, why: str) -> UnsupportedChange:
    """Return the error for a change PostgreSQL has no safe way for."""
    return UnsupportedChange(what, cause=why, state="nothing was touched")
