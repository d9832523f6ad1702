"""Which server this is, and its quirks as predicates named after them."""

from __future__ import annotations

import re

from lockgate.engine.base import Session
from lockgate.model.server import Server

_SETTINGS = (
    "sql_mode",
    "character_set_server",
    "collation_server",
    "character_set_database",
    "collation_database",
    "collation_connection",
    "lower_case_table_names",
    "innodb_strict_mode",
    "explicit_defaults_for_timestamp",
)


def identify(session: Session) -> Server:
    """Tell server, flavor, version and the settings that decide how DDL is read there."""
    chosen = ", ".join(f"@@{name}" for name in _SETTINGS)
    row = session.query(f"SELECT VERSION(), @@version_comment, {chosen}")[0]
    text = str(row[0])
    flavor = "mariadb" if "mariadb" in text.lower() or "mariadb" in str(row[1]).lower() else "mysql"
    settings = tuple(sorted((name, _text(value)) for name, value in zip(_SETTINGS, row[2:], strict=True)))
    return Server(engine="mysql", flavor=flavor, version=parse_version(text), version_text=text, settings=settings)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def parse_version(text: str) -> tuple[int, ...]:
    """Return the numbers of a version: ``5.5.5-10.11.19-MariaDB`` is (10, 11, 19)."""
    text = re.sub(r"^5\.5\.5-(?=\d+\.)", "", text)
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in match.group().split(".")) if match else ()


def is_mariadb(server: Server) -> bool:
    """Tell whether the flavor is MariaDB."""
    return server.flavor == "mariadb"


def has_invisible_columns(server: Server) -> bool:
    """Source: MySQL 8.0.23 release notes; MariaDB 10.3 "Invisible Columns"."""
    return server.version >= ((10, 3) if is_mariadb(server) else (8, 0, 23))


def has_or_replace_programs(server: Server) -> bool:
    """CREATE OR REPLACE of triggers, routines, events. Source: MariaDB 10.1 manual; MySQL has none."""
    return is_mariadb(server)


def keeps_explicit_collation(server: Server) -> bool:
    """SHOW CREATE repeats a collation the column was given even when it is the table's (MySQL 8.0.11 and later)."""
    return not is_mariadb(server)


def spells_default_action_restrict(server: Server) -> bool:
    """An FK without an action is RESTRICT and NO ACTION is spelled out (MariaDB); the other way round in MySQL."""
    return is_mariadb(server)


def keeps_views_in_triggers(server: Server) -> bool:
    """A session goes on with the view its trigger read first, until the trigger's table is opened anew.

    Measured on MariaDB 10.11: after RENAME of the view, triggers in open sessions read the one before.
    """
    return is_mariadb(server)


def cuts_names_in_triggers(server: Server) -> bool:
    """A trigger with a doubled backtick and a character beyond ASCII is refused, error 3507 (measured on MySQL 9.7)."""
    return not is_mariadb(server)


def has_schema_wide_check_names(server: Server) -> bool:
    """CHECK names are unique per database (MySQL 8.0.16 manual, CREATE TABLE), per table in MariaDB."""
    return not is_mariadb(server)


def has_rename_column(server: Server) -> bool:
    """Source: MySQL 8.0 manual ALTER TABLE; MariaDB 10.5.2."""
    return server.version >= ((10, 5, 2) if is_mariadb(server) else (8, 0))


def confuses_key_and_index(server: Server) -> bool:
    """One ALTER cannot drop a foreign key and an index of the same name (MariaDB, error 1091; measured on 10.11)."""
    return is_mariadb(server)


def rewrites_triggers_on_rename(server: Server) -> bool:
    """RENAME TABLE spells the table anew in its triggers' texts (MariaDB, which keeps them word for word)."""
    return is_mariadb(server)


def has_rename_under_lock(server: Server) -> bool:
    """Tables locked by LOCK TABLES … WRITE may be renamed (MySQL 8.0.13 manual, RENAME TABLE; MariaDB: error 1192)."""
    return not is_mariadb(server) and server.version >= (8, 0, 13)


def has_zero_lock_wait(server: Server) -> bool:
    """``lock_wait_timeout = 0`` means no wait (MariaDB 10.3); MySQL's floor is one second."""
    return is_mariadb(server)


def has_statement_time_in_seconds(server: Server) -> bool:
    """``max_statement_time`` in seconds limits every statement (MariaDB); MySQL has max_execution_time for SELECT."""
    return is_mariadb(server)


def has_ignored_indexes(server: Server) -> bool:
    """``IGNORED`` (MariaDB 10.6) is what MySQL calls ``INVISIBLE``."""
    return is_mariadb(server)


def has_reserved_words_view(server: Server) -> bool:
    """``information_schema.KEYWORDS`` says which words are reserved, and statistics expire (MySQL 8.0 manual)."""
    return not is_mariadb(server)


def has_timestamps_after_2038(server: Server) -> bool:
    """TIMESTAMP goes on to 2106 (MariaDB 11.5 on 64 bits; release notes 11.5.1)."""
    return is_mariadb(server) and server.version >= (11, 5)


def copies_online(server: Server) -> bool:
    """Tell whether ALTER TABLE may copy a table while writes go on. Source: MariaDB 11.2 notes; measured on 11.8."""
    return is_mariadb(server) and server.version >= (11, 2)
