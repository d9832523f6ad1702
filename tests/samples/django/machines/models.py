"""The fields, indexes and constraints of django.contrib.postgres."""

from django.contrib.postgres import fields, indexes
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Deferrable


class Machine(models.Model):
    """A machine."""

    name = models.CharField(max_length=40, db_collation="machine_names")
    rooms = fields.ArrayField(models.IntegerField(), default=list)
    names = fields.ArrayField(fields.ArrayField(models.CharField(max_length=10), size=2), null=True)
    pairs = fields.HStoreField(null=True)
    span = fields.IntegerRangeField(null=True)
    wide = fields.BigIntegerRangeField(null=True)
    exact = fields.DecimalRangeField(null=True)
    used = fields.DateTimeRangeField(null=True)
    days = fields.DateRangeField(null=True)
    search = SearchVectorField(null=True)
    facts = models.JSONField(null=True)
    place = models.IntegerField(null=True)

    class Meta:
        indexes = [
            indexes.GinIndex(fields=["facts"], name="machine_facts", opclasses=["jsonb_path_ops"]),
            indexes.GinIndex(fields=["search"], name="machine_search"),
            indexes.GistIndex(fields=["span"], name="machine_span", fillfactor=80),
            indexes.BrinIndex(fields=["place"], name="machine_place", pages_per_range=4),
            indexes.HashIndex(fields=["name"], name="machine_hash"),
            indexes.BTreeIndex(fields=["place"], name="machine_btree", include=["id"]),
            indexes.BloomIndex(fields=["place"], name="machine_bloom", columns=[3]),
            models.Index(fields=["name"], name="machine_like", opclasses=["varchar_pattern_ops"]),
        ]
        constraints = [
            ExclusionConstraint(name="machine_apart", expressions=[("used", "&&"), ("place", "=")]),
            models.UniqueConstraint(fields=["place"], name="machine_one_place", deferrable=Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["place", "span"], name="machine_nulls", nulls_distinct=False),
            models.UniqueConstraint(fields=["span"], name="machine_include", include=["place"]),
        ]
