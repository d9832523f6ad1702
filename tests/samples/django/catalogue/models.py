"""Every general field and constraint of Django."""

import datetime
import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now


class Supplier(models.Model):
    """A supplier."""

    name = models.CharField(max_length=80, unique=True, db_comment="as on the invoice: 'exact'")
    slug = models.SlugField(max_length=60)
    best = models.ForeignKey("Product", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table_comment = 'who sells to us; it\'s "quoted"'


class Tag(models.Model):
    """A word."""

    word = models.CharField(max_length=30, primary_key=True)


class Product(models.Model):
    """Every field there is for all databases."""

    class Unit(models.TextChoices):
        """How it is counted."""

        PIECE = "piece"
        KILO = "kilo"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120, db_index=True)
    description = models.TextField(blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, db_default=0)
    weight = models.FloatField(null=True)
    stock = models.BigIntegerField(default=0)
    shelf = models.SmallIntegerField(default=-1)
    count = models.IntegerField(db_default=3)
    positive = models.PositiveIntegerField(default=1)
    positive_big = models.PositiveBigIntegerField(default=1)
    positive_small = models.PositiveSmallIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    is_known = models.BooleanField(null=True)
    added_on = models.DateField(default=datetime.date.today)
    changed_at = models.DateTimeField(db_default=Now())
    opens = models.TimeField(null=True)
    lasts = models.DurationField(null=True)
    picture = models.BinaryField(null=True)
    facts = models.JSONField(default=dict)
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    mail = models.EmailField(blank=True)
    page = models.URLField(blank=True)
    address = models.GenericIPAddressField(null=True)
    file = models.FileField(upload_to="files", blank=True)
    path = models.FilePathField(blank=True)
    unit = models.CharField(max_length=10, choices=Unit.choices, default=Unit.PIECE, db_default="it's a")
    gross = models.GeneratedField(
        expression=F("price") * 2, output_field=models.DecimalField(max_digits=14, decimal_places=2), db_persist=True
    )
    tags = models.ManyToManyField(Tag)
    related = models.ManyToManyField("self", through="Relation", through_fields=("one", "other"))
    odd = models.IntegerField(db_column="group", null=True)

    class Meta:
        ordering = ["name"]
        unique_together = [("supplier", "code")]
        indexes = [
            models.Index(fields=["name", "-price"], name="product_name_price"),
            models.Index(Lower("code"), name="product_lower_code"),
            models.Index(fields=["stock"], condition=Q(is_active=True), name="product_active_stock"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0) & ~Q(unit="none"), name="product_price"),
            models.UniqueConstraint(fields=["name", "unit"], name="product_name_unit"),
            models.UniqueConstraint(fields=["name"], condition=Q(is_active=True), name="product_one_active"),
            models.UniqueConstraint(Lower("name"), "supplier", name="product_lower_name"),
        ]


class Relation(models.Model):
    """A through table of our own."""

    one = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    detail = models.OneToOneField(Tag, null=True, on_delete=models.DO_NOTHING, db_constraint=False)


class Book(Product):
    """A product with a table of its own beside its parent's."""

    isbn = models.CharField(max_length=13)


class Shown(Product):
    """No table: a proxy."""

    class Meta:
        proxy = True


class Person(AbstractUser):
    """A user with tables of its own beside the standard one."""

    groups = models.ManyToManyField("auth.Group", related_name="+")
    user_permissions = models.ManyToManyField("auth.Permission", related_name="+")
    nick = models.CharField(max_length=10, null=True)


class Legacy(models.Model):
    """A table that somebody else makes."""

    word = models.CharField(max_length=30)

    class Meta:
        managed = False
        db_table = "legacy_words"


class OldOrder(models.Model):
    """A model that the router keeps in another database."""

    number = models.IntegerField()
