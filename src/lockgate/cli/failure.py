"""Print an error in the fixed order — what, where, cause, state now, next commands — and give its exit code."""

from __future__ import annotations

import sys
import traceback

import click

from lockgate import errors
from lockgate.cli.redact import redact

_place = ""


def set_place(text: str) -> None:
    """Remember what the running command works on, for errors that know no better place."""
    global _place
    _place = text


# What to say where an error leaves a part open, by the most special class.
_DEFAULTS: tuple[tuple[type[errors.LockgateError], str, str, str], ...] = (
    (errors.ConnectError, "the server gave no reason", "nothing was touched", "check the URL, then `lockgate status`"),
    (errors.SourceError, "the server gave no reason", "nothing was touched", "correct the file and repeat the command"),
    (errors.ArtifactError, "its content", "nothing was touched", "make a new plan with `lockgate plan`"),
    (errors.InputError, "the input", "nothing was touched", "`lockgate <command> --help` lists what is allowed"),
    (
        errors.HazardNotAllowed,
        "the plan holds hazards",
        "nothing was touched",
        "repeat with --allow, see `lockgate plan --help`",
    ),
    (errors.LeaseHeld, "another run is going on", "nothing was touched", "wait for it, then `lockgate status`"),
    (errors.StalePlan, "the database changed", "nothing was touched", "make a new plan with `lockgate plan`"),
    (errors.RefusedError, "a rule said no", "the database is consistent, nothing half-done", "`lockgate status`"),
    (
        errors.FailedError,
        "the server gave no reason",
        "see `lockgate status`",
        "`lockgate status`, then `lockgate recover`",
    ),
    (
        errors.InDoubtError,
        "the outcome could not be determined",
        "unknown: do not retry",
        "`lockgate recover`; a person must look",
    ),
    (errors.Interrupted, "Ctrl-C or a termination signal", "consistent, nothing half-done", "`lockgate status`"),
    (errors.LockgateError, "not known", "see `lockgate status`", "`lockgate status`"),
)


def render_error(error: errors.LockgateError) -> str:
    """Return the error as five labelled lines, secrets masked. A part nobody knows says so; none is left out."""
    cause, state, hint = next((c, s, h) for kind, c, s, h in _DEFAULTS if isinstance(error, kind))
    parts = (
        ("error", error.what),
        ("where", error.where or _place or "this command"),
        ("cause", error.cause or cause),
        ("state", error.state or state),
        ("next", error.hint or hint),
    )
    return redact("\n".join(_labelled(label, text) for label, text in parts))


def report_failure(error: errors.LockgateError) -> int:
    """Print an error on stderr and return its exit code."""
    sys.stdout.flush()
    print(render_error(error), file=sys.stderr)
    _log(render_error(error))
    return error.exit_code


def report_usage(error: click.ClickException) -> int:
    """Print a mistake in the options in the same order; exit code 2."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "lockgate"
    return report_failure(
        errors.ConfigError(
            _lower_first(error.format_message()),
            where=path,
            cause="the command line",
            state="nothing was touched",
            hint=f"{path} --help",
        )
    )


def report_bug() -> int:
    """Print the traceback of the error being handled and ask for a report; exit code 1."""
    text = redact(traceback.format_exc())
    message = (
        f"{text}\nerror: Lockgate met a bug of its own; please report it with the lines above\n"
        f"where: {_place or 'this command'}\n"
        "cause: see the traceback\n"
        "state: `lockgate status` tells; a started run is in the journal and nothing is retried\n"
        "next:  lockgate status, then lockgate recover when it says so"
    )
    print(message, file=sys.stderr)
    _log(message)
    return 1


def _labelled(label: str, text: str) -> str:
    lines = text.strip().splitlines() or [""]
    return "\n".join([f"{label + ':':6} {lines[0]}", *(f"       {line}" for line in lines[1:])])


def _lower_first(text: str) -> str:
    text = text.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _log(text: str) -> None:
    from lockgate.cli.talk import log_line

    log_line(text)
