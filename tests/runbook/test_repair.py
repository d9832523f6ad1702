"""Damaged text is mended however often it was damaged; clean text is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.runbook.markdown import decode_text, repair_text
from tests.runbook.damage import damage

CLEAN = (Path(__file__).parent / "plans" / "harbor.clean.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("is_latin", [False, True])
def test_a_damaged_plan_comes_back(times: int, is_latin: bool) -> None:
    damaged = damage(CLEAN, times, is_latin=is_latin)
    expected = tuple(n for n, line in enumerate(CLEAN.split("\n"), start=1) if not line.isascii())
    assert repair_text(damaged) == repair_text(damaged) and repair_text(damaged).text == CLEAN
    assert repair_text(damaged).lines == expected


@pytest.mark.parametrize(
    "text",
    [
        "SÃO PAULO", "IRMÃ” fim", "CAFÉ–BAR", "Ã", "«fermé”…", "Úžasný", "naïve café – “quoted” …", "Äußerung",
        "NESTLÉ®", "CAFÉ™", "10 × 20 ± 3 µm", "Привет, мир", "日本語 ✅", "FRANÇ’", "Ångström", "ÉTÉ…", "🛑 STOP",
        "Ünïcödé", "¿Qué?",
        "äš–",
    ],
)  # fmt: skip
def test_clean_text_is_not_touched(text: str) -> None:
    assert repair_text(text).text == text and repair_text(text).lines == ()


LINES = (
    "plan Größe naïve façade été Ångström łódź žluť – — ‘a’ “b” … •",
    "→ ✅ ⚠️ 🛑 🔴 🟡 🟢 🔵 Привет мир 日本語 ÜBER São",
)
WORDS = [word for line in LINES for word in line.split()]


@given(st.lists(st.sampled_from(WORDS), min_size=1))
def test_any_words_beside_a_mended_sign_come_back(words: list[str]) -> None:
    line = f"🔴 {' '.join(words)}"
    assert repair_text(damage(line)).text == line


def test_a_mark_at_the_start_is_taken_off_and_line_ends_stay() -> None:
    assert repair_text("\ufeff# A\r\nb\r\n").text == "# A\r\nb\r\n"
    assert repair_text(damage("\ufeff# A\r\n")).text == "# A\r\n"


def test_lines_that_are_no_utf8_are_read_as_cp1252() -> None:
    mended = decode_text("# Plan\nR\u00e9sum\u00e9 \u2013 fertig\n".encode("cp1252"))
    assert mended.text == "# Plan\nRésumé – fertig\n" and mended.lines == (2,)
    assert decode_text("# Plän\n".encode("utf-16")).text == "# Plän\n"
