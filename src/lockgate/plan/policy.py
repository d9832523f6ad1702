"""Which dangers a plan may hold, and how much care a step needs; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lockgate.errors import HazardNotAllowed, InputError
from lockgate.model.op import Blocks, HazardKind, Op
from lockgate.model.plan import Risk

ALL = "all"
_HIGH = frozenset({HazardKind.DELETES_DATA, HazardKind.IRREVERSIBLE, HazardKind.LOSSY_CONVERSION})


def parse_allowed(names: Iterable[str]) -> frozenset[HazardKind]:
    """Read ``--allow`` values: hazard names (dashes or underscores, also separated by commas) or ``all``.

    Raises:
        InputError: A name is unknown.
    """
    allowed: set[HazardKind] = set()
    known = {kind.value: kind for kind in HazardKind}
    for name in (part.strip().replace("-", "_") for text in names for part in text.split(",")):
        if name == ALL:
            allowed.update(HazardKind)
        elif name in known:
            allowed.add(known[name])
        elif name:
            raise InputError(
                f"--allow {name!r} is no hazard",
                cause=f"known are all, {', '.join(known)}",
                state="nothing was touched",
            )
    return frozenset(allowed)


def check_hazards(ops: Sequence[Op], allowed: frozenset[HazardKind], questions: Sequence[tuple[str, str]] = ()) -> None:
    """Refuse ops with hazards nobody agreed to.

    Args:
        questions: Pairs ``(old, new)`` that may be renamings; they are offered as ``--rename`` instead of a drop.

    Raises:
        HazardNotAllowed: It lists each hazard with its step, and the flags that would allow them.
    """
    missing: list[str] = []
    kinds: set[HazardKind] = set()
    for op in ops:
        for hazard in (h for statement in op.forward for h in statement.hazards if h.kind not in allowed):
            missing.append(f"{op.title}: {hazard.message} ({hazard.kind.value})")
            kinds.add(hazard.kind)
        if not op.is_reversible and HazardKind.IRREVERSIBLE not in allowed:
            missing.append(f"{op.title}: cannot be undone, {op.irreversible_reason} (irreversible)")
            kinds.add(HazardKind.IRREVERSIBLE)
    if missing:
        flags = " ".join(f"--allow {name}" for name in sorted(kind.value for kind in kinds))
        raise HazardNotAllowed(
            f"the plan holds {len(missing)} hazard{'s' if len(missing) > 1 else ''} that nobody allowed",
            cause="\n".join(missing),
            state="nothing was touched, no plan was written",
            hint=f"if you agree, add {flags}" + _rename_hint(questions),
        )


def _rename_hint(questions: Sequence[tuple[str, str]]) -> str:
    if not questions:
        return ""
    return "; if something was only renamed, say so: " + " or ".join(f"--rename {a}:{b}" for a, b in questions[:4])


def rate_op(op: Op) -> Risk:
    """Return an op's risk from its hazards, locks and rewrites."""
    hazards = {hazard.kind for statement in op.forward for hazard in statement.hazards}
    if hazards & _HIGH or not op.is_reversible:
        return Risk.HIGH
    rewrites = any(statement.rewrites for statement in op.forward)
    blocks = {statement.blocks for statement in op.forward}
    if rewrites and Blocks.READS_AND_WRITES in blocks:
        return Risk.HIGH
    if hazards or rewrites or Blocks.WRITES in blocks:
        return Risk.MEDIUM
    return Risk.LOW
