"""Read lockgate.toml and the environment into frozen settings; the faces read it, nothing below them does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from lockgate.backup.settings import BackupSettings, parse_backup_settings
from lockgate.errors import ConfigError
from lockgate.model.target import Target, is_url, parse_target

if TYPE_CHECKING:
    from lockgate.verify.conventions.settings import Conventions
    from lockgate.verify.defects.settings import DefectSettings

Part = TypeVar("Part")
FILE_NAME = "lockgate.toml"
DEFAULT_RETENTION_S = 7 * 86400
DEFAULT_REHEARSAL_S = 7 * 86400
_TARGET_KEYS = {
    "url": str,
    "desired": str,
    "migrations": str,
    "scratch_url": str,
    "allow_scratch_beside_target": bool,
    "protected": bool,
    "retention": str,
    "rehearsal": str,
    "backup": dict,
}
_PARTS = ("session", "roadmap", "notify", "people", "approvals", "monitors")
_ROOT_KEYS = {
    **_TARGET_KEYS,
    "target": str,
    "state_dir": str,
    "targets": dict,
    "validate": dict,
    "conventions": dict,
    "lint": dict,
    **dict.fromkeys(_PARTS, dict),
}
_LINT_KEYS = {"engine": str, "server_version": str, "transaction": bool, "skip": list}
_TYPE_WORDS = {str: "a text in quotes", bool: "true or false", dict: "a table such as [targets.app]", list: "a list"}
_REFERENCE = re.compile(r"\$\{(\w+):([^}]*)\}")
_DURATION = re.compile(r"(\d+)\s*([smhdw])")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True)
class TargetSettings:
    """One target and what is set for it.

    ``origin`` says where its URL comes from; ``rehearsal_s`` how old the rehearsal of a plan for it may be when it is
    protected, 0 when none is asked for.
    """

    name: str
    target: Target
    origin: str
    desired: str = ""
    migrations: str = ""
    scratch_url: str = field(default="", repr=False)
    is_scratch_beside_target_allowed: bool = False
    is_protected: bool = False
    retention_s: int = DEFAULT_RETENTION_S
    rehearsal_s: int = DEFAULT_REHEARSAL_S
    backup: BackupSettings = field(default_factory=BackupSettings)


@dataclass(frozen=True)
class LintSettings:
    """What ``[lint]`` sets for ``lockgate lint``; ``is_wrapped`` is None when the file does not say."""

    engine: str = ""
    server_version: str = ""
    is_wrapped: bool | None = None
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Everything configured, resolved. ``secrets`` are the values that must never be shown."""

    file: Path | None
    state_dir: Path
    target: TargetSettings | None
    desired: str = ""
    migrations: str = ""
    scratch_url: str = field(default="", repr=False)
    is_scratch_beside_target_allowed: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)
    defects: DefectSettings | None = None
    conventions: Conventions | None = None
    lint: LintSettings = LintSettings()
    tables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def folder(self) -> Path:
        """What paths in the file are relative to."""
        return self.file.parent if self.file else Path.cwd()

    def part(self, name: str, parse: Callable[..., Part]) -> Part:
        """Return what a table sets, by its own parser (table, fail, duration)."""

        def fail(key: str, what: str, allowed: str) -> ConfigError:
            return _mistake(self.file, f"{name}.{key}", what, allowed)

        return parse(self.tables.get(name, {}), fail, parse_duration_s)


