"""Written by makemigrations."""

import datetime
import uuid

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Legacy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=30)),
            ],
            options={
                "db_table": "legacy_words",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(db_index=True, max_length=120)),
                ("description", models.TextField(blank=True)),
                ("price", models.DecimalField(db_default=0, decimal_places=2, max_digits=12)),
                ("weight", models.FloatField(null=True)),
                ("stock", models.BigIntegerField(default=0)),
                ("shelf", models.SmallIntegerField(default=-1)),
                ("count", models.IntegerField(db_default=3)),
                ("positive", models.PositiveIntegerField(default=1)),
                ("positive_big", models.PositiveBigIntegerField(default=1)),
                ("positive_small", models.PositiveSmallIntegerField(default=1)),
                ("is_active", models.BooleanField(default=True)),
                ("is_known", models.BooleanField(null=True)),
                ("added_on", models.DateField(default=datetime.date.today)),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("opens", models.TimeField(null=True)),
                ("lasts", models.DurationField(null=True)),
                ("picture", models.BinaryField(null=True)),
                ("facts", models.JSONField(default=dict)),
                ("token", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("mail", models.EmailField(blank=True, max_length=254)),
                ("page", models.URLField(blank=True)),
                ("address", models.GenericIPAddressField(null=True)),
                ("file", models.FileField(blank=True, upload_to="files")),
                ("path", models.FilePathField(blank=True)),
                (
                    "unit",
                    models.CharField(
                        choices=[("piece", "Piece"), ("kilo", "Kilo")],
                        db_default="it's a",
                        default="piece",
                        max_length=10,
                    ),
                ),
                (
                    "gross",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("price"), "*", models.Value(2)
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=14),
                    ),
                ),
                ("odd", models.IntegerField(db_column="group", null=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="OldOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("word", models.CharField(max_length=30, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                (
                    "product_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="catalogue.product",
                    ),
                ),
                ("isbn", models.CharField(max_length=13)),
            ],
            bases=("catalogue.product",),
        ),
        migrations.CreateModel(
            name="Shown",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("catalogue.product",),
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("nick", models.CharField(max_length=10, null=True)),
                ("groups", models.ManyToManyField(related_name="+", to="auth.group")),
                ("user_permissions", models.ManyToManyField(related_name="+", to="auth.permission")),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalogue.product"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalogue.product",
                    ),
                ),
                (
                    "detail",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="catalogue.tag",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="product",
            name="related",
            field=models.ManyToManyField(
                through="catalogue.Relation", through_fields=("one", "other"), to="catalogue.product"
            ),
        ),
        migrations.CreateModel(
            name="Supplier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(db_comment="as on the invoice: 'exact'", max_length=80, unique=True)),
                ("slug", models.SlugField(max_length=60)),
                (
                    "best",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalogue.product",
                    ),
                ),
            ],
            options={
                "db_table_comment": 'who sells to us; it\'s "quoted"',
            },
        ),
        migrations.AddField(
            model_name="product",
            name="supplier",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="catalogue.supplier"),
        ),
        migrations.AddField(
            model_name="product",
            name="tags",
            field=models.ManyToManyField(to="catalogue.tag"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["name", "-price"], name="product_name_price"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(django.db.models.functions.text.Lower("code"), name="product_lower_code"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(condition=models.Q(("is_active", True)), fields=["stock"], name="product_active_stock"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__gte", 0), models.Q(("unit", "none"), _negated=True)), name="product_price"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(fields=("name", "unit"), name="product_name_unit"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)), fields=("name",), name="product_one_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"), models.F("supplier"), name="product_lower_name"
            ),
        ),
        migrations.AlterUniqueTogether(
            name="product",
            unique_together={("supplier", "code")},
        ),
    ]
