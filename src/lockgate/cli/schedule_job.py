"""What a scheduler is to run for a target, and whether it will have what that needs; it has no shell of yours."""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from lockgate.backup.repository import repository_name
from lockgate.backup.schedule import Job, When
from lockgate.cli.face import Face
from lockgate.cli.references import list_references
from lockgate.config import load_settings
from lockgate.errors import ConfigError, LockgateError

CARRIED = (
    "LOCKGATE_STATE_DIR", "LOCKGATE_SERVER_BIN", "LOCKGATE_CLIENT_BIN", "LOCKGATE_SCRATCH_URL", "PYTHONPATH",
    "PGPASSFILE", "PGSERVICEFILE", "SSL_CERT_FILE", "TMPDIR", "XDG_CACHE_HOME",
)  # fmt: skip
"""Variables that change what the command finds and are no secrets (a URL is carried only without a password)."""
URL_VARIABLES = ("LOCKGATE_URL", "DATABASE_URL")
PASSWORD_VARIABLES = ("PGPASSWORD", "MYSQL_PWD")
STORE_VARIABLES = {"s3": "AWS_", "gs": "GOOGLE_", "az": "AZURE_"}
SECRET_WORDS = ("SECRET", "KEY", "TOKEN", "SAS", "PASSWORD")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)")


def build_job(face: Face, when: When, environment_file: str, user: str, environ: Mapping[str, str]) -> Job:
    """Return the job for a face's target.

    Raises:
        ConfigError: The target's URL or something else it needs is in a variable that no scheduler will have.
    """
    folder = Path.cwd()
    place = _check_file(environment_file, folder) if environment_file else ""
    choice, needed = _target_words(face)
    needed |= _other_variables(face, environ)
    missing = sorted(needed - (_names_in(place) if place else frozenset()))
    if missing:
        raise _missing(face, missing)
    return Job(
        name=job_name(face, folder),
        target=face.target.name,
        when=when,
        command=(*program(), "backup", "create", *choice, "--reason", "schedule", "--quiet", *_log_words(face)),
        folder=str(folder),
        environment=_environment(face, environ),
        environment_file=place,
        user=user,
    )


def job_name(face: Face, folder: Path) -> str:
    """Return the name of a target's schedule: the same for the same target, configuration and folder."""
    known = "\n".join((str(face.settings.file and face.settings.file.resolve()), str(folder), face.target.name))
    slug = re.sub(r"[^a-z0-9]+", "-", repository_name(face.target.name).lower()).strip("-") or "database"
    return f"lockgate-backup-{slug[:40]}-{hashlib.sha256(known.encode()).hexdigest()[:8]}"


def user_name(option: str) -> str:
    """Return who is to run it: ``--run-as``, else the user who asks.

    Raises:
        ConfigError: It is no name of a user.
    """
    name = option or getpass.getuser()
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
        raise ConfigError(f"{name!r} is no name of a user", where="--run-as", state="nothing was installed")
    return name


def program() -> tuple[str, ...]:
    """Return how this very program is started, by absolute paths."""
    script = Path(sys.executable).with_name("lockgate")
    if script.is_file() and os.access(script, os.X_OK) and not os.environ.get("PYTHONPATH"):
        return (str(script),)
    return (sys.executable, "-m", "lockgate")


def _target_words(face: Face) -> tuple[list[str], set[str]]:
    """Return the options that name the target, and the variables its URL needs."""
    target, references = face.target, list_references(face.settings)
    words = ["--target", target.name] if references.is_table else []
    if references.url is not None and _is_the_files(face, words, references.url):
        return words, set(references.url)
    address = target.target
    if not address.password and not address.params:
        url = f"{address.scheme}:///{Path(address.path).absolute()}" if address.path else address.display
        return ["--url", url], set()
    if target.origin == "--url":
        raise ConfigError(
            "a scheduler cannot be given this URL",
            where="--url",
            cause="it holds a password or parameters, and a schedule is no place for secrets",
            state="nothing was installed",
            hint='write the target into lockgate.toml, with url = "${file:PATH}" or "${env:NAME}"',
        )
    return [], {target.origin}


def _is_the_files(face: Face, words: list[str], used: frozenset[str]) -> bool:
    """Tell whether the configuration leads to this very database, without a URL in the environment it does not use."""
    environ = {name: value for name, value in os.environ.items() if name not in URL_VARIABLES or name in used}
    try:
        found = load_settings(
            environ, Path.cwd(), config_file=str(face.settings.file or ""), target_name=words[-1] if words else ""
        ).target
    except LockgateError:
        return False
    return found is not None and found.target == face.target.target


