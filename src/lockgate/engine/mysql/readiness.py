"""Whether a MySQL or MariaDB database can be changed by this user: its grants, and time-outs that would end us.

ALTER TABLE needs ALTER, CREATE and INSERT on the table, renaming besides DROP; a foreign key needs REFERENCES
(manual: alter-table, privileges-provided).
"""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.engine.mysql.backup_look import has_right, read_rights
from lockgate.engine.readiness import Readiness
from lockgate.errors import LockgateError

_NEEDED = ("ALTER", "CREATE", "DROP", "INDEX", "INSERT", "SELECT", "UPDATE", "DELETE", "REFERENCES")
_SHORT_S = 30


def readiness(session: Session) -> Readiness:
    """Look at the grants of the current user, roles in force included, and at the server's time-outs."""
    user, database = session.query("SELECT CURRENT_USER(), DATABASE()")[0]
    name, _, host = str(user).partition("@")
    try:
        everywhere, here, _text = read_rights(session)
    except LockgateError as error:
        return Readiness(f"the user {user}", unknown=(f"SHOW GRANTS: {error}",))
    lacking = [right for right in _NEEDED if not has_right(everywhere | here, right)]
    missing = (f"GRANT {', '.join(lacking)} ON `{database}`.* TO '{name}'@'{host}'",) if lacking else ()
    names = ("wait_timeout", "net_write_timeout")
    waits = session.query("SELECT @@GLOBAL.wait_timeout, @@GLOBAL.net_write_timeout")[0]
    cut_offs = tuple(f"{what} is {value} s" for what, value in zip(names, waits, strict=True) if int(value) < _SHORT_S)
    return Readiness(f"the user {user}", missing, cut_offs)
