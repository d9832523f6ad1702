"""The models of a small stock; see the Alembic sample."""

from django.db import models
from django.db.models.functions import Now


class Place(models.Model):
    """Where things are."""

    code = models.CharField(max_length=12, unique=True)
    label = models.CharField(max_length=40, null=True, db_comment="on the door")

    class Meta:
        db_table = "place"
        db_table_comment = "where things are"


class Item(models.Model):
    """What is kept."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    amount = models.DecimalField(max_digits=10, decimal_places=2, db_default=0)
    state = models.CharField(max_length=8, choices=[("new", "New"), ("used", "Used")], db_default="new")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "item"
        indexes = [models.Index(fields=["name", "amount"], name="ix_item_name_amount")]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=0), name="ck_item_amount")]
