"""All lint rules."""

from __future__ import annotations

from lockgate.lint import rules_clients, rules_design, rules_locks, rules_loss, rules_script

RULES = (
    *rules_locks.RULES,
    *rules_loss.RULES,
    *rules_clients.RULES,
    *rules_script.RULES,
    *rules_design.RULES,
)
BY_CODE = {rule.code: rule for rule in RULES}
