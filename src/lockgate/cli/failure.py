"""Print an error in the fixed order — what, where, cause, state now, next commands — and give its exit code."""

from __future__ import annotations

import os
import sys
import traceback

import click

from lockgate import errors
from lockgate.outside.redact import redact

_place = ""


def set_place(text: str) -> None:
    """Remember what the running command works on, for errors that know no better place."""
    global _place
    _place = text


# What to say where an error leaves a part open, by the most special class.
_SEE = "see `lockgate status`"
_UNTOUCHED = "nothing was touched"
_SILENT = "the server gave no reason"
_HELP = "`lockgate <command> --help` lists what is allowed"
_DEFAULTS: tuple[tuple[type[errors.LockgateError], str, str, str], ...] = (
    (errors.ConnectError, _SILENT, _UNTOUCHED, "check the URL, then `lockgate status`"),
    (errors.SourceError, _SILENT, _UNTOUCHED, "correct the file and repeat the command"),
    (errors.ArtifactError, "its content", _UNTOUCHED, "make a new plan with `lockgate plan`"),
    (errors.InputError, "the input", _UNTOUCHED, _HELP),
    (errors.HazardNotAllowed, "the plan holds hazards", _UNTOUCHED, "repeat with --allow, see `lockgate plan --help`"),
    (errors.LeaseHeld, "another run is going on", _UNTOUCHED, "wait for it, then `lockgate status`"),
    (errors.StalePlan, "the database changed", _UNTOUCHED, "make a new plan with `lockgate plan`"),
    (errors.RefusedError, "a rule said no", "the database is consistent, nothing half-done", "`lockgate status`"),
    (errors.FailedError, _SILENT, _SEE, "`lockgate status`, then `lockgate recover`"),
    (
        errors.InDoubtError,
        "the outcome is not known",
        "unknown: do not retry",
        "`lockgate recover`; a person must look",
    ),
    (errors.Interrupted, "Ctrl-C or a termination signal", "consistent, nothing half-done", "`lockgate status`"),
    (errors.LockgateError, "not known", _SEE, "`lockgate status`"),
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
    click.echo(render_error(error), err=True)
    _log(render_error(error))
    return error.exit_code


def of_system(error: BaseException) -> errors.FailedError | None:
    """Return what to say of a file that the system refused (rights, a full disk); None for any other error."""
    if not isinstance(error, OSError) or error.filename is None:
        return None
    return errors.FailedError(
        "the system refused a file", where=os.fsdecode(error.filename), cause=error.strerror or type(error).__name__
    )


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
    click.echo(message, err=True)
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
