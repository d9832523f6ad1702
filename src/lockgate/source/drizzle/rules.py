"""The rules of the Drizzle source."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule


def _rule(
    code: str, title: str, severity: Severity, problem: str, why: str, next_step: str, *remedies: tuple[str, str]
) -> Rule:
    return Rule(
        code=code,
        area="drizzle",
        title=title,
        severity=severity,
        problem=problem,
        why=why,
        next_step=next_step,
        remedies=tuple(Remedy(where, text) for where, text in remedies),
    )


UNREAD = _rule(
    "drizzle-unread",
    "A part of the Drizzle schema cannot be read",
    Severity.CRITICAL,
    "The schema is read without running it. A value that only running code can tell (a call into a package, a"
    " subquery of the query builder, an environment variable) stands where the schema depends on it.",
    "What is not read would be missing in the comparison, and a missing table is not the same as no table. So"
    " nothing is compared at all.",
    "write the value out where it is used, or import it from a file of the project",
    ("any", "Use literals, constants, local functions, spreads, and imports of the project's own files."),
    ("any", "Write a view as ``.as(sql`…`)``, or mark one that is made elsewhere with `.existing()`."),
)
UNREACHED_FILE = _rule(
    "drizzle-unreached-file",
    "A schema file is not reached from the entry files",
    Severity.WARNING,
    "A file beside the schema declares tables, but no entry file of the config is it or imports it.",
    "drizzle-kit does not see its tables: they are in no migration, and a later generate may want to drop them.",
    "export it from an entry file, or delete it",
    ("any", "Add `export * from './that-file'` to the entry file, or a pattern to `schema` of the config."),
)
UNEXPORTED = _rule(
    "drizzle-not-exported",
    "Something of the schema is not exported from an entry file",
    Severity.WARNING,
    "A table, enum or schema is declared, but no entry file exports it by name. drizzle-kit looks at named exports"
    " only: what is inside an exported object or array does not count.",
    "It gets no statement. A column of an enum that is not exported, or a table in such a schema, then fails on a"
    " fresh database, though it works where the type was made by hand.",
    "export it from an entry file",
    ("any", "Put `export` before it, or re-export it from the entry file."),
)
TABLE_TWICE = _rule(
    "drizzle-table-twice",
    "A table is declared twice",
    Severity.CRITICAL,
    "Two declarations give the same table. drizzle-kit keeps the last it meets and says nothing.",
    "Which one that is depends on the order of the exports. With different columns, the code that uses the other"
    " declaration asks for columns that do not exist.",
    "delete one of the declarations, and import the other where it was used",
    ("any", "Keep one declaration and re-export it."),
)
CONSTANT_NAME = _rule(
    "drizzle-constant-name",
    "A column constant is used under another property name",
    Severity.WARNING,
    'A column that is kept in a constant carries its own name: `mysqlEnum("batchStatus", …)` used as `status:'
    " batchStatusEnum` makes a column `batchStatus`. One without a name takes the first property it is used under,"
    " in every table after that, too.",
    "The property in the code says one thing and the column in the database another, and hand-written SQL asks for"
    " the property.",
    "make the constant a function that takes no name, or give the column in the table its own name",
    ("any", "Write ``const status = () => mysqlEnum([...])`` and use it as `status: status()`."),
    ("any", "Or name the property as the column: `batchStatus: batchStatusEnum`."),
)
MIXED_CASE = _rule(
    "drizzle-mixed-case",
    "Column names in one table mix camelCase and snake_case",
    Severity.WARNING,
    "Some columns of the table are called like `createdAt`, others like `created_at`.",
    "Nobody can guess a name in hand-written SQL, and such a mix usually comes from a column whose name was forgotten.",
    "name the columns alike, or set `casing` in the config and leave the names out",
    ("any", "Rename with a staged plan: `lockgate plan` keeps the values."),
)
LONG_NAME = _rule(
    "drizzle-name-too-long",
    "A name is longer than the database takes",
    Severity.WARNING,
    "drizzle-kit makes names of constraints from table and column names, and does not look at their length.",
    "MySQL and MariaDB refuse names over 64 characters, so the migration fails there, half done. PostgreSQL cuts"
    " them at 63 bytes, and two names that are then the same clash.",
    "give the constraint a short name of its own",
    ("MySQL, MariaDB", "Use `foreignKey({ name: 'short_fk', columns, foreignColumns })` in the table's extras."),
    ("PostgreSQL", "The same; `.unique('short_name')` for a unique column."),
)
SAME_NAME = _rule(
    "drizzle-same-name",
    "Two indexes or constraints have the same name",
    Severity.CRITICAL,
    "Index names must be unique: in PostgreSQL in a schema, in SQLite in a database, in MySQL in a table. Names of"
    " unique constraints and checks must be so in their table.",
    "drizzle-kit stops, or the database refuses the second one. A column constant with `.unique()` that several"
    " tables share is a common cause: all get the name made for the first table.",
    "give each its own name",
    ("any", "Put the table's name into the index's name, or leave the name of a unique constraint out."),
)
LEFT_OUT = _rule(
    "drizzle-left-out",
    "drizzle-kit leaves a table out",
    Severity.WARNING,
    "An exported table is of another dialect than the config, or in another MySQL database (`mysqlSchema`), or its"
    " schema is not in `schemaFilter`.",
    "drizzle-kit writes no statement for it, so nothing here compares it either.",
    "use a config of its own for it, or remove the export",
    ("any", "One config per dialect and database."),
)
IGNORED = _rule(
    "drizzle-ignored-extra",
    "drizzle ignores something beside the columns of a table",
    Severity.WARNING,
    "Among the indexes and constraints of a table stands a bare sql`…`. drizzle takes only what `index`, `unique`,"
    " `check`, `primaryKey`, `foreignKey` and `pgPolicy` make, and says nothing about the rest.",
    "It looks like a constraint and is none: no migration has it, and the database does not keep to it.",
    "write it with the function that makes it, or delete it",
    ("any", "Write ``check('name', sql`…`)`` instead of ``sql`CONSTRAINT name CHECK (…)` ``."),
)
MANGLED = _rule(
    "drizzle-mangled",
    "drizzle-kit writes something else than was declared",
    Severity.CRITICAL,
    "drizzle-kit 0.31 packs enum values, expressions and conditions into one text between marks and takes it apart"
    " again: an enum value with a comma or a parenthesis, a `;` in a check or condition, and in MySQL and SQLite a"
    " comma in an indexed expression come out wrong.",
    "The migration does not do what the code says. Lockgate writes the same as drizzle-kit, so the comparison is with"
    " what the database really got.",
    "write it without that character, or put it into a migration by hand",
    ("any", "For an enum value with a comma use another value and show the text in the application."),
    ("MySQL, SQLite", "Put an index on an expression with several arguments into a custom migration."),
)
VERSION = _rule(
    "drizzle-kit-version",
    "The project's drizzle-kit gives constraints other names",
    Severity.WARNING,
    "Names that the schema does not give are made as drizzle-kit 0.31 makes them (`users_email_unique`, `…_fk`)."
    " Version 1 makes some of them differently (`email_unique`, `…_fkey`).",
    "A database that version 1 made then differs in names only, in every table.",
    "run `lockgate drift --cross-check` once; it shows each name that differs",
    ("any", "Use the SQL of `drizzle-kit export` as the desired schema, or give the constraints names in the schema."),
)
CROSS_CHECK = _rule(
    "drizzle-cross-check",
    "drizzle-kit reads the schema differently",
    Severity.CRITICAL,
    "The schema as Lockgate reads it and the one that the project's own `drizzle-kit` writes differ.",
    "One of them is wrong about your files, so no verdict on the database can be trusted.",
    "report the difference with the lines it names; until then use the SQL of `drizzle-kit export` as the desired"
    " schema",
    ("any", "`npx drizzle-kit export > schema.sql`, then `--desired schema.sql`."),
)
RULES = (
    UNREAD,
    UNREACHED_FILE,
    UNEXPORTED,
    TABLE_TWICE,
    CONSTANT_NAME,
    MIXED_CASE,
    LONG_NAME,
    SAME_NAME,
    LEFT_OUT,
    IGNORED,
    CROSS_CHECK,
)
