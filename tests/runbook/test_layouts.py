"""However the same plan is laid out — headings, labels, lists, line ends, damage — the counts stay what they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.model.runbook import counts_of
from lockgate.runbook.markdown import parse_markdown
from lockgate.runbook.render import render_runbook
from tests.runbook.damage import damage
from tests.runbook.test_harbor import COUNTS

TEXT = (Path(__file__).parent / "plans" / "harbor.clean.md").read_text(encoding="utf-8")
_FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)


def outside(pattern: str, new: str | Callable[[re.Match[str]], str], text: str = TEXT) -> str:
    """Replace outside of fenced blocks."""
    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else re.sub(pattern, new, part, flags=re.M) for part in parts)


def _label(match: re.Match[str]) -> str:
    return f"**{match.group(1)}:**"


def _columns(order: tuple[int, ...]) -> Callable[[re.Match[str]], str]:
    def move(match: re.Match[str]) -> str:
        cells = re.split(r"(?<!\\)\|", match.group(0))[1:-1]
        if len(cells) != 5:
            return match.group(0)
        return "|" + "|".join(cells[index] for index in order) + "|"

    return move


LAYOUTS = {
    "windows line ends": TEXT.replace("\n", "\r\n"),
    "damaged twice": damage(TEXT, 2),
    "no pictures": re.sub("[\U0001f000-\U0001ffff✅⚠️\ufe0f]+ ?", "", TEXT),
    "headings one higher": outside(r"^##(#+ )", r"#\1"),
    "headings one deeper": outside(r"^(##+ )(?!#)", lambda m: "#" + m.group(1)),
    "labels instead of small headings": outside(r"^#### (Objectives|Tasks|Stages|QA Gate \d|Final QA Gate)$", _label),
    "plain labels": outside(r"^#### (Objectives|Tasks)\n", r"\1:\n"),
    "stars for dashes": outside(r"^- ", "* "),
    "pluses and capital ticks": outside(r"^- \[x\]", "+ [X]", outside(r"^- \[ \]", "+ [ ]")),
    "indented lists": outside(r"^- ", "  - "),
    "numbered objectives": outside(r"(?<=Objectives\n)- ", "1. "),
    "boxes of signs": outside(r"^- \[x\]", "☑", outside(r"^- \[ \]", "☐")),
    "Quality Gate": outside(r"^#### QA Gate (\d)", r"#### Quality Gate \1"),
    "Gate checks": outside(r"^#### QA Gate (\d)", r"#### Gate \1 checks"),
    "Phase Gate": outside(r"^#### QA Gate (\d)", r"#### ✅ Phase \1 Gate"),
    "phase with a dash": outside(r"^### .*PHASE (\d): ", r"### Phase \1 – "),
    "phase in brackets": outside(r"^### .*PHASE (\d): ", r"### [Phase \1] "),
    "phases numbered": outside(r"^### .*PHASE (\d): ", r"## 3.\1 Phase \1. "),
    "sections numbered": outside(r"^## (?=\S)", "## 7. "),
    "facts in lines": outside(r"^(\*\*Duration:.*?) \| (\*\*Risk.*?) \| ", r"\1  \n\2  \n"),
    "facts in bullets": outside(r"^(\*\*Duration:.*?) \| (\*\*Risk.*?) \| ", r"- \1\n- \2\n- "),
    "facts without bold": outside(
        r"^\*\*(Duration):\*\* (.*?) \| \*\*(Risk):\*\* (.*?) \| \*\*(Rollback):\*\*", r"\1: \2\n\3: \4\n\5:"
    ),
    "colon outside": outside(r"\*\*(\w[\w ]*):\*\*", r"**\1**:"),
    "levels named": outside(r"^### Level (\d): (\w+)", r"### Rollback Level \1 (\2)"),
    "levels in bold": outside(r"^### (Level \d: .*)$", r"**\1**"),
    "levels with a dash": outside(r"^### Level (\d): ", r"#### 🔴 Level \1 — "),
    "orders quoted": outside(r"^(\*\*🛑 STOP|\*\*🔴 ROLL)", r"> \1"),
    "orders as bullets": outside(r"^\n(\*\*🛑 STOP|\*\*🔴 ROLL)", r"- \1"),
    "orders without bold": outside(r"^\*\*(🛑 STOP.*?)\*\*", r"\1"),
    "no lines across": outside(r"^---\n", ""),
    "empty lines in lists": outside(r"^(- .*)$", r"\1\n"),
    "other columns": outside(r"^\|.*\|$", _columns((3, 1, 0, 4, 2))),
    "columns reversed": outside(r"^\|.*\|$", _columns((4, 3, 2, 1, 0))),
    "other names of columns": outside(
        r"^\| Step \| Task \|",
        "| # | Action |",
        TEXT.replace("| Command | Verification | Rollback |", "| How to | Expected Result | Undo |"),
    ),
    "bold ids": outside(r"^\| (\d\.\d+(?:\.\d)?) \|", r"| **\1** |"),
    "ids with Step": outside(r"^\| (\d\.\d+(?:\.\d)?) \|", r"| Step \1 |"),
    "loose rows": outside(r"^\|(.*)\|$", r"\1"),
    "triggers with actions": outside(
        r"^- (Error rate.*|Response time > .*|Health check f.*|Any 500.*)$", r"- **\1** → Stop & Rollback"
    ),
    "triggers under a label": TEXT.replace(
        "### Alert Triggers (Stop & Rollback)", "**Stop & Rollback if any of these happen:**"
    ),
    "metrics in bold": TEXT.replace("### Metrics to Watch", "**Key metrics to watch during execution:**"),
    "rollback triggers": TEXT.replace("### Alert Triggers (Stop & Rollback)", "## Rollback Triggers"),
    "checklist in bold": TEXT.replace(
        "#### ⚠️ Pre-Execution Checklist (MANDATORY)", "**⚠️ MANDATORY PRE-EXECUTION CHECKS:**"
    ),
    "prerequisites": TEXT.replace(
        "#### ⚠️ Pre-Execution Checklist (MANDATORY)", "#### Prerequisites (MANDATORY before execution)"
    ),
    "communication in bold": outside(r"^### (Before|During|After) Execution$", r"**\1 Execution:**"),
    "communication in words": outside(r"^### (Before|During|After) Execution$", r"#### \1"),
    "contacts as a part": TEXT.replace("### Emergency Contacts", "## 📞 Emergency Contacts"),
    "contacts in a table": TEXT.replace(
        "- **Harbour Master:** TBA\n- **Keeper of the Database:** TBA",
        "| Role | Contact |\n|---|---|\n| Harbour Master | TBA |\n| Keeper of the Database | TBA |",
    ),
    "sign-off": TEXT.replace("## ✅ Approval Checklist", "## Sign-Off"),
    "approvals required": TEXT.replace("## ✅ Approval Checklist", "## 🔐 Pre-Execution Approvals Required"),
    "a title over the risks": TEXT.replace("## ⚠️ Risk Assessment Matrix", "## Risk Assessment\n\n### Risk Matrix"),
    "an overview of phases": TEXT.replace(
        "## 📋 Execution Phases\n",
        "## 📋 Execution Phases\n\n| Phase | Name | Duration | Risk |\n|---|---|---|---|\n| 0 | Preparation | 1h "
        "| LOW |\n\n"
        "Phase 0 comes first. See Phase 3 for the dangerous part.\n\n1. Phase 0: look\n2. Phase 1: count\n",
    ),
    "a table of contents": TEXT.replace(
        "## Executive Summary",
        "## Contents\n\n- [Phase 0](#phase-0)\n- [Approval](#approval)\n- [ ] nothing\n\n## Executive Summary",
    ),
    "a timeline": TEXT.replace(
        "## 📊 Monitoring",
        "## Timeline\n\n| Step | When | Duration |\n|---|---|---|\n| Phase 0 | Mon | 1h |\n\n## 📊 Monitoring",
    ),
    "the block before the table": TEXT.replace(
        "#### Tasks\n",
        "#### Step 0.0: Claim the work (MANDATORY)\n\n```bash\ntouch claim\n```\n\n#### Tasks\n",
        1,
    ),
    "phase named in its parts": outside(
        r"^#### (⚠️ )?Pre-Execution Checklist \(MANDATORY\)$", "#### Phase 3 Pre-Execution Requirements List (MANDATORY)"
    ),
    "principles as headings": TEXT.replace(
        "## 🎯 House Rules\n",
        "## 🎯 House Rules\n\n### 1. Verification Gates\n\n- nobody passes\n"
        "\n### 2. Checkpoint & Rollback\n\n- each phase\n\n### 3. Read Before Write\n\n- always\n",
    ),
    "more about ways back": TEXT.replace(
        "## 📊 Monitoring",
        "### Rollback Decision Tree\n\n```\nfails? -> Level 1\n```\n\n"
        "### After a Rollback\n\n1. Look\n2. Tell\n\n## 📊 Monitoring",
    ),
    "success metrics": TEXT.replace(
        "## 📊 Monitoring", "## Success Metrics\n\n- No row lost\n- [ ] Fast\n\n## 📊 Monitoring"
    ),
    "steps in level 3": TEXT.replace(
        "```bash\n# 1. Stop",
        "#### Step 3.1: Stop it\n\n1. Stop the service\n\n**Step 3.2: Restore**\n\n```bash\n# 1. Stop",
    ),
    "risk bullets": TEXT.replace(
        "## 📋 Execution Phases", "## Risk Mitigation\n\n- Look twice\n- HIGH care\n\n## 📋 Execution Phases"
    ),
    "notes in a phase": TEXT.replace(
        "#### QA Gate 1", "#### Notes\n\n- Mind the gap\n- [ ] not a check\n\n1. nor a step\n\n#### QA Gate 1"
    ),
    "deliverables in a phase": TEXT.replace(
        "#### QA Gate 1",
        "**Deliverables:**\n- `docs/remedy.md`\n- a list\n\n| File | Purpose |\n|---|---|\n| a | b |\n\n#### QA Gate 1",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_counts_stay(name: str) -> None:
    assert LAYOUTS[name] != TEXT
    read = parse_markdown(LAYOUTS[name], "plan.md")
    assert counts_of(read.runbook) == COUNTS
    assert not [note for note in read.notes if note[1].startswith("left unread")]
    on_fail = ["stop", "escalate", "fix", "rollback", "stop", "stop"]
    assert [gate.on_fail.value for gate in read.runbook.gates] == on_fail
    assert [level.level.value for level in read.runbook.levels] == ["code", "schema", "data"]
    assert [task.id for task in read.runbook.phases[3].tasks] == [f"3.{n}" for n in range(11)]
    assert sum(task.do is not None for task in read.runbook.tasks) == 42
    assert parse_markdown(render_runbook(read.runbook), "again.md").runbook == read.runbook
