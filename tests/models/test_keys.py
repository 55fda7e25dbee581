"""Keys of people: sealed, theirs alone, and tied to the address they were saved for."""

import base64

import pytest
from django.conf import settings as studio
from django.db import IntegrityError, connection, transaction

from generation import crypto
from generation.models import ApiKey, KeyState
from tests.factories import make_key, make_user

CANARY = "vda_CANARY_0123456789"


def test_a_key_comes_back_from_the_database_as_it_was(user):
    key = make_key(user, secret=CANARY)
    assert ApiKey.objects.get(pk=key.pk).secret() == CANARY


def test_a_blob_pasted_into_another_row_does_not_open(user):
    mine, theirs = make_key(user, secret=CANARY), make_key(make_user())
    ApiKey.objects.filter(pk=theirs.pk).update(sealed=mine.sealed)
    with pytest.raises(crypto.Broken):
        ApiKey.objects.get(pk=theirs.pk).secret()


def test_a_row_given_to_another_owner_does_not_open(user):
    key = make_key(user, secret=CANARY)
    ApiKey.objects.filter(pk=key.pk).update(user=make_user())
    with pytest.raises(crypto.Broken):
        ApiKey.objects.get(pk=key.pk).secret()


def test_a_row_without_a_key_does_not_open(user):
    key = make_key(user)
    ApiKey.objects.filter(pk=key.pk).update(sealed=b"")
    empty = ApiKey.objects.get(pk=key.pk)
    assert not empty.is_usable
    assert not ApiKey.objects.usable().exists()
    with pytest.raises(crypto.Broken):
        empty.secret()


def test_no_table_holds_a_key_in_any_form(user):
    key = make_key(user, secret=CANARY)
    dump = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            cells = [cell for row in cursor.fetchall() for cell in row]
            dump += b"".join(c if isinstance(c, bytes) else str(c).encode() for c in cells)
    assert key.sealed in dump
    raw = CANARY.encode()
    for form in (raw, raw[::-1], raw.hex().encode(), base64.b64encode(raw)[:-4]):
        assert form not in dump


def test_neither_the_name_nor_the_representation_shows_a_key(user):
    key = make_key(user, secret=CANARY, label="Main")
    assert str(key) == "Vidu …6789"
    assert CANARY not in repr(key)
    assert CANARY not in repr(vars(key))


def test_a_short_key_shows_nothing_of_itself(user):
    assert make_key(user, secret="short-key").last4 == ""


def test_only_the_owner_sees_a_key(user):
    make_key(user)
    assert ApiKey.objects.visible_to(user).count() == 1
    assert not ApiKey.objects.visible_to(make_user()).exists()


def test_a_changed_address_makes_a_key_unusable(user, settings):
    key = make_key(user)
    assert key.is_usable
    settings.PROVIDER_URLS = {**studio.PROVIDER_URLS, "vidu": "https://elsewhere.test"}
    assert not key.is_usable


def test_a_new_secret_forgets_what_the_old_one_could_do(user):
    key = make_key(user, secret=CANARY)
    key.record_test(KeyState.WORKS, "fine", credits=500, concurrency_limit=5)
    key.refresh_from_db()
    old = key.fingerprint
    key.set_secret(CANARY + "-new")
    assert (key.state, key.note, key.tested_at) == (KeyState.UNTESTED, "", None)
    assert (key.credits, key.concurrency_limit) == (None, None)
    assert key.fingerprint != old


def test_a_test_result_touches_nothing_else(user):
    key = make_key(user, secret=CANARY)
    stale = ApiKey.objects.get(pk=key.pk)
    key.set_secret(CANARY + "-new")
    key.save()
    stale.record_test(KeyState.REJECTED, "x" * 999)
    now = ApiKey.objects.get(pk=key.pk)
    assert now.secret() == CANARY + "-new"
    assert (now.state, len(now.note)) == (KeyState.REJECTED, 600)


def test_one_default_for_each_provider_and_person(user):
    first, second = make_key(user), make_key(user)
    elsewhere = make_key(user, provider="kkiai")
    for key in (first, elsewhere, second):
        key.make_default()
    assert set(ApiKey.objects.filter(is_default=True)) == {second, elsewhere}
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.filter(pk=first.pk).update(is_default=True)


def test_keys_go_with_their_owner(user):
    make_key(user)
    user.teams.all().delete()
    user.delete()
    assert not ApiKey.objects.exists()