def load_settings(
    environ: Mapping[str, str],
    folder: Path,
    *,
    url: str = "",
    target_name: str = "",
    config_file: str = "",
    is_target_wanted: bool = True,
) -> Settings:
    """Read the settings that hold for one command.

    The target is the first of: ``url``, ``target_name``, ``LOCKGATE_URL``, ``DATABASE_URL``, the file's ``target``, its
    ``url``, its only ``[targets.…]``. A URL that means the same database as a configured target takes over that
    target's settings, so that protection cannot be lost by spelling out the URL. No target is looked for when it is
    not wanted.

    Raises:
        ConfigError: A mistake in the file, the environment or the options; names the place and what is allowed.
    """
    reader = _Reader(environ, folder)
    file = _find_file(environ, folder, config_file)
    data = _read_file(file) if file else {}
    _check_keys(data, _ROOT_KEYS, file, "")
    for name, table in data.get("targets", {}).items():
        if not isinstance(table, dict):
            raise _mistake(file, f"targets.{name}", "must be a table", f"write [targets.{name}] with url = …")
        _check_keys(table, _TARGET_KEYS, file, f"targets.{name}.")
    lint = data.get("lint", {})
    _check_keys(lint, _LINT_KEYS, file, "lint.")
    state_dir = environ.get("LOCKGATE_STATE_DIR") or data.get("state_dir") or ".lockgate"
    chosen = _choose_target(reader, data, file, url, target_name) if is_target_wanted else None
    scratch = environ.get("LOCKGATE_SCRATCH_URL", "")
    base = file.parent if file else folder
    return Settings(
        file=file,
        state_dir=folder / state_dir,
        target=chosen,
        desired=chosen.desired if chosen else _anchored(data.get("desired", ""), base, folder),
        migrations=chosen.migrations if chosen else _anchored_folder(data.get("migrations", ""), base, folder),
        scratch_url=chosen.scratch_url if chosen else reader.secret_url(scratch, "LOCKGATE_SCRATCH_URL"),
        is_scratch_beside_target_allowed=bool(
            chosen.is_scratch_beside_target_allowed if chosen else data.get("allow_scratch_beside_target", False)
        ),
        secrets=tuple(dict.fromkeys(reader.secrets)),
        defects=_defects(data, file),
        conventions=_conventions(data, file),
        lint=LintSettings(
            engine=lint.get("engine", ""),
            server_version=lint.get("server_version", ""),
            is_wrapped=lint.get("transaction"),
            skip=tuple(map(str, lint.get("skip", ()))),
        ),
        tables={name: data[name] for name in _PARTS if name in data},
    )


def _defects(data: dict[str, Any], file: Path | None) -> DefectSettings | None:
    if "validate" not in data:
        return None
    from lockgate.verify.defects.settings import parse_defect_settings

    return parse_defect_settings(data["validate"], lambda key, *why: _mistake(file, f"validate.{key}", *why))


def _conventions(data: dict[str, Any], file: Path | None) -> Conventions | None:
    if "conventions" not in data or file is None:
        return None
    from lockgate.verify.conventions.settings import parse_conventions

    def fail(key: str, what: str, allowed: str) -> ConfigError:
        return _mistake(file, f"conventions.{key}", what, allowed)

    return parse_conventions(data["conventions"], file.name, file.parent, fail)


def resolve_spec(spec: str, environ: Mapping[str, str], folder: Path, option: str) -> tuple[str, tuple[str, ...]]:
    """Resolve ``${env:…}`` and ``${file:…}`` in a spec of an option; return it and the secrets in it.

    Raises:
        ConfigError: A reference leads nowhere, or the argument itself holds a password.
    """
    reader = _Reader(environ, folder)
    _refuse_password(spec, option)
    return reader.secret_url(spec, option), tuple(reader.secrets)


def parse_duration_s(text: str, where: str = "") -> int:
    """Read ``7d``, ``12h``, ``30m``, ``45s`` or ``2w`` as seconds.

    Raises:
        ConfigError: The text is something else.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ConfigError(
            f"{text!r} is no length of time",
            where=where,
            cause="allowed is a number with s, m, h, d or w, for example 7d",
            state="nothing was touched",
        )
    return int(match[1]) * _UNITS_S[match[2]]


class _Reader:
    """Resolves references and collects the secrets met on the way."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self.environ, self.folder = environ, folder
        self.secrets: list[str] = []

    def secret_url(self, text: str, where: str) -> str:
        """Return the text with references resolved; a password in it becomes a known secret."""
        is_whole = _REFERENCE.fullmatch(text) is not None
        value = _REFERENCE.sub(lambda m: self._value(m[1], m[2], where, is_whole), text)
        if is_url(value):
            password = _password_of(value)
            if password:
                self.secrets += [unquote(password), password]
        return value

    def _value(self, kind: str, name: str, where: str, is_whole: bool) -> str:
        if kind == "env":
            if name not in self.environ:
                raise ConfigError(
                    f"the environment variable {name} is not set",
                    where=where,
                    cause=f"${{env:{name}}} refers to it",
                    state="nothing was touched",
                    hint=f"export {name}=… and repeat the command",
                )
            value = self.environ[name]
        elif kind == "file":
            try:
                value = (self.folder / Path(name).expanduser()).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(
                    f"the file {name} cannot be read",
                    where=where,
                    cause=str(getattr(error, "strerror", "") or error),
                    state="nothing was touched",
                    hint="correct the path or its permissions",
                ) from None
        else:
            raise ConfigError(
                f"unknown reference ${{{kind}:{name}}}",
                where=where,
                cause="allowed are ${env:NAME} and ${file:PATH}",
                state="nothing was touched",
            )
        if is_whole:
            return value
        self.secrets.append(value)
        return quote(value, safe="")


