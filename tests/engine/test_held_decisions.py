"""A person says what becomes of what is held: tasks, and subjects that would be paid for."""

import pytest
from django.utils import timezone

from generation.engine import held_tasks, sweep
from generation.engine.registration import job as registration_job
from generation.engine.registration import look as registration_look
from generation.engine.registration import requests
from generation.models import Installation, Registration, Status, Team
from tests.engine.absence import HOUR, be_copied, decide, fresh, queued, send_all, start
from tests.engine.test_look import let_pass, look
from tests.engine.test_together import at_once
from tests.factories import make_key, make_media, make_member, make_subject, team_of


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def key(user, simulator, settings):
    settings.RECONCILE_GAP = 60  # `let_pass` lets it pass
    return make_key(user, "vidu")


# --- The decision -------------------------------------------------------------------------------


def test_each_decision_counts_once(key, simulator):
    queued(key, 3)
    be_copied()
    start()
    assert [decide(key.user), decide(key.user)] == [3, 0]
    assert decide(key.user, held_tasks.cancel_held) == 0
    look()
    let_pass()
    look()
    send_all()
    assert len(simulator.ledger()) == 3


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_at_once_decide_once(key):
    queued(key, 3)
    be_copied()
    start()
    acts, found = [held_tasks.send_held, held_tasks.cancel_held] * 2, []
    assert at_once(lambda: found.append(decide(key.user, acts.pop()))) == []
    assert sorted(found) == [0, 0, 0, 3]


def test_cancelled_costs_nothing_and_ends_the_banner(key, simulator):
    (task,) = queued(key)
    be_copied()
    start()
    assert decide(key.user, held_tasks.cancel_held) == 1
    let_pass()
    look()
    send_all()
    sweep.sweep()
    found = fresh(task)
    assert (found.status, found.credits, found.next_look_at) == (Status.CANCELLED, 0, None)
    assert simulator.ledger() == []
    assert Team.objects.get(pk=task.team_id).held_since is None


def test_who_let_it_go_is_asked_again_in_a_copy_of_that_moment(key, simulator):
    (task,) = queued(key)
    be_copied()
    start()
    decide(key.user)
    Installation.objects.update(place="where the original lies")
    start()
    let_pass()
    look()
    assert (fresh(task).is_held, fresh(task).send_asked_at) == (True, None)


def test_members_decide_about_their_own_and_viewers_about_nothing(key):
    team = team_of(key.user)
    colleague, viewer = make_member(team, "member"), make_member(team, "viewer")
    queued(key, 2)
    be_copied()
    start()
    assert [decide(viewer), decide(colleague), decide(key.user)] == [0, 0, 2]


# --- Subjects -----------------------------------------------------------------------------------


def register_due() -> None:
    let_pass()
    Registration.objects.filter(state="waiting", held_since=None).update(
        next_look_at=timezone.now() - HOUR
    )
    for row in Registration.objects.filter(state__in=("waiting", "sending"), held_since=None):
        registration_job.register(row.pk)
    registration_look.look_for_registrations()


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_a_subject_that_would_be_paid_for_waits_and_is_looked_for_first(key, simulator, state):
    row = requests.register(make_subject(key.user, "Mira"), "vidu", key)
    Registration.objects.update(state=state, deadline=timezone.now())
    be_copied()
    start()
    sweep.recover()
    registration_job.register(row.pk)
    assert simulator.ledger() == []
    assert Registration.objects.held().count() == 1
    original = Registration.objects.values("state", "held_since", "sent_at").get()
    Registration.objects.update(state="waiting", held_since=None, sent_at=None)
    registration_job.register(row.pk)  # as the original does
    assert len(simulator.ledger()) == 1
    Registration.objects.update(server_id="", remote_id="", claim="", **original)
    assert decide(key.user) == 1
    register_due()
    assert len(simulator.ledger()) == 1
    assert fresh(row).server_id


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_an_edit_that_may_be_paid_for_waits_too(user, simulator, state):
    """Vtrix makes a new subject of new pictures."""
    subject, key = make_subject(user, "Mira"), make_key(user, "vtrix")
    row = requests.register(subject, "vtrix", key)
    registration_job.register(row.pk)
    subject.edit(subject.version, [make_media(user)])
    requests.register(subject, "vtrix", key)
    Registration.objects.update(state=state, deadline=timezone.now(), remote_id="", sent_at=None)
    paid = len(simulator.ledger())
    be_copied()
    start()
    sweep.recover()
    for _ in range(3):
        registration_job.register(row.pk)
    assert (len(simulator.ledger()), fresh(row).held_since is None) == (paid, False)


def test_a_held_subject_may_be_cancelled(key, simulator):
    row = requests.register(make_subject(key.user, "Mira"), "vidu", key)
    be_copied()
    start()
    assert decide(key.user, held_tasks.cancel_held) == 1
    register_due()
    assert (simulator.ledger(), fresh(row).state) == ([], "failed")
