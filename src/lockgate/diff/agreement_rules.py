"""The rules of agreement: which of folder, declared schema and live database is the odd one out."""

from __future__ import annotations

from lockgate.model.finding import Severity
from lockgate.model.rule import Remedy, Rule

_AREA = "agreement"

LIVE_ODD = Rule(
    code="agreement-live-differs",
    area=_AREA,
    title="The live database differs from what folder and declared schema agree on",
    severity=Severity.CRITICAL,
    problem="The migrations and the declared schema agree on an object, and the live database has it otherwise "
    "or not at "
    "all.",
    why="Code is written for the declared schema. A migration was not applied, was skipped, or somebody changed the "
    "database by hand.",
    remedies=(
        Remedy(where="any", text="When a migration was skipped or is not applied, apply it or write it anew."),
        Remedy(
            where="any", text="When somebody changed the database by hand, write the change as a migration or undo it."
        ),
    ),
    next_step="lockgate validate --only history, then lockgate plan",
)
FOLDER_ODD = Rule(
    code="agreement-folder-differs",
    area=_AREA,
    title="The migrations differ from what declared schema and live database agree on",
    severity=Severity.CRITICAL,
    problem="The declared schema and the live database agree on an object, and the migrations, run on a new database, "
    "make it otherwise or not at all.",
    why="New databases (tests, another region, after a disaster) differ from this one. Somebody pushed or changed the "
    "schema without a migration.",
    remedies=(
        Remedy(
            where="any", text="Write the missing migration, and record it as applied where the change is in already."
        ),
    ),
    next_step="write the change as a migration and record it as applied on this database",
)
DECLARED_ODD = Rule(
    code="agreement-declared-differs",
    area=_AREA,
    title="The declared schema differs from what migrations and live database agree on",
    severity=Severity.CRITICAL,
    problem="The migrations and the live database agree on an object, and the declared schema says otherwise.",
    why="Code is written for the declared schema and meets another one. Usually the migration for a change of "
    "the models "
    "was never generated, or the models were not brought up to a migration written by hand.",
    remedies=(Remedy(where="any", text="Generate the migration, or bring the declared schema up to the database."),),
    next_step="generate the migration that is missing, or mend the declared schema",
)
ALL_DIFFER = Rule(
    code="agreement-all-differ",
    area=_AREA,
    title="Migrations, declared schema and live database are three different things",
    severity=Severity.CRITICAL,
    problem="No two of the three agree on an object.",
    why="Nobody can say which is meant.",
    remedies=(
        Remedy(where="any", text="Decide which is right, make the declared schema say so, then mend the others."),
    ),
    next_step="decide which of the three is right",
)
TWO_DIFFER = Rule(
    code="agreement-two-differ",
    area=_AREA,
    title="Two of migrations, declared schema and live database differ",
    severity=Severity.CRITICAL,
    problem="Only two of the three were given or could be read, and they do not agree on an object.",
    why="Which of the two is behind cannot be told without the third.",
    remedies=(Remedy(where="any", text="Give the third too: `--desired`, `--migrations` and `--url`."),),
    next_step="give the third of --desired, --migrations and --url to learn which is wrong",
)

RULES = (ALL_DIFFER, DECLARED_ODD, FOLDER_ODD, LIVE_ODD, TWO_DIFFER)
