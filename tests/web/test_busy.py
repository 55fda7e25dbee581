"""Views that wait for others or decode: where they run, and what they say when there is no room."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generation.models import ApiKey, Media
from generation.web.lanes import FILES, LINKS, PAGES, REFUSED_BY, RUNS_IN
from tests.factories import make_key, make_media, make_output, make_video, png

URL = "https://pictures.example/one.png"
BUSY = "The studio is busy with other links; try again in a moment."
BUSY_FILES = "The studio is busy with other files; try again in a moment."


def picture():
    return SimpleUploadedFile("one.png", png(), "image/png")


def full(lane):
    return {RUNS_IN: PAGES, REFUSED_BY: lane, "HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize(
    ("path", "data", "lane"),
    [
        ("/uploads/", {"url": URL}, LINKS),
        ("/uploads/", {"file": picture}, FILES),
        ("/create/image/", {"images_url": URL}, LINKS),
        ("/create/image/", {"new_images": picture}, FILES),
        ("/create/image-video/", {"edit": "ideas"}, LINKS),
        ("/create/image/", {"prompt": "A boat"}, ""),
        ("/create/suggest/", {}, LINKS),
        ("/subjects/new/", {"images_url": URL}, LINKS),
        ("/subjects/new/", {"new_images": picture}, FILES),
        ("/subjects/new/", {"name": "Boat"}, ""),
        ("/settings/keys/add/", {"provider": "vidu", "secret": "vda_1"}, LINKS),
        ("/settings/keys/{key}/test/", {}, LINKS),
        ("/settings/keys/{key}/replace/", {"secret": "vda_2"}, LINKS),
        ("/uploads/{media}/smaller/", {}, FILES),
        ("/a/{output}/frame/", {"seconds": "1"}, FILES),
    ],
)
def test_each_runs_in_its_lane(client, user, path, data, lane):
    media = make_video(user, seconds=5)
    rows = {
        "key": make_key(user).pk,
        "media": make_media(user).pk,
        "output": make_output(user, media=media).pk,
    }
    before = Media.objects.count(), ApiKey.objects.count()
    data = {name: value() if callable(value) else value for name, value in data.items()}
    answer = client.post(path.format(**rows), data, **{RUNS_IN: PAGES})
    assert getattr(answer, "lane", "") == lane
    assert (Media.objects.count(), ApiKey.objects.count()) == before


@pytest.mark.parametrize(
    ("data", "lane", "sentence"),
    [({"url": URL}, LINKS, BUSY), ({"file": picture}, FILES, BUSY_FILES)],
)
def test_a_tile_says_that_the_studio_is_busy(client, data, lane, sentence):
    data = {name: value() if callable(value) else value for name, value in data.items()}
    answer = client.post("/uploads/", data, **full(lane))
    assert answer.status_code == 503
    assert sentence in answer.content.decode()
    assert not Media.objects.exists()


def test_a_form_without_scripts_keeps_the_address(client):
    data = {"images_url": URL, "edit": "pick:images:", "prompt": "A boat"}
    page = client.post("/create/image/", data, **{RUNS_IN: PAGES, REFUSED_BY: LINKS})
    assert f"{URL}: {BUSY}" in page.content.decode()


def test_a_key_that_is_typed_stays_in_the_page(client, user):
    data = {"provider": "vidu", "label": "", "secret": "vda_1234567"}
    answer = client.post("/settings/keys/add/", data, **full(LINKS))
    assert answer.status_code == 204, "nothing of the page is replaced"
    assert BUSY in answer["HX-Trigger"]
    assert not ApiKey.objects.exists()


def test_ideas_say_that_the_studio_is_busy(client, user):
    media = make_media(user)
    answer = client.post(
        "/create/suggest/", {"model": "demo/viduq2-turbo", "images": media.pk}, **full(LINKS)
    )
    assert BUSY in answer.content.decode()
