"""Rules on statements that hold others up for a time that grows with the table."""

from __future__ import annotations

from lockgate.lint.make_rule import ANY, CRITICAL, INFO, LITE, MA, MM, MY, PG, WARNING, lint_rule
from lockgate.model.op import HazardKind

_LONG, _REWRITES = HazardKind.LONG_LOCK, HazardKind.REWRITES_TABLE

INDEX_BUILD = lint_rule(
    "blocking-index-build", CRITICAL, "An index is built while writes are blocked",
    "The index is built under a lock that lets nobody write to the table.",
    "Reading and sorting a table takes as long as the table is large, and all writers wait for it; SQLite has one"
    " writer for the whole file.",
    (
        (PG, "`CREATE INDEX CONCURRENTLY name ON t (c);` alone, outside a transaction; check that it became valid."),
        (MM, "`ALTER TABLE t ADD INDEX name (c), ALGORITHM=INPLACE, LOCK=NONE;` — the server refuses it rather than "
             "copy. For FULLTEXT and SPATIAL plan a window."),
        (LITE, "Build it when nobody writes, with a `busy_timeout` on the application's connections."),
    ),
    "build it without blocking writes",
    (_LONG,),
)  # fmt: skip
INDEX_DROP = lint_rule(
    "blocking-index-drop", WARNING, "Dropping an index waits for, and blocks, every query on its table",
    "`DROP INDEX` takes an ACCESS EXCLUSIVE lock on the table.",
    "While it waits behind one long query, every later query waits behind it.",
    ((PG, "`DROP INDEX CONCURRENTLY name;` outside a transaction."),),
    "use DROP INDEX CONCURRENTLY",
    (_LONG,),
)  # fmt: skip
ALONE = lint_rule(
    "concurrently-in-transaction", CRITICAL, "The statement cannot run inside a transaction",
    "The server refuses this statement within BEGIN … COMMIT, and the tool or the file opens one.",
    "The migration fails where it stands; everything before it in the transaction is undone.",
    (
        (PG, "Put it in a file of its own and switch the tool's transaction off (`-- +goose NO TRANSACTION`,"
             " `-- migrate:up transaction:false`, `executeInTransaction=false`)."),
        (LITE, "Run VACUUM, ATTACH and DETACH outside a transaction."),
    ),
    "move it into a file that runs without a transaction",
)  # fmt: skip
ADD_COLUMN = lint_rule(
    "add-column-rewrites-table", CRITICAL, "Adding this column writes every row anew",
    "A default that differs from row to row, an identity or serial, or a stored generated column has to be written into"
    " every row before the statement ends.",
    "The table is locked against writes — in PostgreSQL against reads too — until the last row is written.",
    (
        (PG, "Add the column without a default, `ALTER COLUMN c SET DEFAULT …` for new rows, fill the old ones in"
             " batches, then set NOT NULL through a validated check."),
        (MM, "Add it nullable with a constant default (`ALGORITHM=INSTANT`), fill in batches, then change the default."
             " A generated column can be VIRTUAL."),
    ),
    "add the column without that default and fill it in batches",
    (_LONG, _REWRITES),
)  # fmt: skip
CHANGE_TYPE = lint_rule(
    "change-type-rewrites-table", CRITICAL, "Changing the type of a column rewrites the table",
    "Unless the new type only widens the old one in a way the server knows to be free, every row is converted and every"
    " index on the column is built again under the lock.",
    "PostgreSQL lets nobody read meanwhile, MySQL and MariaDB nobody write. What was measured on a million rows: 2 to"
    " 10 seconds.",
    (
        (PG, "Add a column of the new type, keep both in step with a trigger, fill in batches, and swap the names in"
             " one short transaction. `lockgate plan` writes this. Free: varchar to text, a longer varchar, a numeric"
             " of more digits and the same scale."),
        (MM, "The same way; or state `ALGORITHM=INPLACE, LOCK=NONE` so that the server refuses what is not free. Free:"
             " a varchar that stays within, or beyond, 255 bytes; values appended to an ENUM."),
    ),
    "change the type by a second column, or state that the server must not copy",
    (_LONG, _REWRITES),
)  # fmt: skip
REWRITE = lint_rule(
    "table-rewrite", CRITICAL, "The statement writes the whole table anew under a lock",
    "SET LOGGED, SET TABLESPACE, SET ACCESS METHOD, CONVERT TO CHARACTER SET, another storage engine, partitioning,"
    " SYSTEM VERSIONING and the like copy every row.",
    "Others wait until the copy is done, and the disk must hold both.",
    (
        (PG, "Make a new table, copy in batches with triggers, swap names; or use pg_repack."),
        (MM, "Copy with a tool that keeps writes going, or convert column by column where that is INSTANT (MariaDB)."),
    ),
    "copy the table beside it and swap, or plan a window",
    (_LONG, _REWRITES),
)  # fmt: skip
SET_NOT_NULL = lint_rule(
    "set-not-null-scans", WARNING, "SET NOT NULL reads the whole table under a lock",
    "The server looks at every row for a NULL while nobody may read or write.",
    "The time grows with the table; one NULL makes it fail at the end.",
    (
        (PG, "`ALTER TABLE t ADD CONSTRAINT c_not_null CHECK (c IS NOT NULL) NOT VALID;`, in a later transaction"
             " `ALTER TABLE t VALIDATE CONSTRAINT c_not_null;`, then `ALTER COLUMN c SET NOT NULL` finds the proof and"
             " does not scan; drop the check. PostgreSQL 18: `ADD CONSTRAINT … NOT NULL c NOT VALID`, then VALIDATE."),
        (LITE, "Since 3.53; before, a table rebuild."),
    ),
    "add and validate a NOT NULL check first",
    (_LONG, HazardKind.MAY_FAIL_ON_DATA),
)  # fmt: skip
ADD_CHECK = lint_rule(
    "add-check-scans", WARNING, "ADD CHECK reads the whole table under a lock",
    "Every existing row is checked before others may go on; MySQL and MariaDB copy the table for it.",
    "The time grows with the table; one row that breaks the rule makes it fail at the end.",
    (
        (PG, "`ADD CONSTRAINT n CHECK (…) NOT VALID;` and, in another transaction, `VALIDATE CONSTRAINT n;`"),
        (MY, "`ADD CONSTRAINT n CHECK (…) NOT ENFORCED` changes metadata only, but enforcing it later copies."),
        (MA, "A new column may carry its check at once; else plan a window."),
    ),
    "add it in the form that does not hold the lock for the scan (PostgreSQL: NOT VALID, then VALIDATE)",
    (_LONG, HazardKind.MAY_FAIL_ON_DATA),
)  # fmt: skip
ADD_FOREIGN_KEY = lint_rule(
    "add-foreign-key-scans", WARNING, "ADD FOREIGN KEY checks every row while both tables are locked",
    "Existing rows are looked up in the other table before writers of both tables may go on.",
    "The time grows with both tables; one orphan makes it fail at the end.",
    (
        (PG, "`ADD CONSTRAINT n FOREIGN KEY (c) REFERENCES o (id) NOT VALID;` and, in another transaction,"
             " `VALIDATE CONSTRAINT n;`"),
        (MM, "With `SET foreign_key_checks = 0` it is INPLACE without a lock, but existing rows stay unchecked: look"
             " for orphans before and after, and switch the checks on again."),
    ),
    "look for orphans, then add it without the scan (PostgreSQL: NOT VALID, VALIDATE; MySQL: foreign_key_checks=0)",
    (_LONG, HazardKind.MAY_FAIL_ON_DATA),
)  # fmt: skip
ADD_KEY = lint_rule(
    "add-key-builds-index", CRITICAL, "A unique constraint or primary key builds its index under a lock",
    "The index of the constraint is built while nobody may read or write the table.",
    "The time grows with the table; one duplicate makes it fail at the end.",
    (
        (PG, "`CREATE UNIQUE INDEX CONCURRENTLY i ON t (c);` then `ALTER TABLE t ADD CONSTRAINT n UNIQUE USING INDEX"
             " i;` For a primary key the columns must be NOT NULL first."),
        (MM, "`ADD UNIQUE INDEX i (c), ALGORITHM=INPLACE, LOCK=NONE`"),
    ),
    "build the unique index without a lock first (PostgreSQL: CONCURRENTLY, then USING INDEX; MySQL: ALGORITHM=INPLACE,"
    " LOCK=NONE)",
    (_LONG, HazardKind.MAY_FAIL_ON_DATA),
)  # fmt: skip
ADD_EXCLUSION = lint_rule(
    "add-exclusion-builds-index", CRITICAL, "An exclusion constraint has no concurrent form",
    "Its index is built while nobody may read or write the table.",
    "The time grows with the table, and there is no way to build it beforehand.",
    ((PG, "Add it to a new table before it has rows, or in a window; else check by a trigger with an advisory lock."),),
    "add it while the table is small, or in a window",
    (_LONG, HazardKind.MAY_FAIL_ON_DATA),
)  # fmt: skip
MAINTENANCE = lint_rule(
    "maintenance-rewrites-table", CRITICAL, "Maintenance that locks the whole table has no place in a migration",
    "VACUUM FULL, CLUSTER, OPTIMIZE, REPAIR and SQLite's VACUUM write the table, or the file, anew.",
    "Others wait for the whole copy.",
    ((PG, "pg_repack, or plain VACUUM."), (MM, "pt-online-schema-change or gh-ost with `ENGINE=InnoDB`."),
     (LITE, "`PRAGMA incremental_vacuum` in small steps.")),
    "take it out of the migration",
    (_LONG, _REWRITES),
)  # fmt: skip
REINDEX = lint_rule(
    "reindex-blocks", CRITICAL, "REINDEX blocks writes, and reads that use the index",
    "Each index is built anew under a lock.",
    "The time grows with the table.",
    ((PG, "`REINDEX INDEX CONCURRENTLY i;` outside a transaction."), (LITE, "Run it when nobody writes.")),
    "use REINDEX … CONCURRENTLY",
    (_LONG,),
)  # fmt: skip
LOCK_TABLE = lint_rule(
    "lock-table", WARNING, "The migration locks a table itself",
    "LOCK TABLE holds everybody up until the transaction, or the session, lets go.",
    "Every statement after it lengthens the outage.",
    ((PG, "Let each statement take the lock it needs, with a lock_timeout."),
     (MM, "Let each statement take the lock it needs, with a lock_wait_timeout.")),
    "leave LOCK TABLE out, or keep what follows it to milliseconds",
    (_LONG,),
)  # fmt: skip
ATTACH = lint_rule(
    "attach-partition-scans", WARNING, "Attaching a partition reads it, and a default partition, under a lock",
    "Without a valid CHECK that implies the bounds, every row of the new partition is read under ACCESS EXCLUSIVE.",
    "The time grows with the partition.",
    ((PG, "Add the bounds as `CHECK (…) NOT VALID`, `VALIDATE` it, attach, then drop the check."),),
    "validate a check with the bounds first",
    (_LONG,),
)  # fmt: skip
DETACH = lint_rule(
    "detach-partition-blocks", WARNING, "DETACH PARTITION locks the whole partitioned table",
    "Without CONCURRENTLY the parent is locked against reads and writes.",
    "Every query on any partition waits behind it.",
    (("PostgreSQL 14 and later", "`ALTER TABLE t DETACH PARTITION p CONCURRENTLY;` outside a transaction."),),
    "use DETACH PARTITION … CONCURRENTLY",
    (_LONG,),
)  # fmt: skip
PARTITION_OF = lint_rule(
    "partition-of-locks-parent", WARNING, "CREATE TABLE … PARTITION OF locks the whole partitioned table",
    "It takes ACCESS EXCLUSIVE on the parent, and reads a default partition.",
    "Every query on any partition waits behind it.",
    ((PG, "`CREATE TABLE p (LIKE t INCLUDING ALL);` then `ALTER TABLE t ATTACH PARTITION p …`, which locks the parent"
          " against DDL only."),),
    "create the table alone and attach it",
    (_LONG,),
)  # fmt: skip
CREATE_LOCKS = lint_rule(
    "create-table-locks-referenced", INFO, "A foreign key of a new table locks the table it refers to",
    "CREATE TABLE … REFERENCES takes SHARE ROW EXCLUSIVE on the other table until the transaction ends.",
    "It is short by itself, but writers of that table wait behind it when it waits, or when the transaction is long.",
    ((PG, "Set a lock_timeout, and keep the transaction short; or add the foreign key NOT VALID later."),),
    "set a lock_timeout",
)  # fmt: skip
REFRESH = lint_rule(
    "refresh-view-blocks-reads", WARNING, "Refreshing a materialized view blocks everybody who reads it",
    "REFRESH without CONCURRENTLY takes ACCESS EXCLUSIVE until the query is done.",
    "Readers wait as long as the query runs.",
    ((PG, "`REFRESH MATERIALIZED VIEW CONCURRENTLY v;` which needs a unique index on the view."),),
    "use REFRESH … CONCURRENTLY",
    (_LONG,),
)  # fmt: skip
LOCK_TIMEOUT = lint_rule(
    "missing-lock-timeout", WARNING, "Nothing limits how long the migration waits for its lock",
    "A statement that needs a strong lock runs without a limit on the wait.",
    "While it waits behind one long transaction, every later query on the table waits behind it: the outage lasts as"
    " long as that transaction, even for a change of a millisecond. MySQL's default is a year.",
    ((PG, "`SET lock_timeout = '2s';` at the top of the file, and try again when it fails."),
     (MM, "`SET SESSION lock_wait_timeout = 2;` at the top of the file; MariaDB also `ALTER TABLE t NOWAIT …`.")),
    "set a lock timeout at the top of the file",
    (_LONG,),
)  # fmt: skip
STATEMENT_TIMEOUT = lint_rule(
    "missing-statement-timeout", INFO, "Nothing limits how long a blocking statement runs",
    "A statement that blocks others for as long as the table is large runs without a limit.",
    "When it takes longer than it did in the test, nobody stops it.",
    ((PG, "`SET statement_timeout = '15min';`"), (MA, "`SET SESSION max_statement_time = 900;`")),
    "set a statement timeout at the top of the file",
)  # fmt: skip
SEVERAL_LOCKS = lint_rule(
    "several-locks-in-one-transaction", WARNING, "One transaction locks several tables",
    "Locks are held until the transaction ends: the first table stays locked while the second one is waited for.",
    "Two such transactions in another order, or an application that uses both tables, end in a deadlock.",
    ((ANY, "One table for each transaction, or for each file."),),
    "split the file by table",
    (_LONG,),
)  # fmt: skip
ROWS_UNDER_LOCK = lint_rule(
    "rows-changed-under-lock", WARNING, "Rows are changed while a table is locked by DDL",
    "The transaction holds a lock from DDL, and goes on with statements whose time grows with the rows.",
    "Everybody waits for the fill, not only for the change of the schema.",
    ((ANY, "Change the schema in one file; fill in batches, outside a transaction, in another."),),
    "move the rows' change into a file of its own",
    (_LONG,),
)  # fmt: skip
VALIDATE_SAME = lint_rule(
    "validate-in-same-transaction", WARNING, "The constraint is validated in the transaction that added it",
    "NOT VALID is there so that the strong lock is short; validating in the same transaction holds it for the scan.",
    "It is as slow for others as adding the constraint at once.",
    ((PG, "Commit between ADD … NOT VALID and VALIDATE CONSTRAINT, or put them into two files."),),
    "validate in another transaction",
    (_LONG,),
)  # fmt: skip
UNBOUNDED = lint_rule(
    "unbounded-row-change", WARNING, "Every row of a table is changed in one statement",
    "UPDATE or DELETE without WHERE, or without a bound.",
    "It locks every row until it commits, bloats the table, makes replicas lag, and cannot be stopped half-way.",
    ((ANY, "Work in batches by key, a commit for each; `lockgate plan` does so for what it fills."),),
    "do it in batches",
    (HazardKind.LONG_LOCK,),
)  # fmt: skip
ALGORITHM = lint_rule(
    "algorithm-not-stated", INFO, "The server may silently copy the table",
    "ALTER TABLE names no ALGORITHM: where the server cannot do it in place it copies without a word, and blocks"
    " writes.",
    "What is instant in the test may be a copy in production, after 64 instant changes or beside a full-text index.",
    ((MM, "Add `, ALGORITHM=INSTANT` or `, ALGORITHM=INPLACE, LOCK=NONE`: then the server refuses instead."),),
    "state ALGORITHM (and LOCK=NONE)",
)  # fmt: skip

RULES = (
    INDEX_BUILD, INDEX_DROP, ALONE, ADD_COLUMN, CHANGE_TYPE, REWRITE, SET_NOT_NULL, ADD_CHECK, ADD_FOREIGN_KEY, ADD_KEY,
    ADD_EXCLUSION, MAINTENANCE, REINDEX, LOCK_TABLE, ATTACH, DETACH, PARTITION_OF, CREATE_LOCKS, REFRESH, LOCK_TIMEOUT,
    STATEMENT_TIMEOUT, SEVERAL_LOCKS, ROWS_UNDER_LOCK, VALIDATE_SAME, UNBOUNDED, ALGORITHM,
)  # fmt: skip