def _choose_target(
    reader: _Reader, data: dict[str, Any], file: Path | None, url: str, target_name: str
) -> TargetSettings | None:
    tables: dict[str, dict[str, Any]] = data.get("targets", {})
    if url:
        _refuse_password(url, "--url")
        return _from_url(reader, data, file, reader.secret_url(url, "--url"), "--url")
    if target_name:
        if target_name not in tables:
            known = ", ".join(sorted(tables)) or "none"
            raise _mistake(file, f"target {target_name}", "is not configured", f"known targets: {known}")
        return _from_table(reader, data, file, target_name)
    for name in ("LOCKGATE_URL", "DATABASE_URL"):
        if reader.environ.get(name):
            return _from_url(reader, data, file, reader.secret_url(reader.environ[name], name), name)
    default = data.get("target")
    if default:
        if default not in tables:
            raise _mistake(file, "target", f"names {default!r}, which is no target", _list("targets", tables))
        return _from_table(reader, data, file, default)
    if data.get("url"):
        return _from_table(reader, data, file, "")
    if len(tables) == 1:
        return _from_table(reader, data, file, next(iter(tables)))
    return None


def _from_url(reader: _Reader, data: dict[str, Any], file: Path | None, url: str, origin: str) -> TargetSettings:
    target = parse_target(url)
    for name in ["", *data.get("targets", {})]:
        configured = _try_table(reader, data, file, name)
        if configured is not None and _is_same_database(configured.target, target):
            return _build(reader, data, file, name, target, origin)
    return _build(reader, data, file, None, target, origin)


def _try_table(reader: _Reader, data: dict[str, Any], file: Path | None, name: str) -> TargetSettings | None:
    """Return a configured target, or None when its URL cannot be resolved here and now."""
    table = data["targets"][name] if name else data
    if not table.get("url"):
        return None
    try:
        return _from_table(reader, data, file, name)
    except ConfigError:
        return None


def _from_table(reader: _Reader, data: dict[str, Any], file: Path | None, name: str) -> TargetSettings:
    table = data["targets"][name] if name else data
    key = f"targets.{name}.url" if name else "url"
    if not table.get("url"):
        raise _mistake(file, key, "is missing", 'set it, for example url = "${env:DATABASE_URL}"')
    where = f"{file}: {key}"
    _refuse_password(table["url"], where)
    target = parse_target(reader.secret_url(table["url"], where))
    return _build(reader, data, file, name, target, where)


def _build(
    reader: _Reader, data: dict[str, Any], file: Path | None, name: str | None, target: Target, origin: str
) -> TargetSettings:
    """Put a target's settings together: its own table's over the file's over the built-in ones."""
    table = data["targets"][name] if name else {}
    merged = {key: table.get(key, data.get(key)) for key in _TARGET_KEYS}
    base = file.parent if file else reader.folder
    place = f"{file}: {f'targets.{name}.' if name else ''}"
    scratch = reader.environ.get("LOCKGATE_SCRATCH_URL") or merged["scratch_url"] or ""
    retention = merged["retention"]
    rehearsal = merged["rehearsal"] or ""
    return TargetSettings(
        name=name or target.name,
        target=target,
        origin=origin,
        desired=_anchored(merged["desired"] or "", base, reader.folder),
        migrations=_anchored_folder(merged["migrations"] or "", base, reader.folder),
        scratch_url=reader.secret_url(scratch, f"{place}scratch_url"),
        is_scratch_beside_target_allowed=bool(merged["allow_scratch_beside_target"]),
        is_protected=bool(merged["protected"]),
        retention_s=parse_duration_s(retention, f"{place}retention") if retention else DEFAULT_RETENTION_S,
        rehearsal_s=_rehearsal_s(rehearsal, f"{place}rehearsal"),
        backup=_backup(reader, {**data.get("backup", {}), **table.get("backup", {})}, file),
    )


def _backup(reader: _Reader, table: dict[str, Any], file: Path | None) -> BackupSettings:
    """Read a target's ``backup`` laid over the file's; its folders are relative to the file."""

    def fail(key: str, what: str, allowed: str) -> ConfigError:
        return _mistake(file, f"backup.{key}", what, allowed)

    settings = parse_backup_settings(table, fail, parse_duration_s)
    base = file.parent if file else reader.folder
    return replace(
        settings,
        folder=str(base / Path(settings.folder).expanduser()) if settings.folder else "",
        identity=str(base / Path(settings.identity).expanduser()) if settings.identity else "",
        stores=tuple(_store(store, base) for store in settings.stores),
    )


