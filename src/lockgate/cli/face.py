"""What every command starts with: the common options, the settings, where results and talk go."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli import failure
from lockgate.cli.talk import Talk, is_color_wanted, open_log
from lockgate.config import Settings, TargetSettings, load_settings, resolve_spec
from lockgate.errors import ConfigError
from lockgate.outside import redact

if TYPE_CHECKING:
    from lockgate.engine.base import Engine

_COMMON = (
    click.option("--url", metavar="URL", help="The target database."),
    click.option("--target", "target_name", metavar="NAME", help="A target of lockgate.toml."),
    click.option("--config", metavar="FILE", help="The configuration file."),
    click.option("-v", "--verbose", count=True, help="Tell more on stderr."),
    click.option("-q", "--quiet", is_flag=True, help="No progress on stderr."),
    click.option("--no-color", is_flag=True, help="No colour."),
    click.option("--log-file", metavar="FILE", help="Append all that is told on stderr."),
)
_SCRATCH = (
    click.option("--scratch-url", metavar="URL", help="A server on which scratch databases may be made."),
    click.option("--scratch-beside-target", is_flag=True, help="Allow a scratch database on the target's own server."),
)


@dataclass(frozen=True)
class ScratchChoice:
    """What the options say about scratch databases; they go before the configuration."""

    url: str = ""
    is_beside_target: bool = False


@dataclass(frozen=True)
class Face:
    """One command's surroundings. Results go to stdout through ``show``, talk to stderr through ``talk``."""

    settings: Settings
    talk: Talk
    output_format: str
    scratch: ScratchChoice = ScratchChoice()

    @property
    def target(self) -> TargetSettings:
        """The target.

        Raises:
            ConfigError: None is configured.
        """
        if self.settings.target is None:
            raise ConfigError(
                "no target database is given",
                where="--url",
                cause="neither --url, LOCKGATE_URL, DATABASE_URL nor lockgate.toml names one",
                state="nothing was touched",
                hint="add --url sqlite:///app.db, export LOCKGATE_URL=…, or run `lockgate init`",
            )
        failure.set_place(self.settings.target.target.display)
        return self.settings.target

    @property
    def engine(self) -> Engine:
        """The target's engine; its driver is imported now."""
        from lockgate.engine import load_engine

        return load_engine(self.target.target.engine)

    def spec(self, text: str, option: str) -> str:
        """Resolve references in a spec; its secrets are masked from now on."""
        value, secrets = resolve_spec(text, os.environ, Path.cwd(), option)
        for secret in secrets:
            redact.add_secret(secret)
        return value

    def desired(self, option: str | None) -> str:
        """Return the desired schema's spec, from the option or the configuration.

        Raises:
            ConfigError: Neither names one.
        """
        if option:
            return self.spec(option, "--desired")
        configured = self.settings.target.desired if self.settings.target else self.settings.desired
        if not configured:
            raise ConfigError(
                "no desired schema is given",
                where="--desired",
                cause="neither --desired nor lockgate.toml names one",
                state="nothing was touched",
                hint="add --desired schema.sql",
            )
        return self.spec(configured, "desired")

    def show(self, text: str) -> None:
        """Print the result on stdout."""
        click.echo(redact.redact(text.rstrip("\n")))

    def show_json(self, document: dict[str, Any]) -> None:
        """Print one JSON document on stdout."""
        import json

        click.echo(redact.redact(json.dumps(document, indent=1, ensure_ascii=False)))


def make_command(
    name: str,
    summary: str,
    formats: Sequence[str] = ("text", "json"),
    *,
    is_target_configured: bool = True,
    has_scratch: bool = False,
) -> Callable[[Callable[..., int | None]], click.Command]:
    """Make a click command of a function ``(face, **options) -> exit code`` with the common options added.

    ``is_target_configured``: the target may come from the environment and the file; else only from an option.
    ``has_scratch``: the command may need a scratch database and takes the options that say where.
    """

    def wrap(function: Callable[..., int | None]) -> click.Command:
        @functools.wraps(function)
        @click.pass_context
        def run(
            context: click.Context,
            /,
            url: str | None,
            target_name: str | None,
            config: str | None,
            verbose: int,
            quiet: bool,
            no_color: bool,
            log_file: str | None,
            output_format: str | None,
            scratch_url: str | None = None,
            scratch_beside_target: bool = False,
            **options: Any,
        ) -> int:
            common = dict(context.obj or {})
            wanted = output_format or common.get("output_format") or "text"
            if wanted not in formats:
                raise click.BadParameter(
                    f"{wanted!r} is not one of {', '.join(formats)}", context, param_hint="--format"
                )
            face = _open_face(
                name,
                url=url or common.get("url", ""),
                target_name=target_name or common.get("target", ""),
                config=config or common.get("config", ""),
                level=-1 if quiet or common.get("quiet") else verbose + int(common.get("verbose", 0)),
                is_plain=no_color or bool(common.get("no_color")),
                log_file=log_file or common.get("log_file", ""),
                output_format=wanted,
                is_target_configured=is_target_configured,
                scratch=ScratchChoice(scratch_url or "", scratch_beside_target),
            )
            return function(face, **options) or 0

        decorated: Callable[..., Any] = run
        for option in reversed(_COMMON + (_SCRATCH if has_scratch else ())):
            decorated = option(decorated)
        decorated = click.option(
            "--format", "output_format", metavar="|".join(formats), help="How the result is printed."
        )(decorated)
        help_text = summary if not function.__doc__ else f"{summary}\n\n{_help_of(function.__doc__)}"
        return click.command(name, help=help_text, short_help=summary)(decorated)

    return wrap


def _help_of(doc: str) -> str:
    import inspect

    return inspect.cleandoc(doc)


def _open_face(
    name: str,
    *,
    url: str,
    target_name: str,
    config: str,
    level: int,
    is_plain: bool,
    log_file: str,
    output_format: str,
    is_target_configured: bool,
    scratch: ScratchChoice,
) -> Face:
    for origin in (url, os.environ.get("LOCKGATE_URL", ""), os.environ.get("DATABASE_URL", "")):
        redact.add_secrets_of_url(origin)
    failure.set_place(f"lockgate {name}")
    if log_file:
        open_log(log_file)
    settings = load_settings(
        os.environ,
        Path.cwd(),
        url=url,
        target_name=target_name,
        config_file=config,
        is_target_wanted=is_target_configured or bool(url or target_name),
    )
    for secret in settings.secrets:
        redact.add_secret(secret)
    face = Face(
        settings=settings,
        talk=Talk(level, is_color_wanted(is_plain, sys.stderr)),
        output_format=output_format,
    )
    if not scratch.url and not scratch.is_beside_target:
        return face
    return replace(face, scratch=replace(scratch, url=face.spec(scratch.url, "--scratch-url")))
