"""What a backup is: its manifest, the files in it, what was measured when it was taken, what was proven since; pure."""

from __future__ import annotations

import hashlib
from enum import Enum

from msgspec.structs import replace

from lockgate.errors import ArtifactError
from lockgate.model import codec
from lockgate.model.schema import Options, Value

FORMAT_VERSION = 1


class BackupKind(Enum):
    """What a backup holds, named truthfully.

    FULL: schema and all rows. TABLES: the rows of some tables, with the whole schema. LOG: the server's own log from
    its parent's position on. MARK: a position in the log and facts, no rows. SCHEMA: the schema and no rows.
    """

    FULL = "full"
    TABLES = "tables"
    LOG = "log"
    MARK = "mark"
    SCHEMA = "schema"

    @property
    def is_dumped(self) -> bool:
        """Whether the database's own tools dump it."""
        return self in (BackupKind.FULL, BackupKind.TABLES, BackupKind.SCHEMA)

    @property
    def holds_rows(self) -> bool:
        """Whether rows can be brought back from it (from a log with its parents)."""
        return self in (BackupKind.FULL, BackupKind.TABLES, BackupKind.LOG)


class Level(Enum):
    """How far a backup was proven; each level includes the ones before.

    CHECKSUM: every stored byte is as written. READABLE: everything can be decrypted and decoded, nothing is missing.
    RESTORED: it was restored on a private server without an error. ROWS: counts and checksums of the restored rows
    equal the manifest's. SCHEMA: so does the restored schema's fingerprint; only this is called verified.
    """

    CHECKSUM = "checksum"
    READABLE = "readable"
    RESTORED = "restored"
    ROWS = "rows"
    SCHEMA = "schema"

    @property
    def rank(self) -> int:
        """1 to 5."""
        return list(Level).index(self) + 1


class Consistency(Enum):
    """How it is known that all rows are of one moment.

    SHARED_SNAPSHOT: several sessions share one snapshot. SINGLE_SNAPSHOT: one session, one snapshot. BRACKETED: no
    snapshot could be had; counts and checksums before and after were equal. QUIESCED: nobody could write.
    """

    SHARED_SNAPSHOT = "shared_snapshot"
    SINGLE_SNAPSHOT = "single_snapshot"
    BRACKETED = "bracketed"
    QUIESCED = "quiesced"


class Position(Value, frozen=True):
    """A place in the server's log. ``kind``: binlog, wal, or empty when there is none; ``set`` is its GTID set.

    ``file`` is the log's file (for WAL the slot), ``server`` tells this server from others, ``time`` is its clock then.
    """

    kind: str = ""
    file: str = ""
    offset: int = 0
    set: str = ""
    server: str = ""
    time: int = 0

    @property
    def is_known(self) -> bool:
        """Whether there is one."""
        return bool(self.kind)


NO_POSITION = Position()
"""Where there is no log."""


class Tool(Value, frozen=True):
    """A program that took part: its name and the version it told."""

    name: str
    version: str


class StoredFile(Value, frozen=True):
    """One file of a backup: as stored, and as it is after decryption and decompression.

    ``path`` is relative, with ``/``. ``role``: schema, rows, programs (triggers, routines, views; loaded last),
    globals, log, facts. ``tables`` are the dotted names of the tables whose rows are in it, where the tool tells.
    """

    path: str
    role: str
    bytes: int
    sha256: str
    bytes_plain: int
    sha256_plain: str
    tables: tuple[str, ...] = ()
    is_compressed: bool = False
    is_encrypted: bool = False


class TableFacts(Value, frozen=True):
    """The rows of one table at the backup's moment. ``algorithm`` names how ``checksum`` is made; both may be empty.

    ``lossy`` names columns whose values the tool's format cannot carry exactly.
    """

    table: str
    rows: int
    checksum: str = ""
    algorithm: str = ""
    lossy: tuple[str, ...] = ()


