"""Compare the live schema with an expected one, by fingerprint and, where the schema is known, change by change."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.model import codec
from lockgate.model.change import Change
from lockgate.model.schema import Schema

_SHOWN = 8


class SchemaVerdict(NamedTuple):
    """Whether the live schema is the expected one; ``changes`` lead from the expected to the live one, when known."""

    is_equal: bool
    live: str
    expected: str
    changes: tuple[Change, ...]

    def describe(self) -> str:
        """Return the differences in words."""
        if not self.changes:
            return f"the live fingerprint is {self.live[:12]}, expected is {self.expected[:12]}"
        words = [_words(change) for change in self.changes[:_SHOWN]]
        more = len(self.changes) - len(words)
        return "; ".join(words) + (f"; and {more} more" if more > 0 else "")


def compare_schema(live: Schema, expected: str, expected_schema: Schema | None = None) -> SchemaVerdict:
    """Compare the live schema with an expected fingerprint and, when at hand, the schema behind it."""
    found = codec.fingerprint(live)
    changes = () if expected_schema is None or found == expected else diff_schemas(expected_schema, live)
    return SchemaVerdict(found == expected, found, expected, changes)


def _words(change: Change) -> str:
    note = describe_change(change)
    what = f"{note.kind} {note.object}"
    return f"{what}: {note.before or 'none'} -> {note.after or 'none'}" if note.before or note.after else what
