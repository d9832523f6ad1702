"""What a database looks like: values without back-pointers, comparable and hashable; no I/O.

The shape is the same for every engine. What only one engine knows stands in ``options``: sorted pairs of a lower-case
name and its text (``(("engine", "InnoDB"), ("row_format", "dynamic"))``), so that the diff needs no knowledge of it.
Names are exactly as the catalogue has them, never quoted. Expressions are the server's own canonical text.
``text`` is the server's own CREATE statement where it keeps one; comparisons do not look at it. ``Schema.options`` with
``("names", "ignore_case")`` says that the server takes names that differ only in ASCII case for the same.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import msgspec

Options: TypeAlias = tuple[tuple[str, str], ...]
NO_ACTION, MATCH_SIMPLE, BIGINT = "no action", "simple", "bigint"


class Key(NamedTuple):
    """Identity of an object within one schema.

    ``kind`` is table, column, index, primary_key, unique, foreign_key, check, exclusion, view, … ; ``name`` is the
    object's own name (functions: with argument types) or, for a part of a table, the table's; ``child`` is the part's
    name. ``namespace`` is the SQL schema, and empty where the engine has none (SQLite; MySQL, whose database *is* the
    schema).
    """

    kind: str
    namespace: str
    name: str
    child: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"

    @property
    def path(self) -> str:
        """The dotted name without the kind, for people."""
        return ".".join(part for part in (self.namespace, self.name, self.child) if part)


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of every part of a schema."""


class Tagged(Value, frozen=True, tag_field="object", tag=True):
    """Base of what stands in a tagged union; ``object`` names the class in JSON."""


class Identity(Value, frozen=True):
    """GENERATED … AS IDENTITY: ``always`` or ``by default``, and the sequence's attributes."""

    generation: str
    options: Options = ()


class Generated(Value, frozen=True):
    """A generated column's expression and whether it is stored."""

    expression: str
    is_stored: bool = True


class Column(Value, frozen=True):
    """One column. ``type`` is the engine's exact native type, e.g. ``numeric(10,2)``, ``int unsigned``."""

    name: str
    type: str
    is_nullable: bool = True
    default: str | None = None
    generated: Generated | None = None
    identity: Identity | None = None
    is_auto_increment: bool = False
    on_update: str | None = None
    charset: str | None = None
    collation: str | None = None
    comment: str | None = None
    is_invisible: bool = False
    options: Options = ()
    depends_on: tuple[Key, ...] = ()


class IndexPart(Value, frozen=True):
    """One key part: a column or an expression, never both."""

    column: str | None = None
    expression: str | None = None
    prefix_length: int | None = None
    is_descending: bool = False
    nulls: str | None = None
    collation: str | None = None
    operator_class: str | None = None


class Index(Value, frozen=True):
    """An index that no constraint owns. ``kind`` is empty, ``fulltext`` or ``spatial``."""

    name: str
    parts: tuple[IndexPart, ...]
    is_unique: bool = False
    kind: str = ""
    method: str | None = None
    include: tuple[str, ...] = ()
    where: str | None = None
    is_invisible: bool = False
    is_valid: bool = True
    nulls_not_distinct: bool = False
    comment: str | None = None
    options: Options = ()
    depends_on: tuple[Key, ...] = ()
    text: str = ""


class PrimaryKey(Tagged, frozen=True, tag="primary_key"):
    """The primary key; ``name`` is empty where the engine has none (MySQL, unnamed in SQLite)."""

    name: str
    parts: tuple[IndexPart, ...]
    include: tuple[str, ...] = ()
    deferrable: str | None = None
    comment: str | None = None
    options: Options = ()


