"""The bytes that guests get: what the link allows, in pieces, and not a second longer."""

import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signals import request_finished
from django.db import close_old_connections
from django.db.models import F
from django.test import Client
from django.utils import timezone
from PIL import Image, PngImagePlugin

from generation.engine import renditions as rendering
from generation.engine import sweep
from generation.engine.share_items import items_of
from generation.models import LimitCount, Media, Output, Rendition, RenditionState, ReviewState
from generation.views.share import guest_streams, media
from generation.web.server.streams import StreamEnded
from tests.factories import make_video

NEEDLE = b"needle-prompt-of-ana"
MEGABYTE = 1024 * 1024


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    ticking = Clock()
    monkeypatch.setattr(guest_streams, "open_links", guest_streams.OpenLinks(ticking))
    return ticking


@pytest.fixture(autouse=True)
def _uncounted(monkeypatch):
    fresh = guest_streams.SentBytes()
    for module in (guest_streams, media):
        monkeypatch.setattr(module, "sent_bytes", fresh)


@pytest.fixture
def inside(shared, guest):
    """A guest who has opened the page."""
    assert guest.get(shared.path()).status_code == 200
    return guest


def keep(data: bytes, name: str = "test/kept.bin") -> str:
    return default_storage.save(name, ContentFile(data))


def with_rendition(source: Media, kind: str = "play", data: bytes = b"v" * 100, **fields) -> None:
    facts = {"path": keep(data), "mime": "video/mp4", "bytes": len(data)}
    key = Rendition.key_of(source, kind, fields.get("link"), fields.get("text", ""))
    Rendition.objects.create(
        key=key, media=source, kind=kind, state=RenditionState.MADE, **facts, **fields
    )


@pytest.fixture
def film(shared, user) -> Output:
    """Number 1 of the link is a video of 9 MB, made for playing already."""
    output = shared.outputs[0]
    video = make_video(user, NEEDLE * 10, team=output.team)
    Output.objects.filter(pk=output.pk).update(media=video, kind="video")
    output.refresh_from_db()
    with_rendition(video, data=b"v" * (9 * MEGABYTE))
    return output


def number_of(shared, output) -> int:
    return shared.link.items.get(output=output).number


ANSWERS: list = []


def end(answer) -> None:
    """Close it as the server does, but for the connection that the test goes on with."""
    request_finished.disconnect(close_old_connections)
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)


@pytest.fixture(autouse=True)
def _closed(db):
    yield
    while ANSWERS:
        end(ANSWERS.pop())


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def get(client, shared, output, variant, query="", **headers):
    path = shared.path("share-media", number_of(shared, output), variant)
    answer = client.get(path + query, headers=headers)
    ANSWERS.append(answer)
    return answer


# --- What is given --------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["thumb", "poster", "preview"])
def test_an_image_is_shown_with_nothing_of_its_row_in_the_answer(shared, inside, variant):
    answer = get(inside, shared, shared.outputs[1], variant)
    assert answer.status_code == 200
    assert len(body(answer)) == int(answer["Content-Length"])
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    row = Media.objects.get(pk=shared.outputs[1].media_id)
    told = str(sorted(answer.items()))
    for hidden in (row.sha256[:12], row.path, row.name, "canary"):
        assert hidden not in told


def test_who_was_not_let_in_gets_the_page_of_every_closed_link(shared, inside, guest):
    stranger = Client()
    answer = get(stranger, shared, shared.outputs[1], "thumb")
    unknown = stranger.get("/s/nothing-of-this-name/m/1/thumb/")
    assert answer.status_code == unknown.status_code == 404
    assert answer["Content-Type"] == unknown["Content-Type"]


@pytest.mark.parametrize("variant", ["original", "full", "path"])
def test_the_original_and_unknown_variants_are_not_given(shared, inside, variant):
    assert get(inside, shared, shared.outputs[1], variant).status_code == 404


