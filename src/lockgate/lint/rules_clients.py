"""Rules on statements that break programs written for the old schema, or take protection away."""

from __future__ import annotations

from lockgate.lint.make_rule import ANY, CRITICAL, INFO, LITE, MM, PG, WARNING, lint_rule
from lockgate.model.op import HazardKind

_BREAKS, _WEAK = HazardKind.BREAKS_OLD_CLIENTS, HazardKind.WEAKENS_PROTECTION
_MAY_FAIL = HazardKind.MAY_FAIL_ON_DATA

RENAME_COLUMN = lint_rule(
    "rename-column", CRITICAL, "Renaming a column breaks every program that uses the old name",
    "From the moment of the renaming the old release fails, and the new one fails until then.",
    "There is no moment at which both releases work.",
    ((ANY, "Add the new column, write both, fill in batches, switch the readers, drop the old one a release later."),
     (PG, "Or a view under the old table's name with both names.")),
    "add a new column beside it instead",
    (_BREAKS,),
)  # fmt: skip
RENAME_TABLE = lint_rule(
    "rename-table", CRITICAL, "Renaming or moving a table breaks every program that uses the old name",
    "From the moment of the renaming the old release fails, and the new one fails until then.",
    "There is no moment at which both releases work.",
    ((ANY, "In the same transaction create a view of the old name (`CREATE VIEW old AS SELECT * FROM new`); drop it a"
           " release later."),),
    "leave a view under the old name",
    (_BREAKS,),
)  # fmt: skip
RENAME_OBJECT = lint_rule(
    "rename-object", WARNING, "Renaming a schema, type, value, function, sequence or trigger breaks what names it",
    "Programs and prepared statements that use the old name fail at once.",
    "There is no moment at which both releases work.",
    ((ANY, "Create the new one beside the old, switch, drop the old one a release later."),),
    "create the new one beside the old",
    (_BREAKS,),
)  # fmt: skip
ADD_NOT_NULL = lint_rule(
    "add-not-null-column-without-default", CRITICAL, "A NOT NULL column without a default",
    "With rows in the table the statement fails, or (MySQL) fills in a zero or empty text; and programs that do not"
    " know the column can no longer insert.",
    "The old release breaks on its first INSERT.",
    ((ANY, "Give it a constant DEFAULT (no rewrite in PostgreSQL 11, MySQL 8.0.12, MariaDB 10.3 and later), or add it"
           " nullable, fill it, and make it NOT NULL a release later."),),
    "give it a constant default, or add it nullable",
    (_BREAKS, HazardKind.FILLS_ROWS, _MAY_FAIL),
)  # fmt: skip
DROP_NOT_NULL = lint_rule(
    "drop-not-null", WARNING, "A column may now hold NULL",
    "Programs that read the column do not expect NULL, and rows written meanwhile stand in the way of going back.",
    "The error comes later, in another program.",
    ((ANY, "Release readers that bear NULL first."),),
    "release readers that bear NULL first",
    (_WEAK, _BREAKS),
)  # fmt: skip
DROP_CONSTRAINT = lint_rule(
    "drop-constraint", WARNING, "A constraint is dropped",
    "What it kept out can come in from now on; dropping a foreign key in PostgreSQL locks both tables.",
    "Rows that break it stand in the way of adding it again.",
    ((ANY, "Add the constraint that replaces it first, then drop this one."),),
    "add its replacement first, and say why it may go",
    (_WEAK,),
)  # fmt: skip
DROP_PRIMARY_KEY = lint_rule(
    "drop-primary-key", CRITICAL, "The primary key is dropped",
    "Rows can be doubled, replicas find rows by reading the whole table, and MySQL copies the table twice.",
    "Most tools for changing tables online, and logical replication, need the key.",
    ((MM, "Drop and add in one statement: `DROP PRIMARY KEY, ADD PRIMARY KEY (…), ALGORITHM=INPLACE, LOCK=NONE`."),
     (PG, "Build the new unique index concurrently, then swap the constraints in one transaction.")),
    "replace it in the same statement",
    (_WEAK, HazardKind.LONG_LOCK),
)  # fmt: skip
DEFAULT_CHANGED = lint_rule(
    "default-changed", INFO, "A default is changed or dropped",
    "Programs that leave the column out get another value, or an error where it is NOT NULL.",
    "Object mappers that write defaults themselves go on with the old one until they are restarted.",
    ((ANY, "Release code that writes the value first."),),
    "check who relies on the default",
)  # fmt: skip
IDENTITY_CHANGED = lint_rule(
    "identity-changed", WARNING, "How a column gets its numbers is changed",
    "Adding, dropping or restarting an identity changes what INSERT may write, and which numbers come next.",
    "Numbers that are taken come again, or programs that give the number themselves are refused.",
    ((PG, "Restart above the greatest number in use; never backwards."),),
    "check which numbers come next",
    (_BREAKS,),
)  # fmt: skip
SEQUENCE_CHANGED = lint_rule(
    "sequence-changed", INFO, "A sequence is changed",
    "Another start, step, bound or type changes which numbers come next.",
    "Numbers that are taken come again, or the sequence ends early.",
    ((ANY, "Never move it below the greatest number in use."),),
    "check which numbers come next",
)  # fmt: skip
EXPRESSION_CHANGED = lint_rule(
    "generated-column-changed", WARNING, "A generated column's expression is changed or dropped",
    "SET EXPRESSION computes every row anew under a lock; DROP EXPRESSION turns the column into one that programs must"
    " write from now on.",
    "Nobody writes it yet, so that new rows have NULL.",
    ((PG, "Add a new column, switch the readers, drop the old one a release later."),),
    "add a new column instead",
    (_BREAKS,),
)  # fmt: skip
DROP_TRIGGER = lint_rule(
    "drop-trigger", WARNING, "A trigger or rule is dropped",
    "What it checked or wrote is no longer checked or written.",
    "Rows written meanwhile lack it, and bringing the trigger back does not mend them.",
    ((PG, "`CREATE OR REPLACE TRIGGER` (14 and later), or drop and create in one transaction."),
     (MM, "MariaDB: CREATE OR REPLACE TRIGGER. MySQL: create the new one first (FOLLOWS), then drop.")),
    "replace it in one step",
    (_WEAK,),
)  # fmt: skip
DISABLE_TRIGGER = lint_rule(
    "disable-trigger", CRITICAL, "Triggers are disabled",
    "DISABLE TRIGGER ALL switches foreign keys off too, for every session, until somebody enables them again.",
    "Rows that break them stay, and nothing ever looks at them again.",
    ((PG, "`SET LOCAL session_replication_role = replica` is at least one's own session; better leave them on."),),
    "leave them on",
    (_WEAK,),
)  # fmt: skip
ROW_SECURITY = lint_rule(
    "row-security-off", CRITICAL, "Row level security is switched off",
    "From this moment everybody with a grant sees every row.",
    "No query fails, so nobody notices.",
    ((PG, "Change the policies instead, in one transaction."),),
    "change the policies instead",
    (_WEAK,),
)  # fmt: skip
POLICY = lint_rule(
    "policy-changed", WARNING, "Row security is switched on, or a policy is created, changed or dropped",
    "It decides which rows each role sees and writes.",
    "A wrong one shows other people's rows, or none; it takes ACCESS EXCLUSIVE on the table.",
    ((PG, "Test as each role (`SET ROLE`), and change policies of one table in one transaction."),),
    "test it as each role",
    (_WEAK,),
)  # fmt: skip
REVOKE = lint_rule(
    "revoke", WARNING, "A right is taken away",
    "Programs that need it fail at once.",
    "The migration's own account can do what the program's cannot, so that no test sees it.",
    ((ANY, "Release programs that do without it first."),),
    "check which accounts use it",
    (_BREAKS,),
)  # fmt: skip
REPLACED = lint_rule(
    "object-replaced", INFO, "A view, routine or composite type is changed",
    "Programs get another result, or another error, from the next call on.",
    "The old definition is nowhere but in an older migration.",
    ((ANY, "Keep the old definition in the down part."),),
    "keep the old definition in the down part",
)  # fmt: skip
RESTRICTION = lint_rule(
    "new-write-restriction", INFO, "Writes that were fine are refused from now on",
    "A unique index or a constraint on an existing table refuses rows that the old release may still write.",
    "The old release gets errors that it does not expect.",
    ((ANY, "Release writers that keep the rule first; look for rows that break it before."),),
    "release writers that keep the rule first",
    (_MAY_FAIL, _BREAKS),
)  # fmt: skip
REPLICA_IDENTITY = lint_rule(
    "replica-identity", WARNING, "What logical replication sends is changed",
    "REPLICA IDENTITY decides what subscribers get of old rows.",
    "With NOTHING, UPDATE and DELETE fail on published tables; with FULL the log grows.",
    ((PG, "Keep the primary key as identity, or a unique index that is NOT NULL."),),
    "check the subscribers",
)  # fmt: skip
INHERITANCE = lint_rule(
    "detach-inheritance", WARNING, "A table no longer inherits",
    "Its rows vanish from every query on the parent.",
    "Programs that read the parent get fewer rows, without an error.",
    ((PG, "Release readers that know the table first."),),
    "check who reads the parent",
    (_BREAKS,),
)  # fmt: skip
EXTENSION = lint_rule(
    "extension-changed", WARNING, "An extension is updated or dropped",
    "Its types, functions and operators change or go, for the whole database.",
    "Most extensions cannot be downgraded.",
    ((PG, "Do it by hand, with a backup, apart from schema changes."),),
    "do it apart from schema changes",
    (HazardKind.IRREVERSIBLE,),
)  # fmt: skip
SERVER_SETTING = lint_rule(
    "server-setting-changed", WARNING, "The statement acts on the server, not on the schema",
    "ALTER SYSTEM, ALTER DATABASE or ROLE, SET GLOBAL or PERSIST, accounts, ATTACH and the like reach beyond the"
    " migration.",
    "It needs rights that a migration should not have, and holds for everybody.",
    ((ANY, "Keep it with the server's configuration."),),
    "move it to the server's configuration",
)  # fmt: skip
CHECKS_OFF = lint_rule(
    "foreign-key-checks-off", WARNING, "Foreign keys are switched off",
    "Rows written, tables dropped and keys added meanwhile are never checked.",
    "Orphans stay, and switching the checks on again does not look for them.",
    ((MM, "Switch it on again in the same file, and look for orphans after: `SELECT … LEFT JOIN … IS NULL`."),
     (PG, "Leave session_replication_role alone."),
     (LITE, "`PRAGMA foreign_key_check;` before COMMIT, `PRAGMA foreign_keys = ON;` after.")),
    "switch them on again in the same file and look for orphans",
    (_WEAK,),
)  # fmt: skip
DOMAIN_CONSTRAINT = lint_rule(
    "domain-constraint", WARNING, "A constraint of a domain is checked in every table that uses it",
    "Adding it reads all those tables under locks, and changing it later needs the same again.",
    "The locks are taken on tables that the statement does not name.",
    ((PG, "Add it NOT VALID and validate later; or put the CHECK on the table's column."),),
    "put the check on the table, or add it NOT VALID",
    (HazardKind.LONG_LOCK, _MAY_FAIL),
)  # fmt: skip

RULES = (
    RENAME_COLUMN, RENAME_TABLE, RENAME_OBJECT, ADD_NOT_NULL, DROP_NOT_NULL, DROP_CONSTRAINT, DROP_PRIMARY_KEY,
    DEFAULT_CHANGED, IDENTITY_CHANGED, SEQUENCE_CHANGED, EXPRESSION_CHANGED, DROP_TRIGGER, DISABLE_TRIGGER,
    ROW_SECURITY, POLICY, REVOKE, REPLACED, RESTRICTION, REPLICA_IDENTITY, INHERITANCE, EXTENSION, SERVER_SETTING,
    CHECKS_OFF, DOMAIN_CONSTRAINT,
)  # fmt: skip
