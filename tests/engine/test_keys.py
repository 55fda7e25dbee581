"""Keys against a provider that answers as the test says."""

import time

import pytest

from generation.catalogue.message import Message
from generation.engine import keys, record_outcome, submit
from generation.models import ApiKey, KeyState
from generation.providers.base import RemoteState, Snapshot
from tests.factories import make_key, make_task, make_user
from tests.security.hostile import running


@pytest.fixture
def provider(settings):
    with running() as fake:
        settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, fake.url)
        yield fake


@pytest.fixture
def key(provider, user):
    return make_key(user, secret="vda_1234567890abcdef")


def stored(key):
    return ApiKey.objects.get(pk=key.pk)


def after_test(key):
    keys.test(key)
    return stored(key)


def test_a_good_key_works_and_tells_credits_and_concurrency(key, provider):
    row = after_test(key)
    assert (row.state, row.note) == (KeyState.WORKS, "")
    assert (row.credits, row.concurrency_limit, row.concurrency_used) == (2_480, 5, 2)
    assert row.tested_at is not None
    assert [seen[2] for seen in provider.seen] == ["Token vda_1234567890abcdef"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_rejected(key, provider, status):
    provider.status = status
    row = after_test(key)
    assert row.state == KeyState.REJECTED
    assert row.note == "Vidu rejected this key. Check that it was copied whole."


def test_a_key_without_credits_is_empty(key, provider):
    provider.body = {"remains": [{"type": "metered", "credit_remain": 0}]}
    row = after_test(key)
    assert (row.state, row.credits) == (KeyState.EMPTY, 0)


@pytest.mark.parametrize(
    ("status", "body"), [(500, "{}"), (502, "<html>"), (200, "not json"), (301, "{}")]
)
def test_an_answer_that_is_none_says_that_the_provider_was_not_reached(key, provider, status, body):
    provider.status, provider.body = status, body
    row = after_test(key)
    assert row.state == KeyState.UNREACHED
    assert row.note == "Vidu could not be reached. Test the key again later."


def test_a_closed_port_reads_like_a_broken_answer(key, settings):
    key.base_url = settings.PROVIDER_URLS["vidu"] = "http://127.0.0.1:9"
    assert after_test(key).note == "Vidu could not be reached. Test the key again later."


def test_a_busy_provider_leaves_the_key_untested(key, provider):
    provider.status = 429
    row = after_test(key)
    assert row.state == KeyState.UNTESTED
    assert row.note == "Vidu is busy. Test the key again in a minute."


def test_a_silent_provider_is_given_up_in_time(key, provider, monkeypatch):
    monkeypatch.setattr(keys, "TOTAL_SECONDS", 0.3)
    provider.hang = True
    start = time.monotonic()
    assert after_test(key).state == KeyState.UNREACHED
    assert time.monotonic() - start < 10


def test_a_provider_without_a_free_test_says_so(provider, user):
    row = after_test(make_key(user, "vtrix"))
    assert row.state == KeyState.UNTESTED
    assert "could not be tested" in row.note


def test_a_key_is_never_sent_to_another_address(key, provider, settings):
    with running() as other:
        settings.PROVIDER_URLS["vidu"] = other.url
        row = after_test(key)
        assert other.seen == provider.seen == []
    assert row.state == KeyState.UNTESTED
    assert row.note == "The address of this provider changed. Enter the key again."


def test_a_seal_of_another_row_stays_shut(key, provider):
    other = make_key(make_user())
    ApiKey.objects.filter(pk=key.pk).update(sealed=other.sealed)
    row = after_test(stored(key))
    assert provider.seen == []
    assert row.state == KeyState.REJECTED
    assert row.note == "This key can no longer be opened. Enter it again."


def test_the_first_key_of_a_provider_becomes_its_default(provider, user):
    first = keys.add(user, "vidu", "", "vda_first_secret")
    second = keys.add(user, "vidu", "", "vda_second_secret")
    elsewhere = keys.add(user, "kkiai", "", "vda_first_secret")
    assert [stored(key).is_default for key in (first, second, elsewhere)] == [True, False, True]


def test_a_rejected_key_is_not_stored(provider, user):
    provider.status = 401
    with pytest.raises(keys.KeyRefused, match="rejected this key"):
        keys.add(user, "vidu", "", "vda_wrong_secret")
    assert not ApiKey.objects.exists()


def test_a_key_is_stored_when_the_provider_is_down(provider, user):
    provider.status = 503
    key = keys.add(user, "vidu", "Studio", "vda_some_secret")
    assert stored(key).state == KeyState.UNREACHED
    assert stored(key).secret() == "vda_some_secret"


def test_the_same_key_is_not_stored_twice(provider, user):
    keys.add(user, "vidu", "Studio", "vda_some_secret")
    sent = len(provider.seen)
    with pytest.raises(keys.KeyRefused, match="already have this key as Studio"):
        keys.add(user, "vidu", "", "vda_some_secret")
    assert len(provider.seen) == sent
    keys.add(make_user(), "vidu", "", "vda_some_secret")


def test_the_same_key_is_found_after_a_new_data_key_too(provider, user, settings):
    keys.add(user, "vidu", "Main", "vda_some_secret")
    settings.DATA_KEYS = ["new", *settings.DATA_KEYS]
    with pytest.raises(keys.KeyRefused, match="You already have this key as Main"):
        keys.add(user, "vidu", "Again", "vda_some_secret")
    assert ApiKey.objects.count() == 1


def test_the_same_secret_entered_after_a_new_data_key_is_no_new_version(key, provider, settings):
    settings.DATA_KEYS = ["new", *settings.DATA_KEYS]
    keys.replace(key, "vda_1234567890abcdef")
    key.refresh_from_db()
    assert (key.version, key.old_secrets.count()) == (1, 0)
    settings.DATA_KEYS = ["new"]
    assert key.secret() == "vda_1234567890abcdef"


def test_a_new_secret_keeps_row_label_and_place(key, provider):
    ApiKey.objects.filter(pk=key.pk).update(label="Studio", is_default=True)
    keys.replace(stored(key), "vda_the_new_one")
    row = stored(key)
    assert (row.label, row.is_default, row.last4) == ("Studio", True, "_one")
    assert row.secret() == "vda_the_new_one"
    assert row.state == KeyState.WORKS


def test_a_rejected_new_secret_leaves_the_old_one(key, provider):
    provider.status = 401
    with pytest.raises(keys.KeyRefused):
        keys.replace(stored(key), "vda_the_wrong_one")
    assert stored(key).secret() == "vda_1234567890abcdef"


def test_entering_a_key_again_ties_it_to_the_new_address(key, provider, settings):
    with running() as other:
        settings.PROVIDER_URLS["vidu"] = other.url
        keys.replace(key, "vda_1234567890abcdef")
        assert len(other.seen) == 1
    assert stored(key).base_url == other.url


@pytest.mark.parametrize("status", ["submitting", "running", "storing", "uncertain"])
def test_a_key_stays_while_a_sent_task_needs_it(key, user, status):
    make_task(user, key=key, status=status)
    with pytest.raises(keys.KeyRefused, match="1 task still uses this key"):
        keys.remove(key)
    assert stored(key)


def test_a_key_goes_when_its_tasks_are_over(key, user):
    tasks = [make_task(user, key=key, status=status) for status in ("queued", "succeeded")]
    keys.remove(key)
    for task in tasks:
        task.refresh_from_db()
        assert task.key is None
    assert not ApiKey.objects.exists()


def test_the_oldest_other_key_inherits_the_default(key, user):
    second, _third = make_key(user), make_key(user)
    keys.make_default(key)
    keys.remove(key)
    assert list(ApiKey.objects.filter(is_default=True)) == [second]


def test_one_default_for_each_provider(key, user):
    other, elsewhere = make_key(user), make_key(user, "kkiai", is_default=True)
    keys.make_default(key)
    keys.make_default(other)
    assert set(ApiKey.objects.filter(is_default=True)) == {other, elsewhere}


def test_a_key_removed_just_before_the_claim_sends_nothing(key, user, provider, monkeypatch):
    task = make_task(user, key=key, provider="vidu")

    def remove_meanwhile(_task) -> bool:
        keys.remove(stored(key))
        return True

    monkeypatch.setattr(submit, "may_still_send", remove_meanwhile)
    submit.submit(task.pk)
    assert provider.seen == []
    task.refresh_from_db()
    assert task.status == "queued"


@pytest.mark.parametrize(("version", "state"), [(1, "works"), (2, "empty")])
def test_what_is_accepted_disproves_an_earlier_refusal_of_its_secret(key, user, version, state):
    key.record_test(KeyState.EMPTY, Message("The account has no credits left for this."))
    task = make_task(user, key=key, key_version=key.version, provider="vidu", status="submitting")
    ApiKey.objects.filter(pk=key.pk).update(version=key.version + version - 1)
    record_outcome.accept(task, Snapshot("7", RemoteState.QUEUED))
    assert stored(key).state == state
    assert bool(stored(key).note) == (state == "empty")
