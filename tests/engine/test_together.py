"""Several processes that take up the same row in the same moment."""

import pytest

from generation.catalogue import rules
from generation.engine import keys, reconcile, store, submit
from generation.engine.registration import (
    job as registration_job,
)
from generation.engine.registration import (
    requests as registration_requests,
)
from generation.engine.start import Outcome, QueueFull, Start, start_once
from generation.models import ApiKey, OldSecret, Output, Registration, RegistrationState, Task
from generation.simulator.world import hashed
from tests.at_once import at_once
from tests.factories import make_key, make_subject, make_user, project_of, team_of

R = RegistrationState
SECRETS = {1: "vda_account:first_secret", 2: "vda_account:second_secret"}


def start_of(user, intent, prompt="A hill") -> Start:
    offer = rules.offer("demo", "image", "viduq2")
    values = rules.check(offer, {"prompt": prompt})
    return Start(user, team_of(user), project_of(user), intent, offer, None, values)


@pytest.mark.django_db(transaction=True)
def test_many_who_use_a_subject_at_once_pay_for_one_registration(simulator, monkeypatch):
    monkeypatch.setattr(registration_requests, "wake", lambda *_: None)
    user = make_user()
    mira = make_subject(user, "Mira")
    assert at_once(lambda: registration_requests.register(mira, "demo", None)) == []
    row = Registration.objects.get()
    assert at_once(lambda: registration_job.register(row.pk)) == []
    row.refresh_from_db()
    assert row.state == R.KEPT
    assert len([one for one in simulator.ledger() if "subject" in one["model"]]) == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_take_up_one_task_send_and_store_it_once(engine, simulator):
    task = engine.start()
    assert at_once(lambda: submit.submit(task.pk)) == []
    assert len(simulator.ledger()) == 1
    task = engine.poll(engine.fresh(task))
    Task.objects.filter(pk=task.pk).update(deadline=None)
    assert at_once(lambda: store.store_results(task.pk)) == []
    assert (engine.fresh(task).status, Output.objects.count()) == ("succeeded", 1)


@pytest.mark.django_db(transaction=True)
def test_many_who_find_one_uncertain_task_adopt_it_once(engine, simulator):
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    task = engine.submit(engine.start(provider="vidu"))
    assert at_once(lambda: reconcile.reconcile(task.pk)) == []
    assert (engine.fresh(task).status, Task.objects.count()) == ("running", 1)


@pytest.mark.django_db(transaction=True)
def test_many_rounds_at_once_finish_a_task_once(engine, simulator):
    task = engine.submit(engine.start())
    simulator.settings(queue=0, processing=0)
    assert at_once(lambda: engine.look(task)) == []
    task = engine.poll(engine.fresh(task))
    assert task.events.filter(to_status="storing").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_replaced_while_its_tasks_are_claimed_loses_no_secret(engine, simulator):
    """Each task that was sent names a secret that is there: the one it was sent with."""
    key = make_key(engine.user, "vidu", secret=SECRETS[1])
    tasks = [
        engine.begin(("vidu", "image", "viduq2"), key=key, prompt=f"Hill {number}")
        for number in range(6)
    ]
    work = [lambda pk=task.pk: submit.submit(pk) for task in tasks]
    work.insert(3, lambda: keys.replace(ApiKey.objects.get(pk=key.pk), SECRETS[2]))
    left = iter(work)
    assert at_once(lambda: next(left)(), count=len(work)) == []
    for task in Task.objects.exclude(status="queued").select_related("key"):
        assert task.key_version == 2 or OldSecret.objects.filter(version=1).exists()
        assert task.status == "running"
        charges = [row for row in simulator.ledger() if row["payload"] == task.marker]
        assert [row["key_hash"] for row in charges] == [hashed(SECRETS[task.key_version])]


@pytest.mark.django_db(transaction=True)
def test_presses_of_one_person_in_one_instant_are_one_order_and_those_of_two_are_two():
    people = [make_user(), make_user()]
    asked = [start_of(person, f"{number}") for person in people for number in range(4)]
    left, outcomes = iter(asked), []
    assert at_once(lambda: outcomes.append(start_once(next(left)).outcome), count=8) == []
    assert outcomes.count(Outcome.NEW) == 2
    assert outcomes.count(Outcome.SAME_CONTENT) == 6
    assert sorted(Task.objects.values_list("user", flat=True)) == [one.pk for one in people]


@pytest.mark.django_db(transaction=True)
def test_presses_in_one_instant_never_fill_the_queue_beyond_its_limit(settings):
    settings.QUEUED_MOST = 3
    user = make_user()
    left = iter([start_of(user, f"{number}", prompt=f"Hill {number}") for number in range(6)])
    trouble = at_once(lambda: start_once(next(left)), count=6)
    assert [type(one) for one in trouble] == [QueueFull] * 3
    assert Task.objects.count() == 3
