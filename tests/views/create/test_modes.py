"""Create in every mode: the page, its fields, what it keeps and what it starts."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generation.catalogue.modes import MODES
from generation.engine import prompt_ideas
from generation.models import Batch, Media, Project, Subject, Task, TaskSubject
from generation.views.create import library_picker, prompts
from generation.views.create.examples import examples_of
from tests.factories import (
    make_key,
    make_media,
    make_output,
    make_task,
    make_user,
    png,
    project_of,
    team_of,
)

HTMX = {"HTTP_HX_REQUEST": "true"}
VIDEO = {"kind": "video", "mime": "video/mp4", "format": "mp4", "codec": "h264", "seconds": 4.5,
        "fps": 24.0, "width": 640, "height": 360, "has_sound": True}  # fmt: skip
TONE = {"kind": "audio", "mime": "audio/mpeg", "format": "mp3", "codec": "mp3", "seconds": 12.0,
        "width": 0, "height": 0}  # fmt: skip


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def typed(user, model, **fields):
    known = {"intent": "i" * 32, "model": model, "project": project_of(user).slug, "count": "1"}
    return known | fields


def ids(response, name):
    return re.findall(rf'<input type="hidden" name="{name}" value="(\d+)"', text(response))


def make_subject(user, name="Mira"):
    subject = Subject.objects.create(team=team_of(user), created_by=user, name=name)
    subject.place([make_media(user)])
    return subject


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_its_page_with_and_without_htmx(client, user, mode):
    for provider in ("vidu", "vidu-cn", "kkiai", "vtrix"):
        make_key(user, provider)
    response = client.get(f"/create/{mode}/")
    page = text(response)
    assert f'action="/create/{mode}/#compose"' in page
    assert re.search(rf'<a[^>]*href="/create/{mode}/"[^>]*aria-current', page)
    assert not re.search(r"\s(style|on\w+|hx-on[\w:-]*)=|js:|<script>|<style", page)
    for ask in (client.get, client.post):
        answer = text(ask(f"/create/{mode}/fields/", {"model": "x"}, **HTMX))
        assert answer.strip().startswith('<fieldset id="fields"')


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_form_is_refused_at_its_fields_and_not_started(client, user, mode):
    response = client.post(f"/create/{mode}/", typed(user, ""), **HTMX)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in text(response)
    assert not Batch.objects.exists()


@pytest.mark.parametrize("mode", [mode for mode in MODES if examples_of(mode)])
def test_the_examples_of_a_mode_fill_its_form_as_they_are(client, user, mode):
    empty = words(client.get(f"/create/{mode}/"))
    for number, example in enumerate(examples_of(mode), 1):
        assert str(example.text) in empty
        page = text(client.get(f"/create/{mode}/", {"example": number}))
        form = re.search(r'<form class="composer".*?</form>', page)[0]
        for row in example.settings.get("cues", ()):
            assert (
                f'name="cues.prompt" autocomplete="off" data-draft-text value="{row["prompt"]}"'
                in form
            )
        if example.box:
            assert f"{example.text}</textarea>" in html.unescape(form)
        for name in ("duration", "aspect_ratio"):
            value = re.escape(str(example.settings.get(name, "")))
            chosen = rf'name="{name}"[^>]*value="{value}"( checked|[^>]*>)'
            assert not value or re.search(chosen, form)
        assert re.search(r'<p id="notes"[^>]*></p>', form)


def test_only_modes_that_somebody_offers_to_this_person_are_shown(client, user, settings):
    settings.SIMULATOR_OFFERED = False
    make_key(user, "kkiai")
    page = text(client.get("/create/text-video/"))
    assert 'href="/create/reference/"' in page
    assert 'href="/create/multiframe/"' not in page


def test_a_video_starts_with_its_settings_and_inputs(client, user):
    image = make_media(user)
    fields = typed(user, "demo/viduq2-pro", prompt="Go", images=image.pk, duration="3")
    fields |= {"audio": ["off", "on"], "resolution": "540p"}
    client.post("/create/image-video/", fields)
    task = Task.objects.get()
    assert (task.values["duration"], task.values["audio"]) == (3, True)
    assert [(one.role, one.media) for one in task.inputs.all()] == [("images", image)]


def test_a_switch_that_is_switched_off_stays_off(client, user):
    image = make_media(user)
    fields = typed(user, "demo/viduq3-pro", prompt="Go", images=image.pk)
    client.post("/create/image-video/", fields | {"audio": "off"})
    assert Task.objects.get().values["audio"] is False
    shown = text(client.get("/create/image-video/", {"from": Task.objects.get().pk}))
    assert not re.search(r'<input class="switch"[^>]*name="audio"[^>]* checked', shown)


def test_subjects_come_by_name_and_by_id(client, user):
    mira, flacon = make_subject(user), make_subject(user, "Flacon")
    fields = typed(user, "demo/viduq3", prompt="@Mira waits", subjects=flacon.pk)
    client.post("/create/reference/", fields)
    assert [one.subject for one in Task.objects.get().mentioned_subjects.all()] == [mira, flacon]


def test_a_subject_of_another_team_is_refused_like_one_of_nobody(client, user):
    foreign = make_subject(make_user())
    for pk in (foreign.pk, 999_999):
        fields = typed(user, "demo/viduq3", prompt="Go", subjects=pk)
        response = client.post("/create/reference/", fields, **HTMX)
        assert "A subject was not found." in words(response)


def test_rows_are_refused_and_shown_by_their_place(client, user):
    fields = typed(user, "demo/audio1.0", duration="5")
    fields |= {"cues.from": ["0", "", "3"], "cues.to": ["2", "", "1"]}
    fields |= {"cues.prompt": ["Rain", "", "A door"]}
    response = client.post("/create/timed-sound/", fields, **HTMX)
    assert response.status_code == 422
    assert "Row 3: This sound effect ends before it begins." in words(response)
    assert 'name="cues.prompt" autocomplete="off" data-draft-text value="A door"' in text(response)
    assert len(re.findall(r'name="cues.from"', text(response))) == 3


@pytest.mark.parametrize(("edit", "left"), [("row:cues", 3), ("unrow:cues:0", 1)])
def test_rows_come_and_go_by_buttons(client, user, edit, left):
    fields = typed(user, "demo/audio1.0", edit=edit)
    fields |= {"cues.from": ["0", "2"], "cues.to": ["1", "3"], "cues.prompt": ["Rain", "Door"]}
    page = text(client.post("/create/timed-sound/", fields))
    assert len(re.findall(r'name="cues.from"', page)) == left
    assert 'value="Door"' in page


def test_key_frames_keep_their_rows_when_images_move(client, user):
    images = [make_media(user).pk for _ in range(3)]
    fields = typed(user, "demo/viduq2-turbo", images=images, edit=f"left:images:{images[2]}")
    fields |= {"frames.prompt": ["", "to two", "to three"], "frames.duration": ["5", "2", "3"]}
    response = client.post("/create/multiframe/", fields)
    assert ids(response, "images") == [str(images[place]) for place in (0, 2, 1)]
    found = re.findall(r"<textarea name=\"frames.prompt\"[^>]*>([^<]*)</textarea>", text(response))
    assert [one.strip() for one in found] == ["", "to three", "to two"]


def test_two_frames_that_do_not_fit_are_told_at_once(client, user):
    images = [make_media(user, 300, 300).pk, make_media(user, 600, 300).pk]
    asked = {"model": "demo/viduq3-pro", "images": images}
    response = client.post("/create/start-end/fields/", asked, **HTMX)
    assert "The two images differ too much in shape." in words(response)
    swapped = client.post(
        "/create/start-end/", typed(user, "demo/viduq3-pro", images=images, edit="swap:images")
    )
    assert ids(swapped, "images") == [str(pk) for pk in reversed(images)]


def test_another_mode_keeps_what_was_typed_and_what_fits(client, user):
    images = [make_media(user).pk for _ in range(3)]
    fields = typed(user, "demo/viduq2", prompt="Two boats", images=images, seed="7", edit="mode")
    response = client.post("/create/image/", fields | {"mode": "image-video"})
    page = text(response)
    assert 'action="/create/image-video/#compose"' in page
    assert "Two boats</textarea>" in page
    assert re.search(r'name="seed"[^>]* value="7"', page)
    assert ids(response, "images") == [str(images[0])]
    assert "the rest is left out" in page


@pytest.mark.parametrize(("kind", "mode", "name"), [
    ({}, "image-video", "images"), (VIDEO, "extend", "videos"), (TONE, "voice", "sounds"),
])  # fmt: skip
def test_an_output_goes_where_its_kind_fits(client, user, kind, mode, name):
    output = make_output(user, media=make_media(user, uploaded=False, **kind))
    assert ids(client.get(f"/create/{mode}/", {"ref": output.pk}), name) == [str(output.media_id)]


def test_an_output_that_no_place_takes_is_told(client, user):
    output = make_output(user, media=make_media(user, uploaded=False, **VIDEO))
    response = client.get("/create/image/", {"ref": output.pk})
    assert "This mode cannot use that file." in words(response)


def test_reuse_restores_inputs_of_every_kind_and_subjects(client, user):
    task = make_task(
        user, mode="reference", model_name="viduq2-pro",
        values={"prompt": "@Mira at dusk", "duration": 6, "resolution": "540p"},
    )  # fmt: skip
    image, video, mira = make_media(user), make_media(user, **VIDEO), make_subject(user)
    task.inputs.create(role="images", position=0, media=image)
    task.inputs.create(role="videos", position=0, media=video)
    task.mentioned_subjects.create(subject=mira, name="Mira", position=0)
    response = client.get("/create/reference/", {"from": task.pk})
    found = [ids(response, name) for name in ("images", "videos", "subjects")]
    assert found == [[str(image.pk)], [str(video.pk)], [str(mira.pk)]]
    assert re.search(r'id="id_duration" name="duration"[^>]* value="6"', text(response))


def test_reuse_without_a_mode_leads_to_that_of_the_task(client, user):
    task = make_task(user, mode="reference", model_name="viduq3")
    assert client.get(f"/create/?from={task.pk}").url == f"/create/reference/?from={task.pk}"
    foreign = make_task(make_user(), mode="reference", model_name="viduq3")
    assert client.get(f"/create/?from={foreign.pk}").url.startswith("/create/image/")


# --- The library as a source ----------------------------------------------------------------------


def test_the_shelf_holds_what_suits_and_only_of_this_team(client, user):
    video = make_output(user, media=make_media(user, uploaded=False, **VIDEO))
    image, foreign = make_output(user), make_output(make_user())
    page = text(client.get("/create/image-video/pick/", {"for": "images"}, **HTMX))
    assert f"/create/image-video/take/{image.pk}/" in page
    assert f"take/{video.pk}/" not in page
    assert f"take/{foreign.pk}/" not in page
    assert "<html" in text(client.get("/create/image-video/pick/", {"for": "images"}))
    assert client.get("/create/text-video/pick/", {"for": "images"}).status_code == 404


def test_what_is_taken_from_the_shelf_is_a_tile_and_shuts_the_dialog(client, user):
    output = make_output(user)
    response = client.get(f"/create/image-video/take/{output.pk}/", {"for": "images"}, **HTMX)
    assert ids(response, "images") == [str(output.media_id)]
    assert "dialog:close" in response["HX-Trigger"]
    foreign = make_output(make_user())
    found = client.get(f"/create/image-video/take/{foreign.pk}/", {"for": "images"})
    assert found.status_code == 404


def test_without_script_the_shelf_stands_in_the_form(client, user):
    output = make_output(user)
    fields = typed(user, "demo/viduq3-pro", prompt="Kept", edit="pick:images")
    page = text(client.post("/create/image-video/", fields))
    assert f'value="take:images:{output.pk}"' in page
    taken = client.post("/create/image-video/", fields | {"edit": f"take:images:{output.pk}"})
    assert ids(taken, "images") == [str(output.media_id)]
    assert "Kept</textarea>" in text(taken)


def test_the_shelf_is_narrowed_by_project_subject_mode_and_text(client, user):
    other = Project.objects.create(team=team_of(user), name="Winter")
    mira = make_subject(user, "Mira")
    found = make_task(
        user, mode="reference", model_name="viduq2", project=other, prompt="A red door"
    )
    TaskSubject.objects.create(task=found, subject=mira, name="Mira", position=0)
    wanted = make_output(user, task=found)
    make_output(user)
    for asked in ({"project": other.slug}, {"subject": mira.pk}, {"q": "red"}):
        page = client.get("/create/image-video/pick/", {"for": "images"} | asked, **HTMX)
        assert re.findall(r"/take/(\d+)/", text(page)) == [str(wanted.pk)], asked
        assert "1 match" in words(page)
    page = client.get("/create/image-video/pick/", {"for": "images"}, **HTMX)
    assert "2 matches" in words(page)
    nothing = client.get("/create/image-video/pick/", {"for": "images", "q": "blue"}, **HTMX)
    assert "Nothing in the library fits." in words(nothing)


def test_the_kinds_of_the_shelf_are_those_that_the_mode_takes(client, user):
    page = text(client.get("/create/reference/pick/", {"for": "videos"}, **HTMX))
    assert re.search(r'name="for" value="videos" checked', page)
    assert 'name="for" value="images"' in page
    alone = text(client.get("/create/image-video/pick/", {"for": "images"}, **HTMX))
    assert 'type="radio"' not in alone
    # A mode that makes images cannot hold back the videos that are asked for next.
    video = make_output(user, media=make_media(user, uploaded=False, **VIDEO))
    asked = {"for": "videos", "mode": "image"}
    assert f"take/{video.pk}/" in text(client.get("/create/reference/pick/", asked, **HTMX))


def test_the_shelf_goes_on_where_it_ended_with_its_filters(client, user, monkeypatch):
    monkeypatch.setattr(library_picker, "PAGE", 2)
    outputs = [make_output(user) for _ in range(5)]
    seen, address = [], "/create/image-video/pick/?for=images&model=demo/viduq3-pro"
    for _ in range(3):
        page = text(client.get(address, **HTMX))
        seen += re.findall(r"/take/(\d+)/", page)
        more = re.search(r'hx-get="(/create/image-video/pick/[^"]*after=[^"]*)"', page)
        address = html.unescape(more[1]) if more else ""
    assert seen == [str(one.pk) for one in reversed(outputs)]
    assert address == ""


def test_without_script_the_shelf_in_the_form_has_its_filters_and_pages(client, user, monkeypatch):
    monkeypatch.setattr(library_picker, "PAGE", 1)
    task = make_task(user, mode="image", model_name="viduq2", prompt="A red door")
    red, other = make_output(user, task=task), make_output(user)
    fields = typed(user, "demo/viduq3-pro", prompt="Kept", edit="pick:images")
    first = client.post("/create/image-video/", fields)
    assert re.findall(r"take:images:(\d+)", text(first)) == [str(other.pk)]
    more = re.search(r'value="(pick:images:[^"]+)"', text(first))[1]
    second = client.post("/create/image-video/", fields | {"edit": html.unescape(more)})
    assert re.findall(r"take:images:(\d+)", text(second)) == [str(red.pk)]
    found = client.post("/create/image-video/", fields | {"pick-q": "red"})
    assert re.findall(r"take:images:(\d+)", text(found)) == [str(red.pk)]
    assert "Kept</textarea>" in text(found)


def test_what_is_dropped_goes_to_the_input_for_its_kind_or_is_refused(client, user):
    image = make_output(user)
    video = make_output(user, media=make_media(user, uploaded=False, **VIDEO))
    taken = client.get(f"/create/extend/take/{video.pk}/", **HTMX)
    assert ids(taken, "videos") == [str(video.media_id)]
    assert ids(client.get(f"/create/extend/take/{image.pk}/", **HTMX), "images")
    refused = client.get(f"/create/image-video/take/{video.pk}/", **HTMX)
    assert refused.status_code == 422
    assert "This mode takes no videos." in words(refused)


# --- Pictures that are too heavy ------------------------------------------------------------------


def test_a_image_too_heavy_to_be_sent_is_made_smaller_only_on_request(client, user):
    make_key(user, "kkiai")
    big = make_media(user, 3_000, 2_000, bytes=15 * 1024 * 1024, name="big.png")
    fields = typed(user, "kkiai/viduq3-pro", prompt="Go", images=big.pk)
    response = client.post("/create/image-video/", fields)
    assert response.status_code == 422
    assert "this provider takes 18. Use a smaller copy of one." in words(response)
    assert "Use a smaller copy of big.png, 2048 x 1365" in words(response)
    assert Media.objects.count() == 1
    edited = client.post("/create/image-video/", fields | {"edit": f"smaller:images:{big.pk}"})
    small = Media.objects.exclude(pk=big.pk).get()
    assert ids(edited, "images") == [str(small.pk)]
    assert (small.width, small.name) == (2048, "Smaller copy, 2048 px: big")


def test_where_images_go_ahead_of_the_request_their_weight_is_no_matter(client, user):
    big = make_media(user, 3_000, 2_000, bytes=15 * 1024 * 1024)
    fields = typed(user, "demo/viduq3-pro", prompt="Go", images=big.pk)
    assert client.post("/create/image-video/", fields).status_code == 302


def test_an_upload_that_one_model_finds_too_heavy_offers_a_smaller_copy(client, user, monkeypatch):
    data = png(1_200, 900)
    file = SimpleUploadedFile("big.png", data + bytes(11 * 1024 * 1024), "image/png")
    asked = {"file": file, "for": "images", "mode": "multiframe", "model": "demo/viduq2-turbo"}
    response = client.post("/uploads/?for=images", asked)
    assert response.status_code == 422
    kept = Media.objects.get()
    assert f'data-smaller="/uploads/{kept.pk}/smaller/?for=images"' in text(response)
    assert ids(response, "images") == []
    made = client.post(f"/uploads/{kept.pk}/smaller/?for=images")
    assert len(ids(made, "images")) == 1


# --- Ideas for a prompt ---------------------------------------------------------------------------


def test_ideas_are_buttons_that_fill_the_prompt(client, user, monkeypatch):
    found = [prompt_ideas.Suggestion("A <slow> pan"), prompt_ideas.Suggestion("Rain begins")]
    monkeypatch.setattr(prompts, "suggest", lambda *_: found)
    fields = typed(user, "demo/viduq3-pro", images=make_media(user).pk)
    page = text(client.post("/create/suggest/", fields, **HTMX))
    assert page.count("data-idea") == 2
    assert "A &lt;slow&gt; pan" in page
    plain = text(client.post("/create/image-video/", fields | {"edit": "ideas"}))
    assert 'name="idea-2" value="Rain begins"' in plain
    chosen = fields | {"edit": "idea:2", "idea-2": "Rain begins"}
    assert "Rain begins</textarea>" in text(client.post("/create/image-video/", chosen))


def test_ideas_need_a_first_frame(client, user):
    response = client.post("/create/suggest/", typed(user, "demo/viduq3-pro"), **HTMX)
    assert "Add the first frame, then ask for ideas." in words(response)


# --- What it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"model": "vidu/viduq3-pro", "duration": "4", "count": "2"}, "160 credits for 2 videos"),
        ({"model": "vtrix/viduq1_text2video"}, "Price not published for 1 video"),
        ({"model": "demo/viduq3-pro"}, "Free for 1 demo video"),
    ],
)
def test_the_price_of_a_video_is_told_before_the_click(client, user, asked, told):
    make_key(user, "vidu")
    make_key(user, "vtrix")
    response = client.post("/create/cost/?mode=text-video", {"prompt": "Go"} | asked)
    assert told in words(response)


def test_a_length_that_the_model_chooses_leaves_the_price_open(client, user):
    make_key(user, "vidu")
    asked = {"model": "vidu/viduq2-pro", "duration": "0", "images": make_media(user).pk}
    response = client.post("/create/cost/?mode=reference", asked)
    assert "the price depends on the length" in words(response)


# --- Draft and final ------------------------------------------------------------------------------


def test_a_draft_is_the_lowest_price_and_keeps_the_words(client, user):
    make_key(user, "vidu")
    fields = typed(user, "vidu/viduq3-pro", prompt="Two boats", duration="5", resolution="1080p")
    response = client.post("/create/text-video/", fields | {"edit": "preset:draft"})
    page = text(response)
    assert "Draft: the lowest price here." in words(response)
    assert re.search(r'name="resolution" value="540p" checked', page)
    assert "Two boats</textarea>" in page
    assert not Batch.objects.exists()


def test_a_draft_is_the_cheapest_of_the_provider_and_not_the_demo(client, user):
    make_key(user, "vidu")
    fields = typed(user, "vidu/viduq3-pro", prompt="Go", duration="5", edit="preset:draft")
    page = text(client.post("/create/text-video/", fields))
    assert re.search(r'name="model" value="vidu/viduq2" checked', page)
    assert "<b>18 credits</b>" in page


def test_the_final_is_the_full_size_of_the_model(client, user):
    fields = typed(user, "demo/viduq3-pro", prompt="Go", resolution="540p", edit="preset:final")
    page = text(client.post("/create/text-video/", fields))
    assert re.search(r'name="resolution" value="1080p" checked', page)
    assert re.search(r'name="model" value="demo/viduq3-pro" checked', page)
