"""One column of words for each table that is searched, and the index of each database beside it."""

from django.db import migrations, models

from generation.catalogue.folding import index_text
from generation.models.search import TABLES, batch_text, keep_index, postgresql_statements, team_mark

AT_ONCE = 500


def write_batches(apps):
    model = apps.get_model("generation", "Batch").objects
    tasks = apps.get_model("generation", "Task").objects
    inputs = apps.get_model("generation", "TaskInput").objects
    subjects = apps.get_model("generation", "TaskSubject").objects
    last = 0
    while rows := list(model.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = rows[-1].pk
        texts = {row.pk: {} for row in rows}  # of each batch every text once, in order
        of_these = {"task__batch__in": list(texts)}
        for pk, prompt in tasks.filter(batch__in=list(texts)).order_by("pk").values_list("batch", "prompt"):
            texts[pk][prompt] = True
        for found, name in ((subjects, "name"), (inputs, "media__name")):
            for pk, text in found.filter(**of_these).order_by("pk").values_list("task__batch", name):
                texts[pk][text] = True
        for row in rows:
            row.search_text = batch_text(row.team_id, row.project_id, texts[row.pk])
        model.bulk_update(rows, ["search_text"])


def write_outputs(apps):
    model = apps.get_model("generation", "Output").objects
    last = 0
    while rows := list(
        model.filter(pk__gt=last).order_by("pk").only("pk").annotate(text=models.F("task__batch__search_text"))[:AT_ONCE]
    ):
        last = rows[-1].pk
        for row in rows:
            row.search_text = row.text
        model.bulk_update(rows, ["search_text"])


def write_subjects(apps):
    model = apps.get_model("generation", "Subject").objects
    for one in model.order_by("pk").iterator():
        texts = (one.name, one.description, one.style, *one.tags)
        model.filter(pk=one.pk).update(search_text=index_text(texts, team_mark(one.team_id)))


def write(apps, editor):
    write_batches(apps)
    write_outputs(apps)
    write_subjects(apps)


def make_index(_apps, editor):
    if editor.connection.vendor == "postgresql":
        for table in TABLES:
            for statement in postgresql_statements(table):
                editor.execute(statement, params=None)
    else:
        keep_index(editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0042_batch_collection"),
    ]

    operations = [
        *(
            migrations.AddField(
                name, "search_text", models.TextField(db_default="", default="", editable=False)
            )
            for name in ("batch", "output", "subject")
        ),
        migrations.RunPython(write, migrations.RunPython.noop),
        migrations.RunPython(make_index, migrations.RunPython.noop),
    ]
