"""A stored byte is sent by one view, which asks who may see it (A2)."""

import time

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse

from generation.engine.build_request import LINK_SALT, LINK_SECONDS
from generation.forms.library_filter import FILTERS
from generation.models import Media, Membership, User

WAYS = [
    {}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}, {"If-Modified-Since": "0"},
    {"HX-Request": "true"}, {"Referer": "http://testserver/library/"},
]  # fmt: skip


@pytest.fixture
def media(world) -> Media:
    return Media.objects.get(pk=world.things["media_id"])


def addresses_of(world, media) -> list[str]:
    variants = [media.url, media.thumb_url, media.preview_url]
    return [*variants, f"/a/{world.things['output_id']}/download/"]


@pytest.mark.parametrize("headers", WAYS, ids=str)
@pytest.mark.parametrize("actor", ["stranger", "removed", "inactive", "anon"])
def test_no_request_opens_a_foreign_file(world, media, actor, headers):
    for path in addresses_of(world, media):
        for method in ("GET", "HEAD"):
            response = world.client(actor).generic(method, path, headers=headers)
            assert response.status_code in (404, 302, 401), path
            assert "ETag" not in response.headers
            assert "Content-Range" not in response.headers


def test_a_known_etag_reveals_nothing_to_a_stranger(world, media):
    tag = world.client("maker").head(media.url)["ETag"]
    for headers in ({"If-None-Match": tag}, {"If-Range": tag, "Range": "bytes=0-1"}):
        assert world.client("stranger").get(media.url, headers=headers).status_code == 404


def test_who_leaves_the_team_loses_its_files_at_once(world, media):
    browser, member = world.client("member"), world.people["member"]
    assert browser.get(media.url).getvalue()
    Membership.objects.filter(team=world.team, user=member).delete()
    assert browser.get(media.url).status_code == 404


def test_who_is_suspended_loses_them_too(world, media):
    browser = world.client("member")
    User.objects.filter(pk=world.people["member"].pk).update(is_active=False)
    assert browser.get(media.url).status_code == 404


def test_no_stored_file_has_a_public_address(world, media):
    folders = ("/", "/media/", "/static/", "/static/../", "/static/../media/", "/var/media/",
               "/static/%2e%2e/media/", "/data/", "/files/", "/storage/")  # fmt: skip
    kept = ("secrets/secret_key", "secrets/data_key", "studio.sqlite3", "media/", "cache/", "")
    for name in (media.path, media.thumb_path, media.preview_path, *kept):
        for folder in folders:
            if folder + name != "/":
                response = world.client("maker").get(folder + name)
                assert response.status_code in (400, 404), folder + name


def test_files_are_for_the_owner_of_the_process_alone(media):
    folder = settings.DATA_DIR / "media"
    stored = [folder / name for name in (media.path, media.thumb_path, media.preview_path)]
    assert {path.stat().st_mode & 0o777 for path in stored} == {0o600}


def link_to(pk, salt=LINK_SALT) -> str:
    return reverse("input", args=[signing.dumps(pk, salt=salt), "film.mp4"])


def test_a_signed_link_opens_its_one_file_for_a_provider(media):
    far = Client()  # a provider has no log-in
    answer = far.get(link_to(media.pk))
    assert (answer.status_code, len(answer.getvalue())) == (200, media.bytes)
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Type"] == media.mime
    part = far.get(link_to(media.pk), headers={"Range": "bytes=2-5"})
    assert (part.status_code, len(part.getvalue())) == (206, 4)
    assert not far.cookies
    assert far.post(link_to(media.pk)).status_code in (403, 405)


def test_a_link_that_nobody_signed_for_this_opens_nothing(media, world):
    good = link_to(media.pk).split("/")[2]
    body, stamp, mark = good.split(":")
    other = signing.b64_encode(str(media.pk + 1).encode()).decode()
    forged = [
        f"{other}:{stamp}:{mark}", f"{body}:{stamp}0:{mark}", f"{body}:{stamp}:{mark[:-1]}", body,
        f"{body}:{stamp}:", good.swapcase(), signing.dumps(media.pk), FILTERS.sign_object(media.pk),
        signing.dumps(media.pk, salt="library.after"), signing.dumps(10**30, salt=LINK_SALT),
    ]  # fmt: skip
    for token in forged:
        for browser in (Client(), world.client("maker")):
            path = reverse("input", args=[token, "film.mp4"])
            assert browser.get(path).status_code == 404, token


def test_a_signed_link_ends(media, monkeypatch):
    path, now = link_to(media.pk), time.time()
    monkeypatch.setattr(time, "time", lambda: now + LINK_SECONDS - 10)
    assert Client().get(path).getvalue()
    monkeypatch.setattr(time, "time", lambda: now + LINK_SECONDS + 10)
    assert Client().get(path).status_code == 404


def test_a_signed_link_ends_with_its_file(media):
    path = link_to(media.pk)
    Media.objects.filter(pk=media.pk).update(path="gone/away.png")
    assert Client().get(path).status_code == 404
