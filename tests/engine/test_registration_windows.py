"""The moments in which a registration could be paid twice, or be lost."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from generation.engine import keys, record_outcome, sweep
from generation.engine.registration import (
    job as registration_job,
)
from generation.engine.registration import (
    look as registration_look,
)
from generation.engine.registration import (
    outcome,
)
from generation.engine.registration import (
    requests as registration_requests,
)
from generation.models import ApiKey, Registration, RegistrationState, Status
from generation.providers.base import RemoteState, SubjectSnapshot
from generation.providers.errors import OutcomeUnknown
from tests.engine.test_registrations import creates, descriptions, key_of, work
from tests.factories import make_key, make_media, make_subject

R = RegistrationState
PAST = timezone.now() - timedelta(hours=1)


def fresh(row) -> Registration:
    return Registration.objects.select_related("key", "subject").get(pk=row.pk)


def given_up(row) -> Registration:
    """Sent, never answered, and in no list: whether it is there was not found out."""
    assert row.step(R.SENDING, claim="x", sent_at=PAST)
    assert row.step(R.UNCERTAIN, looks=1)
    registration_look.find_registrations([row])
    assert row.state == R.FAILED
    return row


def test_a_worker_that_read_the_row_long_ago_does_not_make_a_second_one(user, simulator):
    """Between its look and its claim another one made it, and waits to send the text."""
    mira = make_subject(user, "Mira", description="A singer")
    stale = fresh(registration_requests.register(mira, "demo", None))
    registration_job.register(stale.pk)
    assert fresh(stale).state == R.WAITING
    registration_job.send_registration(stale)
    assert fresh(stale).state == R.KEPT
    assert len(creates(simulator)) == 1


def test_one_that_was_given_up_is_looked_for_before_it_is_made_again(user, simulator):
    mira = make_subject(user, "Mira")
    row = registration_requests.register(mira, "demo", None)
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    registration_job.register(row.pk)
    Registration.objects.filter(pk=row.pk).update(state=R.FAILED)  # no list ever showed it
    row = work(registration_requests.register(mira, "demo", None))
    assert (row.state, len(creates(simulator))) == (R.KEPT, 1)


def test_one_that_is_nowhere_is_made_when_it_is_asked_for_again(user, simulator):
    mira = make_subject(user, "Mira")
    given_up(registration_requests.register(mira, "demo", None))
    row = work(registration_requests.register(mira, "demo", None))
    assert (row.state, len(creates(simulator))) == (R.KEPT, 1)


def test_without_a_list_to_look_into_nothing_is_made_again(user, simulator):
    mira = make_subject(user, "Mira")
    given_up(registration_requests.register(mira, "demo", None))
    simulator.faults({"kind": "status", "status": 503, "match": {"method": "GET"}})
    row = registration_requests.register(mira, "demo", None)
    registration_job.register(row.pk)
    assert (fresh(row).state, creates(simulator)) == (R.UNCERTAIN, [])


def test_a_certain_refusal_needs_no_look(user, simulator):
    mira = make_subject(user, "Mira")
    simulator.faults({"kind": "moderation", "count": 1})
    row = work(registration_requests.register(mira, "demo", None))
    assert (row.state, row.sent_at) == (R.FAILED, None)


def test_a_reply_after_the_sweep_tells_which_task_makes_it(user, simulator):
    row = registration_requests.register(
        make_subject(user, "Mira"), "vtrix", make_key(user, "vtrix")
    )
    assert row.step(R.SENDING, claim="x", sent_at=PAST)
    Registration.objects.filter(pk=row.pk).update(state=R.UNCERTAIN)
    outcome.record_snapshot(row, SubjectSnapshot(RemoteState.QUEUED, remote_id="77"))
    assert (fresh(row).state, fresh(row).remote_id) == (R.SENDING, "77")


def test_a_reply_after_the_sweep_that_has_the_subject_is_kept(user):
    row = registration_requests.register(make_subject(user, "Mira"), "demo", None)
    assert row.step(R.SENDING, claim="x", sent_at=PAST)
    Registration.objects.filter(pk=row.pk).update(state=R.UNCERTAIN)
    outcome.record_snapshot(row, SubjectSnapshot(RemoteState.SUCCESS, server_id="9"))
    assert (fresh(row).state, fresh(row).server_id) == (R.KEPT, "9")


def test_a_reply_after_it_was_given_up_is_kept_too(user, simulator):
    row = given_up(registration_requests.register(make_subject(user, "Mira"), "demo", None))
    outcome.record_snapshot(row, SubjectSnapshot(RemoteState.SUCCESS, server_id="9"))
    assert (fresh(row).state, fresh(row).server_id) == (R.WAITING, "9")


def test_an_error_of_a_lost_claim_changes_nothing(user):
    row = registration_requests.register(make_subject(user, "Mira"), "demo", None)
    assert row.step(R.SENDING, claim="mine", sent_at=PAST)
    Registration.objects.filter(pk=row.pk).update(claim="theirs")
    outcome.record_registration_failure(row, OutcomeUnknown("No answer."))
    assert fresh(row).state == R.SENDING


@pytest.mark.django_db(transaction=True)
def test_an_acceptance_outlives_a_restart_of_the_database(user, simulator, monkeypatch):
    monkeypatch.setattr(record_outcome, "PAUSE", 0)
    row = registration_requests.register(make_subject(user, "Mira"), "demo", None)
    step, left = Registration.step, iter(range(3))

    def interrupted(self, to, **fields):
        if to == R.KEPT and next(left, None) is not None:
            raise OperationalError("the database system is shutting down")
        return step(self, to, **fields)

    monkeypatch.setattr(Registration, "step", interrupted)
    registration_job.register(row.pk)
    assert fresh(row).state == R.KEPT


def test_a_fault_of_ours_ends_after_five_tries(user, simulator, monkeypatch):
    row = registration_requests.register(make_subject(user, "Mira"), "demo", None)
    monkeypatch.setattr(registration_job, "subject_with_files", lambda *_: 1 / 0)
    for _ in range(5):
        assert fresh(row).state == R.WAITING
        registration_job.register(row.pk)
    row = fresh(row)
    assert (row.state, "nothing was sent" in row.error) == (R.FAILED, True)
    assert creates(simulator) == []


def test_a_missing_image_fails_at_once_and_says_so(user, simulator):
    image = make_media(user)
    row = registration_requests.register(make_subject(user, "Mira", [image]), "demo", None)
    default_storage.delete(image.path)
    registration_job.register(row.pk)
    assert (fresh(row).state, "missing" in fresh(row).error) == (R.FAILED, True)


@pytest.mark.parametrize("provider", ["vidu", "vtrix"])
def test_an_edit_in_the_moment_of_sending_is_sent_later_and_not_paid(
    user, simulator, provider, monkeypatch
):
    mira, key = make_subject(user, "Mira"), key_of(user, provider)
    row = registration_requests.register(mira, provider, key)
    mark_sent = registration_job.mark_sent

    def edited_meanwhile(given):
        monkeypatch.setattr(registration_job, "mark_sent", mark_sent)
        assert mira.edit(mira.version, mira.files, description="With grey hair")
        mark_sent(given)

    monkeypatch.setattr(registration_job, "mark_sent", edited_meanwhile)
    row = work(row)
    assert not row.is_current or row.shape == mira.shape
    row = work(registration_requests.register(mira, provider, key))
    assert (row.is_current, list(descriptions(provider, key).values())) == (
        True,
        ["With grey hair"],
    )
    assert len(creates(simulator)) == 1


def test_a_task_that_makes_it_and_is_gone_leaves_it_to_the_list(user, simulator):
    row = registration_requests.register(
        make_subject(user, "Mira"), "vtrix", make_key(user, "vtrix")
    )
    assert row.step(R.SENDING, claim="x", sent_at=PAST, remote_id="nowhere")
    registration_job.follow(row)
    assert row.state == R.SENDING
    Registration.objects.filter(pk=row.pk).update(changed_at=PAST)
    registration_job.follow(fresh(row))
    assert (fresh(row).state, fresh(row).remote_id) == (R.UNCERTAIN, "")


def replaced(key, secret) -> ApiKey:
    keys.replace(ApiKey.objects.get(pk=key.pk), secret)
    return ApiKey.objects.get(pk=key.pk)


def test_a_new_secret_of_the_same_account_pays_for_nothing_again(user, simulator):
    key = make_key(user, secret="vda_account:first_secret")
    mira = make_subject(user, "Mira")
    row = work(registration_requests.register(mira, "vidu", key))
    known, key = row.server_id, replaced(key, "vda_account:second_secret")
    assert not fresh(row).is_current
    assert registration_requests.to_register([mira], "vidu", key) == []
    row = work(registration_requests.register(mira, "vidu", key))
    assert (row.state, row.server_id, len(creates(simulator))) == (R.KEPT, known, 1)


@pytest.mark.parametrize("provider", ["vidu", "vtrix"])
def test_a_new_secret_of_another_account_says_the_price_before_it_pays(user, simulator, provider):
    key = make_key(user, provider, secret="vda_one_account_1234567")
    mira = make_subject(user, "Mira")
    row = work(registration_requests.register(mira, provider, key))
    key = replaced(key, "vda_another_account_12345")
    row = work(registration_requests.register(mira, provider, key))
    assert (row.state, "does not hold" in row.error) == (R.FAILED, True)
    assert registration_requests.to_register([mira], provider, key) == [mira]
    row = work(registration_requests.register(mira, provider, key))
    assert (row.is_current, len(creates(simulator))) == (True, 2)


def test_a_key_replaced_between_the_look_and_the_claim_sends_nothing_yet(user, simulator):
    key = make_key(user, secret="vda_account:first_secret")
    stale = fresh(registration_requests.register(make_subject(user, "Mira"), "vidu", key))
    assert stale.key.version == 1
    replaced(key, "vda_account:second_secret")
    registration_job.send_registration(stale)
    assert (fresh(stale).state, creates(simulator)) == (R.WAITING, [])
    assert work(stale).key_version == 2


def test_one_made_with_the_old_secret_is_checked_before_the_new_one_uses_it(user, simulator):
    key = make_key(user, secret="vda_account:first_secret")
    row = registration_requests.register(make_subject(user, "Mira"), "vidu", key)
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    registration_job.register(row.pk)
    replaced(key, "vda_account:second_secret")
    row = work(row)
    assert (row.state, row.is_current, row.key_version) == (R.KEPT, False, 1)


def test_a_death_while_it_is_looked_for_again_is_looked_for_again(user, simulator):
    row = given_up(registration_requests.register(make_subject(user, "Mira"), "demo", None))
    registration_requests.register(row.subject, "demo", None)
    row = fresh(row)
    assert row.step(R.SENDING, claim="dead", deadline=PAST)
    sweep.sweep()
    assert fresh(row).state == R.UNCERTAIN
    assert creates(simulator) == []


def test_a_task_waits_while_its_subject_is_edited(user, simulator, engine):
    mira = make_subject(user, "Mira")
    row = work(registration_requests.register(mira, "demo", None))
    assert mira.edit(mira.version, mira.files, description="With grey hair")
    task = engine.begin(("demo", "reference", "viduq3"), {}, [mira], prompt="@Mira sings")
    assert engine.submit(task).status == Status.QUEUED
    work(row)
    assert engine.submit(task).status == Status.RUNNING
    assert len(creates(simulator)) == 1
