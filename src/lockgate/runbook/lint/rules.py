"""All rules on runbooks, and the checks that find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lockgate.model.finding import Finding
from lockgate.model.rule import Rule
from lockgate.runbook.lint import (
    check_environment,
    check_forms,
    check_levels,
    check_people,
    check_references,
    check_report,
    check_reverts,
    check_shell,
    check_steps,
    check_values,
    check_watching,
    rules_plan,
    rules_report,
    rules_shell,
    rules_steps,
)
from lockgate.runbook.lint.sheet import Sheet

RULES: tuple[Rule, ...] = (*rules_shell.RULES, *rules_steps.RULES, *rules_plan.RULES, *rules_report.RULES)
BY_CODE = {rule.code: rule for rule in RULES}

CHECKS: tuple[Callable[[Sheet], Iterator[Finding]], ...] = (
    check_shell.check_masked_exit,
    check_shell.check_curl,
    check_shell.check_cannot_fail,
    check_shell.check_interpreter,
    check_environment.check_secrets,
    check_environment.check_password_in_env,
    check_environment.check_force_push,
    check_environment.check_hardcoded,
    check_environment.check_variables,
    check_environment.check_constant_state,
    check_forms.check_forms,
    check_reverts.check_reverts,
    check_reverts.check_phase_reverts,
    check_steps.check_stages,
    check_steps.check_claims,
    check_steps.check_order,
    check_steps.check_read_only,
    check_steps.check_by_hand,
    check_steps.check_proposed,
    check_steps.check_many_tables,
    check_people.check_encoding,
    check_people.check_status,
    check_people.check_facts,
    check_people.check_approvals,
    check_people.check_contacts,
    check_levels.check_level_height,
    check_levels.check_phase_levels,
    check_levels.check_renumbered,
    check_levels.check_risk,
    check_levels.check_protection,
    check_watching.check_triggers,
    check_watching.check_monitors,
    check_watching.check_gates,
    check_watching.check_objectives,
    check_watching.check_risk_rows,
    check_references.check_references,
    check_references.check_duplicates,
    check_references.check_undeclared,
    check_references.check_undeclared_in_shell,
    check_values.check_values,
    check_values.check_window,
    check_report.check_gate_despite,
    check_report.check_baseline_shown,
    check_report.check_deferred,
    check_report.check_mandatory,
    check_report.check_lists,
)
