"""Differences of spelling that mean nothing, one small function each; idempotent, pure."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.model.schema import Schema

_RULES: tuple[Callable[[Schema], Schema], ...] = ()


def normalize_schema(schema: Schema) -> Schema:
    """Apply every rule."""
    for rule in _RULES:
        schema = rule(schema)
    return schema
