"""The zstd library: the standard library's, or its backport before Python 3.14."""

from __future__ import annotations

from typing import Any


def load_zstd() -> Any:
    """Return the standard library's zstd, or its backport before Python 3.14."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd  # type: ignore[import-not-found, no-redef, unused-ignore]
    return zstd
