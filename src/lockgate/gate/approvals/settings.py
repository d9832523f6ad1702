"""What ``[people]`` and ``[approvals]`` of lockgate.toml set; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lockgate.model.approval import Person

_PERSON_KEYS = {"name": str, "accounts": list, "roles": list, "rank": int, "channel": str}
_APPROVAL_KEYS = {"allowed_signers": str, "signed": bool}
_WORDS = {str: "a text in quotes", list: "a list of texts", int: "a whole number", bool: "true or false"}
Fail = Callable[[str, str, str], Exception]


@dataclass(frozen=True)
class ApprovalSettings:
    """What ``[approvals]`` sets: the file of allowed signers, as written, and whether only signed approvals count."""

    allowed_signers: str = ""
    is_signed: bool = False


def parse_people(table: Mapping[str, Any], fail: Fail, duration: Callable[..., int]) -> tuple[Person, ...]:
    """Read everybody of ``[people]``.

    Raises:
        ConfigError: A key is unknown, a value is not allowed, or two people share an account.
    """
    people: list[Person] = []
    for name, inner in table.items():
        if not isinstance(inner, Mapping):
            raise fail(name, "must be a table", f'write [people.{name}] with roles = ["dba"]')
        _check(inner, _PERSON_KEYS, lambda key, *why, name=name: fail(f"{name}.{key}", *why))
        person = Person(
            id=name,
            name=inner.get("name", ""),
            accounts=tuple(map(str, inner.get("accounts", ()))),
            roles=tuple(map(str, inner.get("roles", ()))),
            rank=inner.get("rank", 1),
            channel=inner.get("channel", ""),
        )
        for other in people:
            shared = [text for text in (person.id, person.name, *person.accounts) if text and other.is_called(text)]
            if shared:
                raise fail(f"{name}.accounts", f"names {shared[0]!r}, which is {other.id} too", "one person each")
        people.append(person)
    return tuple(people)


def parse_approval_settings(table: Mapping[str, Any], fail: Fail, duration: Callable[..., int]) -> ApprovalSettings:
    """Read ``[approvals]``.

    Raises:
        ConfigError: A key is unknown or a value is not allowed.
    """
    _check(table, _APPROVAL_KEYS, fail)
    settings = ApprovalSettings(table.get("allowed_signers", ""), bool(table.get("signed", False)))
    if settings.is_signed and not settings.allowed_signers:
        raise fail(
            "signed", "asks for signatures nobody can check", 'set allowed_signers = "allowed_signers" beside it'
        )
    return settings


def _check(table: Mapping[str, Any], keys: Mapping[str, type], fail: Fail) -> None:
    for key, value in table.items():
        wanted = keys.get(key)
        if wanted is None:
            raise fail(key, "is not known", f"known are {', '.join(keys)}")
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise fail(key, f"is {value!r}", f"must be {_WORDS[wanted]}")
