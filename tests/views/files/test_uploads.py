"""Reference pictures arriving by file and by address, and leaving again."""

import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.engine.build_request import build_request
from generation.media import images, storage
from generation.models import Media, Role, TaskInput
from tests.factories import make_media, make_member, make_task, make_user, png, project_of, team_of
from tests.media.corpus import GIF, JPEG, NEEDLE, PNG, WEBP, moving
from tests.media.faults import plant_image
from tests.outbound.network import moved, ok, server

URL = "/uploads/"


def file(data=PNG, name="lamp.png"):
    return SimpleUploadedFile(name, data, "image/png")


def as_member(team, role):
    client = Client()
    client.force_login(make_member(team, role))
    return client


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_an_upload_becomes_a_tile_that_the_form_can_carry(client, user):
    response = client.post(URL, {"file": file()})
    media = Media.objects.get()
    assert response.status_code == 200
    assert f'<input type="hidden" name="images" value="{media.pk}">' in text(response)
    assert f'src="/media/{media.pk}/thumb/"' in text(response)
    assert (media.team, media.created_by, media.uploaded) == (team_of(user), user, True)
    assert (media.name, media.width, media.height, media.mime) == (
        "lamp.png",
        320,
        240,
        "image/png",
    )
    assert b"PNG" in b"".join(client.get(media.url).streaming_content)


def test_a_hostile_name_is_shown_as_text(client):
    response = client.post(URL, {"file": file(name='"><img src=x onerror=alert(1)>.png')})
    assert "<img src=x" not in text(response)
    assert "&lt;img src=x onerror=alert(1)&gt;" in text(response)
    assert Media.objects.get().name == '"><img src=x onerror=alert(1)>.png'


def test_the_type_that_a_browser_claims_counts_for_nothing(client):
    client.post(URL, {"file": SimpleUploadedFile("a.svg", JPEG, "image/svg+xml")})
    assert Media.objects.get().mime == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "message"),
    [(GIF, "This is a GIF. Use PNG, JPEG or WebP."), (b"", "This file is empty."),
     (b"<script>1</script>", "This file is not an image."), (png(64, 64), "at least 128 x 128")],
)  # fmt: skip
def test_what_cannot_be_taken_is_a_tile_with_one_sentence(client, data, message):
    response = client.post(URL, {"file": file(data, "a<b>.png")})
    assert response.status_code == 422
    assert message in text(response)
    assert "a&lt;b&gt;.png" in text(response)
    assert not Media.objects.exists()


def test_a_fault_of_the_studio_is_not_blamed_on_the_file(client, monkeypatch, tmp_path):
    plant_image(monkeypatch, tmp_path)
    response = client.post(URL, {"file": file()})
    assert response.status_code == 422
    assert "The studio itself failed on this file" in text(response)
    assert "damaged" not in text(response)
    assert not Media.objects.exists()


def test_a_form_without_an_image_says_what_to_do(client):
    response = client.post(URL, {"url": "  "})
    assert response.status_code == 422
    assert "Choose an image, or paste its link." in text(response)


def test_unknown_models_fall_back_to_the_usual_limits(client):
    client.post(URL, {"file": file(), "mode": "image", "model": "vidu/viduq2"})
    client.post(URL, {"file": file(), "mode": "x", "model": "../../etc"})
    assert Media.objects.count() == 2


class Unreadable:
    """A body that fails the test when it is read."""

    def read(self, *_):
        raise AssertionError

    readline = read


@pytest.fixture
def intake(settings):
    if "generation.web.upload_limits.Intake" not in settings.FILE_UPLOAD_HANDLERS:
        first = "generation.web.upload_limits.Intake"
        settings.FILE_UPLOAD_HANDLERS = [first, *settings.FILE_UPLOAD_HANDLERS]


