"""The kinds of drift by what they do to the application, each with its page; pure."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

_CRITICAL, _WARNING, _INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
_BRING_LIVE = "`lockgate plan` writes the staged way from the live to the desired schema; `lockgate apply` goes it."
_BRING_DESIRED = (
    "When the live database is right, change the declaration: `lockgate inspect --format sql` shows what it has. "
    "When both are meant to differ for a while, `lockgate drift --accept OBJECT --reason … --until DAY` keeps it."
)
_NEXT = "`lockgate drift --fix` shows the SQL and its reverse, `lockgate plan` makes the plan"


def _rule(code: str, title: str, severity: Severity, problem: str, why: str) -> Rule:
    return Rule(
        code=f"drift-{code}",
        area="drift",
        title=title,
        severity=severity,
        problem=problem,
        why=why,
        remedies=(Remedy(where="any", text=f"{_BRING_LIVE}\n\n{_BRING_DESIRED}"),),
        next_step=_NEXT,
    )


MISSING = _rule(
    "missing",
    "declared but not in the live database: code that uses it fails",
    _CRITICAL,
    "A table, column or other object of the desired schema does not exist in the live database.",
    "The application was written against the declaration: its first query that names the object is refused.",
)
MISSING_INDEX = _rule(
    "missing-index",
    "a declared index is missing: queries that rely on it are slow",
    _WARNING,
    "A plain index of the desired schema does not exist in the live database.",
    "Nothing fails, but queries read whole tables, and locks are held longer than anybody planned for.",
)
MISSING_CONSTRAINT = _rule(
    "missing-constraint",
    "a declared constraint is missing: the data is not protected by it",
    _CRITICAL,
    "A key, unique index, foreign key or check of the desired schema does not exist in the live database.",
    "Rows that break the rule can be written meanwhile, and then stand in the way of adding it.",
)
UNDECLARED = _rule(
    "undeclared",
    "in the live database but not declared: it may hold data nobody accounts for",
    _WARNING,
    "The live database holds a table, column or other object that the desired schema does not name.",
    "It was added by hand or left behind: backups, deletions of personal data and the next migration do not know it.",
)
UNDECLARED_CONSTRAINT = _rule(
    "undeclared-constraint",
    "the live database enforces a constraint that is not declared: writes may fail",
    _WARNING,
    "The live database has a constraint that the desired schema does not name.",
    "The application's tests run without it; in production the server refuses what they allowed.",
)
UNDECLARED_INDEX = _rule(
    "undeclared-index",
    "the live database has an index that is not declared",
    _INFO,
    "The live database has an index that the desired schema does not name.",
    "It costs every write a little, and a query may depend on it without anybody knowing.",
)
TYPE = _rule(
    "type",
    "the type differs: values may be refused, cut or read differently",
    _CRITICAL,
    "A column's type in the live database is not the declared one.",
    "Values that fit the declaration may be refused or cut by the server, or come back as something else.",
)
ORIGIN = _rule(
    "value-origin",
    "how its values come about differs",
    _CRITICAL,
    "A column is generated, an identity or auto-incremented on one side only, or in another way.",
    "Inserts that leave it out fail or give other values; inserts that name it are refused.",
)
NULLABLE = _rule(
    "nullable",
    "the live column takes NULL, the declared one does not: unexpected NULLs",
    _CRITICAL,
    "The declaration says NOT NULL, the live column takes NULL.",
    "Code that trusts the declaration meets a NULL it has no answer for.",
)
NOT_NULL = _rule(
    "not-null",
    "the live column refuses NULL, the declared one takes it: inserts fail",
    _CRITICAL,
    "The declaration lets the column be NULL, the live column does not.",
    "Inserts and updates that the application takes for valid are refused.",
)
COLLATION = _rule(
    "collation",
    "charset or collation differ: comparing and sorting give other results",
    _WARNING,
    "A column's charset or collation in the live database is not the declared one.",
    "Equality, order and uniqueness follow other rules; joins between mixed collations may fail or lose their index.",
)
DEFAULT = _rule(
    "default",
    "the default differs: new rows get other values",
    _WARNING,
    "A column's default in the live database is not the declared one.",
    "Rows that leave the column out are stored with a value nobody expects.",
)
DEFINITION = _rule(
    "definition",
    "the definition differs",
    _CRITICAL,
    "An index, constraint, view, routine, trigger, type or table exists on both sides with another definition.",
    "The same name does something else in production than in the declaration.",
)
PROPERTY = _rule(
    "property",
    "a property of it differs",
    _WARNING,
    "An object exists on both sides and differs in a property, such as a key's action or a table's partitioning.",
    "It works, but not as declared: deletes may cascade or not, rows may go elsewhere.",
)
COSMETIC = _rule(
    "cosmetic",
    "only attributes that do not change results differ",
    _INFO,
    "Only comments, storage options, visibility or the like differ.",
    "No result changes. It is listed so that nothing is hidden.",
)
RENAMED = _rule(
    "renamed",
    "only the name differs",
    _INFO,
    "An index or constraint is the same on both sides but for its name.",
    "No result changes, but statements that name it (`DROP INDEX …`, `ON CONFLICT ON CONSTRAINT …`) fail.",
)

RULES = (
    MISSING,
    MISSING_INDEX,
    MISSING_CONSTRAINT,
    UNDECLARED,
    UNDECLARED_CONSTRAINT,
    UNDECLARED_INDEX,
    TYPE,
    ORIGIN,
    NULLABLE,
    NOT_NULL,
    COLLATION,
    DEFAULT,
    DEFINITION,
    PROPERTY,
    COSMETIC,
    RENAMED,
)
