"""How pt-online-schema-change is called, what it says, and what it leaves behind when it is ended."""

from __future__ import annotations

import re
from typing import cast

from lockgate.engine.base import ProgramDialect, ProgramPace, Session
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.ops_pt_osc import NAME
from lockgate.engine.mysql.session import MysqlSession
from lockgate.model.op import Program, Strategy

_COPYING = re.compile(r"^Copying .*:\s+(\d+)% (\S+) remain")
_SWAPPED = re.compile(r"^(?:\S+ )?Swapped original and new tables OK")
_TRIES = "create_triggers:60:1,drop_triggers:60:1,copy_rows:60:0.5,swap_tables:60:1,update_foreign_keys:10:1"


def options(session: Session) -> str:
    """Return an option file: the login of a session, and a lock by which it is seen that the tool is at work."""
    login = cast(MysqlSession, session).login
    lines = ["[client]", f"user={_value(login['user'])}", f"password={_value(login['password'])}"]
    if "unix_socket" in login:
        lines.append(f"socket={_value(login['unix_socket'])}")
    else:
        lines += [f"host={_value(login['host'])}", f"port={login['port']}", "protocol=tcp"]
    if "ssl" in login:
        lines.append(f"ssl-ca={_value(login['ssl']['ca'])}")
    lines.append(f'init-command="DO GET_LOCK({quote_string(_lock(session))}, 0)"')
    return "\n".join(lines) + "\n"


def arguments(program: Program, session: Session, file: str, pace: ProgramPace) -> tuple[str, ...]:
    """Return what the tool is called with.

    It waits for a metadata lock for a second at most, for everybody queues behind it, and tries often. The binary log's
    readers are its replicas, whose lag it heeds; it does not ask for registered hosts, which newer servers refuse.
    """
    wait_s = max(1, -(-pace.lock_ms // 1000))
    busy = [f"--max-load=Threads_running={pace.most_active}"] if pace.most_active else []
    busy += [f"--critical-load=Threads_running={pace.critical_active}"] if pace.critical_active else []
    return (
        "--config=/dev/null",
        "--execute",
        f"--alter={program.alter}",
        f"--new-table-name={program.new_table}",
        "--no-version-check",
        "--recursion-method=processlist",
        "--progress=time,1",
        f"--chunk-time={pace.chunk_s:.3f}",
        f"--sleep={pace.rest_s:.3f}",
        f"--set-vars=lock_wait_timeout={wait_s},innodb_lock_wait_timeout=1",
        f"--tries={_TRIES}",
        *busy,
        f"F={file},A=utf8mb4,D={session.target.database},t={program.table.name}",
    )


def problem(session: Session, program: Program) -> str:
    """Say what stands in the tool's way: a name it takes is taken, or triggers."""
    taken = _tables(session, program.new_table, _old_name(program))
    if taken:
        return f"there is a table {taken[0]}, whose name it needs"
    if _triggers(session, program, "%"):
        return f"{program.table.name} has triggers"
    return ""


def progress(line: str) -> str:
    """Return how far the tool has come, or that it swapped the tables."""
    found = _COPYING.match(line)
    if found:
        return f"{found[1]} % copied, about {found[2]} left"
    return "the tables were swapped" if _SWAPPED.match(line) else ""


def is_running(session: Session, program: Program) -> bool:
    """Tell whether the tool is at work: a session of its holds its lock."""
    return bool(session.query("SELECT IS_USED_LOCK(%s) IS NOT NULL", (_lock(session),))[0][0])


def leftovers(session: Session, program: Program) -> tuple[str, ...]:
    """Return what drops the tool's triggers, then its new table, then the old one, which it leaves after a swap."""
    triggers = [f"DROP TRIGGER {quote_name(name)}" for name in _triggers(session, program, "pt\\_osc\\_%")]
    tables = [f"DROP TABLE {quote_name(name)}" for name in _tables(session, program.new_table, _old_name(program))]
    return (*triggers, *tables)


def _value(text: object) -> str:
    """Return a value of an option file; see the manual, "Using Option Files"."""
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _lock(session: Session) -> str:
    return f"lockgate_pt_osc_{session.target.database}"[-64:]


def _old_name(program: Program) -> str:
    return f"_{program.table.name}_old"


def _tables(session: Session, *names: str) -> list[str]:
    marks = ", ".join(["%s"] * len(names))
    rows = session.query(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
        f" AND TABLE_NAME IN ({marks}) ORDER BY TABLE_NAME",
        names,
    )
    return [str(name) for (name,) in rows]


def _triggers(session: Session, program: Program, pattern: str) -> list[str]:
    rows = session.query(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        " AND EVENT_OBJECT_TABLE IN (%s, %s) AND TRIGGER_NAME LIKE %s",
        (program.table.name, _old_name(program), pattern),
    )
    return [str(name) for (name,) in rows]


PROGRAMS = ProgramDialect(
    names={Strategy.PT_OSC: NAME},
    options=options,
    arguments=arguments,
    problem=problem,
    progress=progress,
    is_running=is_running,
    leftovers=leftovers,
)
