from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0011_secret_proofs'),
    ]

    operations = [
        migrations.AlterField(model_name=model, name=name, field=models.TextField(blank=True))
        for model, name in (
            ('apikey', 'note'),
            ('registration', 'advice'),
            ('registration', 'error'),
            ('task', 'advice'),
            ('task', 'error'),
            ('task', 'waiting_for'),
            ('taskevent', 'note'),
        )
    ]
