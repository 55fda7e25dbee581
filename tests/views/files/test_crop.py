"""Cropping an image of the form: who may, what is refused, and what comes of it."""

import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.models import Batch, Media, Role
from tests.factories import (
    make_media,
    make_member,
    make_output,
    make_user,
    png,
    project_of,
    team_of,
)

HTMX = {"HTTP_HX_REQUEST": "true"}
FRAME = {"crop-shape": "free", "crop-left": 0, "crop-top": 0, "crop-width": 400, "crop-height": 300}
MODEL = "demo/viduq3-pro"


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def ids(response):
    return re.findall(r'<input type="hidden" name="images" value="(\d+)"', text(response))


def frame_in(response):
    return dict(re.findall(r'name="(crop-(?!shape)\w+)" value="(\d+)"', text(response)))


def url(media, *others, mode="start-end"):
    more = "".join(f"&images={one.pk}" for one in (others and (media, *others)))
    return f"/uploads/{media.pk}/crop/?for=images&mode={mode}&model={MODEL}{more}"


def pair(user):
    return make_media(user, 640, 360, name="a.png"), make_media(user, 600, 800, name="b.png")


def form(user, *files, **fields):
    given = {"project": project_of(user).slug, "model": MODEL, "count": "1", "prompt": "Kept"}
    return given | {"images": [one.pk for one in files]} | fields


def test_the_dialog_begins_with_the_largest_frame_of_the_other_images_shape(client, user):
    start, end = pair(user)
    page = client.get(url(end, start), **HTMX)
    assert "Crop to match" in text(page)
    assert "<html" not in text(page)
    values = dict(re.findall(r'name="(crop-\w+)" value="(\d+)"', text(page)))
    assert values == {
        "crop-left": "0",
        "crop-top": "231",
        "crop-width": "600",
        "crop-height": "337",
    }
    assert "<html" in text(client.get(url(end, start)))


def test_a_crop_is_an_image_of_its_own_and_the_original_stays(client, user):
    media = make_media(user, 600, 800, name="portrait.png")
    made = client.post(url(media), FRAME, **HTMX)
    crop = Media.objects.exclude(pk=media.pk).get()
    assert ids(made) == [str(crop.pk)]
    assert "dialog:close" in made["HX-Trigger"]
    assert (crop.width, crop.height, crop.name) == (400, 300, "Cropped: portrait")
    assert (crop.team, crop.created_by, crop.uploaded) == (team_of(user), user, True)
    assert crop.cropped_from == media
    again = client.post(url(crop), {"original": "1"}, **HTMX)
    assert ids(again) == [str(media.pk)]


def test_a_crop_of_a_crop_still_leads_to_the_original(client, user):
    media = make_media(user, 600, 800)
    client.post(url(media), FRAME)
    first = Media.objects.get(cropped_from=media)
    client.post(url(first), FRAME | {"crop-width": 200, "crop-height": 200})
    assert Media.objects.get(width=200).cropped_from == media


def test_a_crop_that_matches_gets_the_size_of_the_other(client, user):
    start, end = pair(user)
    frame = {"crop-shape": "like", "crop-left": 0, "crop-top": 231, "crop-width": 600,
             "crop-height": 337}  # fmt: skip
    client.post(url(end, start), frame, **HTMX)
    crop = Media.objects.get(cropped_from=end)
    assert (crop.width, crop.height) == (640, 360)


def test_without_script_the_page_leads_back_to_the_form_with_the_crop_in_place(client, user):
    start, end = pair(user)
    answer = client.post(url(end, start), FRAME)
    crop = Media.objects.get(cropped_from=end)
    assert answer.status_code == 302
    assert answer.url.startswith("/create/start-end/?")
    assert ids(client.get(answer.url)) == [str(crop.pk), str(start.pk)]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"crop-width": 100}, "A crop of 100 x 300 pixels is too small for this model."),
        ({"crop-width": 601}, "The frame leaves the image, which is 600 pixels wide."),
        ({"crop-left": 300}, "The frame leaves the image, which is 600 pixels wide."),
        ({"crop-width": ""}, "Enter a whole number of pixels."),
        ({"crop-left": "-5"}, "Enter a whole number of pixels."),
        ({"crop-top": "9" * 50}, "The frame leaves the image, which is 800 pixels high."),
        ({"crop-shape": "1:1"}, "In this shape, a width of 400 has a height of 400."),
        ({"crop-shape": "nonsense"}, "Choose one of these shapes."),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_what_was_typed_stays(
    client, user, wrong, sentence
):
    media = make_media(user, 600, 800)
    answer = client.post(url(media), FRAME | wrong, **HTMX)
    assert answer.status_code == 422
    assert sentence in words(answer)
    if "crop-shape" not in wrong:
        name, value = next(iter(wrong.items()))
        assert f'name="{name}" value="{value}"' in text(answer)
    assert Media.objects.count() == 1


def test_the_largest_frame_of_a_shape_can_be_had_without_script(client, user):
    media = make_media(user, 600, 800)
    page = client.post(url(media), FRAME | {"crop-shape": "1:1", "fit": "1"})
    values = dict(re.findall(r'name="(crop-\w+)" value="(\d+)"', text(page)))
    assert values == {
        "crop-left": "0",
        "crop-top": "100",
        "crop-width": "600",
        "crop-height": "600",
    }
    assert Media.objects.count() == 1


