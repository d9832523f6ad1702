"""The extensions and a collation that the models need and cannot declare."""

from django.contrib.postgres.operations import (
    BloomExtension,
    BtreeGistExtension,
    CreateCollation,
    HStoreExtension,
)
from django.db import migrations


class Migration(migrations.Migration):
    """Nothing of the models yet."""

    operations = [
        HStoreExtension(),
        BtreeGistExtension(),
        BloomExtension(),
        CreateCollation("machine_names", locale="C"),
    ]