def test_what_lies_in_the_trash_is_given_no_more_and_again_when_it_is_restored(
    shared, inside, user
):
    shared.outputs[1].trash(user)
    assert get(inside, shared, shared.outputs[1], "thumb").status_code == 404
    shared.outputs[1].restore()
    assert get(inside, shared, shared.outputs[1], "thumb").status_code == 200


def test_a_video_is_played_from_its_smaller_file_and_never_from_the_original(shared, inside, film):
    answer = get(inside, shared, film, "preview")
    assert answer["Content-Type"] == "video/mp4"
    found = body(answer)
    assert found == b"v" * (9 * MEGABYTE)
    assert NEEDLE not in found


def test_until_it_is_made_a_video_is_awaited_and_asked_for_once(shared, inside, user):
    video = shared.outputs[2]
    row = make_video(user, NEEDLE, team=video.team)
    Output.objects.filter(pk=video.pk).update(media=row, kind="video")
    for _ in range(3):
        answer = get(inside, shared, video, "preview")
        assert (answer.status_code, answer["Retry-After"]) == (503, "2")
        assert NEEDLE not in body(answer)
    assert Rendition.objects.filter(kind="play").count() == 1


# --- Originals ------------------------------------------------------------------------------------


def noted_png() -> bytes:
    out, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("parameters", NEEDLE.decode())
    Image.effect_noise((64, 48), 50).convert("RGB").save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.fixture
def originals(shared) -> bytes:
    """Originals may be saved; that of the second has a prompt in it."""
    shared.set(downloads="original")
    data = noted_png()
    row = shared.outputs[1].media
    Media.objects.filter(pk=row.pk).update(path=keep(data, "test/noted.png"), bytes=len(data))
    return data


def test_an_original_comes_without_its_notes_under_the_title_of_the_link(shared, inside, originals):
    answer = get(inside, shared, shared.outputs[1], "original")
    found = body(answer)
    assert NEEDLE not in found
    assert len(found) == int(answer["Content-Length"]) < len(originals)
    with Image.open(io.BytesIO(found)) as clean, Image.open(io.BytesIO(originals)) as given:
        assert clean.tobytes() == given.tobytes()
    number = number_of(shared, shared.outputs[1])
    assert answer["Content-Disposition"] == f'attachment; filename="First selects {number}.png"'


def test_a_range_of_an_original_is_of_what_is_given(shared, inside, originals):
    full = body(get(inside, shared, shared.outputs[1], "original"))
    answer = get(inside, shared, shared.outputs[1], "original", range="bytes=20-219")
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes 20-219/{len(full)}"
    assert body(answer) == full[20:220]


def test_only_what_was_approved_is_saved_where_the_link_says_so(shared, inside, originals):
    shared.set(approved_only=True)
    output = shared.outputs[1]
    assert get(inside, shared, output, "original").status_code == 404
    assert get(inside, shared, output, "preview", "?download=1").status_code == 404
    assert get(inside, shared, output, "preview").status_code == 200
    Output.objects.filter(pk=output.pk).update(review=ReviewState.APPROVED)
    assert get(inside, shared, output, "original").status_code == 200


def test_downloads_are_counted_once_each_and_looking_is_none(shared, inside, originals):
    output = shared.outputs[1]
    get(inside, shared, output, "preview")
    get(inside, shared, output, "original")
    get(inside, shared, output, "original", range="bytes=10-20")
    get(inside, shared, output, "preview", "?download=1")
    inside.head(shared.path("share-media", number_of(shared, output), "original"))
    shared.link.refresh_from_db()
    assert shared.link.downloads_count == 2


# --- Ranges ---------------------------------------------------------------------------------------


def test_a_range_without_an_end_is_cut_so_that_who_plays_asks_again(shared, inside, film):
    answer = get(inside, shared, film, "preview", range="bytes=0-")
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes 0-{4 * MEGABYTE - 1}/{9 * MEGABYTE}"
    assert len(body(answer)) == 4 * MEGABYTE
    rest = get(inside, shared, film, "preview", range=f"bytes={8 * MEGABYTE}-")
    assert rest["Content-Range"] == f"bytes {8 * MEGABYTE}-{9 * MEGABYTE - 1}/{9 * MEGABYTE}"


