"""Which interpreter runs the user's code, and an environment for it that leads to no real database."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

PYTHON_VARIABLE = "LOCKGATE_PYTHON"
_URL = re.compile(r"\s*(?P<base>[a-z][a-z0-9]*)(?P<driver>\+\w+)?://", re.IGNORECASE)
_FAMILIES = {
    **dict.fromkeys(("postgres", "postgresql", "postgis", "pgsql", "psql", "timescale"), "postgresql"),
    **dict.fromkeys(("mysql", "mysql2", "mysqlgis", "mariadb"), "mysql"),
    **dict.fromkeys(("sqlite", "spatialite"), "sqlite"),
    **dict.fromkeys(("oracle", "mssql", "redshift", "cockroachdb"), ""),
}
"""Scheme of a URL in an environment variable → the scheme of the same engine's usual URL."""
_PASSWORD_IN_URL = re.compile(r"(://[^/\s:@]*:)[^\s/]+@")
_PASSWORD = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|(?:^|_)PASS$|[A-Z0-9]_?PWD$|^MYSQL_PWD$")
_DROPPED = re.compile(r"LOCKGATE_|PG(?:HOST|HOSTADDR|PORT|DATABASE|USER|PASSFILE|SERVICE|SERVICEFILE|OPTIONS|SSL\w*)$")
_KEPT = frozenset({"PWD", "OLDPWD"})
_NOWHERE = {
    "sqlite": "sqlite://",
    "postgres": "postgresql://lockgate:lockgate@127.0.0.1:9/lockgate",
    **dict.fromkeys(("mysql", "mariadb"), "mysql://lockgate:lockgate@127.0.0.1:9/lockgate"),
}
_DRIVERS = {"postgres": ("psycopg", "psycopg_binary", "typing_extensions"), "mysql": ("pymysql",)}
"""Engine → the packages a child may take from Lockgate's own interpreter when the user's has none of that name."""


def find_python(library: str, environ: Mapping[str, str], folders: Iterable[Path]) -> str:
    """Return the interpreter that has a library; empty when none has.

    The order: ``LOCKGATE_PYTHON``, the active virtual environment, ``.venv`` or ``venv`` of the folders, our own.
    """
    if environ.get(PYTHON_VARIABLE):
        return environ[PYTHON_VARIABLE]
    homes = [environ.get("VIRTUAL_ENV", ""), *(str(folder / name) for folder in folders for name in (".venv", "venv"))]
    for home in filter(None, homes):
        python = next((p for p in (Path(home, "bin/python"), Path(home, "Scripts/python.exe")) if p.exists()), None)
        if python is not None and _has_library(Path(home), library):
            return str(python)
    return sys.executable if importlib.util.find_spec(library) is not None else ""


def _has_library(home: Path, library: str) -> bool:
    places = [*home.glob("lib*/python*/site-packages"), home / "Lib/site-packages"]
    return any((place / library).is_dir() or (place / f"{library}.py").is_file() for place in places)


def borrowed_folders(engine: str) -> dict[str, str]:
    """Return where a child finds the driver when its own interpreter lacks it: package → folder."""
    found = {}
    for name in _DRIVERS.get(engine, ()):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin:
            file = Path(spec.origin)
            found[name] = str(file.parent.parent if spec.submodule_search_locations else file.parent)
    return found


def child_environment(environ: Mapping[str, str], flavor: str, address: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the environment for the user's code: no address of a real database, no password.

    Every database URL is replaced by the scratch's (or one that leads nowhere), so that settings which need one find
    it; the value of every password is replaced, also inside other URLs; what PostgreSQL's own library reads, and
    Lockgate's, is left out.
    """
    url = address_url(flavor, address)
    cleaned = {}
    for name, value in environ.items():
        if _DROPPED.match(name):
            continue
        match = _URL.match(value)
        if match and match["base"].lower() in _FAMILIES:
            cleaned[name] = _with_driver(url, match["base"].lower(), match["driver"] or "")
        elif name not in _KEPT and _PASSWORD.search(name.upper()):
            cleaned[name] = str(address["password"]) if address and address["password"] else "lockgate"
        else:
            cleaned[name] = _PASSWORD_IN_URL.sub(r"\1lockgate@", value)
    cleaned.setdefault("DATABASE_URL", url)
    return {**cleaned, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}


def address_url(flavor: str, address: Mapping[str, Any] | None) -> str:
    """Return a database URL for an address; without one, a URL that leads nowhere."""
    if address is None:
        return _NOWHERE[flavor]
    scheme = _NOWHERE[flavor].partition(":")[0]
    if address["path"]:
        return f"{scheme}:///{address['path']}"
    user = quote(str(address["user"]), safe="")
    password = f":{quote(str(address['password']), safe='')}" if address["password"] else ""
    query = f"?{urlencode(address['params'])}" if address["params"] else ""
    return f"{scheme}://{user}{password}@{address['host']}:{address['port']}/{address['database']}{query}"


def _with_driver(url: str, base: str, driver: str) -> str:
    """Write the scratch's URL with the scheme that the user's own library knows, when it is of the same engine."""
    scheme, _, rest = url.partition("://")
    return f"{base}{driver}://{rest}" if _FAMILIES.get(base) == scheme else url
