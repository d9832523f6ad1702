"""What the commands for further places of backups share: which store is meant, and opening it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.backups import size_text
from lockgate.cli.face import Face
from lockgate.errors import ConfigError
from lockgate.outside import redact

if TYPE_CHECKING:
    from lockgate.backup.stores.base import Store
    from lockgate.backup.stores.open import Place
    from lockgate.backup.stores.read import InStore
    from lockgate.workflow.store_backup import Copy

_SECRETS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_CLIENT_SECRET",
    "AZURE_STORAGE_MASTER_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
)

store_option = click.option(
    "--store", "store_url", metavar="URL", help="A further place: a folder, s3://bucket/prefix, gs://…, az://…"
)


def store_urls(face: Face, option: str | None) -> tuple[str, ...]:
    """Return the stores that are meant: the option's, else all that are configured.

    Raises:
        ConfigError: There is none.
    """
    urls = (option,) if option else face.target.backup.stores
    if not urls:
        raise ConfigError(
            "no store is given",
            where="--store",
            cause="neither --store nor stores under [backup] names one",
            state="nothing was touched",
            hint='add --store s3://bucket/prefix, or set stores = ["s3://bucket/prefix"] under [backup]',
        )
    return urls


def read_place() -> Place:
    """Return the surroundings stores are opened in; credentials in them are masked in all output from now on."""
    from lockgate.backup.stores.open import Place

    for name in _SECRETS:
        redact.add_secret(os.environ.get(name, ""))
    return Place(os.environ, Path.cwd())


def open_one(face: Face, option: str | None) -> Store:
    """Open the store of ``--store``, else the first that is configured."""
    from lockgate.backup.stores.open import open_store

    return open_store(store_urls(face, option)[0], read_place(), redact.add_secret)


def line_in_store(found: InStore) -> str:
    """Return the line of a list for what is in a store."""
    if found.manifest is not None:
        manifest = found.manifest
        return f"{found.id}  {manifest.snapshot_at[:16]}  {size_text(manifest.bytes):>10}  {manifest.reason}"
    if found.problem:
        return f"{found.id}  BROKEN: {found.problem}"
    if found.is_uploading and found.marker is not None:
        return f"{found.id}  being worked on by {found.marker.holder}"
    return f"{found.id}  only in part: its upload was not finished"


def plain_in_store(found: InStore) -> dict[str, Any]:
    """Return what is in a store as a part of a JSON document."""
    from lockgate.cli.result import plain_of

    if found.manifest is None:
        state = "broken" if found.problem else "uploading" if found.is_uploading else "partial"
        return {"id": found.id, "state": state, "problem": found.problem}
    left_out = ("files", "tables", "restore", "server_settings", "format_version")
    plain = {name: value for name, value in plain_of(found.manifest).items() if name not in left_out}
    return {**plain, "state": "whole", "bytes": found.manifest.bytes, "bytes_plain": found.manifest.bytes_plain}


def plain_copy(copy: Copy) -> dict[str, Any]:
    """Return a copy as a part of a JSON document."""
    done = copy.uploaded
    if done is None:
        return {"store": copy.store, "is_stored": False, "problem": str(copy.error)}
    return {
        "store": copy.store,
        "is_stored": True,
        "files": done.files,
        "bytes": done.bytes,
        "sent_files": done.sent_files,
        "sent_bytes": done.sent_bytes,
    }
