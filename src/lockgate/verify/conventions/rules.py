"""The rules on conventions."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

VERSION_COLUMN_MISSING = Rule(
    code="version-column-missing",
    area="conventions",
    title="A table of the list has no version column",
    severity=Severity.CRITICAL,
    problem="A table that is to be locked optimistically has no version column in the live database.",
    why="The application's update names a column that is not there and fails, or it leaves the check out and two people"
    " overwrite each other.",
    remedies=(Remedy(where="any", text="`ALTER TABLE t ADD COLUMN version integer NOT NULL DEFAULT 1`."),),
    next_step="add the column to the desired schema and run lockgate plan, or take the table off the list",
)
VERSION_COLUMN_WRONG = Rule(
    code="version-column-wrong",
    area="conventions",
    title="A version column is not what it must be",
    severity=Severity.CRITICAL,
    problem="A version column is no integer, takes NULL, or does not begin with the agreed number.",
    why="NULL is never equal to anything: an update that compares with it never changes a row. A row without a first"
    " version cannot be saved at all.",
    remedies=(Remedy(where="any", text="Declare it `integer NOT NULL DEFAULT 1`, and fill the rows that have none."),),
    next_step="declare the column integer NOT NULL DEFAULT 1",
)
VERSIONED_TABLE_UNKNOWN = Rule(
    code="versioned-table-unknown",
    area="conventions",
    title="A list names a table that does not exist",
    severity=Severity.CRITICAL,
    problem="A list of tables names one that is not in the live database.",
    why="The check one believes in is made for no table; usually the name is misspelt or the table was renamed.",
    remedies=(Remedy(where="any", text="Correct the name, or take it off the list."),),
    next_step="correct the name in the list",
)
VERSIONED_LISTS_DIFFER = Rule(
    code="versioned-lists-differ",
    area="conventions",
    title="Plan, code and database disagree on which tables are locked optimistically",
    severity=Severity.WARNING,
    problem="A table is on one of the lists (lockgate.toml, the code, the live tables that have the column) and not on"
    " the others.",
    why="Where the code does not know of the column, it updates without it; the others then see a version that stands"
    " still while the row changes.",
    remedies=(Remedy(where="any", text="Make the lists equal; the live database is what counts."),),
    next_step="add the table to the lists that lack it, or drop the column",
)
LOCKING_CODE_UNREAD = Rule(
    code="locking-code-unread",
    area="conventions",
    title="The code's list of tables was not found",
    severity=Severity.WARNING,
    problem="No file matches `code`, or `code_pattern` finds nothing in those that do.",
    why="A list that was not read was not compared.",
    remedies=(Remedy(where="any", text="Correct `code` and `code_pattern` under `[conventions.optimistic_locking]`."),),
    next_step="correct code and code_pattern in lockgate.toml",
)
LOCKING_HELPER_MISSING = Rule(
    code="locking-helper-missing",
    area="conventions",
    title="The helper that locks is not there",
    severity=Severity.CRITICAL,
    problem="The file named by `helper` does not exist, is empty, or does not define what `helper_symbols` names.",
    why="Whoever calls it fails, or has a version of their own that checks nothing.",
    remedies=(Remedy(where="any", text="Write the helper, or use `lockgate.locking.update_versioned`."),),
    next_step="write the helper, or correct helper and helper_symbols in lockgate.toml",
)
TWO_WRITER_PROBE_FAILED = Rule(
    code="two-writer-probe-failed",
    area="conventions",
    title="Two writers with the same version both changed a row, or none did",
    severity=Severity.CRITICAL,
    problem="On a scratch copy two sessions read the same version and updated the same row with the configured"
    " statement. Exactly one of them has to change it.",
    why="When both do, the second overwrites the first without anybody noticing: what optimistic locking is there to"
    " prevent. When none does, nothing can be saved.",
    remedies=(
        Remedy(
            where="any", text="Compare the version in WHERE and count it up in SET; look for triggers that count too."
        ),
    ),
    next_step="compare the version in WHERE and count it up in SET",
)
SOFT_DELETE_MISSING = Rule(
    code="soft-delete-missing",
    area="conventions",
    title="A table that must delete softly has no column for it",
    severity=Severity.WARNING,
    problem="A table on the list has none of the columns that mark a deleted row.",
    why="Its rows are gone when they are deleted, while the application believes that they can come back.",
    remedies=(Remedy(where="any", text="Add the nullable column, or list the table under `without`."),),
    next_step="add the nullable column, or list the table under without",
)
SOFT_DELETE_NOT_NULLABLE = Rule(
    code="soft-delete-not-nullable",
    area="conventions",
    title="A soft delete column does not take NULL",
    severity=Severity.CRITICAL,
    problem="The column that says when a row was deleted is NOT NULL.",
    why="Every row then counts as deleted, or a magic date stands for `not deleted` and every query must know it.",
    remedies=(Remedy(where="any", text="Make the column nullable."),),
    next_step="make the column nullable",
)
SOFT_DELETE_COVERAGE = Rule(
    code="soft-delete-coverage",
    area="conventions",
    title="Some tables delete softly and others do not",
    severity=Severity.INFO,
    problem="Some tables have a soft delete column and others have none; nothing says which must.",
    why="Whoever writes the next query has to guess whether deleted rows are still in it.",
    remedies=(
        Remedy(where="any", text="List those that must under `tables`, and those that need not under `without`."),
    ),
    next_step="say which tables must and which need not in [conventions.soft_delete]",
)
CONVENTION_OWN = Rule(
    code="convention-own",
    area="conventions",
    title="A rule of your own is broken",
    severity=Severity.WARNING,
    problem="A rule under `[[conventions.rules]]` in lockgate.toml is broken. Its findings have the code"
    " `convention-` and the rule's name, its message and its severity.",
    why="Your team agreed on it.",
    remedies=(Remedy(where="any", text="Change the object, list the table under the rule's `without`, or the rule."),),
    next_step="change what breaks the rule, or the rule in lockgate.toml",
)
CONVENTION_WITHOUT_TABLES = Rule(
    code="convention-without-tables",
    area="conventions",
    title="A pattern of a convention fits no table",
    severity=Severity.WARNING,
    problem="A name or pattern of tables in `[conventions]` fits no table of the live database.",
    why="The rule is never applied; usually the name is misspelt or the table was renamed.",
    remedies=(Remedy(where="any", text="Correct the pattern or remove it."),),
    next_step="correct the pattern in lockgate.toml",
)

RULES = (
    VERSION_COLUMN_MISSING,
    VERSION_COLUMN_WRONG,
    VERSIONED_TABLE_UNKNOWN,
    VERSIONED_LISTS_DIFFER,
    LOCKING_CODE_UNREAD,
    LOCKING_HELPER_MISSING,
    TWO_WRITER_PROBE_FAILED,
    SOFT_DELETE_MISSING,
    SOFT_DELETE_NOT_NULLABLE,
    SOFT_DELETE_COVERAGE,
    CONVENTION_OWN,
    CONVENTION_WITHOUT_TABLES,
)
