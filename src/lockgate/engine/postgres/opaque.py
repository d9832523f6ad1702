"""Find the stretches of a script in which nothing is an instruction: quotes, dollar quotes, comments; pure."""

from __future__ import annotations

from lockgate.engine.postgres.split import Scanner
from lockgate.errors import SourceError


def find_opaque(text: str) -> tuple[tuple[int, int], ...]:
    """Return where strings, quoted names, dollar quotes and block comments begin and end."""
    scanner = Scanner(text)
    shift = len(text) - len(scanner.text)
    spans: list[tuple[int, int]] = []
    while scanner.position < len(scanner.text):
        start = scanner.position
        is_open = scanner.text.startswith(("'", '"', "/*", "--", "$"), start)
        try:
            scanner.step()
        except SourceError:
            end = len(scanner.text) if is_open else start + 1
            scanner.position = end
        else:
            end = scanner.position
        is_prefixed = not is_open and scanner.text[end - 1] == "'"
        if (is_open or is_prefixed) and end - start > 1:
            spans.append((start + shift, end + shift))
    return tuple(spans)