class Unique(Tagged, frozen=True, tag="unique"):
    """A UNIQUE constraint (where the engine tells it from a unique index)."""

    name: str
    parts: tuple[IndexPart, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    deferrable: str | None = None
    comment: str | None = None
    options: Options = ()


class ForeignKey(Tagged, frozen=True, tag="foreign_key"):
    """A foreign key. Actions in lower case, ``no action`` when none; ``deferrable``: immediate, deferred or None."""

    name: str
    columns: tuple[str, ...]
    ref_namespace: str
    ref_table: str
    ref_columns: tuple[str, ...]
    on_update: str = NO_ACTION
    on_delete: str = NO_ACTION
    match: str = MATCH_SIMPLE
    deferrable: str | None = None
    is_validated: bool = True
    is_enforced: bool = True
    comment: str | None = None
    options: Options = ()

    def __post_init__(self) -> None:
        """Hold the very default objects: msgspec leaves a default out of JSON by identity, and fingerprints need it."""
        for name, default in (("on_update", NO_ACTION), ("on_delete", NO_ACTION), ("match", MATCH_SIMPLE)):
            if getattr(self, name) == default:
                msgspec.structs.force_setattr(self, name, default)


class Check(Tagged, frozen=True, tag="check"):
    """A CHECK constraint; ``expression`` without the keyword CHECK."""

    name: str
    expression: str
    is_enforced: bool = True
    is_validated: bool = True
    is_no_inherit: bool = False
    comment: str | None = None
    options: Options = ()
    depends_on: tuple[Key, ...] = ()


class Exclusion(Tagged, frozen=True, tag="exclusion"):
    """An exclusion constraint, by the server's own definition text."""

    name: str
    definition: str
    deferrable: str | None = None
    comment: str | None = None
    options: Options = ()
    depends_on: tuple[Key, ...] = ()


Constraint: TypeAlias = PrimaryKey | Unique | ForeignKey | Check | Exclusion


class Partitioning(Value, frozen=True):
    """How a table is partitioned. ``by`` is the text after PARTITION BY.

    MySQL and MariaDB keep the partitions inside (``partitions``: definition texts in order); in PostgreSQL each
    partition is a table of its own with ``Table.partition_of``.
    """

    by: str
    partitions: tuple[str, ...] = ()


class PartitionOf(Value, frozen=True):
    """This table is a partition: its parent and its bound (``FOR VALUES …`` or ``DEFAULT``)."""

    namespace: str
    name: str
    bound: str


class Namespace(Tagged, frozen=True, tag="namespace"):
    """An SQL schema."""

    name: str
    comment: str | None = None
    options: Options = ()


class Extension(Tagged, frozen=True, tag="extension"):
    """An installed extension."""

    name: str
    namespace: str = ""
    version: str = ""
    comment: str | None = None


class EnumType(Tagged, frozen=True, tag="enum"):
    """An enum type; ``values`` in order."""

    namespace: str
    name: str
    values: tuple[str, ...]
    comment: str | None = None
    options: Options = ()


class Domain(Tagged, frozen=True, tag="domain"):
    """A domain over ``type``."""

    namespace: str
    name: str
    type: str
    is_nullable: bool = True
    default: str | None = None
    collation: str | None = None
    checks: tuple[Check, ...] = ()
    comment: str | None = None
    options: Options = ()
    depends_on: tuple[Key, ...] = ()


class Composite(Tagged, frozen=True, tag="composite"):
    """A composite type; attributes in order."""

    namespace: str
    name: str
    attributes: tuple[Column, ...]
    comment: str | None = None
    options: Options = ()
    depends_on: tuple[Key, ...] = ()


class Sequence(Tagged, frozen=True, tag="sequence"):
    """A sequence that no identity column owns. Its current value is data, not schema."""

    namespace: str
    name: str
    type: str = BIGINT
    start: int = 1
    increment: int = 1
    min_value: int | None = None
    max_value: int | None = None
    cache: int = 1
    is_cycle: bool = False
    owned_by: Key | None = None
    comment: str | None = None
    options: Options = ()

    def __post_init__(self) -> None:
        """Hold the very default object; see `ForeignKey`."""
        if self.type == BIGINT:
            msgspec.structs.force_setattr(self, "type", BIGINT)


class Definition(Tagged, frozen=True, tag="definition"):
    """Anything whose whole schema is a text the server gives back, with no rows of its own.

    ``kind``: view, materialized_view, function, procedure, aggregate, trigger, policy, rule, event, statistics,
    event_trigger, publication, cast, collation, operator, … ``table`` is set for what belongs to a table or view
    (trigger, policy, rule) and is then its name in ``namespace``. ``name`` of a routine includes its argument types
    where the engine overloads. ``sql`` is the canonical CREATE statement without a trailing semicolon; what can be
    altered without re-creating (comment, state, grants) stands in ``comment`` and ``options`` instead.
    """

    kind: str
    namespace: str
    name: str
    sql: str
    table: str | None = None
    comment: str | None = None
    options: Options = ()
    depends_on: tuple[Key, ...] = ()
    text: str = ""


class Table(Tagged, frozen=True, tag="table"):
    """A table. Columns keep the server's order, which no comparison looks at."""

    namespace: str
    name: str
    columns: tuple[Column, ...]
    primary_key: PrimaryKey | None = None
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    indexes: tuple[Index, ...] = ()
    partitioning: Partitioning | None = None
    partition_of: PartitionOf | None = None
    inherits: tuple[Key, ...] = ()
    comment: str | None = None
    options: Options = ()
    depends_on: tuple[Key, ...] = ()
    text: str = ""


SchemaObject: TypeAlias = Namespace | Extension | EnumType | Domain | Composite | Sequence | Definition | Table


class Unmanaged(Value, frozen=True):
    """Something the database has and the model cannot hold. It makes a verdict unknown and is never dropped."""

    kind: str
    name: str
    reason: str


class Schema(Value, frozen=True):
    """All of one database. Every tuple is sorted by key, tables' children by name (columns by position)."""

    engine: str
    namespaces: tuple[Namespace, ...] = ()
    extensions: tuple[Extension, ...] = ()
    enums: tuple[EnumType, ...] = ()
    domains: tuple[Domain, ...] = ()
    composites: tuple[Composite, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()
    definitions: tuple[Definition, ...] = ()
    options: Options = ()
    unmanaged: tuple[Unmanaged, ...] = ()
