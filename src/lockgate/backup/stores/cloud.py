"""S3 and what speaks its language, Google Cloud Storage and Azure as stores, through obstore."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from lockgate.backup.stores.address import Address
from lockgate.backup.stores.base import WHOLE, Fleeting, Stat, Taken
from lockgate.backup.stores.cloud_errors import translate
from lockgate.errors import ConfigError, StoreFailed

Result = TypeVar("Result")
_PARTS = 9000
"""Services allow 10,000 parts an object."""
_AT_ONCE = 2
_PIECE = 1 << 20


class CloudObjects:
    """See `lockgate.backup.stores.base.Objects`; ``tries`` are the library's own for one request."""

    def __init__(self, address: Address, tries: int = 3) -> None:
        self.display = address.display
        self._library = load_library()
        self._store = _open(address, tries)

    def put_new(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Send in one conditional request, or in parts when it is large; parts cannot be conditional (see `claim`)."""
        if size <= WHOLE:
            self._send(lambda: self._library.put(self._store, key, b"".join(chunks), mode="create"))
            return
        part = max(WHOLE, -(-size // _PARTS))
        self._send(
            lambda: self._library.put(
                self._store, key, iter(chunks), use_multipart=True, chunk_size=part, max_concurrency=_AT_ONCE
            )
        )

    def _send(self, action: Callable[[], object]) -> None:
        """Send. A service that knows nothing of our parts has put them together already, or they are gone."""
        try:
            self._do(action)
        except FileNotFoundError:
            raise Fleeting("the service does not know the upload any more") from None

    def replace(self, before: Stat, data: bytes) -> None:
        """Send under the condition that tag and version, as far as the service tells them, are still the same."""
        mode = {name: text for name, text in (("e_tag", before.tag), ("version", before.version)) if text}
        try:
            self._do(lambda: self._library.put(self._store, before.key, data, mode=mode))
        except FileNotFoundError:
            raise Taken(before.key) from None

    def stat(self, key: str) -> Stat | None:
        """Ask for size and tag."""
        try:
            found = self._do(lambda: self._library.head(self._store, key))
        except FileNotFoundError:
            return None
        return Stat(key, found["size"], found["e_tag"] or "", found["version"] or "")

    def read(self, key: str, offset: int = 0) -> Iterator[bytes]:
        """Stream an object."""
        options = {"range": {"offset": offset}} if offset else {}
        found = self._do(lambda: self._library.get(self._store, key, options=options))
        stream = iter(found.stream(min_chunk_size=_PIECE))
        while (piece := self._do(lambda: next(stream, None))) is not None:
            yield bytes(piece)

    def list_objects(self, prefix: str) -> Iterator[Stat]:
        """List, page by page."""
        pages = iter(self._library.list(self._store, prefix))
        while (page := self._do(lambda: next(pages, None))) is not None:
            for found in page:
                yield Stat(found["path"], found["size"], found["e_tag"] or "")

    def list_folders(self, prefix: str) -> tuple[str, ...]:
        """List what is before the next slash."""
        found = self._do(lambda: self._library.list_with_delimiter(self._store, prefix))
        return tuple(sorted(name.rstrip("/").rsplit("/", 1)[-1] for name in found["common_prefixes"]))

    def delete(self, key: str) -> None:
        """Delete one object."""
        try:
            self._do(lambda: self._library.delete(self._store, key))
        except FileNotFoundError:
            return

    def _do(self, action: Callable[[], Result]) -> Result:
        """Call the library; what it raises becomes one of ours, told without what services repeat of a request."""
        try:
            return action()
        except Exception as error:
            ours = translate(error, self.display)
            if ours is None:
                raise
            raise ours from None
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # the library gives up on settings it takes for right
                raise StoreFailed(
                    "the library for stores cannot work with what is set",
                    where=self.display,
                    cause="a key, a region or the like holds what cannot be sent",
                    state="backups on this machine are as they were",
                    hint="correct the environment and stores under [backup]; then: lockgate backup probe",
                ) from None
            raise


def load_library() -> Any:
    """Return the library.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        import obstore
    except ImportError:
        raise ConfigError(
            "stores at S3, Google Cloud and Azure need the library obstore, which is not installed",
            where="backup.stores",
            state="nothing was touched",
            hint="pip install 'lockgate[s3]'",
        ) from None
    return obstore


def _open(address: Address, tries: int) -> Any:
    from obstore import store

    classes = {"s3": store.S3Store, "gs": store.GCSStore, "az": store.AzureStore}
    config: dict[str, Any] = dict(address.options)
    if address.service == "s3":
        # Services compare it with what arrives, and buckets with object lock ask for it.
        config["checksum_algorithm"] = "SHA256"
    endpoint = address.option("endpoint") or address.option("base_url")
    options = {
        "allow_http": endpoint.startswith("http://") or address.option("use_emulator") == "true",
        "connect_timeout": "10s",
        "read_timeout": "60s",
        "timeout": "15m",
    }
    retry = {
        "max_retries": tries,
        "retry_timeout": timedelta(seconds=60),
        "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=5), "base": 2},
    }
    try:
        return classes[address.service](
            address.bucket,
            prefix=address.prefix or None,
            config=config,
            client_options=options,
            retry_config=retry,
        )
    except Exception as error:
        ours = translate(error, address.display)
        if ours is None:
            raise
        raise ConfigError(
            "the store cannot be opened as it is set",
            where=address.display,
            cause=str(ours),
            state="nothing was touched",
            hint="correct stores under [backup]; then: lockgate backup probe",
        ) from None


_CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "s3": (
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_SKIP_SIGNATURE",
    ),
    "gs": (
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_SERVICE_ACCOUNT",
        "GOOGLE_SERVICE_ACCOUNT_PATH",
        "GOOGLE_SERVICE_ACCOUNT_KEY",
        "GOOGLE_SKIP_SIGNATURE",
    ),
    "az": (
        "AZURE_STORAGE_ACCOUNT_KEY",
        "AZURE_STORAGE_ACCESS_KEY",
        "AZURE_STORAGE_MASTER_KEY",
        "AZURE_STORAGE_SAS_KEY",
        "AZURE_STORAGE_SAS_TOKEN",
        "AZURE_STORAGE_TOKEN",
        "AZURE_CLIENT_SECRET",
        "AZURE_STORAGE_CLIENT_SECRET",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_SKIP_SIGNATURE",
    ),
}
_METADATA = {"s3": "169.254.169.254", "gs": "metadata.google.internal", "az": "169.254.169.254"}


def find_credentials(address: Address, environ: Mapping[str, str], asked: Callable[[str], bool]) -> str:
    """Tell where credentials come from, without looking at them; empty when nowhere.

    ``asked(host)`` tells whether a machine's own metadata service answers there.
    """
    if address.secrets or address.option("service_account"):
        return "the address's references"
    for name in _CREDENTIALS[address.service]:
        if environ.get(name):
            return name
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() != "true" and asked(_METADATA[address.service]):
        return "this machine's own role"
    return ""


def has_metadata_service(host: str, patience_s: float = 1.0) -> bool:
    """Tell whether a cloud's metadata service answers on this machine; a proxy that refuses is none."""
    import http.client

    ends = time.monotonic() + patience_s
    try:
        asking = http.client.HTTPConnection(host, 80, timeout=max(0.1, ends - time.monotonic()))
        try:
            asking.request("GET", "/")
            return asking.getresponse().status not in (403, 407, 502, 503)
        finally:
            asking.close()
    except (OSError, http.client.HTTPException):
        return False
