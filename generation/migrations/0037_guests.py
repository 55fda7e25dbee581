from django.db import migrations


class Migration(migrations.Migration):
    """Brings together what links and reviews were built on side by side."""

    dependencies = [
        ("generation", "0032_link_intent"),
        ("generation", "0033_frames"),
        ("generation", "0035_renditions"),
        ("generation", "0036_reviews"),
    ]

    operations = []
