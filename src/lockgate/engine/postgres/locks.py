"""What each form of PostgreSQL DDL blocks and rewrites: data, each row with its source; pure."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.model.op import Blocks, Hazard, HazardKind, Statement

_ALTER = "PostgreSQL manual, ALTER TABLE, Notes; and 13.3 Explicit Locking"
_CREATE_INDEX = "PostgreSQL manual, CREATE INDEX, Building Indexes Concurrently"
_NEW = "nobody can see an object before its transaction commits"


class Form(NamedTuple):
    """One form of DDL: what others cannot do meanwhile, the server's name of the lock, whether rows are rewritten."""

    blocks: Blocks
    lock: str
    rewrites: bool
    source: str


_AE = "ACCESS EXCLUSIVE"
_SRE = "SHARE ROW EXCLUSIVE"
_SUE = "SHARE UPDATE EXCLUSIVE"
_NOTHING, _DDL, _WRITES, _ALL = Blocks.NOTHING, Blocks.DDL, Blocks.WRITES, Blocks.READS_AND_WRITES

FORMS: dict[str, Form] = {
    "create": Form(_NOTHING, "", False, _NEW),
    "catalogue": Form(_NOTHING, "", False, "a row of a system catalogue changes, no table is locked"),
    "comment": Form(_DDL, _SUE, False, "PostgreSQL manual, COMMENT, Notes"),
    "grant": Form(_NOTHING, "", False, "GRANT changes pg_class.relacl only"),
    "park_table": Form(_ALL, _AE, False, _ALTER + ": RENAME and SET SCHEMA touch the catalogue only"),
    "rename": Form(_ALL, _AE, False, _ALTER + ": RENAME touches the catalogue only"),
    "cluster_on": Form(_DDL, _SUE, False, _ALTER + ": CLUSTER ON, SET WITHOUT CLUSTER"),
    "rename_index": Form(_DDL, _SUE, False, "PostgreSQL manual, ALTER INDEX, RENAME (12 and later)"),
    "add_column": Form(_ALL, _AE, False, "PostgreSQL manual, ALTER TABLE, Notes: a constant default is not written"),
    "add_column_rewrite": Form(_ALL, _AE, True, "PostgreSQL manual, ALTER TABLE, Notes: a volatile default rewrites"),
    "drop_column": Form(_ALL, _AE, False, _ALTER + ": DROP COLUMN makes the column invisible only"),
    "alter_type_rewrite": Form(_ALL, _AE, True, _ALTER + ": a change of type rewrites table and indexes"),
    "alter_type": Form(_ALL, _AE, False, _ALTER + ": binary-coercible types are not rewritten"),
    "default": Form(_ALL, _AE, False, _ALTER),
    "set_not_null": Form(_ALL, _AE, False, _ALTER + ": SET NOT NULL skips the scan when a valid CHECK proves it"),
    "drop_not_null": Form(_ALL, _AE, False, _ALTER),
    "identity": Form(_ALL, _AE, False, _ALTER),
    "add_check_not_valid": Form(_ALL, _AE, False, _ALTER + ": NOT VALID does not scan"),
    "add_check": Form(_ALL, _AE, False, _ALTER + ": ADD CHECK scans the table under the lock"),
    "validate": Form(_DDL, _SUE, False, _ALTER + ": VALIDATE CONSTRAINT"),
    "add_fk_not_valid": Form(_WRITES, _SRE, False, _ALTER + ": ADD FOREIGN KEY locks both tables"),
    "add_fk": Form(_WRITES, _SRE, False, _ALTER + ": ADD FOREIGN KEY scans under the lock on both tables"),
    "add_key": Form(_ALL, _AE, False, _ALTER + ": builds the index under the lock"),
    "add_key_using_index": Form(_ALL, _AE, False, _ALTER + ": ADD … USING INDEX builds nothing"),
    "add_exclusion": Form(_ALL, _AE, False, _ALTER + ": no concurrent form exists"),
    "drop_constraint": Form(_ALL, _AE, False, _ALTER),
    "create_index": Form(_WRITES, "SHARE", False, _CREATE_INDEX),
    "create_index_concurrently": Form(_DDL, _SUE, False, _CREATE_INDEX),
    "drop_index": Form(_ALL, _AE, False, "PostgreSQL manual, DROP INDEX"),
    "drop_index_concurrently": Form(_DDL, _SUE, False, "PostgreSQL manual, DROP INDEX, CONCURRENTLY"),
    "storage": Form(_ALL, _AE, False, _ALTER),
    "statistics": Form(_DDL, _SUE, False, _ALTER + ": SET STATISTICS"),
    "extended_statistics": Form(_DDL, _SUE, False, "measured: CREATE and DROP STATISTICS lock the table"),
    "publication": Form(_DDL, _SUE, False, "measured: CREATE PUBLICATION … FOR TABLE locks the tables"),
    "reloptions": Form(_DDL, _SUE, False, _ALTER + ": SET ( storage_parameter )"),
    "rewrite_table": Form(_ALL, _AE, True, _ALTER + ": SET LOGGED, SET ACCESS METHOD"),
    "alter_table": Form(_ALL, _AE, False, _ALTER),
    "attach": Form(_DDL, _SUE, False, _ALTER + ": ATTACH PARTITION (the partition itself: ACCESS EXCLUSIVE)"),
    "detach": Form(_ALL, _AE, False, _ALTER + ": DETACH PARTITION without CONCURRENTLY"),
    "trigger": Form(_WRITES, _SRE, False, "PostgreSQL manual, 13.3: CREATE TRIGGER"),
    "drop_trigger": Form(_ALL, _AE, False, "PostgreSQL manual, 13.3: DROP TRIGGER"),
    "policy": Form(_ALL, _AE, False, "PostgreSQL manual, CREATE POLICY"),
    "view": Form(_ALL, _AE, False, "PostgreSQL manual, 13.3: DROP and CREATE OR REPLACE VIEW lock the view"),
    "sequence": Form(_WRITES, _SRE, False, "PostgreSQL manual, ALTER SEQUENCE, Notes"),
    "update_rows": Form(_NOTHING, "ROW EXCLUSIVE", False, "PostgreSQL manual, 13.3: UPDATE"),
    "drop_table": Form(_ALL, _AE, False, "PostgreSQL manual, DROP TABLE"),
    "truncate": Form(_ALL, _AE, False, "PostgreSQL manual, TRUNCATE, Notes"),
    "toggle_trigger": Form(_WRITES, _SRE, False, _ALTER + ": ENABLE and DISABLE TRIGGER"),
    "partition_of": Form(_ALL, _AE, False, "PostgreSQL manual, CREATE TABLE, PARTITION OF: the parent is locked"),
    "references": Form(_WRITES, _SRE, False, "PostgreSQL manual, CREATE TABLE: REFERENCES locks the other table"),
    "detach_concurrently": Form(_DDL, _SUE, False, _ALTER + ": DETACH PARTITION … CONCURRENTLY (14 and later)"),
    "full_maintenance": Form(_ALL, _AE, True, "PostgreSQL manual, VACUUM FULL; CLUSTER"),
    "maintenance": Form(_DDL, _SUE, False, "PostgreSQL manual, VACUUM; ANALYZE"),
    "reindex": Form(_ALL, "SHARE, ACCESS EXCLUSIVE on the index", False, "PostgreSQL manual, REINDEX, Notes"),
    "reindex_concurrently": Form(_DDL, _SUE, False, "PostgreSQL manual, REINDEX, Rebuilding Indexes Concurrently"),
    "refresh": Form(_ALL, _AE, False, "PostgreSQL manual, REFRESH MATERIALIZED VIEW"),
    "refresh_concurrently": Form(_WRITES, "EXCLUSIVE", False, "PostgreSQL manual, REFRESH … CONCURRENTLY: reads go on"),
    "lock_table": Form(_ALL, _AE, False, "PostgreSQL manual, LOCK"),
    "save_rows": Form(_NOTHING, "ACCESS SHARE", False, "CREATE TABLE AS reads the table"),
}


def statement(
    sql: str,
    form: str,
    *hazards: tuple[HazardKind, str],
    is_transactional: bool = True,
    is_idempotent: bool = False,
) -> Statement:
    """Return one statement with the lock its form takes and the given hazards.

    ``form`` is a key of `FORMS`; a hazard is its kind and one sentence.
    """
    row = FORMS[form]
    found = [Hazard(kind=kind, message=message) for kind, message in hazards]
    if row.rewrites and not any(h.kind is HazardKind.REWRITES_TABLE for h in found):
        found.append(Hazard(kind=HazardKind.REWRITES_TABLE, message="every row is written again under the lock"))
    return Statement(
        sql=sql,
        blocks=row.blocks,
        lock=row.lock,
        rewrites=row.rewrites,
        hazards=tuple(found),
        is_transactional=is_transactional,
        is_idempotent=is_idempotent,
    )
