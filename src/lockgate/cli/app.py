"""The root command: a group that imports a command's module only when that command runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from lockgate import __version__
from lockgate.cli.failure import of_system, report_bug, report_failure, report_usage
from lockgate.cli.parts import make_lazy
from lockgate.cli.stopping import as_stop, end_code, install_signals
from lockgate.errors import Interrupted, LockgateError
from lockgate.outside.redact import install_redaction

COMMANDS = {
    "demo": "Run the whole loop on a throw-away ERP of 145 tables and leave a report.",
    "init": "Write lockgate.toml from a URL and a desired schema.",
    "status": "Tell where things stand and which command is next.",
    "inspect": "Show a schema as text, json, sql, or a mermaid or svg diagram.",
    "drift": "Compare the live database with the desired schema, both ways.",
    "validate": "Look for what will bite later: migrations, their history, schema and data.",
    "migrations": "Work on a migrations folder: renumber what shares a number.",
    "lint": "Check SQL files for statements that lock, lose or break, without a database.",
    "explain": "Print what a finding's code means and what to do about it.",
    "report": "Write documents made of measured facts, and reports of runs.",
    "plan": "Write the staged plan that leads from the live to the desired schema.",
    "show": "Show a plan to people: stages, SQL, locks, way back.",
    "rehearse": "Play a plan through on a private copy: apply, roll back, compare every row, apply again.",
    "approve": "Record who approved which plan or runbook; never runs anything.",
    "apply": "Apply exactly the plan that was shown, stage by stage.",
    "pause": "Let the copy of the run at work stand still.",
    "resume": "Let a paused copy go on.",
    "abandon": "Give up the copy of the run at work, which is then undone.",
    "verify": "Check that the live schema is the expected one.",
    "rollback": "Go back to a checkpoint; every row and value comes back.",
    "settle": "Put in place what a rollback still owes, once no row is in the way.",
    "salvage": "Show values that are kept because the schema in force cannot hold them.",
    "finalize": "Really drop what a run parked.",
    "recover": "After a crash: finish or undo, by looking at the database.",
    "checkpoint": "Create, list and show places one can return to.",
    "backup": "Take backups that are proven by restoring them, and look after them.",
    "restore": "Bring a backup back beside the database, compare it, then swap.",
    "runbook": "Write, check, run and resume procedures of phases, tasks and gates.",
    "backlog": "List what runs left open: deferred, skipped, waived, lessons.",
    "roadmap": "Check a roadmap in Markdown, and tick what is proven to be done.",
    "notify": "Tell people before, during and after; what was delivered is on record.",
    "monitor": "Prove, watch and export the monitors that stop a run.",
    "session": "Say who is changing what, so that two do not change the same thing.",
}


@click.group(
    cls=make_lazy(COMMANDS, "cmd_"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 2 usage, 3 a check found something, 4 refused, 6 failed and rolled back, "
    "7 a person is needed. More in docs/reference/exit-codes.md.",
)
@click.version_option(__version__, prog_name="lockgate")
@click.option("--url", metavar="URL", help="The target database (else LOCKGATE_URL, DATABASE_URL, lockgate.toml).")
@click.option("--target", metavar="NAME", help="A target of lockgate.toml by name.")
@click.option("--config", metavar="FILE", help="The configuration file (else LOCKGATE_CONFIG, ./lockgate.toml).")
@click.option("--format", "output_format", metavar="FORMAT", help="How the result is printed: text, json, ….")
@click.option("-v", "--verbose", count=True, help="Tell more on stderr; twice for every statement.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr; errors are still printed.")
@click.option("--no-color", is_flag=True, help="No colour (also NO_COLOR, TERM=dumb, no terminal).")
@click.option("--log-file", metavar="FILE", help="Append everything that is told on stderr, always in full.")
@click.pass_context
def root(ctx: click.Context, /, **options: object) -> None:
    """Staged, verified and reversible schema changes for SQLite, PostgreSQL, MySQL and MariaDB."""
    ctx.obj = {name: value for name, value in options.items() if value}


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is printed, none is raised."""
    install_redaction()
    install_signals()
    try:
        result = root.main(
            args=None if arguments is None else list(arguments), prog_name="lockgate", standalone_mode=False
        )
        sys.stdout.flush()
    except click.ClickException as error:
        return report_usage(error)
    except (KeyboardInterrupt, click.Abort) as error:
        return end_code(report_failure(as_stop(error) or Interrupted("stopped on request")))
    except BrokenPipeError:
        # The reader of our output is gone (`| head`); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except LockgateError as error:
        return end_code(report_failure(as_stop(error) or error))
    except Exception as error:  # noqa: BLE001 - the top of the command line: what arrives here is a bug
        told = as_stop(error) or of_system(error)
        return report_bug() if told is None else end_code(report_failure(told))
    return result if isinstance(result, int) else 0
