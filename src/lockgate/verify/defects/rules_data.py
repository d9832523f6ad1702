"""The rules on the rows and counters of a live database."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

ORPHAN_ROWS = Rule(
    code="orphan-rows",
    area="data",
    title="Rows refer to rows that are not there",
    severity=Severity.CRITICAL,
    problem="Rows hold a foreign key value without a row to refer to.",
    why="The server did not enforce the key when they came in (foreign_keys off, foreign_key_checks=0, a replica role,"
    " NOT VALID). Joins lose them, a restore fails on them, and the next change of the table may refuse to run.",
    remedies=(
        Remedy(where="any", text="Add the missing rows, set the column to NULL, or delete the orphans, as they mean."),
        Remedy(where="SQLite", text="`PRAGMA foreign_keys=ON` in every connection: it is off unless asked for."),
    ),
    next_step="look at the rows, then repair or delete them",
)
ROWS_BREAK_CHECK = Rule(
    code="rows-break-check",
    area="data",
    title="Rows break a CHECK",
    severity=Severity.CRITICAL,
    problem="Rows break a CHECK constraint of their own table.",
    why="They came in while it was not enforced (NOT VALID, NOT ENFORCED, check_constraint_checks=0,"
    " ignore_check_constraints). Code that relies on the rule meets them, and a restore fails on them.",
    remedies=(Remedy(where="any", text="Repair the rows; then enforce or validate the constraint."),),
    next_step="look at the rows and repair them",
)
ROWS_BREAK_NOT_NULL = Rule(
    code="rows-break-not-null",
    area="data",
    title="Rows hold NULL where none may be",
    severity=Severity.CRITICAL,
    problem="Rows hold NULL in a column that is NOT NULL or part of the primary key.",
    why="Code reads the column without looking for NULL; a row without a key cannot be found again.",
    remedies=(Remedy(where="any", text="Give the rows a value; in SQLite also declare key columns NOT NULL."),),
    next_step="give the rows a value",
)
VALUES_OF_WRONG_CLASS = Rule(
    code="values-of-wrong-class",
    area="data",
    title="Values are of another type than their column",
    severity=Severity.WARNING,
    problem="An SQLite column holds values of another storage class than its type, for example a text in INTEGER.",
    why="They compare and sort apart from the others, sums take them for 0, and another database refuses them.",
    remedies=(Remedy(where="SQLite", text="Convert the values (`UPDATE … SET c = CAST(c AS …)`), then go STRICT."),),
    next_step="convert the values",
)
COUNTER_NEAR_END = Rule(
    code="counter-near-end",
    area="data",
    title="A sequence or auto-increment nears its end",
    severity=Severity.CRITICAL,
    problem="A counter has given out most of the numbers that it, or the column it feeds, can hold.",
    why="At the end every insert fails, at an hour nobody chose.",
    remedies=(
        Remedy(where="any", text="Widen the column (and those that refer to it) to bigint while there is time."),
        Remedy(where="PostgreSQL", text="Also `ALTER SEQUENCE … AS bigint` where the sequence is the smaller one."),
    ),
    next_step="widen the column to bigint with lockgate plan, soon",
)
COUNTER_WIDER = Rule(
    code="counter-wider-than-column",
    area="data",
    title="A sequence goes on where its column ends",
    severity=Severity.INFO,
    problem="A sequence's type is larger than that of the column it numbers.",
    why="The sequence shows much room while the column has little; the insert that crosses the column's end fails.",
    remedies=(Remedy(where="PostgreSQL", text="Make the column bigint, or the sequence `AS integer`."),),
    next_step="make the column as wide as its sequence",
)

RULES = (
    ORPHAN_ROWS,
    ROWS_BREAK_CHECK,
    ROWS_BREAK_NOT_NULL,
    VALUES_OF_WRONG_CLASS,
    COUNTER_NEAR_END,
    COUNTER_WIDER,
)
