"""Rules on statements that take data away or cannot be undone."""

from __future__ import annotations

from lockgate.lint.make_rule import ANY, CRITICAL, INFO, LITE, MA, MM, PG, WARNING, lint_rule
from lockgate.model.op import HazardKind

_DELETES, _BREAKS = HazardKind.DELETES_DATA, HazardKind.BREAKS_OLD_CLIENTS
_NO_WAY = HazardKind.IRREVERSIBLE
_PARK = "`lockgate plan` parks it under a reserved name instead, and `rollback` brings every row back until `finalize`."

DROP_TABLE = lint_rule(
    "drop-table", CRITICAL, "A table is dropped with its rows",
    "The table and everything in it are gone when the statement ends.",
    "There is no way back but a backup, and programs that still use it fail at once.",
    ((ANY, f"Rename it first, drop it after a release without use. {_PARK}"),),
    "rename it instead, and drop it after a release",
    (_DELETES, _BREAKS),
)  # fmt: skip
DROP_COLUMN = lint_rule(
    "drop-column", CRITICAL, "A column is dropped with its values",
    "The values are gone when the statement ends, and programs that still name the column fail at once.",
    "Object mappers name every column they know in every query, so that the old release breaks until it is replaced.",
    ((ANY, f"Release code that no longer uses the column, then drop it. {_PARK}"),),
    "release code that does not use it first",
    (_DELETES, _BREAKS),
)  # fmt: skip
DROP_DATABASE = lint_rule(
    "drop-database", CRITICAL, "A database is dropped",
    "Everything in it is gone when the statement ends.",
    "There is no way back but a backup.",
    ((ANY, "Take it out of the migration; a person does this by hand, after a backup."),),
    "take it out of the migration",
    (_DELETES, _NO_WAY),
)  # fmt: skip
DROP_SCHEMA = lint_rule(
    "drop-schema", CRITICAL, "A schema is dropped",
    "With CASCADE everything in it is gone when the statement ends; without, it fails unless it is empty.",
    "There is no way back but a backup.",
    ((PG, "Rename it (`ALTER SCHEMA s RENAME TO …`), drop it after a release."),),
    "rename it instead",
    (_DELETES, _NO_WAY),
)  # fmt: skip
TRUNCATE = lint_rule(
    "truncate-table", CRITICAL, "A table is emptied",
    "TRUNCATE takes all rows away, under a lock against reads and writes, and fires no row triggers.",
    "There is no way back but a backup (PostgreSQL: until the transaction commits).",
    ((ANY, "Delete in batches what must go, with a condition; or rename the table and create an empty one."),),
    "keep the rows: rename the table and create an empty one",
    (_DELETES, _NO_WAY),
)  # fmt: skip
DROP_PARTITION = lint_rule(
    "drop-partition", CRITICAL, "A partition is dropped with its rows",
    "The rows of the partition are gone when the statement ends.",
    "There is no way back but a backup.",
    ((MM, "`EXCHANGE PARTITION p WITH TABLE t_p` keeps the rows in a table."),
     (MA, "`CONVERT PARTITION p TO TABLE t_p` keeps them.")),
    "exchange it into a table first",
    (_DELETES, _NO_WAY),
)  # fmt: skip
DROP_VIEW = lint_rule(
    "drop-view", WARNING, "A view is dropped",
    "Programs that read the view fail at once; a materialized view loses its rows.",
    "Between DROP and CREATE nobody can read it.",
    ((ANY, "CREATE OR REPLACE where the columns allow it; else drop and create in one transaction."),),
    "replace it instead, or drop it a release later",
    (_BREAKS,),
)  # fmt: skip
DROP_TYPE = lint_rule(
    "drop-type", WARNING, "A type or domain is dropped",
    "Columns of the type go with CASCADE; without it the statement fails while one is left.",
    "Prepared statements and programs that name the type fail.",
    ((PG, "Drop it a release after its last column."),),
    "drop it a release after its last use",
    (_BREAKS,),
)  # fmt: skip
DROP_ROUTINE = lint_rule(
    "drop-routine", WARNING, "A function, procedure, operator or event is dropped",
    "Programs, triggers, defaults and policies that call it fail at once.",
    "Between DROP and CREATE every call fails.",
    ((PG, "CREATE OR REPLACE; for another signature create the new one beside the old."),
     (MM, "MariaDB: CREATE OR REPLACE. MySQL: a new name, then switch its callers.")),
    "replace it instead, or drop it a release later",
    (_BREAKS,),
)  # fmt: skip
DROP_SEQUENCE = lint_rule(
    "drop-sequence", WARNING, "A sequence is dropped",
    "Defaults that use it go with CASCADE, and the count is lost.",
    "A sequence made anew begins at 1 and gives numbers that are taken.",
    ((ANY, "Keep it, or start the new one above the greatest number in use."),),
    "keep it until nothing uses it",
    (_DELETES, _BREAKS),
)  # fmt: skip
CASCADE = lint_rule(
    "cascade-drops-more", CRITICAL, "CASCADE takes away what the statement does not name",
    "Everything that depends on the object goes with it: foreign keys, views, columns, defaults; with TRUNCATE, the"
    " rows of every table that refers to this one.",
    "What that is depends on the database it runs on, not on what was tested.",
    ((PG, "Name what must go, one statement each, and leave CASCADE out: then the server lists what is in the way."),),
    "leave CASCADE out and name what must go",
    (_DELETES, _NO_WAY),
)  # fmt: skip
LOSSY_TYPE = lint_rule(
    "change-type-may-lose-values", WARNING, "The new type may not hold every value",
    "The type is narrower than the one before, or the values are converted by an expression.",
    "A value that does not fit makes the statement fail at the end, is cut (MySQL without strict mode), or cannot be"
    " turned back.",
    ((ANY, "Count the values that do not fit first; convert into a second column and keep the first one."
           f" {_PARK}"),),
    "count the values that do not fit, and keep the old column",
    (HazardKind.LOSSY_CONVERSION, HazardKind.MAY_FAIL_ON_DATA),
)  # fmt: skip
ENUM_CHANGED = lint_rule(
    "enum-values-changed", WARNING, "Values of an ENUM are removed, renamed or moved",
    "Only values appended at the end are free; any other change copies the table, and rows with a value that is gone"
    " become '' or make it fail.",
    "Values are stored by position: sorting and comparing change with it.",
    ((MM, "Append only; to take a value out, first update the rows that have it."),),
    "append values only",
    (HazardKind.LOSSY_CONVERSION, HazardKind.REWRITES_TABLE),
)  # fmt: skip
ADD_ENUM_VALUE = lint_rule(
    "enum-value-cannot-be-removed", INFO, "A value of an enum can be added, but never taken away",
    "ALTER TYPE … ADD VALUE has no inverse.",
    "Going back leaves the value in the type; rows that use it stay.",
    ((PG, "Accept it: an unused value does no harm; or use a text column with a CHECK, or a table of values."),),
    "plan for the value to stay",
    (_NO_WAY,),
)  # fmt: skip
NO_WAY_BACK = lint_rule(
    "missing-way-back", INFO, "The migration has no way back",
    "The file is in a format with an up and a down part, and the down part is missing or empty.",
    "When the release fails, somebody writes the way back in a hurry.",
    ((ANY, "Write the down part, and run up, down, up in CI; say so in a comment where there is none."),),
    "write the down part",
    (_NO_WAY,),
)  # fmt: skip
REBUILD_CHILDREN = lint_rule(
    "rebuild-deletes-children", CRITICAL, "Rebuilding a table with foreign keys on deletes the rows that refer to it",
    "DROP TABLE first deletes every row, and with foreign keys on, ON DELETE CASCADE deletes the children's rows, SET"
    " NULL empties their columns, all else makes it fail.",
    "The rows that refer to the rebuilt table are gone without a word; the new table of the same name does not bring"
    " them back.",
    ((LITE, "`PRAGMA foreign_keys = OFF;` before BEGIN (inside it does nothing), rebuild, `PRAGMA foreign_key_check;`,"
            " COMMIT, `PRAGMA foreign_keys = ON;`"),),
    "switch foreign keys off before the transaction begins",
    (_DELETES,),
)  # fmt: skip
PRAGMA_IN_TRANSACTION = lint_rule(
    "foreign-keys-pragma-ignored", CRITICAL, "PRAGMA foreign_keys inside a transaction does nothing",
    "SQLite ignores it while a transaction is open, without an error.",
    "What follows believes that foreign keys are off and deletes the children's rows.",
    ((LITE, "Put it before BEGIN, in a file without a transaction of the tool; `PRAGMA defer_foreign_keys = ON` works"
            " inside, but only delays the check, and cascades still run."),),
    "put it before BEGIN",
    (_DELETES,),
)  # fmt: skip
WRITABLE_SCHEMA = lint_rule(
    "writable-schema", CRITICAL, "The schema table is written by hand",
    "PRAGMA writable_schema lets any text into sqlite_schema; nothing checks it against the file.",
    "A wrong text makes the database unreadable, and it is seen only when it is opened next.",
    ((LITE, "Rebuild the table in the documented twelve steps."),),
    "rebuild the table instead",
    (_NO_WAY,),
)  # fmt: skip
CONVERTS_TABLE = lint_rule(
    "create-from-query", INFO, "A table is made from a query",
    "CREATE TABLE … AS takes no constraints, defaults, keys or indexes along.",
    "The copy looks like the original and lacks what protects it.",
    ((PG, "`CREATE TABLE n (LIKE o INCLUDING ALL)`, then INSERT."), (MM, "`CREATE TABLE n LIKE o`, then INSERT."),
     (LITE, "Write CREATE TABLE out, then INSERT … SELECT.")),
    "write the definition out",
)  # fmt: skip

RULES = (
    DROP_TABLE, DROP_COLUMN, DROP_DATABASE, DROP_SCHEMA, TRUNCATE, DROP_PARTITION, DROP_VIEW, DROP_TYPE, DROP_ROUTINE,
    DROP_SEQUENCE, CASCADE, LOSSY_TYPE, ENUM_CHANGED, ADD_ENUM_VALUE, NO_WAY_BACK, REBUILD_CHILDREN,
    PRAGMA_IN_TRANSACTION, WRITABLE_SCHEMA, CONVERTS_TABLE,
)  # fmt: skip
