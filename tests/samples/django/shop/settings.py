"""Settings that insist on DATABASE_URL, as many projects do; ``engine`` in it is the name of Django's backend."""

import os
from urllib.parse import unquote, urlsplit

_parts = urlsplit(os.environ["DATABASE_URL"])
_BACKENDS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite3"}
if "mysql" in _BACKENDS[_parts.scheme]:
    import pymysql

    pymysql.version_info = (2, 2, 7, "final", 0)
    pymysql.install_as_MySQLdb()

SECRET_KEY = "a sample"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "catalogue",
]
if _parts.scheme == "postgresql":
    INSTALLED_APPS.append("machines")
DATABASES = {
    "default": {
        "ENGINE": f"django.db.backends.{_BACKENDS[_parts.scheme]}",
        "NAME": unquote(_parts.path[1:]),
        "USER": _parts.username or "",
        "PASSWORD": _parts.password or "",
        "HOST": _parts.hostname or "",
        "PORT": str(_parts.port or ""),
    },
    "archive": {"ENGINE": "django.db.backends.sqlite3", "NAME": "archive.sqlite3"},
}
DATABASE_ROUTERS = ["shop.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
