"""A group of subcommands, each in a file of its own that is imported only when it runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

import click


def make_group(name: str, parts: Mapping[str, str], short_help: str) -> Callable[[Callable[[], None]], click.Group]:
    """Make a group of a documented function; the part ``x-y`` is ``command`` in ``cli/<name>_x_y.py``."""

    class Parts(click.Group):
        """Subcommands known by name and summary alone."""

        def list_commands(self, ctx: click.Context) -> list[str]:
            """Return the subcommands in the order of a first use."""
            return list(parts)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            """Import one subcommand, or return None for an unknown name."""
            if cmd_name not in parts:
                return None
            module = importlib.import_module(f"lockgate.cli.{name}_{cmd_name.replace('-', '_')}")
            part: click.Command = module.command
            return part

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            """Write the table of subcommands from the names alone."""
            with formatter.section("Commands"):
                formatter.write_dl(list(parts.items()))

    def wrap(function: Callable[[], None]) -> click.Group:
        group: click.Group = click.group(name, cls=Parts, short_help=short_help)(function)
        return group

    return wrap
