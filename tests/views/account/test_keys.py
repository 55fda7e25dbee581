"""The keys pages: nothing secret ever comes back."""

import re

import pytest
from django.urls import reverse

from generation.forms.keys import bare
from generation.models import ApiKey, KeyState
from tests.factories import make_key, make_task, make_user
from tests.security.hostile import running
from tests.views.html_values import NOT_KEYS, WRAPPED

SECRET = "vda_9f8e7d6c5b4a3210"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def provider(settings):
    with running() as fake:
        settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, fake.url)
        yield fake


def add(client, secret=SECRET, headers=None, **more):
    typed = {"provider": "vidu", "label": "Studio", "secret": secret} | more
    return client.post(reverse("key-add"), typed, headers=headers)


def at(name, key):
    return reverse(f"key-{name}", args=[key.pk])


def test_a_key_is_added_tested_and_listed(client, provider, user):
    response = add(client)
    assert (response.status_code, response.url) == (302, reverse("keys"))
    page = client.get(reverse("keys")).content.decode()
    for shown in ("Studio", "…3210", "Works", "2,480", "2 of 5", "Default"):
        assert shown in page
    assert SECRET not in page
    assert ApiKey.objects.get().secret() == SECRET


def test_with_htmx_the_list_and_a_fresh_form_come_back(client, provider):
    response = add(client, headers=HTMX)
    text = response.content.decode()
    assert text.lstrip().startswith('<div id="keys">')
    assert "…3210" in text
    assert "Saved. Studio works." in response["HX-Trigger"]
    assert 'value="Studio"' not in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_rejected_key_is_refused_at_its_field_and_not_stored(client, provider, headers):
    provider.status = 401
    response = add(client, label="My label", provider="vidu-cn", headers=headers)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Vidu China rejected this key. Check that it was copied whole." in text
    assert "Enter the key again." in text
    assert 'value="My label"' in text
    assert re.search(r'<option value="vidu-cn" selected', text)
    assert SECRET not in text
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("status", [500, 429])
def test_a_key_that_could_not_be_tested_is_kept_and_says_so(client, provider, status):
    provider.status = status
    assert add(client).status_code == 302
    page = client.get(reverse("keys")).content.decode()
    assert "Test the key again" in page
    assert "Could not be tested" in page or "Provider not reached" in page


@pytest.mark.parametrize(("typed", "sentence"), NOT_KEYS)
def test_what_is_no_key_is_refused_before_anything_is_sent(client, provider, typed, sentence):
    response = add(client, typed)
    text = response.content.decode()
    assert response.status_code == 422
    assert sentence in text
    assert len(typed.strip()) < 8 or typed.strip()[:500] not in text
    assert provider.seen == []


@pytest.mark.parametrize("typed", WRAPPED)
def test_spaces_and_quotes_around_a_key_are_stripped(typed):
    assert bare(typed) == SECRET


def test_a_key_one_has_is_named(client, provider):
    add(client)
    response = add(client, f" Token {SECRET} ")
    assert response.status_code == 422
    assert "You already have this key as Studio." in response.content.decode()


def test_the_demo_can_have_no_key(client, provider):
    assert add(client, provider="demo").status_code == 422
    assert "Built-in demo, needs no key" in client.get(reverse("keys")).content.decode()


def test_no_page_of_keys_is_kept_by_a_browser(client, user):
    key = make_key(user)
    for address in (reverse("keys"), reverse("key-add"), at("replace", key), at("remove", key)):
        assert "no-store" in client.get(address)["Cache-Control"]


def test_a_test_updates_the_card(client, provider, user):
    key = make_key(user)
    text = client.post(at("test", key), headers=HTMX).content.decode()
    assert text.lstrip().startswith(f'<li id="key-{key.pk}"')
    assert "Works" in text


def test_a_rejected_test_shows_on_the_card_and_in_a_toast(client, provider, user):
    provider.status = 403
    response = client.post(at("test", make_key(user)), headers=HTMX)
    assert "Rejected by the provider" in response.content.decode()
    assert "err" in response["HX-Trigger"]


def test_a_key_for_an_old_address_asks_to_be_entered_again(client, user, settings):
    key = make_key(user)
    settings.PROVIDER_URLS["vidu"] = "https://elsewhere.example"
    text = client.get(reverse("keys")).content.decode()
    settings.PROVIDER_URLS["vidu"] = key.base_url
    assert "The address of this provider changed. Enter the key again." in text


def test_replacing_offers_an_empty_field(client, provider, user):
    key = make_key(user, secret=SECRET)
    text = client.get(at("replace", key), headers=HTMX).content.decode()
    field = re.search(r'<input[^>]*name="secret"[^>]*>', text)[0]
    assert 'type="password"' in field
    assert 'autocomplete="off"' in field
    assert "value=" not in field
    assert client.post(at("replace", key), {"secret": "vda_fresh_and_new"}).status_code == 302
    key.refresh_from_db()
    assert (key.secret(), key.state) == ("vda_fresh_and_new", KeyState.WORKS)


def test_a_rejected_replacement_keeps_the_card_open(client, provider, user):
    provider.status = 401
    key = make_key(user, secret=SECRET)
    response = client.post(at("replace", key), {"secret": "vda_wrong_one"}, headers=HTMX)
    assert response.status_code == 422
    assert "Vidu rejected this key." in response.content.decode()
    assert "vda_wrong_one" not in response.content.decode()


def test_removing_asks_first(client, user):
    key = make_key(user)
    make_task(user, key=key, status="queued")
    text = client.get(at("remove", key)).content.decode()
    assert "1 queued task will fail without it." in text
    assert ApiKey.objects.exists()
    assert client.post(at("remove", key)).status_code == 302
    assert not ApiKey.objects.exists()


def test_a_key_in_use_stays_and_says_why(client, user):
    key = make_key(user)
    make_task(user, key=key, status="running")
    response = client.post(at("remove", key), headers=HTMX)
    assert response.status_code == 422
    assert response["HX-Retarget"] == f"#key-{key.pk}"
    assert "1 task still uses this key." in response.content.decode()
    assert ApiKey.objects.exists()


def test_choosing_a_default(client, user):
    first, second = make_key(user, is_default=True), make_key(user)
    client.post(at("default", second), headers=HTMX)
    assert ApiKey.objects.get(is_default=True) == second
    first.refresh_from_db()
    assert not first.is_default


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_only_a_few_tests_a_minute(client, provider, user, headers):
    key = make_key(user)
    answers = [client.post(at("test", key), headers=headers) for _ in range(22)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 10 <= len(provider.seen) <= 20  # the minute may turn while this runs
    assert len(refused) == 22 - len(provider.seen)
    assert "Wait a minute and try again." in refused[0].content.decode()
    assert "Wait a minute" in refused[0]["HX-Trigger"]


def test_one_person_does_not_use_up_the_tests_of_another(client, provider, user):
    for _ in range(22):
        client.post(at("test", make_key(user)))
    other = make_user()
    client.force_login(other)
    assert client.post(at("test", make_key(other))).status_code == 302


def test_the_add_form_can_start_at_a_provider(client):
    text = client.get(reverse("key-add"), {"provider": "kkiai"}).content.decode()
    assert re.search(r'<option value="kkiai" selected', text)


def test_many_keys_cost_no_more_questions(client, user, django_assert_max_num_queries):
    for provider in ("vidu", "kkiai") * 8:
        make_key(user, provider)
    with django_assert_max_num_queries(8):
        assert client.get(reverse("keys")).status_code == 200