def test_an_image_of_another_team_is_not_there(client, user):
    foreign = make_media(make_user(), 600, 800)
    assert client.get(url(foreign)).status_code == 404
    assert client.post(url(foreign), FRAME).status_code == 404
    own = make_media(user, 600, 800)
    page = client.get(url(own, foreign), **HTMX)
    assert "Crop to match" not in text(page)
    assert str(foreign.thumb_url) not in text(page)
    assert Media.objects.count() == 2


def test_who_may_not_create_may_not_crop(user):
    media = make_media(user, 600, 800)
    client = Client()
    client.force_login(make_member(team_of(user), Role.VIEWER))
    assert client.get(url(media)).status_code == 404
    assert client.post(url(media), FRAME).status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?for=images", "?for=images&mode=text-video", "?for=prompt&mode=start-end",
              "?for=images&mode=nothing"],
)  # fmt: skip
def test_what_no_form_asks_is_not_there(client, user, query):
    media = make_media(user, 600, 800)
    assert client.get(f"/uploads/{media.pk}/crop/{query}").status_code == 404


def test_an_output_can_be_cropped_and_stays_in_the_library(client, user):
    output = make_output(user, media=make_media(user, 600, 800, uploaded=False, carried="ai"))
    client.post(url(output.media), FRAME)
    crop = Media.objects.get(cropped_from=output.media)
    assert (crop.uploaded, crop.carried) == (True, "ai")


def test_a_broken_image_is_refused_in_one_sentence(client, user):
    media = make_media(user, 600, 800)
    with default_storage.open(media.path, "wb") as file:
        file.write(b"no image")
    answer = client.post(url(media), FRAME, **HTMX)
    assert answer.status_code == 422
    assert "This file is not an image." in words(answer)


# --- In the form of Create ------------------------------------------------------------------------


def test_two_frames_that_differ_offer_a_crop_of_either(client, user):
    start, end = pair(user)
    page = client.post("/create/start-end/fields/", form(user, start, end), **HTMX)
    for label, media in (("end", end), ("start", start)):
        assert f"Crop the {label} frame to match" in words(page)
        assert f'value="crop:images:{media.pk}"' in text(page)
    refused = client.post("/create/start-end/", form(user, start, end))
    assert refused.status_code == 422
    assert "differ too much in shape" in words(refused)
    assert "Crop the end frame to match" in words(refused)


def test_without_script_a_crop_stands_in_the_form_and_loses_nothing(client, user):
    start, end = pair(user)
    fields = form(user, start, end)
    opened = client.post("/create/start-end/", fields | {"edit": f"crop:images:{end.pk}"})
    assert f'value="cropped:images:{end.pk}"' in text(opened)
    assert "Kept</textarea>" in text(opened)
    frame = frame_in(opened) | {"crop-shape": "like"}
    wrong = frame | {"crop-width": "5", "edit": f"cropped:images:{end.pk}"}
    again = client.post("/create/start-end/", fields | wrong)
    assert "A crop of 5 x 337 pixels is too small" in words(again)
    made = client.post("/create/start-end/", fields | frame | {"edit": f"cropped:images:{end.pk}"})
    crop = Media.objects.get(cropped_from=end)
    assert ids(made) == [str(start.pk), str(crop.pk)]
    assert "Kept</textarea>" in text(made)
    assert "Crop the" not in words(made)
    back = form(user, start, crop, edit=f"original:images:{crop.pk}")
    assert ids(client.post("/create/start-end/", back)) == [str(start.pk), str(end.pk)]
    assert client.post("/create/start-end/", form(user, start, crop)).status_code == 302
    assert Batch.objects.count() == 1


def test_an_image_that_is_too_long_and_narrow_is_taken_in_and_offers_a_crop(client, user):
    asked = {"file": SimpleUploadedFile("strip.png", png(1_600, 200)), "for": "images"}
    taken = client.post("/uploads/?for=images", asked | {"mode": "image-video", "model": MODEL})
    strip = Media.objects.get()
    assert ids(taken) == [str(strip.pk)]
    page = client.post("/create/image-video/fields/", form(user, strip), **HTMX)
    assert "too long and narrow" in words(page)
    assert "Crop image 1 to fit" in words(page)
    refused = client.post("/create/image-video/", form(user, strip))
    assert refused.status_code == 422
    values = frame_in(client.get(url(strip, mode="image-video"), **HTMX))
    assert values["crop-width"] == "800"
    client.post(url(strip, mode="image-video"), values | {"crop-shape": "free"})
    crop = Media.objects.get(cropped_from=strip)
    assert client.post("/create/image-video/", form(user, crop)).status_code == 302


@pytest.mark.parametrize("size", [(4_000, 1), (1, 1)])
def test_an_image_of_one_line_is_refused_by_its_size(client, size):
    asked = {"file": SimpleUploadedFile("line.png", png(*size)), "for": "images"}
    answer = client.post("/uploads/?for=images", asked | {"mode": "image-video", "model": MODEL})
    assert answer.status_code == 422
    assert "at least 128 x 128" in words(answer)


def test_only_images_of_create_have_a_crop_button(client, user):
    media = make_media(user, 600, 800)
    tile = client.post("/uploads/?for=images", {"file": SimpleUploadedFile("a.png", png(300, 300)),
                                                "mode": "subject"})  # fmt: skip
    assert "crop:" not in text(tile)
    page = client.get(f"/create/image-video/?images={media.pk}")
    assert f'value="crop:images:{media.pk}"' in text(page)