class Manifest(Value, frozen=True):
    """Everything that is known of a backup when it is published; it is never changed afterwards.

    Times are UTC (ISO 8601), sizes bytes. ``reason`` says what it was taken for (``manual``, ``schedule``,
    ``checkpoint cp-…``, ``safety``). ``inventory`` counts objects by kind. ``roles`` are names of roles that owners and
    grants refer to, ``user`` who worked on the target, ``host`` where it was (the
    folder, for a file). ``restore`` are the stock commands that bring it back without
    us, in order. ``parents`` are the ids that are needed besides, the full one first. A log goes from ``since``, the
    last parent's position, to ``position``. ``seal`` is a digest of all else.
    """

    id: str
    sequence: int
    kind: BackupKind
    target: str
    engine: str
    flavor: str
    server_version: str
    database: str
    tool_version: str
    started_at: str
    snapshot_at: str
    finished_at: str
    duration_s: float
    method: str
    consistency: Consistency
    fingerprint: str
    files: tuple[StoredFile, ...]
    tables: tuple[TableFacts, ...] = ()
    inventory: tuple[tuple[str, int], ...] = ()
    tools: tuple[Tool, ...] = ()
    version: tuple[int, ...] = ()
    server_settings: Options = ()
    position: Position = NO_POSITION
    since: Position = NO_POSITION
    parents: tuple[str, ...] = ()
    lock_held_ms: int = 0
    compression: str = "zstd"
    recipients: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    user: str = ""
    reason: str = ""
    git_commit: str = ""
    host: str = ""
    excluded: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    restore: tuple[str, ...] = ()
    checkpoint: str = ""
    run: str = ""
    format_version: int = FORMAT_VERSION
    seal: str = ""

    @property
    def bytes(self) -> int:
        """Bytes stored."""
        return sum(file.bytes for file in self.files)

    @property
    def bytes_plain(self) -> int:
        """Bytes before compression."""
        return sum(file.bytes_plain for file in self.files)

    @property
    def is_encrypted(self) -> bool:
        """Whether a key is needed."""
        return bool(self.recipients)


class Verification(Value, frozen=True):
    """What one verification found. ``level`` is the highest that passed, None when not even the bytes are right.

    ``problem`` says why the next one did not, empty when all that was asked for passed. ``restore_s`` is how long the
    test restore took: the estimate for a real one. ``place``: which copy was looked at (a store's name or ``local``).
    ``is_conclusive`` is false when the problem may be of the place it was restored on: a full disk, a lost server.
    """

    backup: str
    at: str
    asked: Level
    level: Level | None = None
    problem: str = ""
    duration_s: float = 0.0
    restore_s: float = -1.0
    server_version: str = ""
    place: str = "local"
    notes: tuple[str, ...] = ()
    is_conclusive: bool = True

    @property
    def is_passed(self) -> bool:
        """Whether everything that was asked for passed."""
        return self.level is not None and self.level.rank >= self.asked.rank and not self.problem

    @property
    def is_verified(self) -> bool:
        """Whether it proves that the backup restores to exactly what it was taken of."""
        return self.level is Level.SCHEMA and not self.problem


class Note(Value, frozen=True):
    """A line of the repository's journal.

    ``type``: started, published, failed, verified, quarantined, pinned, unpinned, trashed, pruned, restored,
    scheduled, unscheduled (``message`` says where), stored, store_failed, unstored,
    fetched (``message`` begins with the store).
    """

    at: str
    type: str
    backup: str = ""
    operator: str = ""
    message: str = ""
    verification: Verification | None = None


def seal_manifest(manifest: Manifest) -> Manifest:
    """Return the manifest with its seal."""
    written = codec.encode_pretty(replace(manifest, seal=""))  # every field, whether at its default or not
    return replace(manifest, seal=hashlib.sha256(written).hexdigest())


def decode_manifest(data: bytes, where: str) -> Manifest:
    """Decode and check a manifest.

    Raises:
        ArtifactError: It is cut short, edited, or of an unknown format version.
    """
    codec.check_format_version(data, FORMAT_VERSION, where)
    manifest = codec.decode(data, Manifest, where)
    if seal_manifest(manifest).seal != manifest.seal:
        raise ArtifactError(
            f"{where} was changed after it was written",
            cause="its seal does not match its content",
            state="nothing was touched",
            hint="use another backup: lockgate backup list",
        )
    return manifest
