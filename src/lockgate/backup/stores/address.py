"""Read the address of a store: which service, which bucket, what is set for it; secrets only by reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from lockgate.errors import ConfigError

_REFERENCE = re.compile(r"\$\{(\w+):([^}]*)\}")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SERVICES = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "az": "az", "azure": "az", "abfs": "az"}
_SECRETS: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "access_key_id": "access_key_id",
        "secret_access_key": "secret_access_key",
        "session_token": "session_token",
    },
    "gs": {"service_account_key": "service_account_key"},
    "az": {"account_key": "account_key", "sas_key": "sas_key", "client_secret": "client_secret"},
}
_PLAIN: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "endpoint": "endpoint",
        "region": "region",
        "virtual_host": "virtual_hosted_style_request",
        "encryption": "server_side_encryption",
        "kms_key_id": "sse_kms_key_id",
    },
    "gs": {"endpoint": "base_url", "service_account": "service_account"},
    "az": {
        "account": "account_name",
        "endpoint": "endpoint",
        "client_id": "client_id",
        "tenant_id": "tenant_id",
        "emulator": "use_emulator",
    },
}


@dataclass(frozen=True)
class Address:
    """Where a store is. ``service``: folder, s3, gs or az; ``options`` are in the library's words, maybe secret.

    ``display`` is what people see: the address without any parameter, but for a service's own endpoint.
    """

    service: str
    bucket: str
    prefix: str
    display: str
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def option(self, name: str) -> str:
        """Return one option; empty when it is not set."""
        return dict(self.options).get(name, "")


def parse_address(url: str, environ: Mapping[str, str], base: Path) -> Address:
    """Read ``s3://bucket/prefix?endpoint=…``, ``gs://…``, ``az://…``, ``file:///…`` or a path (relative to ``base``).

    Raises:
        ConfigError: It cannot be read, holds a secret, or refers to a variable that is not set. Never repeats a secret.
    """
    if _REFERENCE.fullmatch(url):
        url = _resolve(url, environ)
    scheme, colon, rest = url.partition("://")
    if not colon or scheme == "file":
        return _folder(unquote(rest) if colon else url, base, bool(colon))
    service = _SERVICES.get(scheme.lower())
    if service is None:
        raise _mistake(f"unknown kind of store ({scheme[:20]})", "known are a folder, file://, s3://, gs:// and az://")
    try:
        parts = urlsplit(url.replace("${", "$%7B"))
    except ValueError:
        raise _mistake("the address of a store cannot be read", "allowed is for example s3://bucket/prefix") from None
    if "@" in parts.netloc:
        raise _mistake(
            f"the address of a {scheme}:// store holds a user or a key",
            "credentials come from the environment or ${env:NAME} and are never written into an address",
        )
    if not parts.netloc or parts.fragment:
        raise _mistake("the address of a store names no bucket", f"allowed is for example {scheme}://bucket/prefix")
    if _BUCKET.fullmatch(parts.netloc) is None:
        raise _mistake("the address of a store names no bucket that can be", "allowed are letters, digits, . - and _")
    options, secrets = _options(service, parts.query, environ)
    prefix = unquote(parts.path).strip("/")
    if ".." in prefix.split("/"):
        raise _mistake("the prefix of a store goes upwards", "allowed is for example s3://bucket/prefix")
    shown = f"{service}://{parts.netloc}" + (f"/{prefix}" if prefix else "")
    endpoint = dict(options).get("endpoint") or dict(options).get("base_url") or ""
    if endpoint:
        _check_endpoint(endpoint)
        shown += f" at {_host_of(endpoint)}"
    return Address(service, parts.netloc, prefix, shown, options, secrets)


def _folder(text: str, base: Path, is_address: bool) -> Address:
    if not text.strip() or (is_address and not text.startswith("/")):
        raise _mistake("the address of a store names no folder", "allowed is for example file:///mnt/backups")
    place = base / Path(text).expanduser()
    return Address("folder", str(place), "", str(place))


def _options(
    service: str, query: str, environ: Mapping[str, str]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    found, secrets = [], []
    plain, secret = _PLAIN[service], _SECRETS[service]
    for name, raw in parse_qsl(query.replace("$%7B", "${"), keep_blank_values=True):
        if name in plain:
            found.append((plain[name], _resolve(raw, environ)))
        elif name in secret:
            if _REFERENCE.fullmatch(raw) is None:
                raise _mistake(
                    f"the address of a store holds a secret ({name})",
                    f"write {name}=${{env:NAME}}, or set the variable that the service's own tools read",
                )
            value = _resolve(raw, environ)
            found.append((secret[name], value))
            secrets.append(value)
        else:
            allowed = ", ".join(sorted([*plain, *secret]))
            raise _mistake(f"the address of a store sets {name[:30]}, which it cannot", f"allowed are {allowed}")
    return tuple(found), tuple(secrets)


def _resolve(raw: str, environ: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        kind, name = match[1], match[2]
        if kind == "env" and name in environ:
            return environ[name].strip()
        if kind == "env":
            raise _mistake(
                f"the environment variable {name} is not set", f"a store's address refers to it as ${{env:{name}}}"
            )
        if kind == "file":
            try:
                return Path(name).expanduser().read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise _mistake(f"the file {name} cannot be read", "a store's address refers to it") from None
        raise _mistake(f"unknown reference ({kind})", "allowed are ${env:NAME} and ${file:PATH}")

    return _REFERENCE.sub(value, raw)


def _check_endpoint(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or "@" in endpoint or not endpoint.isprintable() or " " in endpoint:
        raise _mistake(
            "the endpoint of a store is no address of a service", "allowed is for example https://s3.example.org:9000"
        )


def _host_of(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname or "its endpoint")
    except ValueError:
        return "its endpoint"


def _mistake(what: str, cause: str) -> ConfigError:
    return ConfigError(
        what,
        where="backup.stores",
        cause=cause,
        state="nothing was touched",
        hint='set for example stores = ["s3://bucket/prefix"] under [backup]',
    )
