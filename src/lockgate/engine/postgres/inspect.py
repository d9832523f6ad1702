"""Read a live PostgreSQL schema in one consistent read and a fixed number of catalogue queries."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.base import Scope, Session
from lockgate.engine.postgres.catalogue import open_catalogue
from lockgate.engine.postgres.inspect_definitions import build_definitions, report_unmanaged
from lockgate.engine.postgres.inspect_objects import (
    build_composites,
    build_domains,
    build_enums,
    build_extensions,
    build_namespaces,
    build_sequences,
    report_base_types,
)
from lockgate.engine.postgres.inspect_tables import build_tables
from lockgate.engine.postgres.reading import Reading
from lockgate.errors import StatementFailed
from lockgate.model.schema import Schema
from lockgate.model.server import Server

_INTERNAL_ERROR = "XX000"
_ATTEMPTS = 3


def inspect(session: Session, server: Server, scope: Scope) -> Schema:
    """Return the database's schema.

    The catalogue is read again when somebody dropped an object in the middle: definition functions see the newest
    state and then fail with an internal error.

    Raises:
        LockgateError: Translated from the driver's.
    """
    attempts = 1 if getattr(session, "is_in_transaction", False) else _ATTEMPTS
    for attempt in range(1, attempts + 1):
        try:
            return _inspect_once(session, server, scope)
        except StatementFailed as error:
            if error.code != _INTERNAL_ERROR or attempt == attempts:
                raise
    raise AssertionError


def _inspect_once(session: Session, server: Server, scope: Scope) -> Schema:
    with open_catalogue(session, server, scope) as catalogue:
        reading = Reading(catalogue)
        definitions = build_definitions(reading, catalogue)
        report_unmanaged(reading, catalogue)
    report_base_types(reading)
    schema = Schema(
        engine="postgres",
        namespaces=build_namespaces(reading),
        extensions=build_extensions(reading),
        enums=build_enums(reading),
        domains=build_domains(reading),
        composites=build_composites(reading),
        sequences=build_sequences(reading),
        tables=build_tables(reading),
        definitions=definitions,
    )
    unmanaged = tuple(sorted(reading.unmanaged, key=lambda u: (u.kind, u.name, u.reason)))
    return replace(schema, unmanaged=unmanaged)
