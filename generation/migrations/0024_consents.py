import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0023_key_loans'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=200, unique=True)),
                ('mime', models.CharField(max_length=40)),
                ('format', models.CharField(max_length=12)),
                ('bytes', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('unused_since', models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='consent_files', to='generation.subject')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consent_files', to='generation.team')),
            ],
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('release', 'Release'), ('licence', 'Licence'), ('own', 'Own work'), ('public', 'Public domain')], default='release', max_length=7)),
                ('until', models.DateField(blank=True, null=True)),
                ('note', models.TextField(blank=True, max_length=1000)),
                ('set_by_name', models.CharField(blank=True, max_length=80)),
                ('set_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.BigIntegerField(default=0)),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='consent', to='generation.subject')),
                ('file', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consent', to='generation.consentfile')),
            ],
        ),
    ]
