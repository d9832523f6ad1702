"""Ask the run that is at work to pause, to go on, or to give its copy up; from outside, without the lease."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.errors import RefusedError
from lockgate.model.run import Run, RunState
from lockgate.model.target import Target
from lockgate.store import runs
from lockgate.store.lease import lease_name
from lockgate.store.progress import ABANDON, GO, PAUSE, write_wish
from lockgate.store.tables import Store, check_version

_WAIT_MS = 10_000
_ANSWERS = {
    PAUSE: "its copies of rows stand still from the next range on, until lockgate resume; what mirrors rows goes on",
    GO: "its copies of rows go on",
    ABANDON: "its copy ends at the next range, and the run is undone as --on-error says",
}


def steer_copy(engine: Engine, target: Target, wish: str) -> tuple[Run, str]:
    """Write what the copies of the run at work are to do (go, pause, abandon); return the run and what follows.

    Raises:
        RefusedError: No run is at work, or it is on its way back, which is not abandoned.
        ConnectError, ArtifactError.
    """
    session = engine.connect(target, is_read_only=False)
    try:
        session.set_limits(_WAIT_MS, 0)
        store = Store(session, engine.state)
        run = runs.find_unfinished(store) if check_version(store) else None
        if run is None:
            raise RefusedError(
                "no run is at work", where=target.display, state="nothing was touched", hint="lockgate status"
            )
        name = lease_name(target)
        if session.acquire_lease(name):
            session.release_lease(name)
            raise RefusedError(
                f"run {run.id} is unfinished, but nobody is at work on it",
                where=target.display,
                state=f"it is {run.state.value}; nothing was touched",
                hint="lockgate recover (with --finish to go on at its last row)",
            )
        if wish == ABANDON and run.state is not RunState.RUNNING:
            raise RefusedError(
                f"run {run.id} is {run.state.value}, and a way back is not abandoned",
                state="nothing was touched",
                hint="lockgate status",
            )
        write_wish(store, wish)
        return run, _ANSWERS[wish]
    finally:
        session.close()
