"""What the tests must not take from the shell, the agent or the pipeline that starts them.

A run in continuous integration, one driven by a coding agent and one in a person's terminal then see the same thing;
a test that wants an agent or a pipeline sets the variable itself.
"""

from __future__ import annotations

import os
import signal

from lockgate.cli.actor import CI_PROGRAMS
from lockgate.cli.confirm import AGENT_VARIABLES

FOREIGN = (
    *AGENT_VARIABLES,
    *CI_PROGRAMS,
    "GITHUB_STEP_SUMMARY",
    "DATABASE_URL",
    "LOCKGATE_URL",
    "LOCKGATE_CONFIG",
    "LOCKGATE_STATE_DIR",
    "LOCKGATE_SCRATCH_URL",
    "LOCKGATE_ACTOR",
    "NO_COLOR",
    # A schedule is refused where the shell has a password that a scheduler will not have.
    "PGPASSWORD",
    "MYSQL_PWD",
    # Set by git for its hooks: a test's own repositories would be taken for the one of the hook.
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
)


def forget_surroundings() -> None:
    """Remove them from this process, and so from all that it starts.

    A shell's background ignores Ctrl-C, and so would every program that a test starts to interrupt it.
    """
    for name in FOREIGN:
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
