"""A monitor was broken: nothing new begins, the evidence is kept, the smallest sufficient step back is taken."""

from __future__ import annotations

from lockgate.model.outcome import FailureClass, Outcome, RollbackLevel
from lockgate.model.procedure import Entry, EntryType, RunStatus
from lockgate.monitor.base import Breach
from lockgate.runbook.engine.back import Wanted, go_back
from lockgate.runbook.engine.core import Core
from lockgate.runbook.engine.options import Stop
from lockgate.runbook.engine.tasks import look_up_begun


def act_on_breach(core: Core, breach: Breach) -> None:
    """Act on a breach; always ends the run.

    Raises:
        Stop: Always.
    """
    lines = "\n".join(breach.lines)
    evidence = [core.record.keep(f"breach-{breach.monitor}.txt", lines.encode())] if lines else []
    entry = core.write(
        EntryType.BREACH,
        {
            "monitor": breach.monitor,
            "sentence": breach.sentence,
            "values": dict(breach.values),
            "action": breach.action,
            "at": breach.at,
            "evidence": evidence,
        },
    )
    core.world.watcher.acknowledge(breach)
    finish_breach(core, entry)


def finish_breach(core: Core, entry: Entry) -> None:
    """Take back what a breach allows, or stop; also after the process was killed in between.

    Raises:
        Stop: Always.
    """
    why = f"monitor {entry.body['monitor']} was broken: {entry.body['sentence']}"
    core.options.tell(f"BREACH: {why}")
    core.tell_people(f"breach:{entry.seq}", "breach", why)
    look_up_begun(core, [standing.task for standing in core.state.tasks.values()], is_going_back=True)
    highest = allowed_by(core, str(entry.body["action"]))
    if highest is None:
        raise Stop(RunStatus.STOPPED, why, hint=core.resume)
    go_back(core, Wanted(why, FailureClass.SERVICE, highest), lambda: _holds_again(core))


def allowed_by(core: Core, action: str) -> RollbackLevel | None:
    """Return how far a breach may go: its own word, capped by what a failing service justifies and by the phase."""
    names = [level.value for level in RollbackLevel]
    if action not in names:
        return None
    caps = [RollbackLevel(action), FailureClass.SERVICE.highest_level]
    caps.append(core.phase.rollback if core.phase is not None else None)
    return min((cap for cap in caps if cap is not None), key=lambda cap: cap.rank)


def _holds_again(core: Core) -> bool:
    """Ask what the runbook requires; without such checks nobody can say that it is enough."""
    checks = core.lock.runbook.requires
    if not checks:
        return False
    results = core.ask("requires", checks)
    core.write(EntryType.CHECKED, {"place": "requires/after-rollback", "results": results})
    return all(r.outcome is Outcome.OK for r in results)
