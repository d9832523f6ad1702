"""The age library: public keys to encrypt for, private keys to decrypt with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lockgate.errors import ConfigError, KeyMissing


def parse_recipients(recipients: Sequence[str]) -> list[Any]:
    """Read age public keys (``age1…`` or an ssh key).

    Raises:
        ConfigError: One is no key, or the library is not installed.
    """
    pyrage = _load_pyrage()
    found = []
    for text in recipients:
        kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
        try:
            found.append(kind.Recipient.from_str(text.strip()))
        except (pyrage.RecipientError, ValueError):
            raise ConfigError(
                f"{text[:20]}… is no age recipient",
                where="backup.recipients",
                cause="allowed are public keys that begin with age1 or ssh-",
                state="nothing was touched",
                hint="age-keygen makes a key pair and prints its public key",
            ) from None
    return found


def load_identities(text: str, where: str) -> list[Any]:
    """Read the private keys of an age key file's text: its lines that begin with ``AGE-SECRET-KEY-``, or an ssh key.

    Raises:
        KeyMissing: There is none in it.
    """
    pyrage = _load_pyrage()
    found: list[Any] = []
    try:
        if "PRIVATE KEY" in text:
            found.append(pyrage.ssh.Identity.from_buffer(text.encode()))
        else:
            lines = (line.strip() for line in text.splitlines())
            found += [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    except (pyrage.IdentityError, ValueError):  # its words may repeat the key
        found = []
    if not found:
        raise KeyMissing("the key file holds no age key", where=where, state="nothing was touched")
    return found


def _load_pyrage() -> Any:
    try:
        import pyrage
    except ImportError:
        raise ConfigError(
            "encrypted backups need the age library, which is not installed",
            where="backup.recipients",
            state="nothing was touched",
            hint="pip install 'lockgate[age]'",
        ) from None
    return pyrage
