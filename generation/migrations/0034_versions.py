import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Numbers of versions are counted, and a batch knows whose next versions it makes."""

    dependencies = [
        ("generation", "0033_frames"),
    ]

    operations = [
        migrations.AddField(
            "stack", "last_number", models.PositiveIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            "batch",
            "stack",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generation.stack",
            ),
        ),
    ]
