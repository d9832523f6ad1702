"""Reads the options at the end of a named source's argument: ``app.models:Base?dialect=mysql``."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from lockgate.errors import ConfigError


def split_options(argument: str, spec: str, allowed: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return what stands before the question mark and the options after it.

    Raises:
        ConfigError: An option is not among the allowed ones, or has no value.
    """
    head, _, tail = argument.partition("?")
    pairs = parse_qsl(tail, keep_blank_values=True)
    known = sorted(allowed)
    for name, value in pairs:
        if name not in known or not value:
            wrong = f"the option {name!r} has no value" if name in known else f"unknown option {name!r}"
            raise ConfigError(
                f"{spec}: {wrong}",
                cause=f"allowed here: {', '.join(known)}" if known else "no options are allowed here",
                state="nothing was touched",
            )
    return head.strip(), dict(pairs)
