"""When an account was closed, and who made a file that an heir has."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("generation", "0021_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="media",
            name="made_by_name",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["closed_at"],
                name="user_closed",
            ),
        ),
    ]
