import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0025_operator'),
    ]

    operations = [
        migrations.AddField(
            model_name='team',
            name='time_zone',
            field=models.CharField(blank=True, max_length=64, verbose_name='time zone'),
        ),
        migrations.AddField(
            model_name='team',
            name='default_project',
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL,
                related_name='+', to='generation.project',
            ),
        ),
        migrations.AddField(
            model_name='team',
            name='default_settings',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
