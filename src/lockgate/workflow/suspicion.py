"""Whether a table that holds fewer rows than before a way back may have lost them by what was run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lockgate.execute.execution import Execution
from lockgate.execute.script import statements_of
from lockgate.model.op import Strategy
from lockgate.model.plan import Step
from lockgate.model.schema import Key
from lockgate.workflow.way_back import way_of

# What can take rows away from a table, or put them into another one that takes its place. ALTER TABLE does so only to
# partitions; a renaming never does, and what is written to our own salvage stays where it was as well.
_TAKES_ROWS = re.compile(
    r"^\s*(/\*.*?\*/\s*)*(?!INSERT\s+(IGNORE\s+|OR\s+\w+\s+)?INTO\s+\W?lockgate\W?[._]\W?salvage)"
    r"(INSERT|REPLACE|DELETE|TRUNCATE|MERGE|WITH|DROP\s+TABLE|CREATE\s+TABLE)\b"
    r"|\b(DROP|EXCHANGE|CONVERT|TRUNCATE|COALESCE|REORGANIZE|DETACH|ATTACH)\s+PARTITION\b|\bREMOVE\s+PARTITIONING\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Suspicion:
    """Judges tables by the statements that were run; ``steps`` are those that were undone."""

    execution: Execution
    steps: tuple[Step, ...]

    def may_be_lost(self, table: str) -> bool:
        """Tell whether rows of a table (by its dotted name now) may be lost.

        They are not where nothing that was run takes rows away; nor where the table is one of a pair and both hold as
        many rows at one moment, because the other one follows every write.
        """
        concerned = [step for step in self.steps if self._concerns(step, table)]
        if any(step.strategy is not Strategy.PLAIN and self._mirrors(step, table) for step in concerned):
            return not self._is_as_full_as_its_mirror(table, concerned)
        return any(
            _TAKES_ROWS.search(statement.sql) for step in concerned for statement in statements_of(step, way_of(step))
        )

    def _concerns(self, step: Step, table: str) -> bool:
        parks = (*step.parks, *step.backward_parks)
        return step.table == table or any(table in (park.original.path, park.parked) for park in parks)

    def _mirrors(self, step: Step, table: str) -> list[str]:
        """Return the names of the tables that follow a table after the way back."""
        parks = (park for park in step.backward_parks if park.original.kind == "table")
        return [park.parked for park in parks if park.original.path == table]

    def _is_as_full_as_its_mirror(self, table: str, steps: list[Step]) -> bool:
        key = self.execution.tables.get(table)
        names = [name for step in steps for name in self._mirrors(step, table)]
        if key is None or not names:
            return False
        quote = self.execution.engine.quote
        here = ".".join(quote(part) for part in (key.namespace, key.name) if part)
        there = (self.execution.tables.get(name, Key("table", "", name)) for name in names)
        counts = ", ".join(
            f"(SELECT COUNT(*) FROM {'.'.join(quote(part) for part in (k.namespace, k.name) if part)})" for k in there
        )
        # One statement sees both tables at one moment.
        rows = self.execution.session.query(f"SELECT (SELECT COUNT(*) FROM {here}), {counts}")[0]
        return len(set(rows)) == 1
