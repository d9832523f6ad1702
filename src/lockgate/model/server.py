"""Which server this is; pure."""

from __future__ import annotations

from lockgate.model.schema import Options, Value


class Server(Value, frozen=True):
    """A database server's identity.

    ``flavor`` is postgres, mysql, mariadb or sqlite; ``version`` its numbers (``(15, 18)``, ``(10, 11, 19)``);
    ``settings`` what decides how DDL is read there (sql_mode, default charset and collation, …), sorted pairs.
    """

    engine: str
    flavor: str
    version: tuple[int, ...]
    version_text: str
    settings: Options = ()

    def setting(self, name: str, default: str = "") -> str:
        """Return one setting, or ``default``."""
        return dict(self.settings).get(name, default)