def test_scrubbing_is_never_refused(shared, inside, film):
    """60 s of it: hundreds of ranges."""
    for place in range(400):
        first = place * 20_000
        answer = get(inside, shared, film, "preview", range=f"bytes={first}-{first + 999}")
        assert answer.status_code == 206
        end(answer)


def test_the_range_after_a_new_password_is_refused(shared, inside, film):
    assert get(inside, shared, film, "preview", range="bytes=0-").status_code == 206
    shared.set(generation=F("generation") + 1)
    answer = get(inside, shared, film, "preview", range="bytes=4194304-")
    assert answer.status_code == 404


# --- The end of a link ----------------------------------------------------------------------------

ENDS = {
    "switched off": {"revoked_at": timezone.now()},
    "visits ended": {"generation": F("generation") + 1},
    "over": {"expires_at": timezone.now() - timedelta(seconds=1)},
}


@pytest.mark.parametrize("end", ENDS)
def test_a_running_stream_ends_within_a_second(shared, inside, film, clock, end):
    answer = get(inside, shared, film, "preview", range="bytes=0-")
    pieces = iter(answer.streaming_content)
    assert next(pieces)
    shared.set(**ENDS[end])
    clock.now += 1.0
    with pytest.raises(StreamEnded):
        next(pieces)
    for variant in ("thumb", "poster", "preview"):
        assert get(inside, shared, film, variant).status_code == 404


def test_many_pieces_are_one_question_in_a_while(
    shared, inside, film, clock, django_assert_num_queries
):
    answer = get(inside, shared, film, "preview", range="bytes=0-")
    pieces = iter(answer.streaming_content)
    with django_assert_num_queries(1):
        for _ in range(6):
            next(pieces)
    clock.now += 1.0
    with django_assert_num_queries(1):
        for _ in range(6):
            next(pieces)


def test_a_reader_who_takes_nothing_is_asked_about_too(shared, inside, film, clock):
    answer = get(inside, shared, film, "preview", range="bytes=0-")
    assert answer.may_go_on()
    shared.set(revoked_at=timezone.now())
    clock.now += 1.0
    assert not answer.may_go_on()


# --- Bytes of a day -------------------------------------------------------------------------------


def test_bytes_are_counted_in_lumps_and_not_with_each_range(
    shared, inside, film, django_assert_num_queries
):
    key = guest_streams.SentBytes.key(shared.link.pk)
    for _ in range(3):
        body(get(inside, shared, film, "preview", range="bytes=0-"))
    assert not LimitCount.objects.filter(pk=key).exists()
    for _ in range(2):
        body(get(inside, shared, film, "preview", range="bytes=0-"))
    assert LimitCount.objects.get(pk=key).count == 16 * 1024  # in KB


def test_beyond_the_bytes_of_a_day_a_sentence_says_when_it_goes_on(shared, inside, film):
    key = guest_streams.SentBytes.key(shared.link.pk)
    ends = timezone.now() + timedelta(hours=3)
    LimitCount.objects.create(key=key, count=20 * 1024**2, ends_at=ends)
    answer = get(inside, shared, film, "preview", range="bytes=0-")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3 * 3600
    assert b"It goes on at" in answer.content
    LimitCount.objects.filter(pk=key).update(ends_at=timezone.now() - timedelta(seconds=1))
    assert get(inside, shared, film, "preview", range="bytes=0-").status_code == 206


# --- Watermarks -----------------------------------------------------------------------------------


