"""Damage a text as tools do that read UTF-8 as cp1252 and save it again."""

from __future__ import annotations


def damage(text: str, times: int = 1, *, is_latin: bool = False) -> str:
    """Return the text as it looks after so many rounds; the five bytes cp1252 lacks come through as controls."""
    for _ in range(times):
        text = "".join(_shown(byte, is_latin=is_latin) for byte in text.encode("utf-8"))
    return text


def _shown(byte: int, *, is_latin: bool) -> str:
    if is_latin or byte < 0x80 or byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
        return chr(byte)
    return bytes([byte]).decode("cp1252")
