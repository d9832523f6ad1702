"""Compare the live schema with the desired one and say what the differences do."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lockgate.diff.compare import diff_schemas
from lockgate.diff.drift import DriftReport, build_drift_report
from lockgate.engine.base import Engine, Scope, ScratchOptions
from lockgate.model import codec
from lockgate.model.target import Target
from lockgate.source.desired import keep_bookkeeping, read_desired
from lockgate.source.spec import parse_spec
from lockgate.workflow.lazy_scratch import LazyScratch

if TYPE_CHECKING:
    from lockgate.model.accepted import Acceptance


@dataclass(frozen=True)
class DriftOptions:
    """Where a scratch may be had, the folder for schemas read from SQL, and agreed differences.

    ``acceptances`` that hold ``today`` are set apart; none without a day. ``is_cross_checked``: first compare with what
    the declaring tool itself makes of the schema, which runs the user's code.
    """

    scratch: ScratchOptions = field(default_factory=ScratchOptions)
    cache: Path | None = None
    acceptances: tuple[Acceptance, ...] = ()
    today: date | None = None
    is_cross_checked: bool = False


def measure_drift(engine: Engine, target: Target, desired_spec: str, options: DriftOptions) -> DriftReport:
    """Return the differences both ways, each with its severity. The target is only read.

    Raises:
        InputError: Anything wrong with the input; nothing was compared then, and no verdict exists.
    """
    spec = parse_spec(desired_spec)
    with ExitStack() as stack:
        session = engine.connect(target, is_read_only=True)
        stack.callback(session.close)
        server = engine.identify(session)
        scratch = LazyScratch(stack, engine, server, target, options.scratch)
        # The desired schema is read first: what its cache knows of texts need not be parsed in the live one again.
        read_live = cache(lambda: engine.inspect(session, server, Scope()))
        if options.is_cross_checked:
            from lockgate.workflow.cross_check import cross_check

            cross_check(spec, engine, server, scratch, read_live())
        read = read_desired(spec, engine, server, scratch, needs_database=False, cache=options.cache, live=read_live)
        live = read_live()
        kept = keep_bookkeeping(read, live, engine, server)
        desired = kept.schema
        fingerprints = (codec.fingerprint(live), kept.fingerprint or codec.fingerprint(desired))
        changes = () if fingerprints[0] == fingerprints[1] else diff_schemas(live, desired)
        report = build_drift_report(
            live,
            desired,
            changes,
            server_version=server.version_text,
            target=target.name,
            desired_name=spec.text,
            fingerprints=fingerprints,
            findings=read.findings,
        )
        if options.today is None or not options.acceptances:
            return report
        from lockgate.diff.accept import apply_acceptances

        return apply_acceptances(report, options.acceptances, options.today)