def test_what_is_not_marked_is_never_given_where_a_mark_is_asked_for(shared, inside, film):
    shared.set(watermark_text="Odile 机密 {date} {name}")
    for output in (film, shared.outputs[1]):
        for variant in ("thumb", "poster", "preview"):
            answer = get(inside, shared, output, variant, accept="image/webp,image/*")
            assert answer.status_code == 503
            is_image = variant != "preview" or output.kind == "image"
            if is_image:
                assert answer["Content-Type"] == "image/svg+xml"
    texts = set(Rendition.objects.exclude(text="").values_list("text", flat=True))
    (text,) = texts
    assert text.startswith("Odile 机密 20")
    assert "{" not in text


def test_a_marked_preview_is_made_once_and_given(shared, inside):
    shared.set(watermark_text="Odile")
    output = shared.outputs[1]
    get(inside, shared, output, "poster")
    row = Rendition.objects.get(kind="poster")
    assert row.claim(timezone.now())
    assert not row.claim(timezone.now()), "another worker makes it"
    rendering.render(Rendition.objects.get(pk=row.pk))
    answer = get(inside, shared, output, "poster")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(body(answer))) as marked:
        colours = marked.convert("RGB").getcolors(1 << 20)
    assert len(colours) > 10, "one colour would be the picture without a mark"
    assert Rendition.objects.filter(kind="poster").count() == 1


def test_marked_previews_go_with_their_link_and_their_output(shared, inside, user):
    shared.set(watermark_text="Odile")
    for output in shared.outputs[1:]:
        get(inside, shared, output, "poster")
    rows = list(Rendition.objects.all())
    for row in rows:
        rendering.render(row)
    paths = list(Rendition.objects.values_list("path", flat=True))
    assert all(default_storage.exists(path) for path in paths)
    now = timezone.now()
    assert rendering.purge_renditions(now) == 0
    shared.link.delete()
    assert rendering.purge_renditions(now) == len(rows)
    assert not any(default_storage.exists(path) for path in paths)
    assert not Rendition.objects.exists()


def test_what_dies_while_it_is_made_leaves_nothing_to_give(shared, inside, film, monkeypatch):
    Rendition.objects.all().delete()
    assert get(inside, shared, film, "preview").status_code == 503

    def dies(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rendering, "make", dies)
    with pytest.raises(KeyboardInterrupt):
        rendering.render_due(float("inf"))
    row = Rendition.objects.get()
    assert (row.state, row.path, row.tries) == ("wanted", "", 1)
    assert get(inside, shared, film, "preview").status_code == 503
    assert rendering.next_wanted(timezone.now()) is None
    assert rendering.next_wanted(timezone.now() + timedelta(hours=1)) == row
    for _ in range(2):
        sweep.recover()
        assert rendering.next_wanted(timezone.now()) == row
        with pytest.raises(KeyboardInterrupt):
            rendering.render_due(float("inf"))
    sweep.recover()
    assert rendering.render_due(float("inf")) is False
    assert get(inside, shared, film, "preview").status_code == 404


# --- Where a link is pasted -----------------------------------------------------------------------


def test_a_social_preview_is_given_to_anybody_where_the_maker_wants_one(shared, inside):
    program = Client()
    path = shared.path("share-media", number_of(shared, shared.outputs[1]), "social")
    assert program.get(path).status_code == 404
    shared.set(social_preview=True)
    assert program.get(path).status_code == 503
    rendering.render(Rendition.objects.get(kind="social"))
    answer = program.get(path)
    ANSWERS.append(answer)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body(answer))) as image:
        assert image.size == (1200, 630)
    shared.set(password_hash="argon2$something")
    assert program.get(path).status_code == 404
    shared.set(password_hash="", revoked_at=timezone.now())
    assert program.get(path).status_code == 404


def test_a_link_that_was_opened_often_enough_shows_no_picture_of_itself(shared):
    shared.set(social_preview=True, max_views=1)
    path = shared.path("share-media", 1, "social")
    items_of(shared.link)
    assert Client().get(path).status_code == 503  # it is being made
    shared.set(views=1)
    assert Client().get(path).status_code == 404
