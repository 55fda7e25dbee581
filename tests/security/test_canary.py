"""A key goes to its provider, and to no other place (S-KEY-1, 2, 3, 4, 6)."""

import asyncio
import base64
import secrets
import subprocess
from itertools import product
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django_q.tasks import async_task

from generation.engine import keys, provider_clients, reconcile, submit
from generation.engine.queue import wake
from generation.models import ApiKey, Task
from tests.factories import make_key, make_media, make_task, make_user
from tests.security.hostile import running
from tests.security.leaks import (
    assert_absent,
    assert_stored_nowhere,
    files,
    mails,
    queue_messages,
    records,
    table_values,
)
from tests.security.world import addresses

ECHO = {
    "code": 500,
    "reason": "{key}",
    "message": "the key {key} of Token {key} failed",
    "metadata": {"trace_id": "{key}"},
    "task_id": "{key}",
    "err_code": "{key}",
    "detail": [{"{key}": "{key}"}],
}
HTMX = {"HX-Request": "true"}


@pytest.fixture(params=["vda_CANARY_", "canary."])
def canary(request) -> str:
    """With and without the shape that the log filter knows: nothing may rest on it."""
    return request.param + secrets.token_urlsafe(24)


@pytest.fixture
def provider(settings):
    with running() as fake:
        settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, fake.url)
        yield fake


@pytest.fixture
def everywhere(canary, caplog, capfd):
    """After the test, the logs and what was printed; call it for answers and tables."""
    for name in ("", "django"):
        caplog.set_level("DEBUG", logger=name)

    def check(*responses):
        for response in responses:
            assert_absent(canary, response.getvalue(), response.headers, response.cookies)
        assert_stored_nowhere(canary)

    yield check
    assert_absent(canary, *records(caplog.get_records("call")), *capfd.readouterr())


@pytest.fixture
def key(user, canary, provider) -> ApiKey:
    return make_key(user, secret=canary, is_default=True)


def reverse_of(text: str) -> str:
    return text[::-1]


def quote_all(text: str) -> str:
    return quote(text, safe="")


def as_base64(text: str) -> str:
    return base64.b64encode(f"T{text}".encode()).decode()


def as_hex(text: str) -> str:
    return text.encode().hex()


def queued_task(user, key, **fields) -> Task:
    return make_task(user, key=key, provider=key.provider, **fields)


def add(client, canary, **more):
    typed = {"provider": "vidu", "label": "Studio", "secret": canary} | more
    return client.post(reverse("key-add"), typed)


@pytest.mark.parametrize("disguise", [str, reverse_of, quote_all, as_base64, as_hex])
def test_the_search_finds_a_key_in_every_disguise(user, canary, disguise):
    make_task(user, prompt=f"xx{disguise(canary)}")
    with pytest.raises(AssertionError, match="found in"):
        assert_stored_nowhere(canary)


def test_the_search_looks_into_files_letters_and_messages(user, canary):
    default_storage.save("leak.txt", ContentFile(f"a {canary}"))
    mail.send_mail("hello", f"key {canary}", "a@example.test", ["b@example.test"])
    async_task("generation.jobs.submit", canary)
    make_task(user, prompt=f"a {canary}")
    for place in (files(), mails(), queue_messages(), table_values()):
        with pytest.raises(AssertionError, match="found in"):
            assert_absent(canary, *place)
    default_storage.delete("leak.txt")


def test_the_owner_never_sees_a_key_again(client, user, provider, canary, everywhere):
    answers = [add(client, canary)]
    key = ApiKey.objects.get(user=user)
    assert key.secret() == canary
    provider.status = 401
    answers += [add(client, canary), add(client, f"{canary}x"), add(client, f"{canary} x")]
    answers.append(add(client, canary, provider="nobody", label="x" * 99))
    for name in ("key-replace", "key-test", "key-remove"):
        path = reverse(name, args=[key.pk])
        for headers in ({}, HTMX):
            answers += [client.get(path, headers=headers)]
            if name != "key-remove":
                answers += [client.post(path, {"secret": canary}, headers=headers)]
    everywhere(*answers)


def test_no_page_of_the_studio_holds_a_key(world, canary, everywhere):
    maker = world.people["maker"]
    key = ApiKey.objects.get(pk=world.things["key_id"])
    key.set_secret(canary)
    key.save()
    make_task(maker, key=key, provider="vidu", status="running")
    for actor, address in product(("maker", "owner"), addresses()):
        for response in world.answers(actor, address):
            assert_absent(canary, response.getvalue(), response.headers)
    everywhere()


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 500, 503])
def test_an_echo_of_the_provider_is_not_repeated(client, key, provider, everywhere, canary, status):
    provider.status, provider.body = status, ECHO
    provider.headers = {"X-Trace": canary, "Location": f"/elsewhere?key={canary}"}
    task = queued_task(key.user, key)
    submit.submit(task.pk)
    assert provider.seen[0][:2] == ("POST", "/ent/v2/reference2image")
    answers = [client.post(reverse("key-test", args=[key.pk]), headers=HTMX)]
    answers += [client.get(reverse("task", args=[task.pk])), client.get(reverse("keys"))]
    everywhere(*answers)


@pytest.mark.parametrize(
    "body", ["{key}", "<html>{key}", '{"error": {"message": "{key}"}}', "[{key}"]
)
def test_an_echo_without_any_form_is_not_repeated(client, key, provider, everywhere, body):
    provider.status, provider.body = 500, body
    task = queued_task(key.user, key)
    submit.submit(task.pk)
    keys.test(key)
    everywhere(client.get(reverse("keys")))


