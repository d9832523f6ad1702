"""The only door to a concrete engine; a driver is imported when its engine is loaded, not before."""

from __future__ import annotations

import importlib
import importlib.util

from lockgate.engine.base import Engine
from lockgate.errors import ConfigError

_ENGINES = ("sqlite", "postgres", "mysql")
_DRIVERS = {"postgres": "psycopg", "mysql": "pymysql"}


def load_engine(name: str, *, needs_driver: bool = True) -> Engine:
    """Load an engine by name: sqlite, postgres or mysql (which is MariaDB's too).

    Without a driver it reads and renders, but cannot connect.

    Raises:
        ConfigError: The name is unknown or the driver is not installed.
    """
    if name not in _ENGINES:
        raise ConfigError(f"unknown engine {name!r}", cause=f"known engines are {', '.join(_ENGINES)}")
    module = importlib.import_module(f"lockgate.engine.{name}")
    driver = _DRIVERS.get(name)
    if needs_driver and driver and importlib.util.find_spec(driver) is None:
        raise ConfigError(
            f"the driver {driver} is not installed",
            state="nothing was touched",
            hint=f"pip install 'lockgate[{name}]'",
        )
    engine: Engine = module.ENGINE
    return engine
