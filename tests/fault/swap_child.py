"""Exchange two tables to and fro until killed: ``python swap_child.py FILE STATEMENTS.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lockgate.engine.sqlite.session import connect
from lockgate.model.target import parse_target

session = connect(parse_target(f"sqlite:///{sys.argv[1]}"))
ways = json.loads(Path(sys.argv[2]).read_text())
sys.stdout.write("ready\n")
sys.stdout.flush()
while True:
    for way in ways:
        session.begin()
        for sql in way:
            session.execute(sql)
        session.commit()
