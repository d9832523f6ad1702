"""Canonical JSON of model values, and the fingerprint of a schema; pure."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import msgspec

from lockgate.errors import ArtifactError
from lockgate.model.fold import fold_names, ignores_case
from lockgate.model.schema import (
    Check,
    Column,
    Composite,
    Definition,
    Domain,
    Exclusion,
    Index,
    Schema,
    Table,
    Value,
)

T = TypeVar("T")
FORMAT_VERSION = 1
_encoder = msgspec.json.Encoder(order="sorted")
_replace = msgspec.structs.replace


def encode(value: Any) -> bytes:
    """Encode a model value as canonical JSON: sorted keys, no spaces, defaults left out."""
    return _encoder.encode(value)


def read_json(data: bytes | str, kind: type[T]) -> T:
    """Read JSON of one shape; with `read_any` the only way to, for bytes that are no UTF-8 are damage like any other.

    Raises:
        msgspec.DecodeError: It is no JSON, or not of this shape.
    """
    found: T = _read(data, kind)
    return found


def read_any(data: bytes | str) -> Any:
    """Read JSON of any shape.

    Raises:
        msgspec.DecodeError: It is no JSON.
    """
    return _read(data, Any)


def _read(data: bytes | str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"a text in it is no UTF-8: {error.reason}") from None


def decode(data: bytes | str, kind: type[T], what: str) -> T:
    """Decode canonical JSON.

    Raises:
        ArtifactError: The data is empty, cut short or not of this shape; ``what`` names it.
    """
    if not data:
        raise ArtifactError(f"{what} is empty", state="nothing was touched")
    try:
        return read_json(data, kind)
    except msgspec.MsgspecError as error:
        raise ArtifactError(f"{what} cannot be read", cause=str(error), state="nothing was touched") from None


def digest_of(value: Any) -> str:
    """Return sha256 of the canonical JSON, hexadecimal."""
    return hashlib.sha256(encode(value)).hexdigest()


def canonical_schema(schema: Schema) -> Schema:
    """Return the schema as comparisons see it: derived dependencies and texts left out, columns by name."""
    if ignores_case(schema):
        schema = fold_names(schema)
    return _replace(
        schema,
        tables=tuple(map(canonical_table, schema.tables)),
        domains=tuple(map(_bare, schema.domains)),
        composites=tuple(_bare(_replace(c, attributes=tuple(map(_bare, c.attributes)))) for c in schema.composites),
        definitions=tuple(map(_bare, schema.definitions)),
    )


def canonical_table(table: Table) -> Table:
    """Return one table as comparisons see it."""
    return _replace(
        table,
        columns=tuple(sorted(map(_bare, table.columns), key=lambda c: c.name)),
        checks=tuple(map(_bare, table.checks)),
        exclusions=tuple(map(_bare, table.exclusions)),
        indexes=tuple(map(_bare, table.indexes)),
        depends_on=(),
        text="",
    )


def fingerprint(schema: Schema) -> str:
    """Return the fingerprint of a schema: sha256 over its canonical JSON."""
    return digest_of(canonical_schema(schema))


_V = TypeVar("_V", bound=Value)


def _bare(value: _V) -> _V:
    if isinstance(value, Column | Check | Exclusion | Index | Definition | Domain | Composite) and value.depends_on:
        value = _replace(value, depends_on=())
    if isinstance(value, Index | Definition) and value.text:
        value = _replace(value, text="")
    return value


def encode_pretty(value: Any) -> bytes:
    """Encode a model value as indented JSON with every field present in a stable order, ending in a newline."""
    return msgspec.json.format(_encoder.encode(_with_defaults(value)), indent=1) + b"\n"


def _with_defaults(value: Any) -> Any:
    """Turn structs into dictionaries that also hold the fields at their defaults."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        result = {encoded: _with_defaults(getattr(value, name)) for name, encoded in names}
        if config.tag is not None and config.tag_field is not None:
            result[config.tag_field] = config.tag
        return result
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return [_with_defaults(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(_with_defaults(item) for item in value)
    if isinstance(value, dict):
        return {key: _with_defaults(item) for key, item in value.items()}
    return value


def check_format_version(data: bytes, known: int, what: str) -> None:
    """Refuse a document whose ``format_version`` this program does not know.

    Raises:
        ArtifactError: The data is no JSON object or of another version.
    """

    class Head(msgspec.Struct):
        format_version: int = 0

    version = decode(data, Head, what).format_version
    if version != known:
        raise ArtifactError(
            f"{what} is of format version {version}, this program reads {known}",
            state="nothing was touched",
            hint="use the version of Lockgate that wrote it, or make it anew",
        )
