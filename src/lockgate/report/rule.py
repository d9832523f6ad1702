"""Render a rule as its page, and all rules as an index; pure."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.model.rule import Rule


def rule_markdown(rule: Rule) -> str:
    """Return a rule's page: problem, why, what to do instead."""
    parts = [
        f"# {rule.code}",
        f"**{rule.title}**",
        f"Area: {rule.area}. Severity: {rule.severity.value}."
        + (f" The planner calls it: {', '.join(kind.value for kind in rule.hazards)}." if rule.hazards else ""),
        "## Problem",
        rule.problem.strip(),
        "## Why it matters",
        rule.why.strip(),
        "## What to do instead",
    ]
    for remedy in rule.remedies:
        if remedy.where != "any":
            parts.append(f"### {remedy.where}")
        parts.append(remedy.text.strip())
    parts += ["## Next step", rule.next_step]
    return "\n\n".join(parts) + "\n"


def rules_index(rules: Iterable[Rule]) -> str:
    """Return the index of all rules by area, in Markdown."""
    by_area: dict[str, list[Rule]] = {}
    for rule in rules:
        by_area.setdefault(rule.area, []).append(rule)
    parts = ["# Rules", "Every finding has a code; `lockgate explain CODE` prints its page."]
    for area in sorted(by_area):
        rows = [
            f"| [{r.code}]({r.code}.md) | {r.severity.value} | {r.title} |" for r in sorted(by_area[area], key=_code)
        ]
        parts += [f"## {area}", "\n".join(["| code | severity | finds |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def _code(rule: Rule) -> str:
    return rule.code
