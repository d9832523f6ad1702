"""What one SQL statement does, read from its text alone, in words that hold for every engine; pure."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import NamedTuple

from lockgate.model.op import Blocks
from lockgate.model.schema import Value
from lockgate.model.server import Server


class Kind(enum.Enum):
    """What an act does."""

    CREATE_TABLE = "create table"
    DROP_TABLE = "drop table"
    RENAME_TABLE = "rename table"
    TRUNCATE = "truncate"
    ADD_COLUMN = "add column"
    DROP_COLUMN = "drop column"
    RENAME_COLUMN = "rename column"
    CHANGE_COLUMN = "change column"
    SET_DEFAULT = "set default"
    DROP_DEFAULT = "drop default"
    SET_NOT_NULL = "set not null"
    DROP_NOT_NULL = "drop not null"
    CHANGE_EXPRESSION = "change expression"
    DROP_EXPRESSION = "drop expression"
    CHANGE_IDENTITY = "change identity"
    CREATE_INDEX = "create index"
    DROP_INDEX = "drop index"
    CHANGE_INDEX = "change index"
    REINDEX = "reindex"
    ADD_PRIMARY_KEY = "add primary key"
    DROP_PRIMARY_KEY = "drop primary key"
    ADD_UNIQUE = "add unique constraint"
    ADD_CHECK = "add check constraint"
    ADD_NOT_NULL = "add not null constraint"
    ADD_FOREIGN_KEY = "add foreign key"
    ADD_EXCLUSION = "add exclusion constraint"
    DROP_CONSTRAINT = "drop constraint"
    VALIDATE = "validate constraint"
    CHANGE_CONSTRAINT = "change constraint"
    REWRITE_TABLE = "rewrite table"
    TABLE_OPTION = "table option"
    MAINTAIN = "maintain table"
    ATTACH_PARTITION = "attach partition"
    DETACH_PARTITION = "detach partition"
    DROP_PARTITION = "drop partition"
    PARTITIONING = "partitioning"
    DETACH_INHERITANCE = "detach inheritance"
    REPLICA_IDENTITY = "replica identity"
    DISABLE_TRIGGER = "disable trigger"
    ENABLE_TRIGGER = "enable trigger"
    CREATE_TRIGGER = "create trigger"
    DROP_TRIGGER = "drop trigger"
    ROW_SECURITY = "row security"
    POLICY = "policy"
    CREATE_VIEW = "create view"
    DROP_VIEW = "drop view"
    REFRESH_VIEW = "refresh materialized view"
    CREATE_ROUTINE = "create routine"
    DROP_ROUTINE = "drop routine"
    CREATE_TYPE = "create type"
    DROP_TYPE = "drop type"
    CHANGE_TYPE = "change type"
    ADD_ENUM_VALUE = "add enum value"
    CREATE_SEQUENCE = "create sequence"
    CHANGE_SEQUENCE = "change sequence"
    DROP_SEQUENCE = "drop sequence"
    CREATE_SCHEMA = "create schema"
    DROP_SCHEMA = "drop schema"
    CREATE_DATABASE = "create database"
    DROP_DATABASE = "drop database"
    EXTENSION = "extension"
    RENAME_OBJECT = "rename object"
    SERVER_SETTING = "server setting"
    GRANT = "grant"
    REVOKE = "revoke"
    COMMENT = "comment"
    OTHER_DDL = "other ddl"
    LOCK_TABLE = "lock table"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    QUERY = "query"
    SET = "set"
    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SAVEPOINT = "savepoint"
    OPAQUE = "opaque"


ROW_KINDS = frozenset({Kind.INSERT, Kind.UPDATE, Kind.DELETE})
PLAIN_KINDS = frozenset({Kind.QUERY, Kind.SET, Kind.BEGIN, Kind.COMMIT, Kind.ROLLBACK, Kind.SAVEPOINT, Kind.OPAQUE})
"""Kinds that change no schema; the rest besides ``ROW_KINDS`` are DDL."""


class Trait(enum.Enum):
    """A property of an act that a rule may ask for."""

    CONCURRENTLY = "concurrently"
    IF_EXISTS = "if exists"
    IF_NOT_EXISTS = "if not exists"
    OR_REPLACE = "or replace"
    CASCADE = "cascade"
    CASCADES_DELETES = "on delete cascade"
    NOT_VALID = "not valid"
    NOT_NULL = "not null"
    PRIMARY = "primary key"
    UNIQUE = "unique"
    USING_INDEX = "using index"
    DEFAULT = "default"
    VOLATILE_DEFAULT = "volatile default"
    GENERATED = "generated"
    STORED = "stored"
    IDENTITY = "identity"
    SERIAL = "serial"
    CONVERTED = "using expression"
    TEMPORARY = "temporary"
    FROM_QUERY = "as select"
    PARTITION_OF = "partition of"
    PARTITIONED = "partitioned"
    NO_WHERE = "no where"
    LIMITED = "limit"
    POSITIONED = "first or after"
    ENUM = "enum"
    ALGORITHM = "algorithm stated"
    FULLTEXT = "fulltext or spatial"
    FULL = "full"
    OFF = "off"
    ON = "on"
    LOCAL = "local"
    GLOBAL = "global"
    VIRTUAL_TABLE = "virtual table"
    STRICT = "strict"
    WITHOUT_ROWID = "without rowid"
    NOT_TRANSACTIONAL = "non-transactional storage"
    UTF8MB3 = "utf8mb3"
    PARTIAL = "partial"
    EXPRESSIONS = "expressions"
    HIDDEN = "hidden"
    DUPLICATE_ASSIGNMENT = "duplicate assignment"
    UNSUPPORTED = "unsupported"
    MATERIALIZED = "materialized"
    ALL_TABLES = "all tables"
    PLACED = "placed"
    NO_CHECK_OF_ROWS = "existing rows unchecked"


class LockClaim(Value, frozen=True):
    """What an act holds up.

    ``name`` is the server's word; ``scans``: it reads or builds over the whole table meanwhile; ``is_certain`` is
    false where the text alone cannot tell, and the claim is the worse case.
    """

    blocks: Blocks = Blocks.NOTHING
    name: str = ""
    rewrites: bool = False
    scans: bool = False
    is_certain: bool = True

    @property
    def is_long(self) -> bool:
        """Whether others wait for a time that grows with the table."""
        return self.blocks in (Blocks.WRITES, Blocks.READS_AND_WRITES) and (self.scans or self.rewrites)


class ColumnFacts(Value, frozen=True):
    """A column as a definition states it; ``type`` in one spelling, ``default`` as written."""

    name: str
    type: str = ""
    default: str = ""
    traits: frozenset[Trait] = frozenset()
    references: str = ""
    notes: frozenset[str] = frozenset()


class Act(Value, frozen=True):
    """One thing a statement does.

    ``table`` and ``name`` are as the engine compares them; ``name`` is the column, index, constraint or object;
    ``other`` a table that is referenced, attached, or the new name of a renaming; ``value`` a setting's value, the text
    of a check, the words of an option. ``defined`` are the columns of a new table, or the new definition of one.
    ``notes`` are words of the engine's own that rules of design know (``float``, ``timestamp without zone``, …).
    ``locks_too``: other tables it locks, with what it blocks there.
    """

    kind: Kind
    table: str = ""
    name: str = ""
    other: str = ""
    columns: tuple[str, ...] = ()
    value: str = ""
    defined: tuple[ColumnFacts, ...] = ()
    parts: tuple[Act, ...] = ()
    traits: frozenset[Trait] = frozenset()
    notes: frozenset[str] = frozenset()
    lock: LockClaim = LockClaim()
    locks_too: tuple[str, ...] = ()

    def has(self, *traits: Trait) -> bool:
        """Tell whether it has all of these traits."""
        return self.traits.issuperset(traits)


class Ddl(Value, frozen=True):
    """A statement as it was read.

    ``unread`` says why it could not be read, else it is empty. ``is_alone``: the server refuses it inside a
    transaction; ``commits``: it ends an open transaction by itself.
    """

    acts: tuple[Act, ...] = ()
    unread: str = ""
    is_alone: bool = False
    commits: bool = False

    @property
    def is_ddl(self) -> bool:
        """Whether it changes the schema or how it is stored."""
        return any(act.kind not in ROW_KINDS | PLAIN_KINDS for act in self.acts)

    @property
    def lock(self) -> LockClaim:
        """The worst of what its acts hold up."""
        order = list(Blocks)
        worst = max((act.lock for act in self.acts), key=lambda lock: order.index(lock.blocks), default=LockClaim())
        return LockClaim(
            blocks=worst.blocks,
            name=worst.name,
            rewrites=any(act.lock.rewrites for act in self.acts),
            scans=any(act.lock.scans for act in self.acts),
            is_certain=all(act.lock.is_certain for act in self.acts),
        )


class Comment(NamedTuple):
    """A comment of a script: the line it starts on, its text with its marks, and whether it stands alone there."""

    line: int
    text: str
    is_alone: bool


class DdlDialect(NamedTuple):
    """How statements of an engine are read without a database.

    ``read(text, server)`` never raises: what it cannot read says so. ``find_comments(text)`` lists a script's comments.
    ``oldest_versions``: by flavor, what is assumed when nobody names a version. ``lock_timeouts`` and
    ``statement_timeouts``: by flavor, the settings that limit waiting and running, the first one recommended as
    ``(name, statement)``. ``is_transactional``: DDL may be rolled back. ``longest_name``: in bytes, 0
    for any. ``has_one_write_lock``: one writer for the whole database. ``states_algorithm``: a statement can say how it
    must be done. ``strict_since``: the version that has tables which refuse values of another type, empty for
    all. ``wants_index_for_keys``: a foreign key makes no index of its own.
    """

    read: Callable[[str, Server], Ddl]
    find_comments: Callable[[str], tuple[Comment, ...]]
    is_free_change: Callable[[str, str, Server], bool]
    oldest_versions: dict[str, tuple[int, ...]]
    lock_timeouts: dict[str, tuple[tuple[str, str], ...]]
    statement_timeouts: dict[str, tuple[tuple[str, str], ...]]
    is_transactional: bool
    longest_name: int
    has_one_write_lock: bool = False
    states_algorithm: bool = False
    strict_since: tuple[int, ...] = ()
    wants_index_for_keys: bool = True