def test_a_poll_that_echoes_the_key_is_not_repeated(client, key, provider, everywhere):
    provider.body = ECHO | {"state": "failed", "id": "1"}
    task = queued_task(key.user, key, status="running", remote_id="1")
    reconcile.reconcile(task.pk)
    poll_once(task)
    everywhere(client.get(reverse("task", args=[task.pk])))
    assert provider.seen


def poll_once(task: Task) -> None:
    async def fetch() -> None:
        async with provider_clients.connect(task.provider, task.key) as provider:
            snapshot = await provider.fetch(task.remote_id)
            assert "CANARY" not in repr(snapshot)

    asyncio.run(fetch())


def test_a_closed_port_and_a_slow_provider_say_nothing(client, key, provider, everywhere, settings):
    provider.hang = True
    settings.SEND_SECONDS = 1
    keys_seconds, keys.TOTAL_SECONDS = keys.TOTAL_SECONDS, 0.2
    try:
        keys.test(key)
    finally:
        keys.TOTAL_SECONDS = keys_seconds
    ApiKey.objects.filter(pk=key.pk).update(base_url="http://127.0.0.1:9")
    settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, "http://127.0.0.1:9")
    submit.submit(queued_task(key.user, key).pk)
    everywhere(client.get(reverse("keys")))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> str:
    """Signed by nobody whom anybody trusts."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-keyout", folder / "key", "-out", folder / "cert"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_text((folder / "key").read_text() + (folder / "cert").read_text())
    return str(both)


def test_a_key_is_not_sent_over_bad_tls(client, user, canary, everywhere, certificate, settings):
    with running(certificate) as fake:
        settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, fake.url)
        key = make_key(user, secret=canary)
        keys.test(key)
        submit.submit(queued_task(user, key).pk)
        assert fake.seen == []
    everywhere(client.get(reverse("keys")))


def test_a_key_does_not_follow_a_redirect(key, provider):
    with running() as other:
        for status in (301, 302, 303, 307, 308):
            provider.status, provider.headers = status, {"Location": f"{other.url}/ent/v2/credits"}
            keys.test(key)
            submit.submit(queued_task(key.user, key).pk)
        assert other.seen == []
    assert len(provider.seen) >= 10


def test_a_key_stays_at_its_address(key, provider, settings):
    with running() as other:
        settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, other.url)
        task = queued_task(key.user, key)
        submit.submit(task.pk)
        keys.test(key)
        assert other.seen == provider.seen == []
    task.refresh_from_db()
    assert task.status == "failed"
    assert task.error


def test_a_blob_of_another_row_sends_nothing(key, provider):
    thief = make_key(make_user())
    ApiKey.objects.filter(pk=thief.pk).update(
        sealed=key.sealed, fingerprint=key.fingerprint, last4=key.last4
    )
    thief.refresh_from_db()
    task = queued_task(thief.user, thief)
    submit.submit(task.pk)
    keys.test(thief)
    task.refresh_from_db()
    assert provider.seen == []
    assert task.status == "failed"


def test_a_row_given_to_another_person_sends_nothing(key, provider):
    ApiKey.objects.filter(pk=key.pk).update(user=make_user())
    keys.test(ApiKey.objects.get(pk=key.pk))
    assert provider.seen == []


def test_an_image_address_gets_no_key(key, provider):
    with running() as other:
        media = make_media(key.user, source_url=f"{other.url}/a.png")
        task = queued_task(key.user, key)
        task.inputs.create(position=0, media=media)
        submit.submit(task.pk)
        assert not [seen for seen in other.seen if seen[2]]


@pytest.mark.parametrize("debug", [True, False])
def test_a_crash_while_a_key_is_typed_shows_and_logs_nothing(
    client, user, provider, canary, everywhere, settings, monkeypatch, debug
):
    settings.DEBUG = debug

    def fail(*_args: object, **_named: object) -> None:
        typed = _args  # noqa: F841  a debug page would print it
        raise RuntimeError("a fault")

    monkeypatch.setattr(keys, "refuse_duplicate", fail)
    client.raise_request_exception = False
    own = make_key(user, "kkiai")
    answers = [add(client, canary)]
    answers.append(client.post(reverse("key-replace", args=[own.pk]), {"secret": canary}))
    assert [answer.status_code for answer in answers] == [500, 500]
    everywhere(*answers)


def test_a_crash_inside_the_provider_logs_nothing(
    client, key, provider, everywhere, settings, monkeypatch
):
    settings.DEBUG = True
    monkeypatch.setattr("generation.providers.http.read", lambda *_: 1 / 0)
    client.raise_request_exception = False
    everywhere(client.post(reverse("key-test", args=[key.pk])))


def test_what_shows_an_object_shows_no_key(key, canary):
    client = provider_clients.connect(key.provider, key)
    shown = [repr(one) for one in (key, client, client.__dict__, vars(client.http))]
    assert_absent(canary, *shown, str(key), f"{key.__dict__!r}")


def test_queue_messages_hold_ids_alone(key, everywhere, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        queued_task(key.user, key)
        wake("send")
    everywhere()


def test_the_cache_holds_no_key(client, provider, canary):
    add(client, canary)
    assert_absent(canary, getattr(cache, "_cache", {}))
