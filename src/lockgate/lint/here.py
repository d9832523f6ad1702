"""Where a check stands: the statement, the act, what came before; it makes the findings; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lockgate.lint.script import Item, Script
from lockgate.lint.state import STRONG, State
from lockgate.model.ddl import Act, Kind
from lockgate.model.finding import Finding, Severity
from lockgate.model.op import Blocks
from lockgate.model.rule import Rule

_BLOCKED = {
    Blocks.NOTHING: "nothing",
    Blocks.DDL: "other DDL",
    Blocks.WRITES: "writes",
    Blocks.READS_AND_WRITES: "reads and writes",
}


@dataclass(frozen=True)
class Here:
    """One act of one statement of one script, with what is known."""

    state: State
    script: Script
    item: Item
    act: Act

    @property
    def is_new(self) -> bool:
        """Whether the act's table was created by this very file, so that nobody uses it."""
        return self.state.is_new(self.act.table)

    @property
    def blocks(self) -> str:
        """What the act blocks, in words."""
        return _BLOCKED[self.act.lock.blocks]

    @property
    def is_strong(self) -> bool:
        """Whether the act blocks writers of a table that is in use."""
        return self.act.lock.blocks in STRONG and not self.is_new

    @property
    def is_long(self) -> bool:
        """Whether writers of a table that is in use wait for a time that grows with it."""
        return self.act.lock.is_long and not self.is_new

    def found(self, rule: Rule, message: str, *, next_step: str = "", severity: Severity | None = None) -> Finding:
        """Return a finding at this statement, of the rule's severity unless another is given."""
        name = self.act.name if self.act.name != self.act.table else ""
        where = ".".join(part for part in (self.act.table, name) if part)
        return rule.found(
            message,
            file=self.script.name,
            line=self.item.line,
            object=where,
            next_step=next_step,
            severity=severity,
        )


Check = Callable[[Here], Iterator[Finding]]
Checks = dict[Kind, Check]
