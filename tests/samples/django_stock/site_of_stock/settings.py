"""Settings of a project whose models are the same tables as those of the Alembic sample."""

import os
from urllib.parse import unquote, urlsplit

_parts = urlsplit(os.environ["DATABASE_URL"])
_BACKENDS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite3"}
if _BACKENDS[_parts.scheme] == "mysql":
    import pymysql

    pymysql.version_info = (2, 2, 7, "final", 0)
    pymysql.install_as_MySQLdb()

SECRET_KEY = "a sample"
INSTALLED_APPS = ["stock"]
DATABASES = {
    "default": {
        "ENGINE": f"django.db.backends.{_BACKENDS[_parts.scheme]}",
        "NAME": unquote(_parts.path[1:]),
        "USER": _parts.username or "",
        "PASSWORD": _parts.password or "",
        "HOST": _parts.hostname or "",
        "PORT": str(_parts.port or ""),
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
