"""What reading a Django project can find."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

MODEL_NOT_MIGRATED = Rule(
    code="django-model-not-migrated",
    area="django",
    title="A change of a model has no migration",
    severity=Severity.WARNING,
    problem="The models and the migrations do not add up to the same: `makemigrations` would write a new migration.",
    why=(
        "A database made by `migrate` lacks the change, and code that uses it fails there. `django:` reads the models, "
        "`migrations:` the migrations, so the two give different schemas."
    ),
    remedies=(Remedy(where="any", text="`python manage.py makemigrations`, review the file, and commit it."),),
    next_step="python manage.py makemigrations",
)
UNMANAGED = Rule(
    code="django-unmanaged",
    area="django",
    title="A table is not managed by Django and is not compared",
    severity=Severity.INFO,
    problem="The model has `managed = False`: Django reads and writes the table and never makes or changes it.",
    why="What the table must look like is declared somewhere else. It is left alone: neither compared nor dropped.",
    remedies=(Remedy(where="any", text="Declare it where it is made, and compare that with a spec of its own."),),
    next_step="compare the table with the source that declares it",
)
OTHER_DATABASE = Rule(
    code="django-other-database",
    area="django",
    title="A model belongs to another database",
    severity=Severity.WARNING,
    problem="A database router does not allow the model in the database that is compared.",
    why="One run compares one database: nothing is known about this table from it.",
    remedies=(
        Remedy(where="any", text="Compare each alias with its own target: `django:shop.settings?database=logs`."),
    ),
    next_step="compare the other alias with a target of its own: add ?database=ALIAS to the spec",
)
RULES: tuple[Rule, ...] = (MODEL_NOT_MIGRATED, UNMANAGED, OTHER_DATABASE)
