"""A saved schema can be read again in both of the forms it is written in."""

from __future__ import annotations

from pathlib import Path

from lockgate.model import codec
from lockgate.model.schema import Column, Schema, Table
from lockgate.model.server import Server
from lockgate.source.snapshot import build_snapshot, read_snapshot


def test_short_and_indented_snapshots_read_back(tmp_path: Path) -> None:
    schema = Schema(engine="x", tables=(Table(namespace="", name="t", columns=(Column(name="a", type="int"),)),))
    snapshot = build_snapshot(schema, Server(engine="x", flavor="x", version=(1,), version_text="1"))
    for name, data in (("short", codec.encode(snapshot)), ("long", codec.encode_pretty(snapshot))):
        path = tmp_path / name
        path.write_bytes(data)
        assert read_snapshot(path) == snapshot
