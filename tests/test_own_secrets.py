"""A machine whose secrets are not the database's stops, and says which and what to do."""

import secrets

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from generation import own_secrets
from generation.models import ApiKey, SecretProof
from tests.factories import make_key
from tests.ports import free_port

OLD, NEW, OTHER = (secrets.token_urlsafe(48) for _ in range(3))
DATA_KEYS_DIFFER = r"^The data keys of this machine do not open .* accept_secrets$"
SECRET_KEY_DIFFERS = r"^SECRET_KEY is not the one .* accept_secrets$"


@pytest.fixture(autouse=True)
def _used_database(db, settings):
    settings.DATA_KEYS = [OLD]
    own_secrets.verify()


def test_the_same_secrets_are_right_each_time():
    own_secrets.verify()
    own_secrets.verify()


def test_other_data_keys_are_refused_also_on_an_empty_database(settings):
    settings.DATA_KEYS = [OTHER]
    for _ in range(2):
        with pytest.raises(own_secrets.ForeignSecrets, match=DATA_KEYS_DIFFER):
            own_secrets.verify()


def test_another_secret_key_is_refused(settings):
    settings.SECRET_KEY = OTHER
    with pytest.raises(own_secrets.ForeignSecrets, match=SECRET_KEY_DIFFERS):
        own_secrets.verify()


def test_a_database_from_before_the_proofs_is_judged_by_its_keys(settings, user):
    make_key(user)
    broken = make_key(user, provider="kkiai")
    ApiKey.objects.filter(pk=broken.pk).update(sealed=b"\x01" + bytes(60))
    SecretProof.objects.all().delete()
    settings.DATA_KEYS = [OTHER]
    with pytest.raises(own_secrets.ForeignSecrets, match=DATA_KEYS_DIFFER):
        own_secrets.verify()
    assert not SecretProof.objects.exists()
    settings.DATA_KEYS = [NEW, OLD]
    own_secrets.verify()  # one that opens is enough: the other row may be damaged
    assert SecretProof.objects.count() == 2


def test_a_machine_that_comes_second_on_an_empty_database_is_refused(settings, monkeypatch):
    """Between its look and its write the first one was there."""
    monkeypatch.setattr(own_secrets.SecretProof.objects, "filter", lambda **_: Nothing())
    settings.DATA_KEYS = [OTHER]
    with pytest.raises(own_secrets.ForeignSecrets, match=DATA_KEYS_DIFFER):
        own_secrets.verify()


class Nothing:
    def first(self):
        return None


def test_a_new_data_key_can_replace_the_old_once_nothing_needs_that(settings, user):
    key = make_key(user, secret="a secret of the provider")
    settings.DATA_KEYS = [NEW, OLD]
    own_secrets.verify()
    settings.DATA_KEYS = [NEW]
    with pytest.raises(own_secrets.ForeignSecrets, match=DATA_KEYS_DIFFER):
        own_secrets.verify()
    settings.DATA_KEYS = [NEW, OLD]
    key.set_secret("entered anew")
    key.save()
    own_secrets.verify()
    settings.DATA_KEYS = [NEW]
    own_secrets.verify()


def test_lost_secrets_can_be_given_up(settings, user, capsys):
    make_key(user)
    settings.DATA_KEYS, settings.SECRET_KEY = [OTHER], OTHER
    call_command("accept_secrets")
    assert "Stored provider keys that do not open: 1." in capsys.readouterr().out
    own_secrets.verify()
    make_key(user, provider="kkiai")
    settings.DATA_KEYS = [OLD]
    with pytest.raises(own_secrets.ForeignSecrets, match=DATA_KEYS_DIFFER):
        own_secrets.verify()


def test_the_proofs_show_no_secret(settings):
    for proof in SecretProof.objects.all():
        for secret in (settings.SECRET_KEY, *settings.DATA_KEYS):
            assert secret.encode() not in bytes(proof.proof)


def test_a_process_ends_with_the_sentence(settings, monkeypatch):
    monkeypatch.setattr(own_secrets.connections, "close_all", lambda: None)
    settings.DATA_KEYS = [OTHER]
    with pytest.raises(SystemExit, match=DATA_KEYS_DIFFER):
        own_secrets.verify_or_exit()


def test_without_the_database_it_starts_and_says_that_nothing_was_compared(monkeypatch, caplog):
    def away():
        raise DatabaseError("it is away\nmore")

    monkeypatch.setattr(own_secrets.connections, "close_all", lambda: None)
    monkeypatch.setattr(own_secrets, "verify", away)
    own_secrets.verify_or_exit()
    assert "could not be compared with the database (it is away)" in caplog.text


@pytest.mark.parametrize("command", ["studio", "qcluster"])
def test_no_command_that_serves_starts_with_others(settings, monkeypatch, command):
    options = {"port": free_port()} if command == "studio" else {}
    settings.DATA_KEYS = [OTHER]
    monkeypatch.setattr(own_secrets.connections, "close_all", lambda: None)
    with pytest.raises((own_secrets.ForeignSecrets, SystemExit), match=DATA_KEYS_DIFFER):
        call_command(command, skip_checks=True, **options)
