"""Open a store by its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.backup.stores.address import Address, parse_address
from lockgate.backup.stores.base import Objects, Patience, Store
from lockgate.backup.stores.probe import Probe, probe, unknown_probe
from lockgate.errors import StoreFailed


@dataclass(frozen=True)
class Place:
    """The surroundings of a store: the environment, the folder paths are relative to, how patient to be."""

    environ: Mapping[str, str]
    base: Path
    patience: Patience = field(default_factory=Patience)
    tries: int = 3


def open_store(url: str, place: Place, on_secret: Callable[[str], None] = lambda text: None) -> Store:
    """Open a store. ``on_secret`` is told every secret its address refers to, to keep it out of all output.

    Raises:
        ConfigError: The address is wrong, or the library is not installed.
        StoreFailed: There are no credentials.
    """
    address = _read(url, place, on_secret)
    if (why := _without_credentials(address, place)) is not None:
        raise StoreFailed(
            "there are no credentials for the store",
            where=address.display,
            cause=why,
            state="backups on this machine are as they were",
            hint="set them in the environment, then: lockgate backup probe",
        )
    return Store(_objects(address, place), place.patience)


def check_addresses(urls: Sequence[str], place: Place) -> None:
    """Refuse addresses that cannot be right, before anything is done.

    Raises:
        ConfigError: One cannot be read, or the library for it is not installed.
    """
    for url in urls:
        if parse_address(url, place.environ, place.base).service != "folder":
            from lockgate.backup.stores.cloud import load_library

            load_library()


def probe_store(url: str, place: Place, on_secret: Callable[[str], None] = lambda text: None) -> Probe:
    """Try a store out; unknown, and not failed, when there are no credentials to try it with.

    Raises:
        ConfigError: The address is wrong, or the library is not installed.
    """
    address = _read(url, place, on_secret)
    if (why := _without_credentials(address, place)) is not None:
        return unknown_probe(address.display, why)
    return probe(Store(_objects(address, place), place.patience))


def _read(url: str, place: Place, on_secret: Callable[[str], None]) -> Address:
    address = parse_address(url, place.environ, place.base)
    for secret in address.secrets:
        on_secret(secret)
    return address


def _objects(address: Address, place: Place) -> Objects:
    if address.service == "folder":
        from lockgate.backup.stores.folder import FolderObjects

        return FolderObjects(Path(address.bucket))
    from lockgate.backup.stores.cloud import CloudObjects

    return CloudObjects(address, place.tries)


def _without_credentials(address: Address, place: Place) -> str | None:
    """Say why a store cannot even be asked; None when it can."""
    if address.service == "folder":
        return None
    from lockgate.backup.stores.cloud import find_credentials, has_metadata_service

    if find_credentials(address, place.environ, has_metadata_service):
        return None
    return "none in the environment, and this machine has no role that gives any"
