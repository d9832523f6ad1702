"""Rules on choices that are cheap now and dear to change later."""

from __future__ import annotations

from lockgate.lint.make_rule import ANY, CRITICAL, INFO, LITE, MM, MY, PG, WARNING, lint_rule

SERIAL = lint_rule(
    "serial-column", INFO, "serial instead of an identity column",
    "serial is a default on a sequence of its own: rights, ownership and copies of the table go their own ways.",
    "INSERT may write any number, and the sequence does not know.",
    ((PG, "`bigint GENERATED ALWAYS AS IDENTITY`"),),
    "use an identity column",
)  # fmt: skip
SMALL_KEY = lint_rule(
    "small-integer-key", WARNING, "A primary key of 32 bits or less that counts up",
    "It ends at 2,147,483,647, and failed inserts use numbers up too.",
    "Widening it later rewrites the table and every table that refers to it.",
    ((PG, "bigint"), (MM, "bigint unsigned")),
    "use bigint",
)  # fmt: skip
SMALL_INTEGER = lint_rule(
    "small-integer", INFO, "A number of 32 bits or less",
    "It saves little or nothing, and widening it later rewrites the table.",
    "Counters, amounts in cents and foreign keys outgrow it.",
    ((PG, "bigint, unless the range is certain."), (MM, "bigint, unless the range is certain.")),
    "use bigint unless the range is certain",
)  # fmt: skip
PADDED_CHAR = lint_rule(
    "padded-char", INFO, "char(n) pads with blanks",
    "Values are filled up with blanks, which some comparisons ignore and others do not.",
    "It saves nothing over text or varchar.",
    ((PG, "text, with a CHECK on the length where one is needed."),),
    "use text",
)  # fmt: skip
LIMITED_VARCHAR = lint_rule(
    "limited-varchar", INFO, "varchar(n) makes its limit a part of the type",
    "A lower limit later is a scan under a lock, and views that use the column forbid the change.",
    "In PostgreSQL text is as fast, and the limit can be a CHECK that is changed without a rewrite.",
    ((PG, "text with `CHECK (length(c) <= n)`."),),
    "use text with a check",
)  # fmt: skip
NO_ZONE = lint_rule(
    "timestamp-column-without-zone", INFO, "A point in time without a zone",
    "It is a wall clock's reading: which moment it means depends on who reads it.",
    "Servers and clients in other zones, and daylight saving time, shift it by hours.",
    ((PG, "timestamptz"), (MM, "datetime kept in UTC by rule, or timestamp (until 2038 on MySQL before 8.0.28).")),
    "use a type with a zone, or keep UTC by rule",
)  # fmt: skip
TIME_ZONE = lint_rule(
    "time-with-zone", INFO, "time with time zone",
    "A time of day with a zone but without a date: its offset is unknown on days of changing clocks.",
    "PostgreSQL's own manual advises against it.",
    ((PG, "timestamptz, or time and a zone's name."),),
    "use timestamptz",
)  # fmt: skip
FLOAT_MONEY = lint_rule(
    "float-for-money", WARNING, "An amount of money in binary floating point",
    "0.1 has no exact binary form; sums drift by cents.",
    "It shows up when somebody compares the sum with the ledger.",
    ((ANY, "numeric(12,2) (decimal), or whole cents in a bigint."),),
    "use numeric, or whole cents",
)  # fmt: skip
MONEY_TYPE = lint_rule(
    "money-type", INFO, "PostgreSQL's money type",
    "Its format and number of decimals depend on the server's lc_monetary; it knows no currency.",
    "A dump read under another locale gives other amounts.",
    ((PG, "numeric(12,2) and a currency column."),),
    "use numeric",
)  # fmt: skip
JSON = lint_rule(
    "json-column", WARNING, "json instead of jsonb",
    "json is text: it has no equality, so SELECT DISTINCT, UNION and GROUP BY on the table's rows fail, and no index.",
    "Existing queries over all columns begin to fail.",
    ((PG, "jsonb"),),
    "use jsonb",
)  # fmt: skip
NO_KEY = lint_rule(
    "create-table-without-primary-key", WARNING, "A new table without a primary key",
    "Rows cannot be told apart.",
    "Logical replication, changing the table online and undoing its changes need a key; row-based replicas of MySQL"
    " read the whole table for each changed row.",
    ((PG, "`id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`"),
     (MM, "`id bigint unsigned AUTO_INCREMENT PRIMARY KEY` (it may be INVISIBLE)."),
     (LITE, "`id INTEGER PRIMARY KEY`")),
    "add a primary key",
)  # fmt: skip
FK_INDEX = lint_rule(
    "foreign-key-not-indexed", WARNING, "A foreign key whose columns no index begins with",
    "Deleting or changing a row of the other table reads this whole table, under a lock.",
    "It is fast in the test and slow with rows.",
    ((PG, "`CREATE INDEX CONCURRENTLY ON t (c);` before the foreign key."), (LITE, "`CREATE INDEX i ON t (c);`")),
    "create an index on the columns",
)  # fmt: skip
CASCADING_KEY = lint_rule(
    "foreign-key-deletes-rows", INFO, "A foreign key that deletes rows by itself",
    "ON DELETE CASCADE deletes this table's rows when a row of the other one goes.",
    "Those are real deletes: nothing of them can be undone, and MySQL fires no trigger for them.",
    ((ANY, "ON DELETE RESTRICT, and delete on purpose."),),
    "use RESTRICT unless it is meant",
)  # fmt: skip
UTF8MB3 = lint_rule(
    "utf8mb3-charset", WARNING, "MySQL's utf8 holds three bytes a character only",
    "utf8 and utf8mb3 refuse emoji and rare characters, or cut the text there without strict mode.",
    "Changing it later copies every table.",
    ((MM, "utf8mb4"),),
    "use utf8mb4",
)  # fmt: skip
POSITION = lint_rule(
    "column-position", INFO, "A column is put at a place",
    "FIRST and AFTER rebuild the table before MySQL 8.0.29, and change what `INSERT` without a column list means.",
    "The order of columns has no meaning to programs that name them.",
    ((MM, "Leave FIRST and AFTER out."),),
    "leave FIRST and AFTER out",
)  # fmt: skip
COVERED = lint_rule(
    "index-covered-by-another", WARNING, "An index that another one already covers",
    "Its columns are the first columns of another index of the same table.",
    "It costs every write and the disk, and no query is faster.",
    ((ANY, "Leave the shorter one out."),),
    "leave it out",
)  # fmt: skip
WIDE_INDEX = lint_rule(
    "wide-index", INFO, "An index of more than three columns",
    "Every further column makes it larger, and few queries use more than the first two or three.",
    "It costs every write.",
    ((ANY, "Begin with the columns that select most, and stop there."),),
    "use fewer columns",
)  # fmt: skip
NOT_STRICT = lint_rule(
    "create-table-not-strict", INFO, "A table that takes values of any type",
    "Without STRICT an INTEGER column takes 'abc' and keeps it as text.",
    "The error comes when somebody reads it; making a table STRICT later is a rebuild.",
    ((LITE, "`CREATE TABLE t (…) STRICT;` (3.37 and later)"),),
    "add STRICT",
)  # fmt: skip
STORAGE = lint_rule(
    "storage-without-transactions", CRITICAL, "A storage engine without transactions",
    "MyISAM, Aria, MEMORY and the like know no transactions, foreign keys or row locks, and lose rows in a crash.",
    "Half a change stays when it fails.",
    ((MM, "ENGINE=InnoDB"),),
    "use InnoDB",
)  # fmt: skip
LONG_NAME = lint_rule(
    "name-too-long", WARNING, "A name is longer than the server keeps",
    "PostgreSQL cuts it to 63 bytes without an error, MySQL refuses more than 64 characters.",
    "Two long names become one, and tools look for the name that was written.",
    ((ANY, "Use a shorter name."),),
    "use a shorter name",
)  # fmt: skip
ENUM_COLUMN = lint_rule(
    "enum-column", INFO, "An ENUM column",
    "Any change but appending values copies the table, and values sort by position.",
    "Lists of values change more often than tables should.",
    ((MY, "A table of values with a foreign key, or varchar with a CHECK."),),
    "use a table of values",
)  # fmt: skip

RULES = (
    SERIAL, SMALL_KEY, SMALL_INTEGER, PADDED_CHAR, LIMITED_VARCHAR, NO_ZONE, TIME_ZONE, FLOAT_MONEY, MONEY_TYPE, JSON,
    NO_KEY, FK_INDEX, CASCADING_KEY, UTF8MB3, POSITION, COVERED, WIDE_INDEX, NOT_STRICT, STORAGE, LONG_NAME,
    ENUM_COLUMN,
)  # fmt: skip
