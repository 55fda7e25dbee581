from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("generation", "0004_key_versions")]

    operations = [migrations.RenameModel("Beat", "Heartbeat")]
