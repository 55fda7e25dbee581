"""What an output was made from and what was made of it, frames that are saved, and next steps."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.catalogue import rules
from generation.models import Output, Role, Task, TaskInput, TaskSubject
from generation.views.feed import next_steps
from generation.views.library.captions import cues
from tests.factories import (
    make_audio,
    make_key,
    make_media,
    make_member,
    make_output,
    make_subject,
    make_task,
    make_user,
    make_video,
    team_of,
)
from tests.markup import compact
from tests.media import sample_videos
from tests.views.library.test_grid import browser_of

HTMX = {"HX-Request": "true"}


def section(page: str, title: str) -> str:
    """The part of a page below a heading."""
    found = re.search(rf"<h2[^>]*>{title}</h2>(.*?)</section>", page, re.S)
    return found[1] if found else ""


def seen(client, output: Output) -> str:
    return client.get(output.get_absolute_url()).content.decode()


def video_of(user, **fields) -> Output:
    task = make_task(user, mode="image-video", model_name="viduq3-pro", status="succeeded")
    return make_output(user, task, media=make_video(user), **fields)


def made_with(user, media, mode: str = "extend", role: str = "videos") -> Output:
    task = make_task(user, mode=mode, status="succeeded")
    TaskInput.objects.create(task=task, role=role, position=0, media=media)
    return make_output(user, task, media=make_video(user))


# --- Lineage --------------------------------------------------------------------------------------


def test_both_ends_of_a_piece_of_work_show_each_other(client, user):
    video = video_of(user)
    longer = made_with(user, video.media)
    below = section(seen(client, video), "Made from this")
    assert f'href="/a/{longer.pk}/"' in below
    assert f"/media/{longer.media_id}/thumb/" in below
    above = section(seen(client, longer), "Made from")
    assert f'href="/a/{video.pk}/"' in above
    assert ">Video</span>" in above
    assert section(seen(client, longer), "Made from this") == ""


def test_an_upload_and_a_trashed_source_are_shown_as_files(client, user):
    upload, video = make_media(user), video_of(user)
    made = made_with(user, video.media)
    TaskInput.objects.create(task=made.task, role="images", position=0, media=upload)
    video.trash(user)
    above = section(seen(client, made), "Made from")
    assert f'href="/media/{upload.pk}/original/"' in above
    assert f'href="/media/{video.media_id}/original/"' in above
    assert f'href="/a/{video.pk}/"' not in above


def test_what_was_made_and_trashed_or_belongs_to_others_is_not_shown(client, user):
    video = video_of(user)
    made_with(user, video.media).trash(user)
    made_with(make_user(), video.media)
    assert section(seen(client, video), "Made from this") == ""


def test_of_many_descendants_the_newest_twelve_are_shown_and_the_rest_counted(
    client, user, django_assert_max_num_queries
):
    video = video_of(user)
    made = [made_with(user, video.media) for _ in range(15)]
    with django_assert_max_num_queries(17):
        below = section(seen(client, video), "Made from this")
    assert re.findall(r'href="/a/(\d+)/"', below) == [str(one.pk) for one in made[:2:-1]]
    assert "and 3 more" in below


def test_a_result_of_the_same_file_twice_is_shown_once(client, user):
    video = video_of(user)
    made = made_with(user, video.media)
    TaskInput.objects.create(task=made.task, role="images", position=0, media=video.media)
    assert section(seen(client, video), "Made from this").count(f'href="/a/{made.pk}/"') == 1


@pytest.mark.parametrize(
    ("mode", "roles", "names"),
    [
        ("start-end", ["images", "images"], ["Start frame", "End frame"]),
        ("multiframe", ["images", "images"], ["Key frame 1", "Key frame 2"]),
        ("reference", ["images", "images", "videos"], ["Reference 1", "Reference 2", "Video"]),
        ("lip-sync", ["sounds", "videos"], ["Audio", "Video"]),
        ("voice", ["prompt_sound"], ["Example of the voice"]),
    ],
)
def test_inputs_are_called_by_what_they_were_for(client, user, mode, roles, names):
    output = make_output(user, make_task(user, mode=mode, status="succeeded"))
    for number, role in enumerate(roles):
        place = roles[:number].count(role)
        media = make_audio(user) if "sound" in role else make_media(user)
        TaskInput.objects.create(task=output.task, role=role, position=place, media=media)
    for page in (seen(client, output), client.get(f"/tasks/{output.task_id}/").content.decode()):
        assert re.findall(r'<span class="name">(.*?)</span>', page) == names


def test_the_subjects_of_a_task_are_named_as_they_were_then_and_shown_by_their_cover(client, user):
    output = video_of(user)
    cover, other = make_media(user), make_media(user)
    mira, bare = make_subject(user, "Mira2", [cover, other]), make_subject(user, "Bare", [])
    for position, (subject, name) in enumerate([(mira, "Mira"), (bare, "Bare")]):
        TaskSubject.objects.create(task=output.task, subject=subject, name=name, position=position)
    for page in (seen(client, output), client.get(output.task.get_absolute_url()).content.decode()):
        strip = page.split('<div class="strip">')[1].split("</div>")[0]
        first, second = re.findall(r'<a class="subject" href="([^"]+)"(.*?)</a>', strip, re.S)
        assert first[0] == f"/subjects/{mira.pk}/"
        assert f'src="/media/{cover.pk}/thumb/"' in first[1]
        assert ">@Mira<" in first[1]
        assert second[0] == f"/subjects/{bare.pk}/"
        assert "<img" not in second[1]
        assert ">@Bare<" in second[1]


# --- Frames ---------------------------------------------------------------------------------------


@pytest.fixture
def real(user):
    """A video that can be decoded: one second, 24 frames."""
    data = sample_videos.video(frames=24)
    task = make_task(user, mode="text-video", status="succeeded")
    media = make_video(user, data, seconds=1.0, width=320, height=240)
    return make_output(user, task, media=media)


def test_a_saved_frame_is_an_output_that_names_its_video(client, user, real):
    answer = client.post(f"/a/{real.pk}/frame/", {"seconds": "0.5"}, follow=True)
    frame = Output.objects.get(taken_from=real)
    assert answer.redirect_chain == [(f"/a/{frame.pk}/", 302)]
    assert (frame.kind, frame.taken_at, frame.media.width) == ("image", 0.5, 320)
    page = answer.content.decode()
    assert "Saved as an image." in page
    above = section(page, "Made from")
    assert f'href="/a/{real.pk}/"' in above
    assert "Video at 0.5 s" in above
    assert "Run again" not in page
    assert f'href="/a/{frame.pk}/"' in section(seen(client, real), "Made from this")
    assert section(seen(client, real), "Made together") == ""


def test_the_same_frame_is_kept_once_and_htmx_gets_a_link_to_it(client, real):
    for _ in range(2):
        answer = client.post(f"/a/{real.pk}/frame/", {"seconds": "0.25"}, headers=HTMX)
        assert answer.status_code == 204
    frame = Output.objects.get(taken_from=real)
    assert f'"href": "/a/{frame.pk}/"' in answer["HX-Trigger"]


@pytest.mark.parametrize("seconds", ["", "-0.1", "1.01", "nan", "inf", "half", "1e9"])
def test_a_time_outside_the_video_is_refused_with_a_message(client, real, seconds):
    answer = client.post(f"/a/{real.pk}/frame/", {"seconds": seconds}, headers=HTMX)
    assert "Enter a time from 0 to 1 seconds." in answer["HX-Trigger"]
    page = client.post(f"/a/{real.pk}/frame/", {"seconds": seconds}, follow=True)
    assert "Enter a time from 0 to 1 seconds." in page.content.decode()
    assert not Output.objects.filter(taken_from=real).exists()


def test_an_image_a_damaged_and_a_trashed_video_give_no_frame(client, user):
    image, damaged = make_output(user), video_of(user)
    for output, message in ((image, "Only a video has frames to save."), (damaged, "not a video")):
        answer = client.post(f"/a/{output.pk}/frame/", {"seconds": "0"}, headers=HTMX)
        assert message in answer["HX-Trigger"]
    damaged.trash(user)
    assert client.post(f"/a/{damaged.pk}/frame/", {"seconds": "0"}).status_code == 404
    assert Output.objects.count() == 2


@pytest.mark.parametrize(("role", "may"), [(Role.MEMBER, True), (Role.VIEWER, False)])
def test_who_may_create_may_save_a_frame(user, real, role, may):
    browser = browser_of(make_member(team_of(user), role))
    assert (f"/a/{real.pk}/frame/" in seen(browser, real)) is may
    answer = browser.post(f"/a/{real.pk}/frame/", {"seconds": "0"})
    assert answer.status_code == (302 if may else 404)
    assert browser_of(make_user()).post(f"/a/{real.pk}/frame/").status_code == 404


# --- Ways on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "modes"),
    [
        ("image", ["image-video", "image", "start-end", "reference"]),
        ("video", ["extend", "upscale", "lip-sync", "reference"]),
        ("audio", ["lip-sync", "voice"]),
    ],
)
def test_each_kind_offers_what_it_can_become(client, user, kind, modes):
    media = {"image": make_media, "video": make_video, "audio": make_audio}[kind](user)
    output = make_output(user, media=media)
    found = re.findall(r'href="/create/([\w-]+)/\?ref=(\d+)#compose"', seen(client, output))
    assert found == [(mode, str(output.pk)) for mode in modes]
    assert (f"/subjects/new/?from={output.pk}" in seen(client, output)) is (kind != "audio")


def test_a_next_step_that_no_model_takes_is_not_offered(client, user, monkeypatch):
    images = rules.offers(mode="image")
    monkeypatch.setattr(
        next_steps, "offered_steps", next_steps.offered_steps.__wrapped__
    )  # nothing is kept of these offers
    monkeypatch.setattr(
        rules, "offers", lambda _provider=None, mode=None: images if mode == "image" else []
    )
    page = seen(client, make_output(user))
    assert re.findall(r'href="/create/([\w-]+)/\?ref=', page) == ["image"]
    assert "/create/extend/" not in seen(client, video_of(user))


def test_a_viewer_of_the_team_is_offered_no_next_step(user):
    output = video_of(user)
    page = seen(browser_of(make_member(team_of(user), Role.VIEWER)), output)
    for way in ("?ref=", "?from=", "Run again", "/frame/"):
        assert way not in page


def test_it_runs_again_with_the_same_inputs_and_shows_the_price(client, user):
    output = video_of(user)
    Task.objects.filter(pk=output.task_id).update(estimate=65, provider="vidu", key=make_key(user))
    media = make_media(user)
    TaskInput.objects.create(task=output.task, role="images", position=0, media=media)
    page = seen(client, output)
    form = re.search(rf'action="/tasks/{output.task_id}/retry/".*?</form>', page, re.S)[0]
    assert "65 credits" in form
    intent = re.search(r'name="intent" value="([^"]+)"', form)[1]
    for _ in range(2):
        client.post(f"/tasks/{output.task_id}/retry/", {"intent": intent})
    new = Task.objects.get(retry_of=output.task)
    assert [one.media for one in new.inputs.all()] == [media]
    assert (new.mode, new.values, new.status) == (output.task.mode, output.task.values, "queued")


# --- Labels and captions --------------------------------------------------------------------------


def test_the_facts_of_the_file_are_shown_with_the_settings(client, user):
    values = {
        "prompt": "A fox", "duration": 5, "audio": True, "off_peak": False, "wm_position": 3,
        "movement_amplitude": "auto",
    }  # fmt: skip
    task = make_task(user, mode="text-video", status="succeeded", values=values)
    video = make_video(user, seconds=5.042, fps=23.976, has_sound=False)
    page = compact(seen(client, make_output(user, task, media=video)))
    for label, value in (
        ("Mode", "Text to video"), ("Duration", "5 s"), ("Audio", "On"),
        ("Off-peak", "Off"), ("Place of the watermark", "Bottom right"), ("Movement", "Auto"),
        ("Length", "5.04 s"), ("Frame rate", "23.98"), ("Audio track", "Silent"),
        ("Codec", "H.264"),
    ):  # fmt: skip
        assert f"<dt>{label}</dt><dd>{value}</dd>" in page
    assert "1280 × 720, MP4, " in page


def test_values_with_rows_are_shown_as_lines(client, user):
    values = {
        "frames": [{"prompt": "She <turns>", "duration": 4}, {"duration": 5}],
        "cues": [{"from": 0, "to": 2.5, "prompt": "Rain"}],
    }
    output = make_output(user, make_task(user, status="succeeded", values=values))
    page = seen(client, output)
    assert "<dd>4 s: She &lt;turns&gt;<br>5 s</dd>" in page
    assert "<dd>0 to 2.5 s: Rain</dd>" in page


def test_a_video_has_a_player_and_audio_has_no_frames(client, user):
    video, audio = video_of(user), make_output(user, media=make_audio(user))
    page = seen(client, video)
    assert re.search(
        rf'<video src="/media/{video.media_id}/original/" poster="[^"]+preview/"', page
    )
    assert 'data-fps="24.0"' in page
    assert 'max="5.0"' in page
    page = seen(client, audio)
    assert f'<audio src="/media/{audio.media_id}/original/"' in page
    assert 'width="0"' not in page
    assert "/frame/" not in page


@pytest.mark.parametrize(("media", "end"), [(make_video, ".mp4"), (make_audio, ".mp3")])
def test_a_download_has_the_extension_of_its_file(client, user, media, end):
    output = make_output(user, make_task(user, prompt=""), media=media(user))
    answer = client.get(f"/a/{output.pk}/download/")
    answer.close()
    name = f"{output.kind}_viduq2_{output.pk}{end}"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"] == output.media.mime


def test_an_output_without_a_prompt_is_titled_by_its_kind(client, user):
    output = make_output(user, make_task(user, prompt=""), media=make_video(user))
    assert f">Video {output.pk}</h1>" in seen(client, output)


# --- Captions -------------------------------------------------------------------------------------


def test_captions_spread_the_text_that_was_asked_for_over_the_length(client, user):
    values = {"text": "Good evening. <b>Stay & see</b>!"}
    task = make_task(user, mode="lip-sync", status="succeeded", values=values)
    output = make_output(user, task, media=make_video(user))
    assert f'<track kind="captions" src="/a/{output.pk}/captions/"' in seen(client, output)
    answer = client.get(f"/a/{output.pk}/captions/")
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    body = answer.content.decode()
    assert body.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:0")
    assert "Good evening.\n" in body
    assert "&lt;b&gt;Stay &amp; see&lt;/b&gt;!" in body
    assert body.rstrip().splitlines()[-2].endswith("--> 00:00:05.000")
    assert "<track" not in seen(client, video_of(user))
    assert browser_of(make_user()).get(f"/a/{output.pk}/captions/").status_code == 404


@pytest.mark.parametrize("text", ["word " * 60, "字" * 200, "", "...", "a\n\n\nb"])
def test_no_text_breaks_the_captions(text):
    found = cues(text, 9.0)
    assert all(len(cue.splitlines()[1]) <= 84 for cue in found)
    spoken = "".join(cue.splitlines()[1] for cue in found)
    assert re.sub(r"\s", "", spoken) == re.sub(r"\s|\.\.\.", "", text)


def test_a_frame_whose_video_is_gone_stays_an_image(client, user, real):
    client.post(f"/a/{real.pk}/frame/", {"seconds": "0"})
    frame = Output.objects.get(taken_from=real)
    Output.objects.filter(pk=real.pk).delete()
    frame.refresh_from_db()
    assert section(seen(client, frame), "Made from") == ""
    assert frame.created_at - timezone.now() < timedelta(0)
