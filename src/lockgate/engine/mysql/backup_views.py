"""Loads views under a name where the accounts that define them have no rights yet, as beside a live database.

A view over another one can only be made while the other's definer may read its tables. So all are made as our own, and
each gets its definer when nothing is left to be made over it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lockgate.engine.base import Session
from lockgate.engine.mysql.inspect_programs import names_in
from lockgate.engine.mysql.lexer import quote_name, unquote_name

_ACCOUNT = r"`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?"
_FINAL = re.compile(rf"^/\*!50013 DEFINER=({_ACCOUNT}) SQL SECURITY \w+ \*/\n/\*!50001 VIEW (`(?:[^`]|``)*`) AS ", re.M)
_SHOWN = re.compile(rf"^CREATE (.*?)DEFINER={_ACCOUNT} (?=SQL SECURITY)", re.S)


def definers_of(text: str) -> dict[str, str]:
    """Return who defines each view of a dump."""
    return {unquote_name(name): account for account, name in _FINAL.findall(text)}


def without_definers(text: str) -> str:
    """Return the statements without definers: who loads them takes their place."""
    return re.sub(rf"^/\*!50013 DEFINER={_ACCOUNT} SQL", "/*!50013 SQL", text, flags=re.M)


def give_definers(session: Session, definers: Mapping[str, str], own: str) -> None:
    """Give views their definers, those first that no other view is made over."""
    texts = {name: session.query(f"SHOW CREATE VIEW {quote_name(name)}")[0][1:4] for name in definers}
    for name in order_dependents_first({name: str(row[0]) for name, row in texts.items()}):
        if definers[name] == own:
            continue
        sql, charset, collation = map(str, texts[name])
        session.execute(f"SET NAMES {charset} COLLATE {collation}")
        shown = _SHOWN.match(sql)
        if shown is not None:
            session.execute(f"ALTER {shown[1]}DEFINER={definers[name]} {sql[shown.end() :]}")
    session.execute("SET NAMES utf8mb4")


def order_dependents_first(texts: Mapping[str, str]) -> list[str]:
    """Order views so that each comes before those it is made over; what a text names counts, whatever it is."""
    named = {name: names_in(text) & texts.keys() - {name} for name, text in texts.items()}
    ordered: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in ordered or name in above:
            return
        for other, used in sorted(named.items()):
            if name in used:
                visit(other, (*above, name))
        ordered.append(name)

    for name in sorted(texts):
        visit(name, ())
    return ordered
