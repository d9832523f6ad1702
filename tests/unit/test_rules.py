"""Every rule has a page, a next step and a way out; the pages are what the rules say."""

from __future__ import annotations

import re
from pathlib import Path

from lockgate.workflow.rules import list_rules
from tools.write_rule_pages import FOLDER, build_pages


def test_the_pages_of_the_rules_are_up_to_date() -> None:
    """`python -m tools.write_rule_pages` writes them."""
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} == build_pages()


def test_every_rule_says_problem_reason_remedy_and_next_step() -> None:
    """A finding that cannot tell what to do is none."""
    for rule in list_rules():
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.code), rule.code
        assert rule.title and rule.problem and rule.why and rule.remedies and rule.next_step, rule.code


def test_every_rule_is_expected_somewhere_in_the_tests() -> None:
    """A rule that no test expects by its code may be one that never fires."""
    folder = Path(__file__).parent.parent
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    texts = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
    words = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", texts))
    assert not [rule.code for rule in list_rules() if rule.code not in words]
