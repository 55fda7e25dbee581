"""The cluster's main process wakes the sweep each minute, without django-q2's scheduler."""

from django.db import migrations


def remove_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(name="sweep").delete()


def add_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.update_or_create(
        name="sweep",
        defaults={
            "func": "generation.jobs.sweep",
            "schedule_type": "I",
            "minutes": 1,
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0007_lanes"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [migrations.RunPython(remove_schedule, add_schedule)]
