import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A cropped image knows its original."""

    dependencies = [
        ("generation", "0043_search_text"),
    ]

    operations = [
        migrations.AddField(
            "media",
            "cropped_from",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="crops",
                to="generation.media",
            ),
        ),
    ]
