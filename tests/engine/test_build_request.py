"""What of a task goes out: files, addresses, subjects, and the prompt as the model reads it."""

import pytest
from django.core import signing
from django.urls import reverse

from generation.catalogue import rules
from generation.engine.build_request import build_request
from generation.engine.registration import requests as registration_requests
from generation.engine.registration.requests import NotReady
from generation.engine.start import Start, start
from generation.models import Registration, RegistrationState
from tests.factories import (
    make_key,
    make_media,
    make_output,
    make_subject,
    make_task,
    project_of,
    team_of,
)


def begin(user, offer, inputs=None, subjects=(), key=None, **values):
    facts = {role: [one.facts for one in given] for role, given in (inputs or {}).items()}
    facts["subjects"] = [one.facts for one in subjects]
    row = rules.offer(*offer)
    made = Start(
        user, team_of(user), project_of(user), "intent", row, key,
        rules.check(row, values, facts), inputs or {}, subjects,
    )  # fmt: skip
    return start(made).tasks.get()


def kept(subject, provider, key, server_id="s-1"):
    return Registration.objects.create(
        subject=subject, provider=provider, key=key, state=RegistrationState.KEPT,
        server_id=server_id, shape=subject.shape,
    )  # fmt: skip


def make_video(user, **fields):
    facts = {"kind": "video", "format": "mp4", "mime": "video/mp4", "seconds": 5.0, "codec": "h264"}
    return make_media(user, 640, 360, **facts | fields)


def test_images_go_as_bytes_and_addresses_as_addresses(user):
    inputs = {"images": [make_media(user), make_media(user, source_url="https://x.test/a.png")]}
    request = build_request(begin(user, ("demo", "image", "viduq2"), inputs, prompt="A hill"))
    assert [(bool(one.data), one.url) for one in request.inputs["images"]] == [
        (True, ""), (False, "https://x.test/a.png"),
    ]  # fmt: skip


def test_a_video_goes_to_a_neighbour_by_a_link_that_opens_once_signed(user, settings, client):
    settings.LOCAL_URL = "http://127.0.0.1:8000"
    settings.PROVIDER_URLS = settings.PROVIDER_URLS | {"demo": "http://127.0.0.1:9/demo"}
    video = make_video(user)
    request = build_request(begin(user, ("demo", "upscale", "upscale-new"), {"videos": [video]}))
    url = request.inputs["videos"][0].url
    assert url.startswith("http://127.0.0.1:8000/inputs/")
    path = url.removeprefix("http://127.0.0.1:8000")
    answer = client.get(path)
    assert (answer.status_code, len(answer.getvalue())) == (200, video.bytes)
    token = path.split("/")[2]
    assert client.get(path.replace(token, token.swapcase())).status_code == 404
    foreign = signing.dumps(video.pk, salt="else")
    assert client.get(reverse("input", args=[foreign, "x.mp4"])).status_code == 404


def test_without_a_public_address_a_far_provider_gets_no_link(user, settings):
    settings.PUBLIC_URL, settings.LOCAL_URL = "", "http://127.0.0.1:8000"
    task = begin(
        user, ("vidu", "upscale", "upscale-new"), {"videos": [make_video(user)]}, key=make_key(user)
    )
    assert build_request(task).inputs["videos"][0].url == ""
    settings.PUBLIC_URL = "https://studio.example.test"
    assert (
        build_request(task)
        .inputs["videos"][0]
        .url.startswith("https://studio.example.test/inputs/")
    )


def test_what_the_same_key_made_goes_by_its_own_id(user):
    key = make_key(user)
    made = make_task(user, status="succeeded", provider="vidu", key=key, mode="text-video")
    video = make_output(user, made, media=make_video(user), kind="video", remote_id="777").media
    same = begin(user, ("vidu", "extend", "viduq2-pro"), {"videos": [video]}, key=key)
    assert build_request(same).inputs["videos"][0].creation_id == "777"
    other = make_task(user, mode="extend", provider="vidu", model_name="viduq2-pro",
                      key=make_key(user), values={})  # fmt: skip
    other.inputs.create(role="videos", position=0, media=video)
    assert build_request(other).inputs["videos"][0].creation_id == ""


def test_a_kept_subject_goes_by_its_id_and_images_become_subjects(user):
    mira = make_subject(user, "Mira")
    kept(mira, "demo", None, "s-7")
    request = build_request(
        begin(
            user,
            ("demo", "reference", "viduq3"),
            {"images": [make_media(user)]},
            [mira],
            prompt="@Mira looks at @image1",
        )
    )
    assert [(one.name, one.server_id, len(one.images)) for one in request.subjects] == [
        ("Mira", "s-7", 0), ("image1", "", 1),
    ]  # fmt: skip
    assert "images" not in request.inputs


def test_kkiai_has_no_library_so_a_subject_shows_its_images(user):
    mira = make_subject(user, "Mira")
    request = build_request(
        begin(user, ("kkiai", "reference", "viduq3"), {}, [mira], make_key(user, "kkiai"),
              prompt="@Mira sings")
    )  # fmt: skip
    assert [(one.name, one.server_id, len(one.images)) for one in request.subjects] == [
        ("Mira", "", 1)
    ]
    assert request.values["prompt"] == "[@Mira] sings"


def test_an_edited_subject_is_not_ready(user):
    mira = make_subject(user, "Mira")
    kept(mira, "demo", None)
    task = begin(user, ("demo", "reference", "viduq3"), {}, [mira], prompt="@Mira sings")
    assert build_request(task).subjects[0].server_id
    assert mira.edit(mira.version, mira.files, description="Older now")
    with pytest.raises(NotReady):
        build_request(task)
    assert registration_requests.to_register([mira], "demo", None) == []
