"""Results that come into the collection that was chosen before they were made."""

import pytest
from django.utils import timezone

from generation.engine import collect_stored, store
from generation.engine.start import retry
from generation.models import Batch, Collection, Task
from generation.models import collections as rows
from tests.engine.test_stacks import ordered, stacked
from tests.factories import make_output, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def chosen(user):
    return Collection.objects.create(team=user.teams.get(), name="Best", created_by=user)


def asked(engine, user, chosen):
    stack, _outputs = stacked(user, 1)
    task = ordered(engine, stack)
    Batch.objects.filter(pk=task.batch_id).update(collection=chosen, stack=None)
    return task


def inside(collection):
    return list(collection.shown_items.values_list("output", flat=True))


def test_a_result_comes_to_the_end_once(engine, user, chosen):
    first = make_output(user)
    chosen.add([first], user)
    task = engine.store(asked(engine, user, chosen))
    store.store_results(task.pk)
    assert inside(chosen) == [first.pk, task.outputs.get().pk]


def test_a_worker_that_dies_before_the_commit_leaves_nothing_and_the_next_adds_it_once(
    engine, user, chosen, monkeypatch
):  # fmt: skip
    task = asked(engine, user, chosen)
    with monkeypatch.context() as patch:

        def killed(*given):
            collect_stored.collect_stored(*given)
            raise KeyboardInterrupt

        patch.setattr(store, "collect_stored", killed)
        with pytest.raises(KeyboardInterrupt):
            engine.store(task)
    assert (inside(chosen), task.outputs.count()) == ([], 0)
    Task.objects.filter(pk=task.pk).update(deadline=None, next_store_at=timezone.now())
    task = engine.store(Task.objects.get(pk=task.pk))
    assert inside(chosen) == [task.outputs.get().pk]


def test_a_full_collection_takes_nothing_and_the_result_is_stored(
    engine, user, chosen, monkeypatch
):  # fmt: skip
    monkeypatch.setattr(rows, "MOST_ITEMS", 0)
    task = engine.store(asked(engine, user, chosen))
    task.batch.refresh_from_db()
    assert (task.status, task.outputs.count(), inside(chosen)) == ("succeeded", 1, [])
    assert task.batch.collection_full


def test_where_the_collection_is_gone_the_result_is_stored(engine, user, chosen):
    task = asked(engine, user, chosen)
    chosen.delete()
    task = engine.store(task)
    assert (task.status, task.outputs.count()) == ("succeeded", 1)


def test_a_copy_with_a_watermark_stays_out(user, chosen):
    output = make_output(user, marked=True)
    collect_stored.collect_stored(Batch(collection=chosen, team=output.team, user=user), output)
    assert inside(chosen) == []


def test_a_task_that_is_tried_again_keeps_its_collection(user, chosen):
    task = make_task(user, status="failed")
    Batch.objects.filter(pk=task.batch_id).update(collection=chosen)
    task.refresh_from_db()
    assert retry(task, user, "intent-of-a-retry-0001").batch.collection == chosen
