"""The first account, by the one-time link."""

import stat

import pytest

from generation import setup_link
from generation.models import User
from tests.factories import make_user

FACTS = {"name": "Nadia", "email": "nadia@example.test", "password": "harbour-lantern-42"}


@pytest.fixture
def token(db, settings, tmp_path):
    settings.SECRETS_DIR = tmp_path
    return setup_link.setup_token()


def test_the_token_is_long_stays_the_same_and_only_its_owner_reads_it(token):
    assert len(token) >= 43
    assert setup_link.setup_token() == token
    assert stat.S_IMODE(setup_link.path().stat().st_mode) == 0o600


def test_the_link_makes_the_first_account_with_all_rights_and_logs_in(visitor, token):
    assert visitor.get(f"/welcome/{token}/").status_code == 200
    assert visitor.post(f"/welcome/{token}/", FACTS).status_code == 302
    user = User.objects.get()
    assert user.is_superuser
    assert user.teams.count() == 1
    assert visitor.get("/").url == "/create/"


def test_the_link_is_dead_after_use(visitor, token):
    visitor.post(f"/welcome/{token}/", FACTS)
    assert visitor.get(f"/welcome/{token}/").status_code == 404
    again = visitor.post(f"/welcome/{token}/", FACTS | {"email": "b@example.test"})
    assert again.status_code == 404
    assert User.objects.count() == 1
    assert setup_link.setup_token() is None


def test_a_refused_form_does_not_spend_the_link(visitor, token):
    answer = visitor.post(f"/welcome/{token}/", FACTS | {"password": "123"})
    assert answer.status_code == 422
    assert 'value="nadia@example.test"' in answer.content.decode()
    assert visitor.post(f"/welcome/{token}/", FACTS).status_code == 302


def test_the_token_is_spent_once_even_when_two_come_at_once(token):
    assert [setup_link.use_up(token), setup_link.use_up(token)] == [True, False]


@pytest.mark.parametrize("guess", ["x", "wrong" * 12, "ü"])
def test_a_wrong_token_is_an_ordinary_missing_page(visitor, token, guess):
    answer = visitor.get(f"/welcome/{guess}/")
    assert answer.status_code == 404
    assert "Nothing here" in answer.content.decode()


def test_an_account_made_elsewhere_kills_the_link(visitor, token):
    make_user()
    assert visitor.get(f"/welcome/{token}/").status_code == 404
    assert visitor.post(f"/welcome/{token}/", FACTS).status_code == 404


def test_without_a_token_file_no_link_works(visitor, db, settings, tmp_path):
    settings.SECRETS_DIR = tmp_path / "none"
    assert visitor.get("/welcome/x/").status_code == 404
    assert not (tmp_path / "none").exists()


def test_the_page_is_not_stored(visitor, token):
    assert "no-store" in visitor.get(f"/welcome/{token}/").headers["Cache-Control"]
