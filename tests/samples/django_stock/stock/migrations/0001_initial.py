"""Written by makemigrations."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=12, unique=True)),
                ("label", models.CharField(db_comment="on the door", max_length=40, null=True)),
            ],
            options={
                "db_table": "place",
                "db_table_comment": "where things are",
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("amount", models.DecimalField(db_default=0, decimal_places=2, max_digits=10)),
                ("state", models.CharField(choices=[("new", "New"), ("used", "Used")], db_default="new", max_length=8)),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("place", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="stock.place")),
            ],
            options={
                "db_table": "item",
                "indexes": [models.Index(fields=["name", "amount"], name="ix_item_name_amount")],
                "constraints": [models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="ck_item_amount")],
            },
        ),
    ]
