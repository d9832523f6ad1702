"""Say what a cloud service answered in our words: its own may repeat keys, signatures and requests."""

from __future__ import annotations

import re

from lockgate.backup.stores.base import Fleeting, Taken
from lockgate.errors import StoreFailed

_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_NO_LOGIN = (
    "ExpiredToken", "ExpiredTokenException", "InvalidToken", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "TokenRefreshRequired", "RequestTimeTooSkewed", "AuthenticationFailed", "InvalidSecurity",
)  # fmt: skip
_BUSY = (408, 409, 425, 429)


def translate(error: Exception, place: str) -> Exception | None:
    """Return the error of ours for one of the library's; None when it is none of its (or FileNotFoundError).

    `Fleeting` for what may pass, `Taken` for a condition that does not hold, StoreFailed else.
    """
    text = str(error)
    name = type(error).__name__
    code = match[1] if (match := _CODE.search(text)) else ""
    status = int(found[1]) if (found := _STATUS.search(text)) else 0
    if any(word in text for word in _NO_BUCKET):
        return _failed(place, "the bucket does not exist", code or str(status), "make it, or correct its name")
    if isinstance(error, FileNotFoundError):
        return None
    if not type(error).__module__.startswith("obstore"):
        return None
    if name in ("AlreadyExistsError", "PreconditionError"):
        return Taken(place)
    if code in _NO_LOGIN or name == "UnauthenticatedError" or status == 401:
        return _failed(
            place,
            "the store does not accept the credentials",
            _cause(code, status) + ("; the clock of this machine is wrong" if code == "RequestTimeTooSkewed" else ""),
            "renew them in the environment, then: lockgate backup probe",
        )
    if "169.254.169.254" in text or "metadata.google.internal" in text or "credential" in text.lower():
        return _failed(
            place,
            "there are no credentials for the store",
            "none in the environment, and this machine has no role that gives any",
            "set for example AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then: lockgate backup probe",
        )
    if name == "PermissionDeniedError" or status == 403:
        return _failed(
            place, "the store refuses it", _cause(code, status), "see what is allowed: lockgate backup probe"
        )
    if name in ("NotSupportedError", "NotImplementedError", "InvalidPathError", "UnknownConfigurationKeyError"):
        return _failed(place, "the store cannot do what is needed", _cause(code, status) or name)
    if 400 <= status < 500 and status not in _BUSY:
        return _failed(place, "the store refuses the request", _cause(code, status))
    return Fleeting(_cause(code, status) or _words(text))


def _cause(code: str, status: int) -> str:
    return " ".join(part for part in (f"status {status}" if status else "", code) if part)


def _words(text: str) -> str:
    """Say what went wrong on the way, in words that can hold nothing of a request."""
    lowered = text.lower().replace("retry_timeout", "")
    for sign, words in (
        ("refused", "nobody listens there"),
        ("dns error", "its name cannot be resolved"),
        ("certificate", "its certificate is not trusted"),
        ("reset", "the connection was cut"),
        ("incomplete", "the answer was cut short"),
        ("end of file", "the answer was cut short"),
        ("timed out", "no answer in time"),
        ("timedout", "no answer in time"),
        ("decoding response body", "the answer was cut short"),
        ("error sending request", "no connection"),
    ):
        if sign in lowered:
            return words
    return "the request failed"


def _failed(place: str, what: str, cause: str = "", hint: str = "") -> StoreFailed:
    return StoreFailed(
        what,
        where=place,
        cause=cause,
        state="backups on this machine are as they were",
        hint=hint or "lockgate backup probe",
    )
