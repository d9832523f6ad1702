"""Execute the statements that branch and repeat: if, switch, loops, try."""

from __future__ import annotations

import enum
from typing import Any

from lockgate.source.drizzle.evaluate import MOST_STEPS, Evaluator, is_equal
from lockgate.source.drizzle.scope import Scope
from lockgate.source.drizzle.values import Undecided, Unknown, Value, truth_of


class Jump(enum.Enum):
    """How a statement ended, when not by running to its end."""

    BREAK = "break"
    CONTINUE = "continue"


class Return:
    """A function's result."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


Outcome = Jump | Return | None


class Control(Evaluator):
    """Adds branches and loops to the evaluator; `Runner` adds the rest."""

    def run(self, node: Any, scope: Scope) -> Outcome:
        """Run one statement; see `Runner`."""
        raise NotImplementedError

    def bind(self, pattern: Any, value: Value, scope: Scope) -> None:
        """Give names to (the parts of) a value; see `Runner`."""
        raise NotImplementedError

    def run_if_statement(self, node: Any, scope: Scope) -> Outcome:
        if truth_of(self.eval(node.child_by_field_name("condition"), scope)):
            return self.run(node.child_by_field_name("consequence"), Scope(scope.module, scope))
        alternative = node.child_by_field_name("alternative")
        if alternative is None:
            return None
        return self.run(alternative.named_children[-1], Scope(scope.module, scope))

    def run_for_in_statement(self, node: Any, scope: Scope) -> Outcome:
        items = self.eval(node.child_by_field_name("right"), scope)
        is_of = node.child_by_field_name("operator").type == "of"
        if isinstance(items, dict) and not is_of and not getattr(items, "holes", None):
            items = list(items)
        if not isinstance(items, list) or getattr(items, "holes", None):
            unknown = self.unknown("what this loop goes over is not known", node, scope)
            raise Undecided(items if isinstance(items, Unknown) else unknown)
        for item in items:
            inner = Scope(scope.module, scope)
            self.bind(node.child_by_field_name("left"), item, inner)
            outcome = self.run(node.child_by_field_name("body"), inner)
            if outcome is Jump.BREAK:
                break
            if isinstance(outcome, Return):
                return outcome
        return None

    def run_for_statement(self, node: Any, scope: Scope) -> Outcome:
        inner = Scope(scope.module, scope)
        first, condition = node.child_by_field_name("initializer"), node.child_by_field_name("condition")
        if first is not None:
            self.run(first, inner)
        return self._repeat(node, condition, node.child_by_field_name("increment"), inner)

    def run_while_statement(self, node: Any, scope: Scope) -> Outcome:
        return self._repeat(node, node.child_by_field_name("condition"), None, scope)

    def run_do_statement(self, node: Any, scope: Scope) -> Outcome:
        outcome = self.run(node.child_by_field_name("body"), scope)
        if outcome is Jump.BREAK or isinstance(outcome, Return):
            return outcome if isinstance(outcome, Return) else None
        return self._repeat(node, node.child_by_field_name("condition"), None, scope)

    def _repeat(self, node: Any, condition: Any, increment: Any, scope: Scope) -> Outcome:
        while condition is None or truth_of(self._condition(condition, scope)):
            if self.steps > MOST_STEPS:
                raise Undecided(self.unknown("this loop runs too long to be read", node, scope))
            outcome = self.run(node.child_by_field_name("body"), Scope(scope.module, scope))
            if outcome is Jump.BREAK:
                break
            if isinstance(outcome, Return):
                return outcome
            if increment is not None:
                self.eval(increment, scope)
        return None

    def _condition(self, node: Any, scope: Scope) -> Value:
        """Evaluate a loop's condition, which the grammar may wrap in a statement."""
        self.steps += 1
        if node.type == "empty_statement":
            return True
        return self.eval(node.named_children[0] if node.type == "expression_statement" else node, scope)

    def run_switch_statement(self, node: Any, scope: Scope) -> Outcome:
        value = self.eval(node.child_by_field_name("value"), scope)
        if isinstance(value, Unknown):
            raise Undecided(value)
        cases = [part for part in node.child_by_field_name("body").named_children if part.type != "comment"]
        inner = Scope(scope.module, scope)
        start = next((i for i, case in enumerate(cases) if self._is_case(case, value, inner)), None)
        if start is None:
            start = next((i for i, case in enumerate(cases) if case.type == "switch_default"), len(cases))
        for case in cases[start:]:
            for statement in case.children_by_field_name("body"):
                outcome = self.run(statement, inner)
                if outcome is not None:
                    return None if outcome is Jump.BREAK else outcome
        return None

    def _is_case(self, case: Any, value: Value, scope: Scope) -> bool:
        if case.type != "switch_case":
            return False
        other = self.eval(case.child_by_field_name("value"), scope)
        if isinstance(other, Unknown):
            raise Undecided(other)
        return is_equal(other, value)

    def run_try_statement(self, node: Any, scope: Scope) -> Outcome:
        outcome = self.run(node.child_by_field_name("body"), scope)
        last = node.child_by_field_name("finalizer")
        after = self.run(last.child_by_field_name("body"), scope) if last is not None else None
        return after if after is not None else outcome

    def run_break_statement(self, node: Any, scope: Scope) -> Outcome:
        return Jump.BREAK

    def run_continue_statement(self, node: Any, scope: Scope) -> Outcome:
        return Jump.CONTINUE

    def run_throw_statement(self, node: Any, scope: Scope) -> Outcome:
        raise Undecided(self.unknown("this throws an error", node, scope))
