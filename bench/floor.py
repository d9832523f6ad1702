"""The floor: send the catalogue queries of one inspection and fetch their rows, nothing else.

``python -m bench.floor URL`` prints the seconds they take on a fresh connection as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from lockgate.engine import load_engine
from lockgate.engine.base import Scope, Session
from lockgate.model.target import parse_target


def record_queries(url: str) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the queries one inspection sends, in order."""
    target = parse_target(url)
    engine = load_engine(target.engine)
    session = engine.connect(target, is_read_only=True)
    sent: list[tuple[str, tuple[Any, ...]]] = []
    real = session.query

    def query(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        sent.append((sql, tuple(params)))
        return real(sql, params)

    session.query = query  # type: ignore[method-assign]
    try:
        engine.inspect(session, engine.identify(session), Scope())
    finally:
        session.close()
    return sent


def time_queries(url: str, queries: list[tuple[str, tuple[Any, ...]]]) -> float:
    """Send them again over a fresh connection and return the seconds."""
    target = parse_target(url)
    session: Session = load_engine(target.engine).connect(target, is_read_only=True)
    try:
        began = time.perf_counter()
        for sql, params in queries:
            session.query(sql, params)
        return time.perf_counter() - began
    finally:
        session.close()


if __name__ == "__main__":
    recorded = record_queries(sys.argv[1])
    seconds = min(time_queries(sys.argv[1], recorded) for _ in range(3))
    sys.stdout.write(json.dumps({"seconds": seconds, "queries": len(recorded)}) + "\n")
