"""Rules on the script as a whole: order, transactions, guards, and what cannot be read."""

from __future__ import annotations

from lockgate.lint.make_rule import ANY, CRITICAL, INFO, LITE, MM, PG, WARNING, lint_rule
from lockgate.model.op import HazardKind

NOT_READ = lint_rule(
    "statement-not-read", WARNING, "The statement could not be read",
    "Lockgate does not know this statement, or it has a mistake.",
    "Nothing is known about what it locks or deletes: it is not called safe.",
    ((ANY, "Correct it; if the server accepts it, look at it by hand and allow it with a reason."),),
    "look at it by hand; `-- lockgate: allow statement-not-read REASON` when it is right",
)  # fmt: skip
OPAQUE = lint_rule(
    "statement-opaque", WARNING, "What the statement does cannot be seen",
    "DO blocks, CALL, PREPARE and EXECUTE run code that is not in the statement.",
    "Nothing is known about what it locks or deletes: it is not called safe.",
    ((ANY, "Write the statements out; else look at the code by hand and allow it with a reason."),),
    "write the statements out, or `-- lockgate: allow statement-opaque REASON`",
)  # fmt: skip
GUARD = lint_rule(
    "if-not-exists-hides", WARNING, "IF NOT EXISTS accepts whatever is there under that name",
    "The name is all it looks at: an index left INVALID by a concurrent build that failed passes, and so does a table"
    " with other columns (of severity info, for many tools write the guard everywhere).",
    "The migration succeeds, and the schema is not what it says.",
    ((PG, "`DROP INDEX CONCURRENTLY IF EXISTS i;` before `CREATE INDEX CONCURRENTLY i …`, or check"
          " pg_index.indisvalid after."),
     (ANY, "Leave the guard out: the migration runs once.")),
    "leave the guard out, or check the definition",
)  # fmt: skip
ENUM_IN_TRANSACTION = lint_rule(
    "enum-value-in-transaction", CRITICAL, "An enum value is used in the transaction that adds it",
    "Before PostgreSQL 12 ADD VALUE is refused in a transaction; since then the new value cannot be used before the"
    " commit (“unsafe use of new value”).",
    "The migration fails when it first meets the value.",
    ((PG, "Put ADD VALUE into a file of its own."),),
    "put ADD VALUE into a file of its own",
)  # fmt: skip
DDL_COMMITS = lint_rule(
    "ddl-commits-transaction", CRITICAL, "DDL ends the open transaction",
    "MySQL and MariaDB commit before and after each DDL statement: what follows is no longer in the transaction, and"
    " ROLLBACK undoes nothing of what came before.",
    "The file looks all-or-nothing and is not.",
    ((MM, "Leave BEGIN and COMMIT out around DDL; keep rows and schema in separate files, one change each."),),
    "separate rows from schema",
    (HazardKind.IRREVERSIBLE,),
)  # fmt: skip
HALF_APPLIED = lint_rule(
    "half-applied-script", INFO, "A failure in the middle leaves the file half applied",
    "Several statements change the schema, each for itself.",
    "When one fails, those before it stay, and the file cannot be run again.",
    ((ANY, "One change for each file; `lockgate apply` keeps a checkpoint after every statement and goes on or back"
           " from there."),
     (PG, "One transaction, where none of the statements forbids it.")),
    "one change for each file, or one transaction",
)  # fmt: skip
LEFT_OPEN = lint_rule(
    "transaction-left-open", CRITICAL, "A transaction is not ended",
    "The file begins a transaction and never commits it.",
    "Whether it is kept depends on the tool; its locks stay until the connection ends.",
    ((ANY, "Add COMMIT."),),
    "add COMMIT",
)  # fmt: skip
NESTED = lint_rule(
    "transaction-nested", WARNING, "BEGIN or COMMIT does not match the open transaction",
    "There is a BEGIN inside a transaction, or a COMMIT outside one; the tool may have opened its own.",
    "A nested BEGIN is ignored (MySQL: it commits), and the COMMIT ends the tool's transaction before its end.",
    ((ANY, "Leave it to the tool, or switch the tool's transaction off for this file."),),
    "leave BEGIN and COMMIT to one of the two",
)  # fmt: skip
ASSIGNED_TWICE = lint_rule(
    "column-assigned-twice", WARNING, "A column is set twice in one UPDATE",
    "PostgreSQL refuses it; MySQL and SQLite take the last one.",
    "One of the two values was meant for another column.",
    ((ANY, "Remove one."),),
    "remove one",
)  # fmt: skip
UNSUPPORTED = lint_rule(
    "alter-not-supported", CRITICAL, "This version of SQLite has no such ALTER TABLE",
    "The server refuses the statement: the column is UNIQUE or PRIMARY KEY, its default differs from row to row, or the"
    " form does not exist in the version.",
    "The migration fails where it stands.",
    ((LITE, "Rebuild the table in the documented twelve steps; `lockgate plan` writes them."),),
    "rebuild the table",
)  # fmt: skip
ALLOW_UNUSED = lint_rule(
    "allow-unused", INFO, "A comment allows what is not found",
    "The rule does not fire here, or not any more.",
    "A leftover allowance hides the next finding.",
    ((ANY, "Remove it."),),
    "remove the comment",
)  # fmt: skip
ALLOW_INVALID = lint_rule(
    "allow-invalid", WARNING, "A comment to allow a rule is not complete",
    "It names no rule, one that does not exist, or gives no reason.",
    "It allows nothing.",
    ((ANY, "`-- lockgate: allow drop-column nobody reads it since 2.4`"),),
    "write `-- lockgate: allow RULE REASON`",
)  # fmt: skip

RULES = (
    NOT_READ, OPAQUE, GUARD, ENUM_IN_TRANSACTION, DDL_COMMITS, HALF_APPLIED, LEFT_OPEN, NESTED, ASSIGNED_TWICE,
    UNSUPPORTED, ALLOW_UNUSED, ALLOW_INVALID,
)  # fmt: skip
