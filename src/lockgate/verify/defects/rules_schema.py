"""The rules on keys, constraints and indexes of a live schema."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

TABLE_WITHOUT_PRIMARY_KEY = Rule(
    code="table-without-primary-key",
    area="schema",
    title="A table has no primary key",
    severity=Severity.WARNING,
    problem="A table has no primary key, so nothing tells two of its rows apart.",
    why="A row that was written twice cannot be found and removed. Logical replication and change feeds need a key to"
    " say which row changed; MySQL's row-based replication scans the whole table for every changed row without one.",
    remedies=(
        Remedy(where="any", text="Make the columns that name a row the primary key."),
        Remedy(
            where="PostgreSQL",
            text="`CREATE UNIQUE INDEX CONCURRENTLY t_pkey ON t (id)`, then"
            " `ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey`.",
        ),
        Remedy(where="MySQL, MariaDB", text="`ALTER TABLE t ADD COLUMN id bigint AUTO_INCREMENT PRIMARY KEY FIRST`."),
        Remedy(
            where="SQLite", text="Rebuild the table with `id INTEGER PRIMARY KEY`; `lockgate plan` writes the steps."
        ),
    ),
    next_step="declare a primary key in the desired schema and run lockgate plan",
)
FOREIGN_KEY_MISMATCH = Rule(
    code="foreign-key-type-mismatch",
    area="schema",
    title="A foreign key's column is of another type than what it refers to",
    severity=Severity.WARNING,
    problem="The two ends of a foreign key differ in type, signedness, length, character set or collation.",
    why="The smaller side cannot hold every value of the other, so that inserts begin to fail one day; joins convert"
    " every value and may not use the index. MySQL refuses to create such a key when foreign_key_checks is on, so the"
    " next dump cannot be loaded.",
    remedies=(Remedy(where="any", text="Give the referring column exactly the type of the column it refers to."),),
    next_step="give both ends the same type in the desired schema and run lockgate plan",
)
FOREIGN_KEY_WITHOUT_TARGET = Rule(
    code="foreign-key-without-target",
    area="schema",
    title="A foreign key refers to nothing that could hold it",
    severity=Severity.CRITICAL,
    problem="The table or the columns a foreign key names do not exist, or no primary key or unique index stands on"
    " them.",
    why="SQLite accepts such a key and then refuses every write that has to look it up (`no such table`, `foreign key"
    " mismatch`). MySQL accepts it with foreign_key_checks off, and enforces nothing until the table is there.",
    remedies=(Remedy(where="any", text="Create what the key refers to, with a unique key, or drop the foreign key."),),
    next_step="create the table or unique key it refers to, or drop the foreign key",
)
FOREIGN_KEY_WITHOUT_INDEX = Rule(
    code="foreign-key-without-index",
    area="schema",
    title="No index begins with a foreign key's columns",
    severity=Severity.INFO,
    problem="The columns of a foreign key are not the first columns of any index.",
    why="Each delete or key change in the table it refers to reads the whole referring table to look for rows, and"
    " holds its locks meanwhile.",
    remedies=(
        Remedy(where="PostgreSQL", text="`CREATE INDEX CONCURRENTLY … ON child (parent_id)`."),
        Remedy(where="MySQL, MariaDB", text="Nothing to do: the server makes one itself and lets nobody drop it."),
        Remedy(where="SQLite", text="`CREATE INDEX … ON child (parent_id)`."),
    ),
    next_step="add an index on the foreign key's columns",
)
CONSTRAINT_NOT_VALID = Rule(
    code="constraint-not-validated",
    area="schema",
    title="A constraint was never checked against the rows that were there",
    severity=Severity.WARNING,
    problem="A constraint is NOT VALID: it holds for new rows only.",
    why="Old rows may break it. The planner cannot rely on it, and the first update of such an old row fails.",
    remedies=(
        Remedy(
            where="PostgreSQL",
            text="`ALTER TABLE t VALIDATE CONSTRAINT c` reads the table and blocks neither reads nor writes.",
        ),
    ),
    next_step="repair the rows that break it, then ALTER TABLE … VALIDATE CONSTRAINT",
)
CONSTRAINT_NOT_ENFORCED = Rule(
    code="constraint-not-enforced",
    area="schema",
    title="A constraint is declared and not enforced",
    severity=Severity.WARNING,
    problem="A constraint is NOT ENFORCED: the server lets every row pass.",
    why="Whoever reads the schema believes that the rule holds. It does not.",
    remedies=(
        Remedy(where="MySQL", text="`ALTER TABLE t ALTER CHECK c ENFORCED`, once no row breaks it."),
        Remedy(where="PostgreSQL 18", text="`ALTER TABLE t ALTER CONSTRAINT c ENFORCED`."),
    ),
    next_step="enforce the constraint or drop it",
)
CONSTRAINT_TRIGGER_DISABLED = Rule(
    code="constraint-trigger-disabled",
    area="schema",
    title="The triggers that enforce a foreign key are disabled",
    severity=Severity.CRITICAL,
    problem="`ALTER TABLE … DISABLE TRIGGER ALL` also switched off the internal triggers that enforce foreign keys.",
    why="The constraint looks valid and nothing enforces it: orphan rows come in without an error.",
    remedies=(
        Remedy(
            where="PostgreSQL", text="`ALTER TABLE t ENABLE TRIGGER ALL` on both tables, then look for orphan rows."
        ),
    ),
    next_step="ALTER TABLE … ENABLE TRIGGER ALL, then lockgate validate again",
)
TRIGGER_DISABLED = Rule(
    code="trigger-disabled",
    area="schema",
    title="A trigger is disabled",
    severity=Severity.WARNING,
    problem="A trigger exists and does not fire.",
    why="It was usually switched off for a bulk load and forgotten; what it should have kept up to date is not.",
    remedies=(Remedy(where="PostgreSQL", text="`ALTER TABLE t ENABLE TRIGGER name`, or drop the trigger."),),
    next_step="enable the trigger or drop it",
)
TRIGGER_BROKEN = Rule(
    code="trigger-broken",
    area="schema",
    title="A trigger does not compile any more",
    severity=Severity.CRITICAL,
    problem="A trigger names a table or column that does not exist.",
    why="SQLite compiles triggers when their table is written to: every such write fails.",
    remedies=(Remedy(where="SQLite", text="Drop the trigger and create it anew against the tables there are."),),
    next_step="drop or rewrite the trigger",
)
VIEW_BROKEN = Rule(
    code="view-broken",
    area="schema",
    title="A view cannot be read any more",
    severity=Severity.CRITICAL,
    problem="A view names a table, column or function that does not exist any more.",
    why="Every query of the view fails, and so does the dump of the database on MySQL.",
    remedies=(Remedy(where="any", text="Drop the view, or create it anew against the tables there are."),),
    next_step="drop or rewrite the view",
)
INDEX_INVALID = Rule(
    code="index-invalid",
    area="schema",
    title="An index is invalid",
    severity=Severity.WARNING,
    problem="A `CREATE INDEX CONCURRENTLY` or `REINDEX CONCURRENTLY` failed and left an invalid index behind.",
    why="No query uses it, every write pays for it, and a unique one guarantees nothing about the rows that are there."
    " `CREATE INDEX IF NOT EXISTS` of the same name then does nothing.",
    remedies=(Remedy(where="PostgreSQL", text="`REINDEX INDEX CONCURRENTLY name`, or drop it and create it again."),),
    next_step="REINDEX INDEX CONCURRENTLY it, or DROP INDEX CONCURRENTLY it",
)
INDEX_DUPLICATE = Rule(
    code="index-duplicate",
    area="schema",
    title="Two indexes hold the same",
    severity=Severity.WARNING,
    problem="An index repeats another one, the primary key or a unique constraint.",
    why="Each write keeps both up to date, and both take disk and memory; no query is faster for it.",
    remedies=(
        Remedy(where="any", text="Drop one of the two; keep the one that a constraint owns."),
        Remedy(where="MySQL 8, MariaDB 10.6", text="Make it INVISIBLE (IGNORED) for a while first."),
    ),
    next_step="drop one of the two indexes",
)
INDEX_COVERED = Rule(
    code="index-covered",
    area="schema",
    title="An index is the beginning of another one",
    severity=Severity.INFO,
    problem="All columns of an index are the first columns of a longer one.",
    why="The longer index answers the same queries; the shorter costs every write.",
    remedies=(
        Remedy(where="any", text="Drop the shorter one, unless it is much smaller and its queries are the hot ones."),
    ),
    next_step="drop the shorter index when the longer one serves its queries",
)
INT_PRIMARY_KEY = Rule(
    code="primary-key-of-32-bits",
    area="schema",
    title="A growing primary key has 32 bits or fewer",
    severity=Severity.INFO,
    problem="A numbered primary key is an integer that ends at 2,147,483,647 (4,294,967,295 unsigned) or earlier.",
    why="At the end every insert fails, and widening the key of a large table then is the longest of all migrations.",
    remedies=(Remedy(where="any", text="Use bigint for numbered keys, and for the columns that refer to them."),),
    next_step="make new numbered keys bigint",
)

RULES = (
    TABLE_WITHOUT_PRIMARY_KEY,
    FOREIGN_KEY_MISMATCH,
    FOREIGN_KEY_WITHOUT_TARGET,
    FOREIGN_KEY_WITHOUT_INDEX,
    CONSTRAINT_NOT_VALID,
    CONSTRAINT_NOT_ENFORCED,
    CONSTRAINT_TRIGGER_DISABLED,
    TRIGGER_DISABLED,
    TRIGGER_BROKEN,
    VIEW_BROKEN,
    INDEX_INVALID,
    INDEX_DUPLICATE,
    INDEX_COVERED,
    INT_PRIMARY_KEY,
)
