from django.db import migrations


class Migration(migrations.Migration):
    """Brings together what links and reviews were built on side by side."""

    dependencies = [
        ("generation", "0036_reviews"),
    ]

    operations = []
