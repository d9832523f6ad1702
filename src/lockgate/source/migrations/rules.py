"""The rules of migrations: what may be wrong with a folder of them, and with what a database says it applied."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

_AREA = "migrations"


def _rule(
    code: str, title: str, severity: Severity, problem: str, why: str, next_step: str, *remedies: tuple[str, str]
) -> Rule:
    return Rule(
        code=code,
        area=_AREA,
        title=title,
        severity=severity,
        problem=problem,
        why=why,
        remedies=tuple(Remedy(where=where, text=text) for where, text in remedies),
        next_step=next_step,
    )


JOURNAL_UNREADABLE = _rule(
    "migration-journal-unreadable",
    "The journal of the migrations cannot be read",
    Severity.CRITICAL,
    "The file that lists the migrations is no valid JSON, or an entry lacks what the tool needs.",
    "Without its journal the tool applies nothing, and nobody can say what the folder adds up to. A cut or "
    "wrongly merged "
    "journal is the usual cause.",
    "restore the journal from version control, or merge it again",
    (
        "any",
        "Take both sides' entries when two branches changed the journal, and keep every `when` larger than the last.",
    ),
)
FILE_MISSING = _rule(
    "migration-file-missing",
    "A migration is listed and its file is not there",
    Severity.CRITICAL,
    "The journal, or the folder of the migration, names a file that does not exist.",
    "The tool stops with an error at this migration, and on a new database nothing after it is applied.",
    "restore the file from version control, or take its entry out when no database has applied it",
    ("any", "A file that was renamed by hand must be renamed in the journal too."),
)
FILE_UNREADABLE = _rule(
    "migration-file-unreadable",
    "A migration's file cannot be read as SQL text",
    Severity.CRITICAL,
    "The file is not UTF-8, holds zero bytes, or is too large to be a migration.",
    "What it would do is unknown, so what the folder adds up to is unknown too.",
    "save the file as UTF-8 text",
    ("any", "Load data with a program or a seed, not with a migration."),
)
NOT_SQL = _rule(
    "migration-not-sql",
    "A migration is a program, not SQL",
    Severity.CRITICAL,
    "The tool also runs migrations written in Go, Java, Ruby or another language, and the folder holds one.",
    "Lockgate runs no code of yours to read a schema. What such a migration does is unknown, so the folder's "
    "sum is too.",
    "write the schema part of it as SQL",
    ("any", "Keep programs for moving data, and change the schema in SQL migrations before and after them."),
)
PLACEHOLDER = _rule(
    "migration-placeholder",
    "A migration holds a placeholder whose value is not known",
    Severity.CRITICAL,
    "The text holds `${name}`, which the tool replaces when it runs; the value is not in the folder.",
    "The statement without its value is not the one that runs, so the folder's sum is unknown.",
    "write the value into the migration",
    ("any", "Keep values that differ by environment out of migrations; grants and roles belong into provisioning."),
)
EMPTY = _rule(
    "migration-empty",
    "A migration holds no statement",
    Severity.INFO,
    "The file holds nothing but comments.",
    "It is recorded as applied and does nothing. Often somebody meant to fill it, and an applied one is never "
    "run again.",
    "delete it when no database has applied it, else leave it",
    ("any", "Put what is missing into a new migration."),
)
NO_UP = _rule(
    "migration-without-up",
    "A migration has no part that runs",
    Severity.CRITICAL,
    "The tool runs what stands under its mark (`-- +goose Up`, `-- migrate:up`), and the file has no such mark.",
    "The tool stops with an error, or records the migration and runs nothing.",
    "put the mark on a line of its own before the statements",
    ("any", "goose: `-- +goose Up` without leading spaces; dbmate: `-- migrate:up`."),
)
MARK_MISPLACED = _rule(
    "migration-mark-misplaced",
    "A mark of the tool stands where it does not do what it seems to",
    Severity.CRITICAL,
    "A mark stands inside a string, a comment or a quoted body, stands twice, or statements stand before the "
    "first one.",
    "Tools look for their marks line by line and know no strings: they cut a statement in two, or leave one out.",
    "move the mark to a line of its own between two statements",
    ("any", "Write a string that must hold the mark as two parts joined by the server."),
)
STRAY = _rule(
    "migration-orphan-file",
    "An SQL file in the folder is no migration to the tool",
    Severity.CRITICAL,
    "The file stands among the migrations, but the journal does not list it or its name does not fit, so it "
    "never runs.",
    "Somebody wrote a change and believes it is applied. Databases where it was run by hand differ from all others.",
    "make it a migration with the tool's own command, or move it out of the folder",
    ("any", "Drizzle: `drizzle-kit generate --custom` makes a journalled file; copy the statements there."),
)
DUPLICATE = _rule(
    "migration-number-duplicate",
    "Two migrations have the same number",
    Severity.CRITICAL,
    "Two branches took the same next number.",
    "Where a journal gives the order (Drizzle) only the name is doubled: people and snapshots confuse the two. "
    "Where the "
    "number is the identity, or the file is not in the journal, one of the two never runs or the tool refuses all.",
    "lockgate migrations renumber --dry-run FOLDER",
    ("any", "`lockgate migrations renumber` proposes new numbers that leave the applied history intact."),
    ("any", "Timestamps as numbers make it unlikely."),
)
OUT_OF_ORDER = _rule(
    "migration-out-of-order",
    "A migration is older than one that was applied before it",
    Severity.CRITICAL,
    "A migration's time or number is not larger than those of all migrations before it.",
    "Drizzle compares `when` with the newest applied one and skips what is not larger, for ever and without a word, on "
    "every database that is ahead; golang-migrate does the same by number. Flyway and goose refuse to go on. "
    "New databases "
    "get it, so tests pass and production lacks it.",
    "give it a time or number larger than all others before any database applies it",
    ("any", "Drizzle: set `when` in `meta/_journal.json` to a value larger than every other."),
    ("any", "Where it was skipped already: make a new migration with its statements."),
)
SNAPSHOT_MISSING = _rule(
    "migration-snapshot-missing",
    "A migration has no snapshot of its own",
    Severity.WARNING,
    "drizzle-kit keeps the schema after each migration in a file, and this one's is not there.",
    "The next `drizzle-kit generate` compares with the newest snapshot it finds: it writes changes again, or "
    "leaves some "
    "out.",
    "run `drizzle-kit generate` after restoring the snapshot from version control",
    ("any", "Migrations written by hand without `--custom` have none; generate an empty custom one instead."),
)
SNAPSHOT_CHAIN = _rule(
    "migration-snapshot-chain",
    "The snapshots do not follow each other",
    Severity.WARNING,
    "A snapshot names another parent than the one before it, or two name the same.",
    "`drizzle-kit check` and `generate` refuse or compare with the wrong schema: two branches were merged by hand.",
    "drizzle-kit check, then generate the later of the two again",
    ("any", "Drop the later branch's migration before merging, merge, and generate it again."),
)
HISTORY_MISSING = _rule(
    "migration-history-missing",
    "The database does not say what was applied",
    Severity.CRITICAL,
    "The database holds tables but not the tool's own table of applied migrations.",
    "The tool would run every migration from the first on, and fail at the first table that exists already. A "
    "schema made "
    "by `push`, by hand or from a dump is the usual cause.",
    "record the applied migrations with the tool's own baseline command",
    ("any", "Flyway: `flyway baseline`; Prisma: `prisma migrate resolve --applied NAME`; others: insert the rows."),
)
UNAPPLIED = _rule(
    "migration-unapplied",
    "A migration has not been applied",
    Severity.WARNING,
    "The folder has it, the database's table of applied migrations does not.",
    "Code that is deployed with the folder expects what it does.",
    "apply it before the code that needs it is deployed",
    ("any", "Run the tool's own migrate command."),
)
EDITED = _rule(
    "migration-edited",
    "A migration was edited after it was applied",
    Severity.CRITICAL,
    "The database recorded another text than the file has now.",
    "The database has what the old text did. New databases get the new text, so they differ, and no tool will mend it.",
    "restore the applied text and put the change into a new migration",
    ("any", "Formatters and line ends change texts too: leave migrations out of them."),
)
FAILED = _rule(
    "migration-failed",
    "A migration failed half-way",
    Severity.CRITICAL,
    "The tool's table says that a migration began and did not end.",
    "On MySQL and MariaDB each statement commits by itself, so a part of it is in the database. The tool goes "
    "no further.",
    "look what of it is in the database, finish or undo that by hand, then mark it as resolved",
    ("any", "Flyway: `repair`; Prisma: `migrate resolve`; golang-migrate: `force VERSION`; SQLx: delete the row."),
)
HALF = _rule(
    "migration-half-applied",
    "A migration that is not recorded is in the database, in part or as a whole",
    Severity.CRITICAL,
    "The next migration to be applied makes something that the live database has already.",
    "The tool will fail at the first statement whose work is done, every time. On MySQL and MariaDB each "
    "statement commits "
    "by itself, so a migration that failed half-way leaves what ran before; elsewhere somebody did it by hand.",
    "finish the rest by hand and record the migration, or undo what is there and apply it",
    (
        "any",
        "Look which of its statements are in; run the others; then insert the row that the tool would have written.",
    ),
    ("MySQL, MariaDB", "Keep one statement to a migration, so that there is no half of it."),
)
GONE = _rule(
    "migration-applied-unknown",
    "The database applied a migration that the folder does not have",
    Severity.CRITICAL,
    "A row of the tool's table fits no migration in the folder.",
    "Somebody deployed from another branch, deleted the file, or edited the journal. What it did is in this "
    "database only.",
    "find its file in version control and bring it back",
    ("any", "A branch that was deployed and thrown away must be merged, or undone by a new migration."),
)
AGAIN = _rule(
    "migration-applied-again",
    "The next run would apply a migration a second time",
    Severity.CRITICAL,
    "The database has applied this text, but the journal's time is now later than everything it recorded.",
    "Drizzle looks at the time alone: it runs the statements again, and they fail or change data twice.",
    "set `when` back to the recorded value",
    ("any", "Never edit `when` of an applied entry; give a new migration the larger time instead."),
)
TWICE = _rule(
    "migration-applied-twice",
    "The database recorded a migration more than once",
    Severity.WARNING,
    "Two rows of the tool's table stand for the same migration.",
    "Two runners at once, or a run after an edited journal: statements that are not idempotent ran twice.",
    "compare the live schema and data with what one run gives",
    ("any", "Let one process migrate, before the others start."),
)
HISTORY_UNREADABLE = _rule(
    "migration-history-unreadable",
    "A row of the tool's table cannot be read",
    Severity.WARNING,
    "A row lacks the time or version that the tool compares, or it is no number.",
    "The tool would stop there, or take it for nothing and apply migrations again.",
    "look at the row and mend it by hand",
    ("any", "Rows are written by the tool alone."),
)
EDITS_UNKNOWN = _rule(
    "migration-edits-unknown",
    "The tool keeps no hash, so edits after the fact cannot be seen",
    Severity.INFO,
    "The tool records that a migration was applied, and not what its text was.",
    "Whether a file was edited after it was applied cannot be known from the database. It counts with `--strict` only.",
    "compare the folder's sum with the live database: `lockgate validate --only agreement`",
    ("any", "An edit that matters shows as a difference between what the folder adds up to and the live schema."),
)
STATEMENT_FAILS = _rule(
    "migration-statement-fails",
    "A statement fails when the migrations run from the first on",
    Severity.CRITICAL,
    "Run in order in an empty database of the target's version, the server refuses a statement: it names a "
    "table or column "
    "that does not exist at that point, or makes one that does.",
    "No new database can be made from this folder: not for tests, not for another customer, not after a disaster.",
    "mend the migration that should have made what is missing, when no database has applied it; else add it before",
    (
        "any",
        "A change that was made by hand in every database must become a migration before the one that builds on it.",
    ),
)
BROKEN_CHAIN = _rule(
    "migration-chain-broken",
    "A migration builds on one that is not there",
    Severity.CRITICAL,
    "A revision names a parent that no file in the folder has.",
    "The tool stops before it runs anything.",
    "restore the missing revision from version control",
    ("any", "Alembic: `alembic history` shows the chain; Django: `manage.py showmigrations --plan`."),
)
HEADS = _rule(
    "migration-several-heads",
    "The migrations end in more than one place",
    Severity.CRITICAL,
    "Two branches each added a migration to the same parent, and nothing joins them.",
    "The tool does not know which is the newest: `upgrade head` and `migrate` refuse.",
    "alembic merge heads, or manage.py makemigrations --merge",
    ("any", "Merge them with the tool's own command, or let the later one build on the earlier."),
)

RULES = (
    AGAIN, BROKEN_CHAIN, DUPLICATE, EDITED, EDITS_UNKNOWN, EMPTY, FAILED, FILE_MISSING, FILE_UNREADABLE, GONE,
    HALF, HEADS, HISTORY_MISSING, HISTORY_UNREADABLE, JOURNAL_UNREADABLE, MARK_MISPLACED, NOT_SQL, NO_UP,
    OUT_OF_ORDER, PLACEHOLDER, SNAPSHOT_CHAIN, SNAPSHOT_MISSING, STATEMENT_FAILS, STRAY, TWICE, UNAPPLIED,
)  # fmt: skip
