"""Which monitors a command means: those of a runbook, else those of lockgate.toml; and their watch."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lockgate.cli.face import Face
from lockgate.errors import ConfigError
from lockgate.model.runbook import Monitor, Runbook
from lockgate.monitor.base import Decision, Reading
from lockgate.monitor.settings import parse_monitors
from lockgate.monitor.source import SourceContext
from lockgate.monitor.trial import Trial
from lockgate.monitor.watch import Watch
from lockgate.outside.shell import build_environment

_ENDINGS = (".yaml", ".yml", ".md")


@dataclass(frozen=True)
class Chosen:
    """The monitors a command is about, the folder their files are relative to, and the runbook they stand in."""

    monitors: tuple[Monitor, ...]
    folder: Path
    runbook: Runbook | None = None


def choose_monitors(face: Face, words: Sequence[str]) -> Chosen:
    """Return the monitors of ``[RUNBOOK] [NAME…]``; without a runbook those of lockgate.toml.

    Raises:
        ConfigError: There are none, or not one of a name.
    """
    from lockgate.runbook.load import load_runbook
    from lockgate.runbook.monitors import settle_monitors

    configured = face.settings.part("monitors", parse_monitors)
    names, runbook, folder = list(words), None, face.settings.folder
    if names and (names[0].endswith(_ENDINGS) or Path(names[0]).is_file()):
        path = Path(names.pop(0))
        runbook, folder = settle_monitors(load_runbook(path).runbook, configured), path.parent
    known = {monitor.name: monitor for monitor in (runbook.monitors if runbook else configured.values())}
    for name in names:
        if name not in known:
            raise ConfigError(
                f"there is no monitor {name}",
                where=words[0] if runbook else "[monitors]",
                cause=f"there are: {', '.join(known) or 'none'}",
                state="nothing was asked",
            )
    if not known:
        raise ConfigError(
            "there are no monitors",
            where=words[0] if runbook else "[monitors]",
            cause="neither is a runbook given that has some, nor does lockgate.toml set any",
            state="nothing was asked",
            hint='add [monitors.health] with source = "http" and query = "https://…/health"',
        )
    return Chosen(tuple(known[name] for name in names) or tuple(known.values()), folder, runbook)


def values_of(chosen: Chosen, given: Sequence[str]) -> dict[str, str]:
    """Return the runbook's variables with what ``--var name=value`` chose; secrets are read and masked.

    Raises:
        ConfigError: One is unknown, cannot be read, or is not written as name=value.
    """
    from lockgate.runbook.variables import Values

    pairs = [text.partition("=") for text in given]
    if bad := [text for text, (_, equals, _) in zip(given, pairs, strict=True) if not equals]:
        raise ConfigError(
            f"{bad[0]!r} is no variable", where="--var", cause="write name=value", state="nothing was asked"
        )
    declared = chosen.runbook.vars if chosen.runbook else {}
    values = Values(declared, {name: value for name, _, value in pairs}, os.environ, chosen.folder)
    return dict(values)


def try_chosen(face: Face, chosen: Chosen, values: Mapping[str, str]) -> tuple[Trial, ...]:
    """Ask each monitor once; the target is reached only when one of them looks at it."""
    from lockgate.runbook.monitors import try_monitors

    has_target = face.settings.target is not None
    return try_monitors(
        chosen.monitors,
        values,
        SourceContext(chosen.folder, build_environment(os.environ)),
        engine=face.engine if has_target else None,
        target=face.target.target if has_target else None,
    )


def open_chosen(
    face: Face,
    chosen: Chosen,
    values: Mapping[str, str],
    run_folder: Path,
    *,
    is_threaded: bool = True,
    on_decision: Callable[[Decision, Reading], None] = lambda decision, reading: None,
) -> Watch:
    """Make the watch of some monitors; the target is reached only when one of them looks at it.

    Raises:
        ConfigError: One is written in a way that cannot be watched.
    """
    from lockgate.runbook.monitors import open_watch

    has_target = face.settings.target is not None
    return open_watch(
        chosen.monitors,
        values,
        run_folder,
        SourceContext(chosen.folder, build_environment(os.environ)),
        engine=face.engine if has_target else None,
        target=face.target.target if has_target else None,
        is_threaded=is_threaded,
        on_decision=on_decision,
    )
