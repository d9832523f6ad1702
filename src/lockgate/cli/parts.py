"""Groups of commands, each in a file of its own that is imported only when it runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

import click


def make_lazy(parts: Mapping[str, str], prefix: str) -> type[click.Group]:
    """Make a kind of group that knows its commands by name and summary; ``x-y`` stands in ``<prefix>x_y.py``."""

    class Lazy(click.Group):
        """A group whose help needs no command's module."""

        def list_commands(self, ctx: click.Context) -> list[str]:
            """Return the commands in the order of a first use."""
            return list(parts)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            """Import one command, or return None for an unknown name."""
            if cmd_name not in parts:
                return None
            module = importlib.import_module(f"lockgate.cli.{prefix}{cmd_name.replace('-', '_')}")
            command: click.Command = module.command
            return command

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            """Write the table of commands from the names alone."""
            with formatter.section("Commands"):
                formatter.write_dl(list(parts.items()))

    return Lazy


def make_group(name: str, parts: Mapping[str, str], short_help: str) -> Callable[[Callable[[], None]], click.Group]:
    """Make a group of a documented function; the part ``x-y`` is ``command`` in ``cli/<name>_x_y.py``."""

    def wrap(function: Callable[[], None]) -> click.Group:
        group: click.Group = click.group(name, cls=make_lazy(parts, f"{name}_"), short_help=short_help)(function)
        return group

    return wrap