def _store(text: str, base: Path) -> str:
    """Make a folder relative to the file; references stay as they are until the store is opened."""
    return text if "://" in text or text.startswith("${") else str(base / Path(text).expanduser())


def _rehearsal_s(text: str, where: str) -> int:
    """Read how old a rehearsal may be: a length of time, or ``off``."""
    if text == "off":
        return 0
    return parse_duration_s(text, where) if text else DEFAULT_REHEARSAL_S


def _find_file(environ: Mapping[str, str], folder: Path, option: str) -> Path | None:
    named = option or environ.get("LOCKGATE_CONFIG", "")
    if named:
        path = folder / named
        if not path.is_file():
            raise ConfigError(
                f"the configuration file {named} does not exist",
                where="--config" if option else "LOCKGATE_CONFIG",
                cause="no such file",
                state="nothing was touched",
                hint="lockgate init writes one",
            )
        return path
    path = folder / FILE_NAME
    return path if path.is_file() else None


def _read_file(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} is no valid TOML", where=str(file), cause=str(error), state="nothing was touched"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read", where=str(file), cause=str(error.strerror), state="nothing was touched"
        ) from None


def _check_keys(table: dict[str, Any], allowed: Mapping[str, type], file: Path | None, prefix: str) -> None:
    for key, value in table.items():
        if key not in allowed:
            import difflib

            near = difflib.get_close_matches(key, allowed, 1)
            guess = f"; did you mean {near[0]}?" if near else ""
            raise _mistake(file, prefix + key, "is no key Lockgate knows", _list("allowed here", allowed) + guess)
        if not isinstance(value, allowed[key]):
            raise _mistake(file, prefix + key, "has the wrong type", f"allowed is {_TYPE_WORDS[allowed[key]]}")


def _mistake(file: Path | None, key: str, what: str, allowed: str) -> ConfigError:
    place = str(file) if file else "no configuration file"
    line = _line_of(file, key.rsplit(".", 1)[-1])
    return ConfigError(
        f"{key} {what}",
        where=f"{place}{f':{line}' if line else ''}: {key}",
        cause=allowed,
        state="nothing was touched",
        hint="correct the file and repeat the command" if file else "lockgate init writes a configuration",
    )


def _line_of(file: Path | None, key: str) -> int:
    """Return the line a key is set on, 0 when it cannot be found."""
    if file is None:
        return 0
    pattern = re.compile(rf"\s*(\[.*\b)?\"?{re.escape(key)}\"?\s*[=\]]")
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if pattern.match(line)), 0)


def _list(what: str, names: Mapping[str, object]) -> str:
    return f"{what}: {', '.join(sorted(names))}"


def _anchored(spec: str, base: Path, folder: Path) -> str:
    """Make a path of the file relative to the file, not to where the command runs."""
    kind, colon, rest = spec.partition(":")
    if not spec or is_url(spec) or base == folder or spec.startswith("${"):
        return spec
    if colon and len(kind) > 1:
        if kind == "migrations":
            return f"migrations:{_anchored_folder(rest, base, folder)}"
        return f"{kind}:{base / rest}" if kind in ("snapshot", "drizzle") else spec
    return str(base / spec)


def _anchored_folder(text: str, base: Path, folder: Path) -> str:
    """Make a migrations folder of the file relative to the file; ``tool:`` before it stays, a dotted name too."""
    rest = text.removeprefix("migrations:")
    tool, colon, path = rest.partition(":")
    if not colon or len(tool) < 2:
        tool, colon, path = "", "", rest
    is_path = base != folder and (base / path.partition("?")[0]).exists()
    return f"{tool}{colon}{base / path}" if is_path else f"{tool}{colon}{path}"


def _password_of(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _refuse_password(text: str, where: str) -> None:
    """Refuse a password that is written out where others can read it; references are fine."""
    password = _password_of(_REFERENCE.sub("", text)) if is_url(text) else ""
    if password:
        raise ConfigError(
            "a password is written out where others can read it",
            where=where,
            cause="arguments show in the process list and files in the repository",
            state="nothing was touched",
            hint="put the URL into LOCKGATE_URL, or write ${env:NAME} or ${file:PATH} in its place",
        )


def _is_same_database(one: Target, other: Target) -> bool:
    if one.path or other.path:
        return bool(one.path and other.path) and Path(one.path).resolve() == Path(other.path).resolve()
    return (one.engine, one.host, one.port, one.database) == (other.engine, other.host, other.port, other.database)
