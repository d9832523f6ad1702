"""All kinds of check that need no database, by name; a kind's module is imported when it is first asked."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from lockgate.gate.base import Answer, CheckContext, Evaluate

_KINDS = ("exit", "output", "http", "file", "git", "tests", "log", "documents", "manual", "tasks", "approved")


def _late(kind: str) -> Evaluate:
    def evaluate(check: object, context: CheckContext) -> Answer:
        module = importlib.import_module(f"lockgate.gate.evaluate_{kind}")
        answer: Answer = getattr(module, f"evaluate_{kind}")(check, context)
        return answer

    return evaluate


EVALUATORS: Mapping[str, Evaluate] = {kind: _late(kind) for kind in _KINDS}
