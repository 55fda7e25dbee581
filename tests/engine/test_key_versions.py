"""A replaced key: what was sent with the old secret goes on with it, then that is destroyed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generation import crypto
from generation.engine import keys, reconcile, submit, sweep
from generation.engine.registration import (
    job as registration_job,
)
from generation.engine.registration import (
    requests as registration_requests,
)
from generation.models import ApiKey, OldSecret, Registration, RegistrationState, Task
from tests.engine.rounds import ask_once
from tests.factories import make_key, make_subject, make_task, make_user
from tests.security.hostile import running
from tests.security.leaks import assert_absent, assert_stored_nowhere

OLD, NEW = "vda_CANARY_the_old_one_0123456789", "vda_CANARY_the_new_one_9876543210"
R = RegistrationState
PROCESSING = {"state": "processing", "id": "7", "creations": []}


@pytest.fixture
def provider(settings):
    with running() as fake:
        settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, fake.url)
        settings.RECONCILE_GAP = 0
        yield fake


@pytest.fixture
def key(provider, user) -> ApiKey:
    return make_key(user, secret=OLD)


def replace(key, secret=NEW) -> None:
    keys.replace(ApiKey.objects.get(pk=key.pk), secret)


def sent_with(provider) -> list[str]:
    """The secrets of all requests so far, which are forgotten by this."""
    found = [seen[2].removeprefix("Token ") for seen in provider.seen]
    provider.seen.clear()
    return found


def running_task(key, **fields) -> Task:
    now = timezone.now()
    facts = {"status": "running", "remote_id": "7", "accepted_at": now, "next_poll_at": now}
    return make_task(key.user, key=key, provider="vidu", **facts | fields)


def look_at(task) -> Task:
    Task.objects.filter(pk=task.pk).update(next_poll_at=timezone.now() - timedelta(seconds=1))
    ask_once()
    return Task.objects.get(pk=task.pk)


def test_a_running_task_goes_on_with_the_old_secret_and_a_new_one_begins_with_the_new(
    key, provider
):
    task, queued = running_task(key), make_task(key.user, key=key, provider="vidu")
    replace(key)
    assert sent_with(provider) == [NEW]  # the free test
    provider.body = PROCESSING
    look_at(task)
    assert sent_with(provider) == [OLD]
    provider.body = {"task_id": "8", "state": "created"}
    submit.submit(queued.pk)
    queued.refresh_from_db()
    assert (queued.status, queued.key_version, sent_with(provider)) == ("running", 2, [NEW])


def test_one_round_polls_both_secrets(key, provider):
    first = running_task(key)
    replace(key)
    second = running_task(key, key_version=2)
    provider.seen.clear()
    provider.body = PROCESSING
    Task.objects.update(next_poll_at=timezone.now() - timedelta(seconds=1))
    look_at(second)
    assert sorted(sent_with(provider)) == sorted([OLD, NEW])
    assert first.pk != second.pk


@pytest.mark.parametrize("status", ["submitting", "running", "storing", "uncertain"])
def test_the_old_secret_stays_as_long_as_a_sent_task_needs_it(key, status):
    task = running_task(key, status=status, deadline=timezone.now() + timedelta(minutes=5))
    replace(key)
    sweep.sweep()
    assert OldSecret.objects.get().secret() == OLD
    Task.objects.filter(pk=task.pk).update(status="failed")
    sweep.sweep()
    assert not OldSecret.objects.exists()


def test_nothing_is_kept_when_nothing_was_sent(key):
    make_task(key.user, key=key, provider="vidu")
    make_task(key.user, key=key, provider="vidu", status="succeeded")
    replace(key)
    assert not OldSecret.objects.exists()


def test_three_secrets_at_once_each_for_its_own_task(key, provider):
    first = running_task(key)
    replace(key, "vda_the_second_one_of_three")
    second = running_task(key, key_version=2)
    replace(key)
    provider.seen.clear()
    provider.body = PROCESSING
    for task, secret in ((first, OLD), (second, "vda_the_second_one_of_three")):
        Task.objects.exclude(pk=task.pk).update(next_poll_at=None)
        look_at(task)
        assert sent_with(provider) == [secret]


def test_a_key_replaced_between_the_look_and_the_claim_sends_nothing_yet(
    key, provider, monkeypatch
):
    task = make_task(key.user, key=key, provider="vidu")

    def replace_meanwhile(_task) -> bool:
        replace(key)
        provider.seen.clear()
        return True

    monkeypatch.setattr(submit, "may_still_send", replace_meanwhile)
    submit.submit(task.pk)
    task.refresh_from_db()
    assert (task.status, task.sends, provider.seen) == ("queued", 0, [])
    monkeypatch.undo()
    provider.body = {"task_id": "8", "state": "created"}
    submit.submit(task.pk)
    assert sent_with(provider) == [NEW]


def test_a_key_replaced_while_the_request_is_out_keeps_that_task_on_the_old_one(
    key, provider, monkeypatch
):
    task = make_task(key.user, key=key, provider="vidu")
    send = submit.send

    def replace_meanwhile(*given):
        replace(key)
        provider.seen.clear()
        provider.body = {"task_id": "8", "state": "created"}
        return send(*given)

    monkeypatch.setattr(submit, "send", replace_meanwhile)
    submit.submit(task.pk)
    assert sent_with(provider) == [OLD]
    provider.body = PROCESSING
    assert look_at(task).status == "running"
    assert sent_with(provider) == [OLD]


def test_an_uncertain_task_is_looked_for_with_the_secret_it_was_sent_with(key, provider):
    task = running_task(key, status="uncertain", remote_id="", sent_at=timezone.now())
    replace(key)
    provider.seen.clear()
    provider.body = {"tasks": []}
    reconcile.reconcile(task.pk)
    assert set(sent_with(provider)) == {OLD}


def test_an_uncertain_registration_is_looked_for_with_the_secret_it_was_sent_with(key, provider):
    row = registration_requests.register(make_subject(key.user, "Mira"), "vidu", key)
    assert row.step(R.SENDING, sent_at=timezone.now())
    assert row.step(R.UNCERTAIN)
    replace(key)
    provider.seen.clear()
    provider.body = {"subjects": [], "count": 0}
    registration_job.register(row.pk)
    assert set(sent_with(provider)) == {OLD}
    assert OldSecret.objects.exists()
    Registration.objects.update(state=R.FAILED)
    sweep.sweep()
    assert not OldSecret.objects.exists()


def test_a_provider_that_no_longer_takes_the_old_secret_gets_the_new_one(key, provider):
    task = running_task(key)
    replace(key)
    provider.seen.clear()
    provider.status = 401
    look_at(task)
    provider.status, provider.body = 200, PROCESSING
    look_at(task)
    assert sent_with(provider) == [OLD, NEW]
    sweep.sweep()
    assert not OldSecret.objects.exists()


def test_a_rejected_old_secret_says_nothing_of_the_new_one(key):
    stale = ApiKey.objects.get(pk=key.pk)
    running_task(key)
    replace(key)
    stale.record_test("rejected", "Wrong.")
    assert ApiKey.objects.get(pk=key.pk).state == "works"


def test_an_old_secret_goes_to_no_new_address(key, provider, settings):
    task = running_task(key)
    with running() as other:
        settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, other.url)
        replace(key)
        other.seen.clear()
        other.body = PROCESSING
        look_at(task)
        assert sent_with(other) == [NEW]
    assert provider.seen == []


def test_the_same_secret_again_is_no_new_version(key):
    running_task(key)
    replace(key, OLD)
    assert ApiKey.objects.get(pk=key.pk).version == 1
    assert not OldSecret.objects.exists()


def test_a_seal_that_cannot_be_opened_is_not_kept(key, provider):
    other = make_key(make_user())
    ApiKey.objects.filter(pk=key.pk).update(sealed=other.sealed)
    task = running_task(key)
    replace(key)
    assert not OldSecret.objects.exists()
    provider.seen.clear()
    provider.body = PROCESSING
    look_at(task)
    assert sent_with(provider) == [NEW]


def test_an_old_seal_opens_in_its_own_row_alone(key, user):
    running_task(key)
    replace(key)
    old = OldSecret.objects.get()
    ApiKey.objects.filter(pk=key.pk).update(sealed=old.sealed)
    with pytest.raises(crypto.Broken):
        ApiKey.objects.get(pk=key.pk).secret()
    ApiKey.objects.filter(pk=key.pk).update(user=make_user())
    with pytest.raises(crypto.Broken):
        OldSecret.objects.get().secret()


def test_a_key_that_was_replaced_goes_with_all_its_secrets(key):
    task = running_task(key)
    replace(key)
    with pytest.raises(keys.KeyRefused, match="1 task still uses"):
        keys.remove(ApiKey.objects.get(pk=key.pk))
    Task.objects.filter(pk=task.pk).update(status="succeeded")
    keys.remove(ApiKey.objects.get(pk=key.pk))
    assert not OldSecret.objects.exists()


def test_a_key_removed_while_it_is_being_replaced_stays_removed(key, client, monkeypatch):
    probe = keys.probe

    def remove_meanwhile(given):
        keys.remove(ApiKey.objects.get(pk=key.pk))
        return probe(given)

    monkeypatch.setattr(keys, "probe", remove_meanwhile)
    path = reverse("key-replace", args=[key.pk])
    assert client.post(path, {"secret": NEW}).status_code == 404
    assert not ApiKey.objects.exists()


def test_a_key_stays_while_a_subject_is_being_registered_with_it(key):
    row = registration_requests.register(make_subject(key.user, "Mira"), "vidu", key)
    assert row.step(R.SENDING, claim="x")
    with pytest.raises(keys.KeyRefused, match="being registered"):
        keys.remove(key)
    Registration.objects.update(state=R.KEPT)
    keys.remove(key)
    assert not Registration.objects.exists()


def test_neither_secret_is_found_anywhere(key, provider, caplog):
    caplog.set_level("DEBUG")
    task = running_task(key)
    replace(key)
    provider.status, provider.body = 500, "{key}"
    look_at(task)
    old = OldSecret.objects.get()
    for secret in (OLD, NEW):
        assert_stored_nowhere(secret)
        assert_absent(secret, repr(old), str(old), repr(vars(old)), caplog.text)
