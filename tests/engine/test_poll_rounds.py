"""Many due questions in one round: none waits for a later look, no provider for another."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import asker, poll
from generation.engine.asker import Asker
from generation.models import ApiKey, Status, Task
from generation.providers.base import RemoteState, Result, Snapshot
from tests.factories import make_key, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch):
    """The providers that were asked, in order; each answers at once that nothing changed."""
    seen = []

    async def answer(self, task):
        seen.append(task.provider)
        return Snapshot(task.remote_id, RemoteState.RUNNING)

    monkeypatch.setattr(Asker, "answer", answer)
    monkeypatch.setattr(asker, "ASKED_MOST", 2)
    monkeypatch.setattr(asker, "MOST", 6)
    return seen


def running_tasks(user, provider, count, late=0.0):
    key = make_key(user, provider)
    due = timezone.now() - timedelta(seconds=1 + late)
    return [
        make_task(user, status=Status.RUNNING, provider=provider, key=key, remote_id=f"r-{number}",
                  remote_state="running", accepted_at=timezone.now(), next_poll_at=due)
        for number in range(count)
    ]  # fmt: skip


def test_a_provider_that_is_asked_all_it_may_be_is_asked_on_without_another_look(
    user, asked, monkeypatch
):
    monkeypatch.setattr(poll, "LOOK_SECONDS", 3600)
    monkeypatch.setattr(poll, "BREATH", timedelta(seconds=4))
    monkeypatch.setattr(poll, "stopping", lambda: len(asked) == 11)
    running_tasks(user, "vidu", 11)
    with Asker() as one:
        poll.work(time.monotonic() + 3, one)
    assert len(asked) == 11


def test_one_claim_leaves_room_for_other_providers(user, asked):
    running_tasks(user, "vidu", 9, late=60)
    running_tasks(user, "kkiai", 1)
    with Asker() as one:
        for _turn in range(2):
            one.ask(poll.claim_due(timezone.now(), one.room, one.full()))
        assert one.asked["kkiai"] == 1


def test_tasks_of_one_key_share_it_with_its_older_secrets(user, django_assert_max_num_queries):
    first, *_others = running_tasks(user, "vidu", 5)
    ApiKey.objects.get(pk=first.key_id).retire()
    with django_assert_max_num_queries(8):
        claimed = poll.claim_due(timezone.now(), 10)
        assert len({id(task.key) for task in claimed}) == 1
        assert [old.version for old in claimed[0].key.old_secrets.all()] == [1]
    Task.objects.filter(pk=first.pk).update(key=None, next_poll_at=timezone.now())
    assert [task.key for task in poll.claim_due(timezone.now(), 10)] == [None]


def test_the_end_of_a_task_reads_nothing_that_its_claim_left_out(user):
    running_tasks(user, "vidu", 2)
    done, gone = poll.claim_due(timezone.now(), 10)
    left_out = {task.pk: task.get_deferred_fields() for task in (done, gone)}
    results = (Result("https://files.example.org/a.png"),)
    poll.write(
        [done, gone],
        [
            Snapshot("r-0", RemoteState.SUCCESS, results),
            Snapshot("r-1", RemoteState.FAILED, error_code="AuditSubmitIllegal"),
        ],
    )
    assert {task.status for task in (done, gone)} == {Status.STORING, Status.FAILED}
    written = {"results", "results_expire_at", "deadline", "next_store_at", "finished_at", "error",
               "error_code", "error_field", "advice", "change"}  # fmt: skip
    for task in (done, gone):
        assert left_out[task.pk] - task.get_deferred_fields() <= written
