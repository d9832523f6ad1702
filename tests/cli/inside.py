"""Run the command line within this process, where a file asks many small things of it."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from lockgate.cli.app import root
from lockgate.cli.failure import report_failure
from lockgate.errors import LockgateError
from tests.cli.conftest import Cli, Ran


@dataclass
class Inside(Cli):
    """The command line within this process, which loads everything once."""

    def __call__(self, *arguments: str, **env: str) -> Ran:
        """Run one command."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            for name, value in {**self.env, **env}.items():
                patch.setenv(name, value)
            try:
                code = root.main(args=list(arguments), prog_name="lockgate", standalone_mode=False) or 0
            except LockgateError as error:
                code = report_failure(error)
        return Ran(int(code), out.getvalue(), err.getvalue())
