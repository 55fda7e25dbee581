"""Serving stored files: who may, which bytes, under which headers."""

from dataclasses import asdict

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from generation.media import images, storage
from generation.models import Media, Role
from generation.views.files.media import FileSection, Unsatisfiable, parse_range
from tests.factories import make_media, make_member, make_user, png, team_of

LETTERS = bytes(range(97, 123)) * 4


@pytest.fixture
def media(user):
    stored = images.take_file(png(200, 200))
    return Media.objects.create(team=team_of(user), created_by=user, **asdict(stored))


@pytest.fixture
def letters(user):
    """A file whose bytes tell their place."""
    path = default_storage.save("zz/letters.png", ContentFile(LETTERS))
    yield make_media(user, path=path, bytes=len(LETTERS), sha256="a" * 64)
    storage.delete(path)


def get(browser, address, **headers):
    """Read the answer to its end, as a server does."""
    response = browser.get(address, headers=headers)
    response.data = b"".join(response.streaming_content) if response.streaming else response.content
    return response


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("variant", ["thumb", "preview", "original"])
def test_a_member_gets_every_variant(client, media, variant):
    response = get(client, f"/media/{media.pk}/{variant}/")
    name = {"thumb": media.thumb_path, "preview": media.preview_path, "original": media.path}
    with default_storage.open(name[variant]) as file:
        assert response.data == file.read()
    assert response["Content-Type"] == ("image/png" if variant == "original" else "image/webp")


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("variant", ["thumb", "preview", "original"])
def test_strangers_and_visitors_find_nothing(media, visitor, variant, method):
    address = f"/media/{media.pk}/{variant}/"
    for browser in (visitor, as_user(make_user())):
        assert getattr(browser, method)(address).status_code == 404
        assert getattr(browser, method)(address, headers={"range": "bytes=0-9"}).status_code == 404


def test_viewers_see_and_removed_or_suspended_people_do_not(media, user):
    viewer = make_member(team_of(user), Role.VIEWER)
    browser, address = as_user(viewer), media.thumb_url
    assert get(browser, address).status_code == 200
    viewer.memberships.all().delete()
    assert get(browser, address).status_code == 404
    gone = make_member(team_of(user))
    browser = as_user(gone)
    gone.is_active = False
    gone.save()
    assert get(browser, address).status_code == 404


@pytest.mark.parametrize(
    "path", ["{}/huge/", "{}/path/", "99999999999999999999/thumb/", "0/thumb/", "{}/../original/"]
)
def test_what_is_not_there_is_404(client, media, path):
    assert get(client, "/media/" + path.format(media.pk)).status_code == 404


def test_nothing_changes_a_file_by_its_address(client, media):
    for method in (client.post, client.put, client.delete, client.patch):
        assert method(media.url).status_code == 405


def test_a_lost_file_is_404(client, media):
    storage.delete(media.path)
    assert get(client, media.url).status_code == 404
    media.preview_path = ""
    media.save()
    assert get(client, media.preview_url).status_code == 404


def test_the_headers_let_a_browser_do_nothing_but_show_it(client, media):
    response = get(client, media.url)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, max-age=3600"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize(("kind", "mime"), [("video", "video/mp4"), ("audio", "audio/mpeg")])
def test_videos_and_audio_may_play_in_a_page_of_their_own(client, media, kind, mime):
    """The page that a browser makes for one fetches it as media; nothing else is let in."""
    Media.objects.filter(pk=media.pk).update(kind=kind, mime=mime)
    response = get(client, media.url)
    assert response["Content-Type"] == mime
    allowed = "default-src 'none'; media-src 'self'; sandbox allow-same-origin"
    assert response["Content-Security-Policy"] == allowed
    assert get(client, media.thumb_url)["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_everything_opens_in_place_under_a_harmless_name(client, media):
    media.name = 'my "evil"\r\nX-Evil: 1\u202e.html'
    media.save()
    response = get(client, media.url)
    assert response["Content-Disposition"] == 'inline; filename="my _evil_ X-Evil_ 1.png"'
    assert "X-Evil" not in response


def test_head_has_the_length_and_sends_nothing(client, letters):
    response = client.head(letters.url, headers={"range": "bytes=0-4"})
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(LETTERS))
    assert response["Accept-Ranges"] == "bytes"
    assert response.content == b""


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("5-9", 5, 9), ("100-", 100, 103), ("-4", 100, 103), ("-9999", 0, 103),
     ("0-9999", 0, 103), ("103-103", 103, 103)],
)  # fmt: skip
def test_one_range_is_sent_alone(client, letters, asked, first, last):
    response = get(client, letters.url, range=f"bytes={asked}")
    assert response.status_code == 206
    assert response.data == LETTERS[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/104"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes=104-", "bytes=9999-10000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(client, letters, asked):
    response = get(client, letters.url, range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */104"
    assert response.data == b""


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-6", "bytes=9-3", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b", "x" * 99],
)
def test_anything_but_a_single_range_gets_the_full_file(client, letters, asked):
    response = get(client, letters.url, range=asked)
    assert response.status_code == 200
    assert response.data == LETTERS


def test_a_range_of_another_version_gets_the_full_file(client, letters):
    etag = get(client, letters.url)["ETag"]
    same = get(client, letters.url, **{"range": "bytes=0-1", "if-range": etag})
    other = get(client, letters.url, **{"range": "bytes=0-1", "if-range": '"old"'})
    assert (same.data, other.data) == (LETTERS[:2], LETTERS)


def test_what_the_browser_has_is_not_sent_again_nor_even_opened(client, letters, monkeypatch):
    etag = get(client, letters.url)["ETag"]
    monkeypatch.setattr("generation.views.files.media.open_stored", None)
    response = get(client, letters.url, **{"if-none-match": f'W/"x", {etag}'})
    assert response.status_code == 304
    assert response.content == b""
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_variants_do_not_share_a_tag(client, media):
    tags = {get(client, f"/media/{media.pk}/{name}/")["ETag"] for name in ("thumb", "original")}
    assert len(tags) == 2


def test_the_file_is_closed_when_the_answer_is(client, letters):
    response = client.get(letters.url)
    section = response._resource_closers[0].__self__
    assert isinstance(section, FileSection)
    response.close()
    assert section.file.closed


def test_one_query_beyond_knowing_the_person(client, media, django_assert_num_queries):
    with django_assert_num_queries(3):
        get(client, media.thumb_url)


def test_an_empty_file_has_no_ranges():
    assert parse_range("", 0) is None
    with pytest.raises(Unsatisfiable):
        parse_range("bytes=0-", 0)


@given(st.text("bytes=-0123456789, ", max_size=30), st.integers(0, 200))
def test_a_range_never_leaves_the_file(header, size):
    try:
        span = parse_range(header, size)
    except Unsatisfiable:
        return
    if span:
        assert 0 <= span[0] <= span[1] < size
