"""Mend text whose UTF-8 was read as cp1252 or Latin-1 and saved again, line by line; clean text is left as it is; pure.

A damaged character is a lead byte and its continuation bytes, each shown as the character that cp1252 has for it (the
five bytes it lacks come through as control characters). Such a group is put together again when the text around it
cannot be meant as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOST_ROUNDS = 4
_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


def _byte_table() -> dict[str, int]:
    table = {chr(code): code for code in range(0x80, 0x100)}
    for code in range(0x80, 0xA0):
        if code not in _UNDEFINED:
            table[bytes([code]).decode("cp1252")] = code
    return table


_BYTES = _byte_table()
# What people do write right after a capital letter or a quoted word; alone it is no sign of damage.
_COMMON_FOLLOWERS = frozenset("–—‘’“”…•‹›™«»°ªº·´¹²³§\u00a0")
_LETTERS, _SIGNS = frozenset("ŠšŽžŒœŸ"), frozenset("®©")


def _class_of(low: int, high: int) -> str:
    return "".join(re.escape(char) for char, code in _BYTES.items() if low <= code <= high)


_NEXT = f"[{_class_of(0x80, 0xBF)}]"
_GROUP = re.compile(
    f"[{_class_of(0xF0, 0xF4)}]{_NEXT}{{2}}(?:{_NEXT}| )"
    f"|[{_class_of(0xE0, 0xEF)}]{_NEXT}{{2}}"
    f"|[{_class_of(0xC2, 0xDF)}]{_NEXT}"
)


@dataclass(frozen=True)
class Repaired:
    """A text after mending, and the numbers (from 1) of the lines that were damaged."""

    text: str
    lines: tuple[int, ...] = ()


def decode_text(data: bytes) -> Repaired:
    """Decode a file: UTF-8 (or UTF-16 with its mark), lines that are no UTF-8 as cp1252, and mend what was damaged."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return repair_text(data.decode("utf-16", errors="replace"))
    lines, odd = [], set()
    for number, raw in enumerate(data.split(b"\n"), start=1):
        try:
            lines.append(raw.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append("".join(_as_cp1252(byte) for byte in raw))
            odd.add(number)
    mended = repair_text("\n".join(lines))
    return Repaired(mended.text, tuple(sorted(odd | set(mended.lines))))


def repair_text(text: str) -> Repaired:
    """Mend every damaged line of a text; the mark at its start is taken off. Line ends stay as they are."""
    text = text.removeprefix("\ufeff")
    lines, changed = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        mended = repair_line(line)
        lines.append(mended.removeprefix("\ufeff") if number == 1 else mended)
        if mended != line:
            changed.append(number)
    return Repaired("\n".join(lines), tuple(changed))


def repair_line(line: str) -> str:
    """Mend one line, also when it was damaged more than once; the line itself when nothing is wrong with it."""
    for _ in range(_MOST_ROUNDS):
        mended = _round(line)
        if mended == line:
            return line
        line = mended
    return line


def _round(line: str) -> str:
    if line.isascii():
        return line
    groups = [match for match in _GROUP.finditer(line) if _decode(match.group()) is not None]
    is_damaged = any(_is_certain(match, line, groups) for match in groups)
    parts, end = [], 0
    for match in groups:
        if _is_certain(match, line, groups) or (is_damaged and _is_likely(match, line, groups)):
            parts += [line[end : match.start()], _decode(match.group()) or match.group()]
            end = match.end()
    return "".join([*parts, line[end:]])


def _decode(group: str) -> str | None:
    data = bytes(0xA0 if char == " " else _BYTES[char] for char in group)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_certain(match: re.Match[str], line: str, groups: list[re.Match[str]]) -> bool:
    """Whether a group can be nothing but damage: its characters do not stand beside each other in any language."""
    group = match.group()
    lead, rest = _BYTES[group[0]], group[1:]
    if len(group) == 4:
        return rest[0] in "Ÿž\x9f\x9e" or not set(rest) <= _COMMON_FOLLOWERS | {" "}
    odd = set(rest) - _COMMON_FOLLOWERS
    if odd and not (lead not in (0xC2, 0xC3, 0xE2) and odd <= _LETTERS | _SIGNS):
        return True
    if len(group) == 3:
        return lead == 0xE2 and "€" in rest
    if lead == 0xC2:
        return not _is_in_capitals(match, line, groups)
    if lead == 0xC3:
        before, after = line[: match.start()][-1:], line[match.end() : match.end() + 1]
        return before.islower() or (after.islower() and not before.isupper())
    return any(other is not match and other.start() == match.end() for other in groups)


def _is_likely(match: re.Match[str], line: str, groups: list[re.Match[str]]) -> bool:
    """Whether a group is damage given that the same line is damaged elsewhere."""
    return not (len(match.group()) == 2 and _is_in_capitals(match, line, groups))


def _is_in_capitals(match: re.Match[str], line: str, groups: list[re.Match[str]]) -> bool:
    """Whether the lead ends a word in capitals, as in a quoted heading."""
    if any(other.end() == match.start() for other in groups):
        return False
    before = line[: match.start()]
    return before[-1:].isupper() and before[-1:].isalpha()


def _as_cp1252(byte: int) -> str:
    return chr(byte) if byte < 0x80 or byte in _UNDEFINED else bytes([byte]).decode("cp1252")