def _other_variables(face: Face, environ: Mapping[str, str]) -> set[str]:
    """Return what else in the environment the command lives by now, and a scheduler would not have."""
    found = set(list_references(face.settings).other)
    if not face.target.target.password:
        found |= {name for name in PASSWORD_VARIABLES if environ.get(name)}
    found |= {name for name in _store_variables(face, environ) if _is_secret(name)}
    if "@" in environ.get("LOCKGATE_SCRATCH_URL", ""):
        found.add("LOCKGATE_SCRATCH_URL")
    return found


def _store_variables(face: Face, environ: Mapping[str, str]) -> set[str]:
    """Return the variables that the libraries of the configured stores look at."""
    prefixes = {STORE_VARIABLES.get(store.split("://", 1)[0], "") for store in face.target.backup.stores} - {""}
    return {name for name in environ if name.startswith(tuple(prefixes)) and environ[name]} if prefixes else set()


def _is_secret(name: str) -> bool:
    return any(word in name.split("_") for word in SECRET_WORDS)


def _environment(face: Face, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    kept = [name for name in sorted(_store_variables(face, environ)) if not _is_secret(name)]
    found = {name: environ[name] for name in (*CARRIED, *kept) if environ.get(name)}
    if "@" in found.get("LOCKGATE_SCRATCH_URL", ""):
        del found["LOCKGATE_SCRATCH_URL"]
    if "PYTHONPATH" in found:
        found["PYTHONPATH"] = os.pathsep.join(os.path.abspath(p) for p in found["PYTHONPATH"].split(os.pathsep) if p)
    if face.settings.file:
        found["LOCKGATE_CONFIG"] = str(face.settings.file.absolute())
    folders = [
        part for part in environ.get("PATH", "").split(os.pathsep) if os.path.isabs(part) and Path(part).is_dir()
    ]
    found["PATH"] = os.pathsep.join(dict.fromkeys(folders)) or "/usr/local/bin:/usr/bin:/bin"
    return tuple(sorted(found.items()))


def _log_words(face: Face) -> tuple[str, str]:
    return "--log-file", str((face.settings.state_dir / "backup-schedule.log").absolute())


def _check_file(name: str, folder: Path) -> str:
    """Return the absolute path of an environment file that only its owner can read.

    Raises:
        ConfigError: It is not there, others can read it, or a line means something else to a shell than to systemd.
    """
    place = (folder / Path(name).expanduser()).absolute()
    try:
        mode = place.stat().st_mode
        lines = place.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _file_error(place, str(getattr(error, "strerror", "") or "it is no text")) from None
    if stat.S_IMODE(mode) & 0o077:
        raise _file_error(place, f"others can read it: chmod 600 {shlex.quote(str(place))}")
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#") and not _is_plain(line):
            raise _file_error(place, f"line {number} is not NAME='value' (no quote or backslash in the value)")
    return str(place)


def _is_plain(line: str) -> bool:
    """Tell whether a line means the same to ``sh`` and to systemd."""
    match = _ASSIGNMENT.fullmatch(line.strip())
    if match is None:
        return False
    value = match[2]
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return "'" not in value[1:-1] and "\\" not in value
    return re.fullmatch(r"[\w@%+=:,./-]*", value) is not None


def _names_in(place: str) -> frozenset[str]:
    lines = Path(place).read_text(encoding="utf-8").splitlines()
    return frozenset(match[1] for line in lines if (match := _ASSIGNMENT.fullmatch(line.strip())))


def _file_error(place: Path, cause: str) -> ConfigError:
    return ConfigError(
        "the environment file cannot be used", where=str(place), cause=cause, state="nothing was installed"
    )


def _missing(face: Face, names: list[str]) -> ConfigError:
    return ConfigError(
        f"a scheduler will not have {', '.join(names)}",
        where=f"the environment of {face.target.name}",
        cause="it runs without your shell's environment, and a schedule is no place for secrets",
        state="nothing was installed",
        hint=f"write {names[0]}='…' into a file of mode 600 and add --environment-file FILE, "
        'or put the URL into such a file and write url = "${file:PATH}" in lockgate.toml',
    )
