"""Sets Django up with the user's settings and the scratch as its only database."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from .address import connect_arguments
from .common import Refused, import_named

_ENGINES = {
    "sqlite": "django.db.backends.sqlite3",
    "postgres": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
    "mariadb": "django.db.backends.mysql",
}
_VENDORS = {"sqlite": "sqlite", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
_KEPT_OPTIONS = {
    "sqlite": ("init_command",),
    "postgres": ("options",),
    "mysql": ("init_command", "charset", "collation", "sql_mode"),
    "mariadb": ("init_command", "charset", "collation", "sql_mode"),
}
"""What decides how a table is made; everything else in OPTIONS is about reaching the server."""
_NO_SERVER = {"NAME": "lockgate", "USER": "lockgate", "HOST": "127.0.0.1", "PORT": "9"}
_NOWHERE = {"sqlite": {"NAME": ":memory:"}, **dict.fromkeys(("postgres", "mysql", "mariadb"), _NO_SERVER)}
_DRIVER_OF_ENGINE = {"mysql": "MySQLdb", "mariadb": "MySQLdb"}
_ENOUGH = (2, 2, 7, "final", 0)
"""The version of mysqlclient that PyMySQL stands for; every Django from 4.2 on takes it."""


def set_up(whole: dict[str, Any]) -> Any:
    """Load the settings, put the scratch (or nothing) in the place of the database, and load the apps.

    Returns:
        The connection's alias.
    """
    name = whole["job"]["settings"]
    os.environ["DJANGO_SETTINGS_MODULE"] = name
    import_named(name, whole["folder"])
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    _stand_in_for_mysqlclient(whole["flavor"])
    alias = whole["job"]["database"] or "default"
    databases = dict(settings.DATABASES)
    if alias not in databases and alias != "default":
        raise Refused(f"the settings have no database {alias!r}", cause=f"they have {', '.join(sorted(databases))}")
    own = databases.get(alias, {})
    nothing = {"ENGINE": "django.db.backends.dummy"}
    settings.DATABASES = {**dict.fromkeys((*databases, "default"), nothing), alias: _database(whole, own)}
    import django

    try:
        django.setup()
    except ImproperlyConfigured as error:
        hint = "a missing driver is installed beside the project: psycopg for PostgreSQL, PyMySQL for MySQL and MariaDB"
        raise Refused("Django cannot be set up with these settings", cause=str(error), hint=hint) from error
    return alias


def _stand_in_for_mysqlclient(flavor: str) -> None:
    """Let PyMySQL be the driver where the one that Django wants is not installed."""
    driver = _DRIVER_OF_ENGINE.get(flavor)
    if driver is None:
        return
    try:
        importlib.import_module(driver)
    except ImportError:
        import pymysql

        pymysql.version_info = _ENOUGH
        pymysql.__version__ = ".".join(map(str, _ENOUGH[:3]))
        pymysql.install_as_MySQLdb()


def _database(whole: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the scratch; of the user's keep the backend and what decides how tables are made."""
    flavor, address = whole["flavor"], whole["address"]
    options = {k: v for k, v in dict(own.get("OPTIONS") or {}).items() if k in _KEPT_OPTIONS[flavor]}
    engine = _engine(flavor, str(own.get("ENGINE", "")))
    if engine != own.get("ENGINE"):
        options = {}
    made: dict[str, Any] = {"ENGINE": engine, "OPTIONS": options, "TEST": dict(own.get("TEST") or {})}
    if address is None:
        return {**made, **_NOWHERE[flavor]}
    if address["path"]:
        return {**made, "NAME": address["path"]}
    arguments = connect_arguments(flavor, address)
    options.update({k: v for k, v in arguments.items() if k == "unix_socket"})
    return {
        **made,
        "NAME": address["database"],
        "USER": arguments.get("user", ""),
        "PASSWORD": arguments.get("password", ""),
        "HOST": str(arguments["host"]),
        "PORT": str(arguments["port"]),
    }


def _engine(flavor: str, own: str) -> str:
    """Return the user's own backend when it is of the same kind as the scratch, else Django's."""
    if own and own not in _ENGINES.values():
        try:
            vendor = importlib.import_module(f"{own}.base").DatabaseWrapper.vendor
        except (ImportError, AttributeError):
            vendor = ""
        if vendor == _VENDORS[flavor]:
            return own
    return _ENGINES[flavor]


def module_file(name: str) -> str:
    """Return the file of an imported module, empty when it has none."""
    return getattr(sys.modules.get(name), "__file__", None) or ""
