"""Which tools a command calls, by its words; pure."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"\b(pytest|unittest|tox|nox|jest|vitest|mocha|playwright|cypress|tsc|typecheck|type-check|eslint|lint|mypy|pyright"
    r"|ruff|flake8|prettier|biome|e2e|tests?|check-types|clippy|rspec|phpunit)\b"
)


def looks_at_code(command: str) -> bool:
    """Tell whether a command looks at code: tests, types, style."""
    return bool(_CODE.search(command))
