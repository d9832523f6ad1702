"""A database of each kind that holds everything its own dump carries: every type, odd names, cycles, huge rows."""

from __future__ import annotations

from pathlib import Path

from lockgate.engine import load_engine
from lockgate.model.target import parse_target

_FILES = {
    "sqlite": ("sqlite.sql",),
    "postgres": ("postgres.sql",),
    "mysql": ("mysql_common.sql", "mysql.sql"),
    "mariadb": ("mysql_common.sql", "mariadb.sql"),
}


def build_everything(url: str, flavor: str) -> None:
    """Fill an empty database."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    session = engine.connect(target, is_read_only=False)
    try:
        for name in _FILES[flavor]:
            text = (Path(__file__).parent / name).read_text(encoding="utf-8")
            for statement in engine.split_sql(text):
                if statement.text.startswith(("SELECT", "REFRESH")):
                    session.query(statement.text)
                else:
                    session.execute(statement.text)
    finally:
        session.close()
