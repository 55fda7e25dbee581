"""Names of subjects in one form: two that read the same are told apart by a number, none is lost."""

from django.db import migrations, models

from generation.catalogue.signs import key_of, normal

MOST = 40


def write_keys(apps, _editor):
    subjects = apps.get_model("generation", "Subject").objects
    taken = {}
    active_first = models.F("archived_at").asc(nulls_first=True)
    for one in subjects.order_by("team_id", active_first, "pk").iterator():
        names = taken.setdefault(one.team_id, set())
        name = normal(one.name)[:MOST]
        if one.archived_at is None:
            name = free(name, names)
            names.add(key_of(name))
        subjects.filter(pk=one.pk).update(name=name, name_key=key_of(name))


def free(name, taken):
    """The one that was there first keeps its name."""
    found, number = name, 1
    while key_of(found) in taken:
        number += 1
        found = f"{name[: MOST - 1 - len(str(number))]}-{number}"
    return found


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0040_user_zone"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="subject", name="one_subject_a_name"),
        migrations.AddField(
            model_name="subject",
            name="name_key",
            field=models.CharField(default="", editable=False, max_length=160),
            preserve_default=False,
        ),
        migrations.RunPython(write_keys, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="subject",
            constraint=models.UniqueConstraint(
                models.F("name_key"), models.F("team"), condition=models.Q(("archived_at", None)),
                name="one_subject_a_key",
            ),
        ),
    ]
