"""What reading SQLAlchemy models and Alembic migrations can find."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

NOT_IMPORTED = Rule(
    code="sqlalchemy-model-not-imported",
    area="sqlalchemy",
    title="A model's file is not imported",
    severity=Severity.WARNING,
    problem="A file of the package declares a table, but importing the module that the spec names does not import it.",
    why=(
        "SQLAlchemy knows only the tables of modules that were imported. The table is missing from the declared "
        "schema: in the live database it looks like one that nobody wants any more, and a plan proposes to drop it."
    ),
    remedies=(
        Remedy(where="any", text="Import the file where the other models are imported, usually `models/__init__.py`."),
        Remedy(where="any", text="Or name it in the spec: `sqlalchemy:app.audit,app.models:Base`."),
    ),
    next_step="import the file with the other models, or name its module first in the spec",
)
OTHER_METADATA = Rule(
    code="sqlalchemy-other-metadata",
    area="sqlalchemy",
    title="There are tables in a metadata that the spec does not name",
    severity=Severity.WARNING,
    problem="The imported code has a second `MetaData` (often a second declarative base) with tables of its own.",
    why=(
        "Only the named metadata is compared. When both belong to the same database, the tables of the other one look "
        "like ones that nobody declares."
    ),
    remedies=(
        Remedy(where="any", text="Name both when they are one database: `sqlalchemy:app.models:Base,AuditBase`."),
        Remedy(where="any", text="When the other is for another database, compare that one with a target of its own."),
    ),
    next_step="add its attribute to the spec with a comma when it belongs to this database",
)
OTHER_DATABASE = Rule(
    code="sqlalchemy-other-database",
    area="sqlalchemy",
    title="Tables that belong to another database are left out",
    severity=Severity.WARNING,
    problem=(
        "Tables have a bind key of Flask-SQLAlchemy, or on MySQL, MariaDB and SQLite a `schema`, which is another "
        "database there. One run compares one database, so they are not part of it."
    ),
    why="Nothing is known about these tables from this run; a verdict about the others says nothing about them.",
    remedies=(
        Remedy(where="any", text="Compare each bind key with its own target: `sqlalchemy:app:db?bind=audit`."),
        Remedy(
            where="MySQL, MariaDB, SQLite",
            text="When the schema is the target's own database, say so: `sqlalchemy:app.models:Base?schema=shop`.",
        ),
    ),
    next_step="compare them with a target of their own: add ?bind=KEY or ?schema=NAME to the spec",
)
REVISION_TWICE = Rule(
    code="alembic-revision-twice",
    area="alembic",
    title="Two files have the same revision id",
    severity=Severity.CRITICAL,
    problem="A file was copied and kept its `revision`.",
    why="Alembic warns and loads the one it reads last; the other never runs, and nobody is told which.",
    remedies=(Remedy(where="any", text="Give the copy an id of its own, and as `down_revision` the newest revision."),),
    next_step="give one of the two files a revision id of its own",
)
REVISION_UNREADABLE = Rule(
    code="alembic-revision-unreadable",
    area="alembic",
    title="A file in the folder of revisions cannot be loaded",
    severity=Severity.CRITICAL,
    problem="It is no Python, it names no `revision`, or its `revision` or `down_revision` is computed.",
    why="Alembic stops at such a file, or nobody can say without running it where it stands in the order.",
    remedies=(Remedy(where="any", text="Write `revision` and `down_revision` out as texts; move other files away."),),
    next_step="correct the file, or move it out of the folder of revisions",
)
ENV_CONNECTION = Rule(
    code="alembic-env-connection",
    area="alembic",
    title="env.py does something on its connection that is not repeated",
    severity=Severity.WARNING,
    problem="env.py runs a statement or sets options on the connection before the revisions run.",
    why=(
        "Lockgate runs the revisions on a connection of its own, so that no database of yours can be reached; of "
        "env.py it runs only what the options of `context.configure` need. A search path, a schema or an extension "
        "that env.py makes is missing then."
    ),
    remedies=(
        Remedy(where="any", text="Move what the schema needs into a revision: `op.execute('CREATE EXTENSION …')`."),
    ),
    next_step="move the statement into a revision when the schema depends on it",
)
RULES: tuple[Rule, ...] = (
    NOT_IMPORTED,
    OTHER_METADATA,
    OTHER_DATABASE,
    REVISION_TWICE,
    REVISION_UNREADABLE,
    ENV_CONNECTION,
)
