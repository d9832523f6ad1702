"""The only door to a concrete engine; a driver is imported when its engine is loaded, not before."""

from __future__ import annotations

import importlib

from lockgate.engine.base import Engine
from lockgate.errors import ConfigError

_ENGINES = ("sqlite", "postgres", "mysql")
_EXTRAS = {"psycopg": "postgres", "pymysql": "mysql"}


def load_engine(name: str) -> Engine:
    """Load an engine by name: sqlite, postgres or mysql (which is MariaDB's too).

    Raises:
        ConfigError: The name is unknown or the driver is not installed.
    """
    if name not in _ENGINES:
        raise ConfigError(f"unknown engine {name!r}", cause=f"known engines are {', '.join(_ENGINES)}")
    try:
        module = importlib.import_module(f"lockgate.engine.{name}")
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        raise ConfigError(
            f"the driver {error.name} is not installed",
            state="nothing was touched",
            hint=f"pip install 'lockgate[{extra}]'",
        ) from None
    engine: Engine = module.ENGINE
    return engine
