import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0005_heartbeat")]

    operations = [
        migrations.AlterField(
            model_name="tasksubject",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mentioned_subjects",
                to="generation.task",
            ),
        ),
    ]
