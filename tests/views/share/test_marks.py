"""What guests save carries the marks that the team chose, and nothing that their link hides."""

import hashlib
import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from generation.media.clean_image import kept_parts, size_of_parts
from generation.media.provenance import xmp
from generation.media.provenance.carried import survey_file
from generation.media.provenance.parts import PartsFile, slice_parts
from generation.models import DeliveryRules, Media, Output
from tests.factories import make_video
from tests.media import sample_videos
from tests.media.test_provenance import streams
from tests.views.share.conftest import PROMPT
from tests.views.share.test_media import NEEDLE, body, get, noted_png, with_rendition
from tests.views.share.test_zip import ask, fetch

SOURCE = xmp.MADE_BY_MODEL.encode()


@pytest.fixture
def inside(shared, guest):
    assert guest.get(shared.path()).status_code == 200
    return guest


@pytest.fixture
def originals(shared):
    """Pictures with a prompt in their files."""
    shared.set(downloads="original")
    for output in shared.outputs:
        path = default_storage.save("test/noted.png", ContentFile(noted_png()))
        Media.objects.filter(pk=output.media_id).update(path=path, sha256="5a" * 32)


def choose(shared, **fields):
    DeliveryRules.objects.update_or_create(team=shared.link.team, defaults=fields)


def packet_of(data: bytes) -> bytes:
    return survey_file(io.BytesIO(data))[1].packet


def film_of(shared, user, kind, frames=8) -> bytes:
    data = sample_videos.video(frames=frames)
    row = make_video(user, NEEDLE, team=shared.link.team)
    Output.objects.filter(pk=shared.outputs[0].pk).update(media=row, kind="video")
    shared.outputs[0].refresh_from_db()
    with_rendition(row, kind=kind, data=data)
    return data


def test_a_picture_that_is_saved_carries_them_and_keeps_its_pixels(shared, inside, originals):
    plain = get(inside, shared, shared.outputs[0], "original")
    before, tag = body(plain), plain["ETag"]
    choose(shared, source_mark=True, aigc_keys=True)
    marked = get(inside, shared, shared.outputs[0], "original")
    data = body(marked)
    assert int(marked["Content-Length"]) == len(data)
    assert marked["ETag"] != tag
    assert SOURCE in packet_of(data)
    assert xmp.aigc_in(packet_of(data))["Label"] == "1"
    assert NEEDLE not in data
    pixels = [Image.open(io.BytesIO(one)).tobytes() for one in (before, data)]
    assert pixels[0] == pixels[1]
    part = get(inside, shared, shared.outputs[0], "original", Range="bytes=40-99")
    assert (part.status_code, body(part)) == (206, data[40:100])


@pytest.mark.parametrize(("variant", "kind"), [("original", "clean"), ("preview", "play")])
def test_a_film_that_is_saved_carries_them_and_keeps_its_streams(
    shared, inside, user, variant, kind
):
    shared.set(downloads="original")
    before = film_of(shared, user, kind)
    choose(shared, source_mark=True, aigc_keys=True)
    data = body(get(inside, shared, shared.outputs[0], variant, "?download"))
    assert SOURCE in packet_of(data)
    assert streams(data) == streams(before)
    if variant == "preview":  # what only plays is sent as it is
        assert body(get(inside, shared, shared.outputs[0], variant)) == before


def test_what_the_team_did_not_choose_is_not_in_it(shared, inside, originals):
    choose(shared, source_mark=False, aigc_keys=False)
    assert not packet_of(body(get(inside, shared, shared.outputs[0], "original")))


def test_a_zip_carries_them_too_and_nothing_that_is_hidden(shared, inside, originals, user):
    choose(shared, source_mark=True, aigc_keys=True, sidecar_in_zip=True)
    answer, data = fetch(inside, ask(inside, shared)["Location"])
    assert int(answer["Content-Length"]) == len(data)
    team, media = shared.link.team, shared.outputs[0].media
    hidden = [PROMPT, "canary", user.email, user.shown_name, team.name, media.path, str(team.pk)]
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.namelist() == [f"First selects {n}.png" for n in (1, 2, 3)]
        for name in found.namelist():
            one = found.read(name)
            assert SOURCE in packet_of(one)
            said = xmp.aigc_in(packet_of(one))
            assert {key for key, value in said.items() if value} == {
                "Label", "ContentProducer", "ProduceID",
            }  # fmt: skip
            assert said["ProduceID"] == "5a" * 16
    for one in hidden[:-1]:
        assert one.lower().encode() not in data.lower(), one


def test_the_settings_go_along_only_where_the_link_hides_nothing(shared, inside, originals, user):
    choose(shared, sidecar_in_zip=True, source_mark=True)
    for fields in ({"show_prompts": True}, {"show_prompts": False, "show_names": True}):
        shared.set(**fields)
        _answer, data = fetch(inside, ask(inside, shared)["Location"])
        assert ".json" not in str(zipfile.ZipFile(io.BytesIO(data)).namelist())
    shared.set(show_prompts=True, show_names=True)
    answer, data = fetch(inside, ask(inside, shared)["Location"])
    assert int(answer["Content-Length"]) == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        facts = json.loads(found.read("First selects 1.json"))
        sent = found.read("First selects 1.png")
    assert facts["prompt"].startswith(PROMPT)
    assert (facts["sha256"], facts["bytes"]) == (hashlib.sha256(sent).hexdigest(), len(sent))
    assert facts["created_by"] == user.shown_name
    text = json.dumps(facts)
    for one in (user.email, shared.outputs[0].media.path, "output", "cost", "project"):
        assert one not in text


@pytest.mark.parametrize("places", [(0, 4), (3, 9), (5, 40), (0, 0)])
def test_parts_are_read_and_cut_as_the_file_that_they_are(places):
    data = noted_png()
    parts = kept_parts(io.BytesIO(data))
    read = PartsFile(io.BytesIO(data), parts)
    whole = read.read()
    assert len(whole) == size_of_parts(parts)
    pieces = [
        one if isinstance(one, bytes) else data[one[0] : sum(one)]
        for one in slice_parts(parts, *places)
    ]
    assert b"".join(pieces) == whole[slice(*places)]
    read.seek(places[0])
    assert read.read(places[1] - places[0]) == whole[slice(*places)]
