"""Which function asks which kind of check: ``(tools, check, context) -> Answer``."""

from __future__ import annotations

from lockgate.gate.base import Evaluate
from lockgate.runbook.lazily import bind
from lockgate.runbook.target import TargetTools

_HERE = "lockgate.runbook.checks"
_KINDS = ("sql", "schema", "drift", "remediation", "validate", "plan", "backup", "preflight", "touches")
EVALUATE: dict[str, str] = {kind: f"{_HERE}.{kind}:evaluate" for kind in _KINDS}


def build_evaluate(tools: TargetTools) -> dict[str, Evaluate]:
    """Return what asks each kind of check that needs the target."""
    return dict(bind(EVALUATE, tools))
