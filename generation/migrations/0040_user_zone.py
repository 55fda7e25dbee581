from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0039_deleted_at")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="zone",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64, verbose_name="time zone"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="browser_zone",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
