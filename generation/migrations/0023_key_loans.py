

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0022_closed_accounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='subject_credits',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name='KeyLoan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekly_credits', models.PositiveIntegerField(blank=True, null=True)),
                ('lent_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='loans', to='generation.apikey')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='key_loans', to='generation.team')),
            ],
            options={
                'ordering': ['lent_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='task',
            name='loan',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to='generation.keyloan'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('loan__isnull', False)), fields=['loan'], name='task_of_loan'),
        ),
        migrations.AddConstraint(
            model_name='keyloan',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('key', 'team'), name='one_live_loan'),
        ),
    ]
