import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A batch knows the collection that its results come into."""

    dependencies = [
        ("generation", "0041_names_normal"),
    ]

    operations = [
        migrations.AddField(
            "batch",
            "collection",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generation.collection",
            ),
        ),
        migrations.AddField(
            "batch", "collection_full", models.BooleanField(db_default=False, default=False)
        ),
    ]
