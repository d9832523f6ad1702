"""Differences that people agreed to keep, with who, why and until when; pure."""

from __future__ import annotations

from datetime import date

import msgspec

from lockgate.errors import ArtifactError
from lockgate.model.schema import Value

FORMAT_VERSION = 1


class Acceptance(Value, frozen=True, omit_defaults=False):
    """One agreed difference.

    ``digest`` is of the difference as it was agreed to: a difference that has changed since is not accepted any more.
    ``until`` is the last day it holds, None for ever.
    """

    target: str
    kind: str
    object: str
    digest: str
    reason: str
    accepted_by: str
    accepted_on: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether it is not over yet."""
        return self.until is None or day <= self.until


class _File(Value, frozen=True):
    format_version: int
    accepted: tuple[Acceptance, ...] = ()


def encode_acceptances(acceptances: tuple[Acceptance, ...]) -> str:
    """Return the file's text: TOML that people review in a diff, sorted."""
    lines = [
        "# Differences between the live and the desired schema that were agreed to; written by",
        "# `lockgate drift --accept`, read by every `lockgate drift`.",
        f"format_version = {FORMAT_VERSION}",
    ]
    for item in sorted(acceptances, key=lambda a: (a.target, a.object, a.kind)):
        lines += ["", "[[accepted]]"]
        for name in item.__struct_fields__:
            value = getattr(item, name)
            if value is not None:
                lines.append(f"{name} = {value.isoformat() if isinstance(value, date) else _text(value)}")
    return "\n".join(lines) + "\n"


def decode_acceptances(text: str, where: str) -> tuple[Acceptance, ...]:
    """Read the file's text.

    Raises:
        ArtifactError: It is no TOML of this shape and version.
    """
    import tomllib

    try:
        found = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ArtifactError(
            "the accepted differences cannot be read",
            where=where,
            cause=str(error),
            state="nothing was compared and nothing was touched",
            hint="correct the file, or remove it and accept again",
        ) from None
    if found.format_version != FORMAT_VERSION:
        raise ArtifactError(
            f"{where} is of format version {found.format_version}, this program reads {FORMAT_VERSION}",
            state="nothing was compared and nothing was touched",
            hint="use the version of Lockgate that wrote it",
        )
    return found.accepted


def _text(value: str) -> str:
    """Write a TOML basic string; JSON's escapes are TOML's, but for DEL, which TOML wants escaped too."""
    import json

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
