"""The file of agreed differences beside lockgate.toml, which goes into version control with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lockgate.cli.face import Face
from lockgate.errors import ConfigError

if TYPE_CHECKING:
    from lockgate.model.accepted import Acceptance

FILE_NAME = "lockgate-accepted.toml"


def acceptances_file(face: Face) -> Path:
    """Return where the file is: beside the configuration, else in the working folder."""
    return (face.settings.file.parent if face.settings.file else Path.cwd()) / FILE_NAME


def load_acceptances(face: Face) -> tuple[Acceptance, ...]:
    """Read the agreed differences; none when there is no file.

    Raises:
        ArtifactError: The file cannot be understood.
        ConfigError: It cannot be read.
    """
    path = acceptances_file(face)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path.name} cannot be read", where=str(path), cause=str(error), state="nothing was compared"
        ) from None
    from lockgate.model.accepted import decode_acceptances

    return decode_acceptances(text, str(path))


def save_acceptances(face: Face, acceptances: tuple[Acceptance, ...]) -> Path:
    """Write the file beside and rename it into place.

    Raises:
        ConfigError: It cannot be written.
    """
    from lockgate.model.accepted import encode_acceptances

    path = acceptances_file(face)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(encode_acceptances(acceptances), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path.name} cannot be written", where=str(path), cause=str(error), state="nothing was accepted"
        ) from None
    return path


def today() -> date:
    """Return the day, UTC."""
    return datetime.now(UTC).date()


def parse_day(text: str) -> date | None:
    """Read ``2027-01-31``, or ``never`` as None.

    Raises:
        ConfigError: It is neither, or the day is over.
    """
    if text == "never":
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{text!r} is no day",
            where="--until",
            cause="allowed are 2027-01-31 and never",
            state="nothing was accepted",
        ) from None
    if day < today():
        raise ConfigError(
            f"{text} is over already",
            where="--until",
            cause="an agreement needs a day to come",
            state="nothing was accepted",
        )
    return day