@pytest.fixture
def announce(user, settings, intake):
    """Send a form of so many megabytes, which is never read, with a valid token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.cookies[settings.CSRF_COOKIE_NAME] = token = "a" * 32

    def send(address, megabytes):
        more = {"CONTENT_LENGTH": str(megabytes << 20), "wsgi.input": Unreadable()}
        kind = "multipart/form-data; boundary=x"
        return client.post(address, content_type=kind, headers={"X-CSRFToken": token}, **more)

    return send


@pytest.mark.parametrize(("name", "most"), [("images", 50), ("videos", 500), ("sounds", 100)])
def test_each_input_has_a_bound_of_its_own(announce, name, most):
    response = announce(f"{URL}?for={name}", most + 3)
    assert response.status_code == 413
    assert f"up to {most} MB" in text(response)


def test_too_much_is_refused_before_it_is_read(announce):
    response = announce(URL, 53)
    assert response.status_code == 413
    assert "up to 50 MB" in text(response)


def test_other_forms_take_no_large_bodies(announce):
    assert announce("/settings/profile/", 7).status_code == 400


def test_small_forms_pass_the_intake(client, intake):
    assert client.post(URL, {"file": file()}).status_code == 200


def test_a_full_disk_is_reported_as_such(client, monkeypatch):
    monkeypatch.setattr(storage, "enough_space", lambda _: False)
    response = client.post(URL, {"file": file()})
    assert response.status_code == 507
    assert "disk is full" in text(response)


def test_no_file_stays_when_the_row_cannot_be_made(client, monkeypatch):
    kept = []
    take = images.take_file
    monkeypatch.setattr(images, "take_file", lambda *a: kept.append(take(*a)) or kept[0])
    monkeypatch.setattr(Media.objects, "create", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client.post(URL, {"file": file()})
    paths = (kept[0].path, kept[0].thumb_path, kept[0].preview_path)
    assert not any(default_storage.exists(path) for path in paths)


def test_viewers_and_visitors_cannot_upload(user, visitor):
    viewer = as_member(team_of(user), Role.VIEWER)
    assert viewer.post(URL, {"file": file()}).status_code == 404
    assert visitor.post(URL, {"file": file()}).status_code == 302
    assert visitor.post(URL, headers={"HX-Request": "true"}).status_code == 401
    assert not Media.objects.exists()


def test_uploading_is_never_a_get(client):
    assert client.get(URL).status_code == 405
    assert client.get("/uploads/1/remove/").status_code == 405


# --- By address -------------------------------------------------------------------------------


def test_an_image_by_address_is_kept_as_our_own_copy(client, settings):
    with server(ok(JPEG + NEEDLE, "Content-Type: text/html")) as (port, _):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
        address = f"http://127.0.0.1:{port}/pics/my%20cat.jpg?sig=1"
        response = client.post(URL, {"url": f" {address} "})
    media = Media.objects.get()
    assert response.status_code == 200
    assert (media.name, media.source_url, media.mime) == ("my cat.jpg", address, "image/jpeg")
    assert NEEDLE not in b"".join(client.get(media.url).streaming_content)
    assert address not in text(response)


def test_an_hls_address_is_handed_on_where_a_page_takes_one_and_no_piece_is_fetched(
    client, user, settings
):
    pieces = b"#EXTM3U\n#EXTINF:4,\na.ts\n#EXTINF:4,\nhttp://127.0.0.1:1/b.ts\n#EXT-X-ENDLIST\n"
    asked = {"mode": "upscale", "model": "demo/upscale-new", "for": "videos"}
    with server(ok(pieces), ok(pieces)) as (port, seen):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
        asked["url"] = address = f"http://127.0.0.1:{port}/film.m3u8"
        taken = client.post(URL, asked)
        other = client.post(URL, asked | {"mode": "extend", "model": "demo/viduq2-pro"})
        assert [one.split()[1] for one in seen] == [b"/film.m3u8"] * 2
    assert (taken.status_code, other.status_code) == (200, 422)
    assert "not a video" in text(other)
    media = Media.objects.get()
    assert (media.format, media.seconds, media.source_url) == ("hls", 8, address)
    made = make_task(user, mode="upscale", model_name="upscale-new", values={"resolution": "1080p"})
    TaskInput.objects.create(task=made, media=media, role="videos", position=0)
    [video] = build_request(made).inputs["videos"]
    assert (video.url, video.data) == (address, b"")


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{}/a.png", "http://localhost:{}/", "file:///etc/passwd", "not an address",
     "http://169.254.169.254/", "http://[", "http://a.test/" + "x" * 3_000],
)  # fmt: skip
def test_addresses_of_the_inside_are_refused_without_a_visit(client, address):
    with server(ok(PNG)) as (port, seen):
        response = client.post(URL, {"url": address.format(port)})
    assert response.status_code == 422
    assert seen == []
    assert not Media.objects.exists()


def test_what_lies_behind_an_address_is_judged_like_a_file(client, settings):
    with server(ok(GIF), moved("http://127.0.0.1:1/")) as (port, _):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
        first = client.post(URL, {"url": f"http://127.0.0.1:{port}/"})
        second = client.post(URL, {"url": f"http://127.0.0.1:{port}/"})
    assert "This is a GIF." in text(first)
    assert second.status_code == 422


# --- Removing ---------------------------------------------------------------------------------


def test_an_unused_upload_is_deleted_with_its_files(client):
    client.post(URL, {"file": file()})
    media = Media.objects.get()
    assert client.post(f"/uploads/{media.pk}/remove/").status_code == 200
    assert not Media.objects.exists()
    paths = (media.path, media.thumb_path, media.preview_path)
    assert not any(default_storage.exists(path) for path in paths)


def test_an_upload_that_a_task_used_stays(client, user):
    media = make_media(user)
    TaskInput.objects.create(task=make_task(user), position=0, media=media)
    assert client.post(f"/uploads/{media.pk}/remove/").status_code == 200
    assert default_storage.exists(Media.objects.get().path)


def test_only_ones_own_uploads_can_be_removed(client, user):
    made = make_media(user, uploaded=False)
    colleague = make_media(user, created_by=make_member(team_of(user)))
    foreign = make_media(make_user())
    for media in (made, colleague, foreign):
        assert client.post(f"/uploads/{media.pk}/remove/").status_code == 404
    assert Media.objects.count() == 3
    assert project_of(user)


def test_the_tile_offers_removal_from_the_studio_only_for_ones_own(client, user, rf):
    from django.template.loader import render_to_string

    from generation.views.files.input_zones import InputTile

    request = rf.get("/")
    request.user = user
    own, made = make_media(user), make_media(user, uploaded=False)
    tile = "generation/uploads/_tile.html"
    assert f"/uploads/{own.pk}/remove/" in render_to_string(
        tile, {"tile": InputTile("images", own)}, request
    )
    assert "/remove/" not in render_to_string(tile, {"tile": InputTile("images", made)}, request)


# --- Motion that is lost -------------------------------------------------------------------------

MOVES = "This image is animated. Only its first frame is used."


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_a_picture_that_moves_says_that_its_first_frame_is_taken(client, kind):
    answer = client.post(URL, {"file": file(moving(kind))})
    assert answer.status_code == 200
    assert MOVES in text(answer)


@pytest.mark.parametrize("given", [PNG, JPEG, WEBP], ids=["png", "jpeg", "webp"])
def test_a_still_picture_says_nothing_of_motion(client, given):
    assert MOVES not in text(client.post(URL, {"file": file(given)}))


def test_a_picture_that_moves_says_so_by_its_address_too(client, settings):
    with server(ok(moving("WEBP"))) as (port, _):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
        answer = client.post(URL, {"url": f"http://127.0.0.1:{port}/a.webp"})
    assert MOVES in text(answer)
