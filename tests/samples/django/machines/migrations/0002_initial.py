"""Written by makemigrations."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.hstore
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("machines", "0001_extensions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Machine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(db_collation="machine_names", max_length=40)),
                (
                    "rooms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                (
                    "names",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=10), size=2
                        ),
                        null=True,
                        size=None,
                    ),
                ),
                ("pairs", django.contrib.postgres.fields.hstore.HStoreField(null=True)),
                ("span", django.contrib.postgres.fields.ranges.IntegerRangeField(null=True)),
                ("wide", django.contrib.postgres.fields.ranges.BigIntegerRangeField(null=True)),
                ("exact", django.contrib.postgres.fields.ranges.DecimalRangeField(null=True)),
                ("used", django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField(null=True)),
                ("search", django.contrib.postgres.search.SearchVectorField(null=True)),
                ("facts", models.JSONField(null=True)),
                ("place", models.IntegerField(null=True)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["facts"], name="machine_facts", opclasses=["jsonb_path_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="machine_search"),
                    django.contrib.postgres.indexes.GistIndex(fields=["span"], fillfactor=80, name="machine_span"),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["place"], name="machine_place", pages_per_range=4
                    ),
                    django.contrib.postgres.indexes.HashIndex(fields=["name"], name="machine_hash"),
                    django.contrib.postgres.indexes.BTreeIndex(fields=["place"], include=("id",), name="machine_btree"),
                    django.contrib.postgres.indexes.BloomIndex(columns=[3], fields=["place"], name="machine_bloom"),
                    models.Index(fields=["name"], name="machine_like", opclasses=["varchar_pattern_ops"]),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("used", "&&"), ("place", "=")], name="machine_apart"
                    ),
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("place",),
                        name="machine_one_place",
                    ),
                    models.UniqueConstraint(fields=("place", "span"), name="machine_nulls", nulls_distinct=False),
                    models.UniqueConstraint(fields=("span",), include=("place",), name="machine_include"),
                ],
            },
        ),
    ]
