"""Equal schemas have equal fingerprints, however their texts came about."""

from __future__ import annotations

from lockgate.model import codec
from lockgate.model.schema import Column, ForeignKey, Schema, Sequence, Table


def _schema(action: str, kind: str) -> Schema:
    key = ForeignKey(name="fk", columns=("a",), ref_namespace="", ref_table="t", ref_columns=("a",), on_delete=action)
    table = Table(namespace="", name="t", columns=(Column(name="a", type="int"),), foreign_keys=(key,))
    return Schema(engine="x", tables=(table,), sequences=(Sequence(namespace="", name="s", type=kind),))


def test_a_default_spelled_out_is_the_default() -> None:
    built = _schema(" ".join(["no", "action"]), "".join(["big", "int"]))
    assert codec.fingerprint(built) == codec.fingerprint(_schema("no action", "bigint"))


def test_a_schema_keeps_its_fingerprint_through_json() -> None:
    schema = _schema("no action", "bigint")
    for data in (codec.encode(schema), codec.encode_pretty(schema)):
        again = codec.decode(data, Schema, "the schema")
        assert again == schema
        assert codec.fingerprint(again) == codec.fingerprint(schema)
