"""How far a plan is applied, as the journal in the target and its live schema say; reads only."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.execute.execution import Execution
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.model import codec
from lockgate.model.plan import Plan, Step
from lockgate.model.run import Run, RunState
from lockgate.model.schema import Value
from lockgate.model.target import Target
from lockgate.store import runs
from lockgate.workflow.options import ignore_event, random_id, utc_now


class Standing(Value, frozen=True, omit_defaults=False):
    """How far a plan is: ``steps_done`` of its steps, by ``run`` (empty: none began), which is in ``state``.

    ``live`` is the live schema's fingerprint, ``left`` what the last thing we did left (empty: nothing was done here);
    ``unfinished`` is a run that died in the middle, of whatever plan.
    """

    run: str
    state: str
    steps_done: int
    live: str
    left: str
    unfinished: str = ""

    @property
    def is_as_left(self) -> bool:
        """Whether nobody changed the schema since."""
        return bool(self.left) and self.live == self.left


def read_standing(engine: Engine, target: Target, plan: Plan) -> Standing:
    """Return how far a plan is applied."""
    with open_reading(
        engine, target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
    ) as execution:
        run = _find(execution, plan)
        unfinished = runs.find_unfinished(execution.store)
        return Standing(
            run=run.id if run else "",
            state=run.state.value if run else "",
            steps_done=_done(execution, run),
            live=codec.fingerprint(execution.inspect()),
            left=runs.read_left(execution.store),
            unfinished=unfinished.id if unfinished else "",
        )


def _find(execution: Execution, plan: Plan) -> Run | None:
    """Return the newest run of exactly this plan."""
    return next((run for run in runs.list_runs(execution.store) if run.digest == plan.digest), None)


def _done(execution: Execution, run: Run | None) -> int:
    if run is None or run.state is RunState.ROLLED_BACK:
        return 0
    return runs.steps_done(execution.store, run.id)


def steps_until(plan: Plan, stage: int) -> tuple[Step, ...]:
    """Return the steps of a plan up to a stage (0: all), in order; pure."""
    return tuple(step for part in plan.stages if not stage or part.number <= stage for step in part.steps)


def missing_steps(plan: Plan, stage: int, standing: Standing) -> tuple[Step, ...]:
    """Return the steps up to a stage that are not applied; pure."""
    return steps_until(plan, stage)[standing.steps_done :]
