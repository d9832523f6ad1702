"""All rules there are, from the modules that own them; each owner names its rules in ``RULES``."""

from __future__ import annotations

import importlib

from lockgate.model.rule import Rule

OWNERS: tuple[str, ...] = (
    "lockgate.diff.agreement_rules",
    "lockgate.diff.drift_rules",
    "lockgate.lint.rules",
    "lockgate.runbook.lint.rules",
    "lockgate.source.drizzle.rules",
    "lockgate.source.django.rules",
    "lockgate.source.migrations.rules",
    "lockgate.source.sqlalchemy.rules",
    "lockgate.verify.conventions.rules",
    "lockgate.verify.defects.rules_columns",
    "lockgate.verify.defects.rules_data",
    "lockgate.verify.defects.rules_schema",
)
"""Modules with a tuple ``RULES`` of `Rule`; imported when asked for, so that no command pays for others' rules."""


def list_rules() -> tuple[Rule, ...]:
    """Return all rules by code.

    Raises:
        ValueError: Two rules have the same code (a bug, found by a test).
    """
    rules: dict[str, Rule] = {}
    for owner in OWNERS:
        for rule in importlib.import_module(owner).RULES:
            if rule.code in rules:
                raise ValueError(f"two rules have the code {rule.code}")
            rules[rule.code] = rule
    return tuple(rules[code] for code in sorted(rules))


def find_rule(code: str) -> Rule | None:
    """Return the rule of a code, or None. A rule of the team's own has the page of all of them."""
    rules = {rule.code: rule for rule in list_rules()}
    return rules.get(code) or (rules.get("convention-own") if code.startswith("convention-") else None)
