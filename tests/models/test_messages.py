"""Sentences in rows: read in the language of the reader, and old or broken ones harm no page."""

import json
from datetime import UTC, datetime

import pytest
from django.core import serializers
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template
from django.utils import timezone, translation

from generation.catalogue.message import Message
from generation.models import Task
from generation.models.messages import read_stored, stored_form
from tests.factories import make_task

REFUSED = Message("The provider refused this request.")
CHINESE = "服务商拒绝了这个请求。"
TOO_LATE = Message("Too late to cancel: %(why)s", why=REFUSED)
START = '{"text": '
BROKEN = (
    START,
    START + '"x"}',
    START + '"x", "with": [1]}',
    START + '"%(gone)s", "with": {"name": "Mira"}}',
    START + '"%(n)d", "with": {"n": "three"}}',
    START + '"%(n)q", "with": {"n": 1}}',
    START + '5, "with": {}}',
    START + '"%(at)s", "with": {"at": {"at": "tomorrow"}}}',
    START + '"%(at)s", "with": {"at": {"at": "2026-01-01T10:00:00"}}}',
    START + '"%(one)s", "with": {"one": {"with": {}}}}',
    START + '"x", "with": ' + "[" * 100_000,
)


def column(task: Task) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT error FROM generation_task WHERE id = %s", [task.pk])
        return cursor.fetchone()[0]


def write(task: Task, text: str) -> Task:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE generation_task SET error = %s WHERE id = %s", [text, task.pk])
    return Task.objects.get(pk=task.pk)


def in_chinese(sentence: Message) -> str:
    with translation.override("zh-hans"):
        return str(sentence)


def test_one_row_reads_in_the_language_of_each_reader(user):
    task = Task.objects.get(pk=make_task(user, error=TOO_LATE).pk)
    assert str(task.error) == "Too late to cancel: The provider refused this request."
    assert in_chinese(task.error) == f"来不及取消：{CHINESE}"
    with translation.override("zh-hans"):
        shown = Template("{{ task.error }}").render(Context({"task": task}))
    assert shown == f"来不及取消：{CHINESE}"


def test_what_was_assigned_reads_as_it_will_from_the_database(user):
    task = make_task(user)
    task.error = REFUSED
    assert in_chinese(task.error) == CHINESE
    task.save()
    task.refresh_from_db()
    assert in_chinese(task.error) == CHINESE
    assert task.error == REFUSED


def test_an_old_sentence_stays_as_it_is(user):
    task = write(make_task(user), "The provider's review refused 100% of {this} %(prompt)s.")
    assert in_chinese(task.error) == "The provider's review refused 100% of {this} %(prompt)s."
    task.save()
    assert column(task) == "The provider's review refused 100% of {this} %(prompt)s."


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_what_cannot_be_read_is_shown_as_nothing(user, text):
    task = write(make_task(user), text)
    with translation.override("zh-hans"):
        assert (str(task.error), bool(task.error)) == ("", False)


def test_every_way_of_reading_gives_the_sentence_and_not_its_json(user):
    pk = make_task(user, error=REFUSED, advice="As it is.").pk
    rows = Task.objects.filter(pk=pk)
    found = [
        rows.get().error,
        rows.only("pk").get().error,
        rows.defer("error").get().error,
        rows.values("error").get()["error"],
        rows.values_list("error", flat=True).get(),
        rows.values_list("error").get()[0],
    ]
    assert [in_chinese(one) for one in found] == [CHINESE] * len(found)


def test_every_way_of_writing_stores_the_same(user):
    tasks = [make_task(user) for _ in range(3)]
    Task.objects.filter(pk=tasks[0].pk).update(error=TOO_LATE)
    tasks[1].error = TOO_LATE
    Task.objects.bulk_update([tasks[1]], ["error"])
    tasks[2].error = Task.objects.get(pk=tasks[0].pk).error
    tasks[2].save(update_fields=["error"])
    assert len({column(task) for task in tasks}) == 1
    assert json.loads(column(tasks[0]))["text"] == TOO_LATE.text
    assert Task.objects.filter(error=TOO_LATE).count() == 3
    assert Task.objects.exclude(error="").count() == 3


def test_it_goes_through_a_dump_and_the_cache(user):
    task = make_task(user, error=TOO_LATE)
    dump = serializers.serialize("json", Task.objects.all())
    Task.objects.filter(pk=task.pk).update(error="")
    for one in serializers.deserialize("json", dump):
        one.save()
    cache.set("sentence", Task.objects.get(pk=task.pk).error)
    assert in_chinese(cache.get("sentence")) == f"来不及取消：{CHINESE}"


def test_long_words_of_a_provider_are_cut_and_never_the_json_around_them():
    both = "%(sentence)s It says: “%(message)s”"
    stored = stored_form(Message(both, sentence=REFUSED, message="“\\" * 5_000))
    found = read_stored(stored)
    assert in_chinese(found).startswith(CHINESE)
    assert len(str(found)) < 700
    assert len(stored_form(Message.literal("x" * 999))) == 600


def test_words_that_look_like_a_stored_sentence_are_shown_as_they_are():
    fake = '{"text": "Owned", "with": {}}'
    assert str(read_stored(stored_form(Message.literal(fake)))) == fake
    inside = Message("Too late to cancel: %(why)s", why=fake)
    assert str(read_stored(stored_form(inside))) == f"Too late to cancel: {fake}"


def test_a_moment_is_shown_by_the_clock_of_the_reader():
    since = Message("Since %(time)s", time=datetime(2026, 1, 1, 10, 30, tzinfo=UTC))
    found = read_stored(stored_form(since))
    for zone, clock in (("UTC", "10:30"), ("Asia/Shanghai", "18:30")):
        with timezone.override(zone):
            assert str(found) == f"Since {clock}"
    assert found == since
