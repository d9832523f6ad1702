"""What words of a plan mean: ids, risks, levels, durations, empty cells; pure."""

from __future__ import annotations

import re

from lockgate.model.outcome import RollbackLevel
from lockgate.model.runbook import OnFail, Risk

_MARKS = re.compile(r"(\*\*|__|~~)")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe0e\ufe0f"
    "\u200d\u20e3\U000e0000-\U000e007f\ufffd]+"
)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NOTHING = re.compile(r"^(n\s*/?\s*a\b.*|none\b.*|nothing\b.*|not applicable.*|not needed.*|-+|–|—|\.+|)$", re.I)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)\b", re.I)
_RISKS = {"🟢": Risk.LOW, "🟡": Risk.MEDIUM, "🟠": Risk.HIGH, "🔴": Risk.HIGH}
_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def plain(text: str) -> str:
    """Return the words alone: no marks of emphasis, no pictures, no link targets."""
    text = _EMOJI.sub(" ", _MARKS.sub("", _LINK.sub(r"\1", text)))
    text = re.sub(r"(?<!\w)[*_](?=\S)(.+?)(?<=\S)[*_](?!\w)", r"\1", text)
    return " ".join(text.split()).strip()


def key_of(text: str) -> str:
    """Return a title for comparing: plain, in lower case, without a number in front or a colon at its end."""
    text = plain(text).replace("`", "").lower().strip(" :.#")
    return re.sub(r"^(?:section\s+)?\d+(?:\.\d+)*[.):]?\s+(?=[a-z])", "", text)


def is_nothing(cell: str) -> bool:
    """Whether a cell says that there is nothing: empty, a dash, N/A, none."""
    return _NOTHING.match(plain(cell).strip("`() ")) is not None


def read_risk(text: str) -> Risk:
    """Read a risk: the highest that is named, in words, else by the colour of a mark."""
    words = plain(text).lower()
    for pattern, risk in (
        (r"\b(critical|severe|very high|high)\b", Risk.HIGH),
        (r"\b(medium|moderate|med)\b", Risk.MEDIUM),
        (r"\b(low|minimal|minor)\b", Risk.LOW),
        (r"\b(none|no risk)\b", Risk.NONE),
    ):
        if re.search(pattern, words):
            return risk
    found = [risk for mark, risk in _RISKS.items() if mark in text]
    return max(found, key=lambda risk: risk.rank, default=Risk.NONE)


def read_span(text: str) -> str:
    """Read a duration as ``30m``, ``4h``, ``2d``: the longer end of a range; empty when there is none."""
    text = re.sub(r"(\d)\s*(?:-|–|—|to)\s*(\d)", r"\1 \2", plain(text))
    parts: list[tuple[str, str]] = [(number, unit[0].lower()) for number, unit in _SPAN.findall(text)]
    if not parts:
        return ""
    seen: dict[str, str] = {}
    for number, unit in parts:
        seen.setdefault(unit, number)
    units = [unit for unit in "wdhms" if unit in seen]
    if len(units) == 1:
        return f"{max((n for n, u in parts), key=float)}{units[0]}"
    return "".join(f"{seen[unit]}{unit}" for unit in units)


def read_level(text: str) -> RollbackLevel | None:
    """Read how far back words go: restoring data, going back to a checkpoint, reverting code; None: they say none."""
    words = plain(text).lower()
    for pattern, level in (
        (r"full (database )?restore|restore .{0,30}\b(backup|dump|snapshot)|from .{0,20}backup|backup[- ]file", "data"),
        (r"database restore|restore (the )?(whole |full |production )*(database|db|data)\b|point.in.time|pitr", "data"),
        (r"checkpoint|migration|schema|\bddl\b|down migration|savepoint", "schema"),
        (r"\bgit\b|\bcode\b|commit|redeploy|deploy|branch|revert", "code"),
        (r"\bdata\b|restore|backup|database", "data"),
    ):
        if re.search(pattern, words):
            return RollbackLevel(level)
    return None


def read_on_fail(text: str) -> OnFail | None:
    """Read what a line near a gate orders: rollback before escalate before fix before stop; None: nothing."""
    words = plain(text).lower()
    if re.search(r"\broll(ing)?\s?-?back\b|\brestore\b|\brevert\b", words) and not re.search(
        r"\b(no|without) roll", words
    ):
        return OnFail.ROLLBACK
    if re.search(r"\bescalat|for review\b|ask (the )?reviewers?|\bpage\b", words):
        return OnFail.ESCALATE
    if re.search(r"\bfix(es|ed)?\b|\bcorrect\b|\brepair\b", words):
        return OnFail.FIX
    return OnFail.STOP if re.search(r"\bstop\b|\bhalt\b|\bdo not (proceed|continue)|\babort\b|\bblock", words) else None


def read_number(word: str) -> str:
    """Read a number of a phase: digits, a Roman number, a letter or a word, as it should stand in ids."""
    word = word.strip().lower()
    if word in _NUMBER_WORDS:
        return str(_NUMBER_WORDS.index(word))
    if re.fullmatch(r"[ivx]+", word):
        values = {"i": 1, "v": 5, "x": 10}
        numbers = [values[char] for char in word]
        return str(sum(-n if n < max([0, *numbers[i + 1 :]]) else n for i, n in enumerate(numbers)))
    return word.upper() if word.isalpha() else word


def slug(text: str) -> str:
    """Return a name made of small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text).lower()).strip("-")
