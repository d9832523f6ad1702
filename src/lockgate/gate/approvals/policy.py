"""How many must approve, who, and who not: what a runbook asks for, and at least what its risk asks for; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.model.runbook import ApprovalPolicy, Risk, Runbook

BOTH = ("author", "last_editor")


def risk_of(runbook: Runbook) -> Risk:
    """Return the highest risk anything in a runbook declares."""
    risks = [phase.risk for phase in runbook.phases]
    risks += [task.risk for task in runbook.tasks]
    risks += [row.risk for row in runbook.risks]
    return max(risks, key=lambda risk: risk.rank, default=Risk.NONE)


def policy_of(runbook: Runbook, *, is_protected: bool) -> ApprovalPolicy:
    """Return the policy that holds: on a protected target high risk takes two who wrote nothing of it, medium one."""
    policy, risk = runbook.approvals, risk_of(runbook)
    if not is_protected or risk.rank < Risk.MEDIUM.rank:
        return policy
    if risk is Risk.HIGH:
        return replace(policy, quorum=max(policy.quorum, 2), not_=tuple(dict.fromkeys((*policy.not_, *BOTH))))
    return replace(policy, quorum=max(policy.quorum, 1))
