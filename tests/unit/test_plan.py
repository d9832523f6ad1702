"""Order, policy, and the plan as a file; values in, values out."""

from __future__ import annotations

import json

import pytest

from lockgate.errors import ArtifactError, HazardNotAllowed, InputError, UnsupportedChange
from lockgate.model.op import Blocks, Hazard, HazardKind, Op, Parked, Statement
from lockgate.model.plan import Reversible, Risk, decode_plan, encode_plan
from lockgate.model.schema import Key
from lockgate.model.server import Server
from lockgate.plan.builder import build_plan, build_stages
from lockgate.plan.order import order_ops
from lockgate.plan.policy import check_hazards, parse_allowed, rate_op

A, B, C = (Key("table", "", name) for name in "abc")
SERVER = Server(engine="sqlite", flavor="sqlite", version=(3, 40), version_text="3.40")


def op(title: str, stage: int = 1, **more: object) -> Op:
    return Op(title=title, stage=stage, **more)  # type: ignore[arg-type]


def titles(ops: tuple[Op, ...]) -> list[str]:
    return [f"{o.stage} {o.title}" for o in ops]


def test_what_is_needed_comes_first_and_ties_keep_their_order() -> None:
    ops = order_ops([op("view", needs=frozenset({A})), op("table", creates=frozenset({A})), op("other")])
    assert titles(ops) == ["1 table", "1 view", "1 other"]


def test_an_op_that_must_follow_a_later_stage_moves_to_it() -> None:
    drop = op("drop", 3, removes=frozenset({A}))
    create = op("create", 1, creates=frozenset({A}))
    use = op("use", 1, needs=frozenset({A}))
    assert titles(order_ops([use, create, drop])) == ["3 drop", "3 create", "3 use"]


def test_what_stops_using_a_thing_comes_before_its_drop() -> None:
    ops = order_ops([op("drop", removes=frozenset({A})), op("release", releases=frozenset({A}))])
    assert titles(ops) == ["1 release", "1 drop"]


def test_a_circle_is_refused_and_named() -> None:
    one = op("one", creates=frozenset({A}), needs=frozenset({B}))
    two = op("two", creates=frozenset({B}), needs=frozenset({A}))
    with pytest.raises(UnsupportedChange, match="circle"):
        order_ops([one, two])


def hazard(kind: HazardKind) -> Op:
    return op("drop t", 3, forward=(Statement(sql="x", hazards=(Hazard(kind=kind, message="rows go"),)),))


def test_a_hazard_needs_its_name_and_the_message_gives_the_flag() -> None:
    with pytest.raises(HazardNotAllowed) as caught:
        check_hazards([hazard(HazardKind.DELETES_DATA)], frozenset(), [("t.a", "b")])
    assert "--allow deletes_data" in caught.value.hint
    assert "--rename t.a:b" in caught.value.hint
    check_hazards([hazard(HazardKind.DELETES_DATA)], parse_allowed(["deletes-data"]))
    check_hazards([hazard(HazardKind.LONG_LOCK)], parse_allowed(["all"]))
    with pytest.raises(InputError, match="no hazard"):
        parse_allowed(["everything"])


def test_an_irreversible_op_needs_to_be_allowed() -> None:
    with pytest.raises(HazardNotAllowed, match="1 hazard "):
        check_hazards([op("add label", is_reversible=False)], frozenset())


def test_risk_follows_hazards_locks_and_rewrites() -> None:
    assert rate_op(op("x")) is Risk.LOW
    assert rate_op(op("x", forward=(Statement(sql="x", blocks=Blocks.WRITES),))) is Risk.MEDIUM
    assert rate_op(hazard(HazardKind.DELETES_DATA)) is Risk.HIGH


def sealed() -> bytes:
    parked = Parked(original=A, parked="lockgate_p1_a", finalize=(Statement(sql="DROP TABLE lockgate_p1_a"),))
    ops = [op("drop a", 3, table=A, forward=(Statement(sql="x", rewrites=True),), parks=(parked,)), op("add b", 1)]
    stages = build_stages(order_ops(ops), {A: (1_000_000, 0)})
    return encode_plan(build_plan(stages, server=SERVER, target="app", before="1", after="2"))


def test_a_plan_survives_its_file_and_keeps_its_digest() -> None:
    plan = decode_plan(sealed())
    assert [s.name for s in plan.stages] == ["expand", "contract"]
    assert plan.steps[1].reversible is Reversible.PARKED
    assert plan.steps[1].estimate_s > 1
    assert plan.id == f"plan-{plan.digest[:12]}"


def test_estimates_are_no_part_of_the_digest() -> None:
    document = json.loads(sealed())
    document["stages"][1]["steps"][0]["estimate_s"] = 9.0
    assert decode_plan(json.dumps(document).encode()).digest == document["digest"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (sealed()[:200], "cannot be read"),
        (sealed().replace(b'"sql": "x"', b'"sql": "y"'), "was changed"),
        (sealed().replace(b'"format_version": 1', b'"format_version": 7'), "format version 7"),
        (b"[]", "cannot be read"),
    ],
)
def test_a_damaged_plan_is_refused_with_its_damage(data: bytes, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        decode_plan(data)
