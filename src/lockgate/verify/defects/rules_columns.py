"""The rules on types, names and character sets of a live schema."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

MONEY_IN_FLOAT = Rule(
    code="money-in-float",
    area="schema",
    title="Money is kept in a binary float",
    severity=Severity.WARNING,
    problem="A column whose name speaks of money has a floating-point type.",
    why="0.1 has no exact binary form: sums drift by cents, equal amounts compare as different, and totals depend on"
    " the order of addition.",
    remedies=(
        Remedy(where="PostgreSQL", text="`numeric(15,2)`, or `bigint` for the smallest unit."),
        Remedy(where="MySQL, MariaDB", text="`decimal(15,2)`, or `bigint` for the smallest unit."),
        Remedy(
            where="SQLite",
            text="SQLite has no exact decimals: `DECIMAL(15,2)` is kept as a float too. Use INTEGER cents, or TEXT.",
        ),
    ),
    next_step="change the type to an exact one, or list the word in [validate] not_money",
)
TIMESTAMP_WITHOUT_ZONE = Rule(
    code="timestamp-without-zone",
    area="schema",
    title="A point in time is kept without its zone",
    severity=Severity.WARNING,
    problem="A column is `timestamp without time zone`: a clock on a wall nobody knows.",
    why="What it means depends on the writer's TimeZone setting. Twice a year an hour comes twice, and two servers in"
    " two zones write values that cannot be compared.",
    remedies=(
        Remedy(
            where="PostgreSQL",
            text="`ALTER TABLE t ALTER c TYPE timestamptz USING c AT TIME ZONE 'UTC'` (rewrites nothing when the"
            " session's TimeZone is UTC, from PostgreSQL 12 on).",
        ),
    ),
    next_step="declare the column as timestamptz",
)
TIMESTAMP_2038 = Rule(
    code="timestamp-2038",
    area="schema",
    title="A TIMESTAMP ends in 2038",
    severity=Severity.INFO,
    problem="A column is a TIMESTAMP, kept as seconds since 1970 in 32 bits.",
    why="It cannot hold anything after 2038-01-19 03:14:07 UTC: contracts, loans and expiry dates reach that today.",
    remedies=(
        Remedy(where="MySQL", text="Use DATETIME(6), written in UTC."),
        Remedy(where="MariaDB", text="Use DATETIME(6), or MariaDB 11.5, whose TIMESTAMP goes on to 2106."),
    ),
    next_step="use DATETIME for dates that may lie after 2038",
)
ENUM_EMPTY_VALUE = Rule(
    code="enum-empty-value",
    area="schema",
    title="An enum or set has an empty value",
    severity=Severity.WARNING,
    problem="'' is among the values of an enum or set.",
    why="MySQL writes '' for a value it refused without strict mode, so a wrong value cannot be told from a chosen"
    " empty one.",
    remedies=(Remedy(where="any", text="Use NULL for nothing, or a word that says what nothing means."),),
    next_step="replace '' by NULL or a word",
)
TABLE_WITHOUT_TRANSACTIONS = Rule(
    code="table-without-transactions",
    area="schema",
    title="A table's storage engine has no transactions",
    severity=Severity.CRITICAL,
    problem="A table is kept by MyISAM, Aria, MEMORY, CSV or another engine that cannot roll back.",
    why="A rollback leaves its rows changed, foreign keys are not enforced, a crash may corrupt it, and a backup in one"
    " transaction reads it at another time than the rest.",
    remedies=(Remedy(where="MySQL, MariaDB", text="`ALTER TABLE t ENGINE=InnoDB`."),),
    next_step="ALTER TABLE … ENGINE=InnoDB",
)
CHARSET_UTF8MB3 = Rule(
    code="charset-utf8mb3",
    area="schema",
    title="A column is utf8mb3",
    severity=Severity.WARNING,
    problem="A column's character set is utf8mb3 (formerly `utf8`), which ends at three bytes.",
    why="Emoji and many names in Chinese, Japanese and Korean need four: they are refused, or cut without strict mode.",
    remedies=(Remedy(where="MySQL, MariaDB", text="`ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4`."),),
    next_step="convert the table to utf8mb4",
)
CHARSET_OF_DATABASE = Rule(
    code="charset-of-database",
    area="schema",
    title="New tables get another character set than the existing ones",
    severity=Severity.WARNING,
    problem="The database's default character set is used by none of its tables.",
    why="The next table that does not name its character set differs from the others, and joins with them fail or slow"
    " down.",
    remedies=(Remedy(where="MySQL, MariaDB", text="`ALTER DATABASE … CHARACTER SET utf8mb4`."),),
    next_step="ALTER DATABASE … CHARACTER SET that of its tables",
)
COLLATION_MIXED = Rule(
    code="collation-mixed",
    area="schema",
    title="Columns of one database have different collations",
    severity=Severity.INFO,
    problem="Some text columns have another character set or collation than most.",
    why="Comparing such columns fails (`Illegal mix of collations`, `could not determine which collation`) or cannot"
    " use an index, and sorts one list two ways.",
    remedies=(Remedy(where="any", text="Keep to one collation; where a code needs exact bytes, say so in a comment."),),
    next_step="convert the columns to the collation of the others, unless it is meant so",
)
NAME_AT_LIMIT = Rule(
    code="name-at-limit",
    area="schema",
    title="A name is as long as the server allows",
    severity=Severity.WARNING,
    problem="A name has the greatest length that the server keeps.",
    why="PostgreSQL cuts a longer name without an error: two long names may become one, and the tool that wrote it"
    " looks for another name than the one that is there. MySQL refuses the next longer one.",
    remedies=(Remedy(where="any", text="Name it yourself, shorter."),),
    next_step="rename it to something shorter than the limit",
)
NAME_RESERVED = Rule(
    code="name-reserved",
    area="schema",
    title="A name is a reserved word",
    severity=Severity.INFO,
    problem="A table's or column's name is a reserved word of this server.",
    why="Every statement must quote it; one that does not fails, or means something else (`user` in PostgreSQL).",
    remedies=(Remedy(where="any", text="Rename it: `orders` for `order`, `sort_key` for `key`."),),
    next_step="rename it, or quote it everywhere",
)
NAME_CASE_ONLY = Rule(
    code="names-differ-in-case",
    area="schema",
    title="Two names differ only in case",
    severity=Severity.WARNING,
    problem="Two tables, or two columns of a table, have names that differ only in upper and lower case.",
    why="Whether they are two depends on the server, its file system and the quotes of each statement; copied to"
    " another server, one of them is lost.",
    remedies=(Remedy(where="any", text="Rename one of the two."),),
    next_step="rename one of the two",
)
TYPE_AFFINITY = Rule(
    code="type-affinity",
    area="schema",
    title="A declared type does not do what it says",
    severity=Severity.WARNING,
    problem="SQLite does not know the declared type and guesses from its letters: STRING is a number, POINT is an"
    " integer, no type keeps anything.",
    why="A text of digits in a STRING column becomes a number: '007' is read back as 7.",
    remedies=(Remedy(where="SQLite", text="Use INTEGER, REAL, TEXT or BLOB, best in a STRICT table."),),
    next_step="declare INTEGER, REAL, TEXT or BLOB",
)
KEY_NOT_ROWID = Rule(
    code="key-not-rowid",
    area="schema",
    title="An integer primary key is not the rowid",
    severity=Severity.WARNING,
    problem="Only exactly `INTEGER PRIMARY KEY` is the rowid; `INT PRIMARY KEY`, `INTEGER PRIMARY KEY DESC` are not.",
    why="Rows inserted without a key get NULL instead of the next number, and the key is a second index beside the"
    " rowid.",
    remedies=(Remedy(where="SQLite", text="Rebuild the table with `INTEGER PRIMARY KEY`, or make it WITHOUT ROWID."),),
    next_step="declare it INTEGER PRIMARY KEY, without DESC",
)
KEY_TAKES_NULL = Rule(
    code="key-takes-null",
    area="schema",
    title="A primary key takes NULL",
    severity=Severity.WARNING,
    problem="In SQLite a primary key that is not the rowid takes NULL unless its columns are NOT NULL.",
    why="NULLs are never equal, so any number of rows may have no key at all.",
    remedies=(Remedy(where="SQLite", text="Declare the columns NOT NULL, or the table STRICT or WITHOUT ROWID."),),
    next_step="declare the key's columns NOT NULL",
)
TABLE_NOT_STRICT = Rule(
    code="table-not-strict",
    area="schema",
    title="Tables are not STRICT",
    severity=Severity.INFO,
    problem="A column of a table that is not STRICT takes values of every type.",
    why="A text in an INTEGER column is kept without an error, and compares and sorts after every number.",
    remedies=(Remedy(where="SQLite 3.37", text="Rebuild the table with STRICT; `lockgate plan` writes the steps."),),
    next_step="declare new tables STRICT",
)

RULES = (
    MONEY_IN_FLOAT,
    TIMESTAMP_WITHOUT_ZONE,
    TIMESTAMP_2038,
    ENUM_EMPTY_VALUE,
    TABLE_WITHOUT_TRANSACTIONS,
    CHARSET_UTF8MB3,
    CHARSET_OF_DATABASE,
    COLLATION_MIXED,
    NAME_AT_LIMIT,
    NAME_RESERVED,
    NAME_CASE_ONLY,
    TYPE_AFFINITY,
    KEY_NOT_ROWID,
    KEY_TAKES_NULL,
    TABLE_NOT_STRICT,
)
