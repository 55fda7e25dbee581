from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0009_press")]

    operations = [
        migrations.AddField("task", "empty_polls", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("task", "empty_since", models.DateTimeField(null=True)),
    ]
