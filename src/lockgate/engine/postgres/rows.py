"""The rows of the catalogue queries, by name; each class lists its query's columns in order."""

from __future__ import annotations

from typing import NamedTuple


class RelationRow(NamedTuple):
    """Query ``relations``."""

    oid: int
    namespace: str
    name: str
    kind: str
    persistence: str
    access_method: str | None
    tablespace: str | None
    reloptions: list[str] | None
    toast_options: list[str] | None
    has_row_security: bool
    forces_row_security: bool
    replica_identity: str
    is_partition: bool
    is_populated: bool
    partition_key: str | None
    bound: str | None
    of_type: str | None
    acl: str | None
    owner: str
    row_type: int


class ColumnRow(NamedTuple):
    """Query ``columns``."""

    relation: int
    number: int
    name: str
    type: str
    is_not_null: bool
    identity: str
    generated: str
    expression: str | None
    collation: str | None
    storage: str | None
    compression: str
    statistics: int | None
    options: list[str] | None
    fdw_options: list[str] | None
    is_local: bool
    parents: int
    acl: str | None


class ConstraintRow(NamedTuple):
    """Query ``constraints``."""

    oid: int
    relation: int
    domain: int
    name: str
    kind: str
    is_deferrable: bool
    is_deferred: bool
    is_validated: bool
    columns: list[int] | None
    ref_relation: int
    ref_columns: list[int] | None
    on_update: str
    on_delete: str
    match: str
    index_oid: int
    is_local: bool
    parents: int
    is_no_inherit: bool
    parent: int
    text: str | None
    delete_columns: list[int] | None
    is_enforced: bool
    is_period: bool


class IndexRow(NamedTuple):
    """Query ``indexes``."""

    oid: int
    relation: int
    name: str
    is_unique: bool
    is_valid: bool
    is_clustered: bool
    is_replica_identity: bool
    key_count: int
    columns: str
    constraint: int | None
    method: str
    tablespace: str | None
    reloptions: list[str] | None
    definition: str | None
    keys: list[str] | None
    where: str | None
    nulls_not_distinct: bool
    parent_columns: list[str] | None
    parent: int | None
    kind: str
    statistics: list[str] | None


class SequenceRow(NamedTuple):
    """Query ``sequences``."""

    oid: int
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    is_cycle: bool
    ownership: str | None
    owner_relation: int | None
    owner_column: int | None


class TypeRow(NamedTuple):
    """Query ``types``."""

    oid: int
    namespace: str
    name: str
    kind: str
    is_not_null: bool
    base: str | None
    default: str | None
    collation: str | None
    element: int
    relation: int
    array: int
    acl: str | None
    owner: str
    is_defined: bool


class DefinitionRow(NamedTuple):
    """Every query of catalogue_objects.sql."""

    class_id: int
    oid: int
    kind: str
    namespace: str
    name: str
    table: str | None
    sql: str
    acl: str | None
    owner: str
    options: list[str] | None
