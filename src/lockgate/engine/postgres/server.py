"""Tell which PostgreSQL this is, and refuse what only looks like it."""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.errors import ConnectError
from lockgate.model.server import Server

OLDEST, NEWEST = 13, 18
_STRANGERS = ("CockroachDB", "Redshift", "YugabyteDB", "YB-", "Materialize", "RisingWave", "CrateDB")
_IDENTIFY = """
SELECT pg_catalog.version(), current_setting('server_version_num')::int, current_setting('server_version'),
       pg_catalog.pg_encoding_to_char(d.encoding), {locale}
FROM pg_catalog.pg_database d WHERE d.datname = current_database()
"""
_ROLES = "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY 1"


def identify(session: Session) -> Server:
    """Return the server's identity; its settings hold the database's encoding and locale.

    Raises:
        ConnectError: It is another product, or a version Lockgate does not know.
    """
    number = int(session.query("SELECT current_setting('server_version_num')")[0][0])
    row = session.query(_IDENTIFY.format(locale=_locale_columns(number // 10000)))[0]
    banner, _, text, encoding, collate, ctype, provider, locale = row
    version = (number // 10000, number % 10000)
    stranger = next((name for name in _STRANGERS if name in banner), "")
    if stranger or not OLDEST <= version[0] <= NEWEST:
        raise ConnectError(
            f"{stranger or 'PostgreSQL ' + text} is not supported",
            cause=f"known are PostgreSQL {OLDEST} to {NEWEST}",
            state="nothing was touched",
        )
    settings = {
        "collate": collate or "",
        "ctype": ctype or "",
        "encoding": encoding,
        "locale_provider": {"c": "libc", "i": "icu", "b": "builtin"}.get(provider, provider),
        "provider_locale": locale or "",
    }
    return Server(
        engine="postgres",
        flavor="postgres",
        version=version,
        version_text=text,
        settings=tuple(sorted((k, v) for k, v in settings.items() if v)),
    )


def list_roles(session: Session) -> tuple[str, ...]:
    """Return the names of all roles but the predefined ones: a scratch needs them to read GRANT and policies."""
    return tuple(row[0] for row in session.query(_ROLES))


def _locale_columns(major: int) -> str:
    if major >= 17:
        return "d.datcollate, d.datctype, d.datlocprovider::text, d.datlocale"
    if major >= 15:
        return "d.datcollate, d.datctype, d.datlocprovider::text, d.daticulocale"
    return "d.datcollate, d.datctype, 'c', NULL"
