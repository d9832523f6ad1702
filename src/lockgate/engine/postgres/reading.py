"""Everything the catalogue queries returned, grouped for the builders of the model; no I/O after it is made."""

from __future__ import annotations

from collections import defaultdict

from lockgate.engine.base import Scope
from lockgate.engine.postgres.acl import ForeignGrantor, encode_acl
from lockgate.engine.postgres.catalogue import JOURNAL, OWN_SCHEMA, Catalogue, is_own
from lockgate.engine.postgres.dependencies import PG_CLASS, PG_CONSTRAINT, PG_TYPE, Dependencies
from lockgate.engine.postgres.rows import (
    ColumnRow,
    ConstraintRow,
    IndexRow,
    RelationRow,
    SequenceRow,
    TypeRow,
)
from lockgate.model.schema import Key, Unmanaged

_RELATION_KINDS = {
    "r": "table",
    "p": "table",
    "f": "table",
    "v": "view",
    "m": "materialized_view",
    "S": "sequence",
    "c": "composite",
}


class Reading:
    """The rows of one consistent read, with look-ups by oid. Problems are collected in ``unmanaged``."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.scope: Scope = catalogue.scope
        self.version = catalogue.version
        self.unmanaged: list[Unmanaged] = []
        rows = catalogue.rows
        self.namespaces = rows("namespaces")
        self.extensions = rows("extensions")
        self.extension_names = {oid: name for oid, name, _ in self.extensions}
        self.members = {(class_id, oid): name for class_id, oid, name in rows("members")}
        self.comments = {(c, o, s): text for c, o, s, text in rows("comments")}
        self.relations = {row[0]: RelationRow._make(row) for row in rows("relations") if self._is_wanted(PG_CLASS, row)}
        self.parents: dict[int, list[int]] = defaultdict(list)
        for child, parent, _ in rows("inheritance"):
            self.parents[child].append(parent)
        self.columns: dict[int, list[ColumnRow]] = defaultdict(list)
        for row in rows("columns"):
            if row[0] in self.relations and not self.hides(row[2]):
                self.columns[row[0]].append(ColumnRow._make(row))
        self.column_names = {oid: {c.number: c.name for c in columns} for oid, columns in self.columns.items()}
        self.constraints: dict[int, list[ConstraintRow]] = defaultdict(list)
        self.domain_constraints: dict[int, list[ConstraintRow]] = defaultdict(list)
        self.constraint_names: dict[int, str] = {}
        self.not_null: dict[tuple[int, int], ConstraintRow] = {}
        self._sort_constraints([ConstraintRow._make(row) for row in rows("constraints")])
        self.indexes: dict[int, list[IndexRow]] = defaultdict(list)
        self.index_by_oid: dict[int, IndexRow] = {}
        for row in rows("indexes"):
            index = IndexRow._make(row)
            self.index_by_oid[index.oid] = index
            if index.relation in self.relations and not self.hides(index.name):
                self.indexes[index.relation].append(index)
        self.foreign_tables = {oid: (server, options) for oid, server, options in rows("foreign_tables")}
        self.sequences = {row[0]: SequenceRow._make(row) for row in rows("sequences")}
        self.identities = {(s.owner_relation, s.owner_column): s for s in self.sequences.values() if s.ownership == "i"}
        self.types = {row[0]: TypeRow._make(row) for row in rows("types")}
        self.enum_labels = dict(rows("enum_labels"))
        self.cloned_triggers: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for oid, name, state in rows("cloned_triggers"):
            self.cloned_triggers[oid].append((name, state))
        self.depends = Dependencies(rows("depends"), self.members)
        self._register()

    def hides(self, name: str) -> bool:
        """Tell whether a name is one of ours that this scope does not show."""
        return is_own(name) and (not self.scope.include_own or name in JOURNAL)

    def hides_in(self, namespace: str, name: str) -> bool:
        """Tell whether an object is ours and not shown."""
        return self.hides(name) or (namespace == OWN_SCHEMA and not self.scope.include_own)

    def comment(self, class_id: int, oid: int, sub: int = 0) -> str | None:
        """Return an object's comment."""
        return self.comments.get((class_id, oid, sub))

    def acl(self, text: str | None, owner: str, kind: str, name: str) -> list[tuple[str, str]]:
        """Return the ``acl`` option as a list of none or one pair."""
        if text is None:
            return []
        try:
            option = encode_acl(text, owner, kind, self.version)
        except ForeignGrantor as grantor:
            self.report("privilege", name, f"granted by {grantor}, who is not the owner")
            return []
        return [] if option is None else [("acl", option)]

    def report(self, kind: str, name: str, reason: str) -> None:
        """Note something the model cannot hold."""
        self.unmanaged.append(Unmanaged(kind=kind, name=name, reason=reason))

    def relation_key(self, oid: int) -> Key | None:
        """Return a relation's key, or None when it is not ours to show."""
        row = self.relations.get(oid)
        return None if row is None else Key(_RELATION_KINDS[row.kind], row.namespace, row.name)

    def _is_wanted(self, class_id: int, row: tuple[object, ...]) -> bool:
        return (class_id, row[0]) not in self.members and not self.hides_in(str(row[1]), str(row[2]))

    def _sort_constraints(self, rows: list[ConstraintRow]) -> None:
        for row in rows:
            self.constraint_names[row.oid] = row.name
            if self.hides(row.name):
                continue
            if row.kind == "n" and row.relation and row.columns:
                self.not_null[row.relation, row.columns[0]] = row
            elif row.domain:
                self.domain_constraints[row.domain].append(row)
            elif row.relation in self.relations:
                names = self.column_names.get(row.relation, {})
                if all(number in names for number in row.columns or () if number > 0):
                    self.constraints[row.relation].append(row)

    def _register(self) -> None:
        register = self.depends.register
        for oid, row in self.relations.items():
            key = self.relation_key(oid)
            assert key is not None
            register(PG_CLASS, oid, key)
            if key.kind == "table":
                for column in self.columns.get(oid, ()):
                    register(PG_CLASS, oid, Key("column", row.namespace, row.name, column.name), column.number)
        kinds = {"p": "primary_key", "u": "unique", "f": "foreign_key", "c": "check", "x": "exclusion"}
        for oid, constraints in self.constraints.items():
            relation = self.relations[oid]
            for constraint in constraints:
                key = Key(kinds[constraint.kind], relation.namespace, relation.name, constraint.name)
                register(PG_CONSTRAINT, constraint.oid, key)
        for type_row in self.types.values():
            self._register_type(type_row)

    def _register_type(self, row: TypeRow) -> None:
        kinds = {"e": "enum", "d": "domain", "r": "range", "b": "base_type", "p": "base_type"}
        if row.relation:
            key = self.relation_key(row.relation)
        elif row.kind in kinds and not row.element:
            key = Key(kinds[row.kind], row.namespace, row.name)
        else:
            return
        if key is None or (PG_TYPE, row.oid) in self.members:
            return
        self.depends.register(PG_TYPE, row.oid, key)
        if row.array:
            self.depends.register(PG_TYPE, row.array, key)
