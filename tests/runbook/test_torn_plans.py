"""Plans that were torn, doubled and mixed up are read or refused, and what is read comes back whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lockgate.errors import LockgateError
from lockgate.runbook.markdown import parse_markdown
from lockgate.runbook.read import parse_runbook
from lockgate.runbook.render import render_runbook
from lockgate.runbook.write import dump_runbook

PLANS = [Path(__file__).parent / "plans" / f"{name}.md" for name in ("bakery", "ferry", "garden", "lighthouse")]
ODD = (
    "``` --- | {|a|b|} |---|---| - [ ] 1. # > **x** ** <!-- **Stage~1.1:~x** ##~Phase~1:~again ####~Gate~1",
    "STOP~if~x ` **Risk:**",
)


def tear(text: str, seed: int) -> str:
    """Change some lines: gone, doubled, cut, moved in, without a pipe, odd, swapped."""
    chance = random.Random(seed)
    lines = text.split("\n")
    for _ in range(chance.randint(1, 12)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
            case 3:
                lines[at] = "  " * chance.randint(0, 3) + lines[at]
            case 4:
                lines[at] = lines[at].replace("|", "", 1)
            case 5:
                lines[at] = chance.choice(" ".join(ODD).split()).replace("~", " ")
            case _:
                lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(40))
def test_a_torn_plan_is_refused_or_comes_back_whole(seed: int) -> None:
    text = tear(PLANS[seed % len(PLANS)].read_bytes().decode("utf-8"), seed)
    try:
        runbook = parse_markdown(text, "plan.md").runbook
    except LockgateError:
        return
    assert parse_runbook(dump_runbook(runbook), "plan.yaml").runbook == runbook
    assert parse_markdown(render_runbook(runbook), "again.md").runbook == runbook
