"""The feed: its cards, its pages, its filters."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generation.models import Batch, Output, Task, TaskInput, TaskSubject
from generation.views.feed.feed import PAGE
from generation.views.feed.progress import clock, progress_of
from tests.factories import (
    make_audio,
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

URL = "/create/image/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def card(client, task):
    """The card of one task, as HTML."""
    page = text(client.get(URL, {"q": task.prompt}))
    return re.search(rf'<div id="task-{task.pk}".*?(?=<div id="task-|</article> <|$)', page)[0]


def shown(response):
    return re.findall(r'<article class="batch" id="batch-(\d+)"', text(response))


# --- Cards ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "state", "told"),
    [
        ({}, "queued", "In queue You can leave this page."),
        ({"waiting_for": "Vidu is busy."}, "queued", "In queue Vidu is busy."),
        ({"status": "submitting"}, "sending", "Sending"),
        ({"status": "running", "remote_state": "queued"}, "waiting", "Queued at Demo"),
        ({"status": "running", "remote_state": "running"}, "rendering", "Generating"),
        ({"status": "storing"}, "saving", "Saving"),
        ({"status": "cancelled", "credits": 0}, "cancelled", "Cancelled No credits were charged."),
        (
            {"status": "uncertain", "next_look_at": timezone.now()},
            "checking",
            "Demo did not confirm this job. It may be running and may be charged. We are checking, "
            "which is free: do not send it again.",
        ),
        (
            {"status": "uncertain"},
            "decide",
            "Demo did not confirm this job. It may be running and may be charged. "
            "Checking again is free.",
        ),
    ],
)
def test_each_state_has_its_words(client, user, facts, state, told):
    task = make_task(user, **facts)
    html = card(client, task)
    assert f'data-state="{state}"' in html
    assert told in words(html)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"credits": 0, "sends": 1}, "No credits were charged."),
        ({"sends": 0}, "No credits were charged."),
        ({"credits": 12, "remote_id": "1", "sends": 1}, "12 credits were charged."),
        ({"sends": 1}, ""),
        ({"remote_id": "1", "sends": 1}, ""),
    ],
)
def test_a_failure_tells_of_the_charge_only_what_is_certain(client, user, facts, told):
    task = make_task(user, status="failed", error="No face was found.", **facts)
    html = words(card(client, task))
    assert "No face was found." in html
    assert ("charged" in html) is bool(told)
    assert told in html


def test_a_failure_offers_to_edit_and_to_try_again(client, user):
    task = make_task(user, status="failed", error="x", advice="Shorten the prompt.")
    html = card(client, task)
    assert "Shorten the prompt." in html
    assert f'href="/create/image/?from={task.pk}#compose"' in html
    assert f'<form method="post" action="/tasks/{task.pk}/retry/"' in html
    assert re.search(r'name="intent" value="[\w-]{32}"', html)


def test_a_failure_points_at_the_setting_that_it_speaks_of(client, user):
    known = {"status": "failed", "error": "x", "advice": "Add or remove references."}
    assert "References: Add or remove" in card(
        client, make_task(user, error_field="images", **known)
    )
    assert ": Add or remove" not in card(client, make_task(user, error_field="gone", **known))


def test_a_result_that_only_was_not_saved_is_downloaded_again_not_made_again(client, user):
    html = card(client, make_task(user, status="failed", remote_state="success", remote_id="1"))
    assert "/download-again/" in html
    assert "/retry/" not in html


def test_an_unsettled_task_offers_three_ways_and_warns_of_the_price(client, user):
    task = make_task(user, status="uncertain")
    html = card(client, task)
    for way in ("check-again", "give-up", "send-again"):
        assert "<form" in html
        assert f'action="/tasks/{task.pk}/{way}/"' in html
    assert "may be charged twice" in html


@pytest.mark.parametrize(
    ("role", "may"), [("owner", True), ("admin", True), ("member", False), ("viewer", False)]
)
def test_only_who_may_act_on_the_work_of_others_sees_buttons_for_it(user, role, may):
    mate = Client()
    mate.force_login(make_member(team_of(user), role))
    for facts in ({}, {"status": "failed"}, {"status": "uncertain"}):
        task = make_task(user, prompt=f"Work {facts}", **facts)
        assert (f'action="/tasks/{task.pk}/' in text(mate.get(URL))) is may


def test_who_may_only_look_is_offered_nothing_else(client, user):
    output, failed = make_output(user), make_task(user, status="failed")
    viewer = Client()
    viewer.force_login(make_member(team_of(user), "viewer"))
    for browser, offered in ((client, True), (viewer, False)):
        page = text(browser.get(URL))
        assert (f"?ref={output.pk}" in page) is offered
        assert (f"?from={failed.pk}" in page) is offered
        assert f'href="/a/{output.pk}/"' in page


def test_while_it_is_looked_for_nothing_can_be_pressed(client, user):
    html = card(client, make_task(user, status="uncertain", next_look_at=timezone.now()))
    assert "<form" not in html


def test_a_ready_card_shows_its_image_and_what_can_be_done_with_it(client, user):
    media = make_media(user, 1600, 900, uploaded=False)
    output = make_output(user, media=media)
    html = card(client, output.task)
    assert f'<img src="/media/{media.pk}/thumb/" width="1600" height="900"' in html
    assert f'href="/a/{output.pk}/"' in html
    for mode in ("image-video", "image"):
        assert f'href="/create/{mode}/?ref={output.pk}#compose"' in html
    assert "card a169" in html
    assert "badge" not in html
    assert "data-video" not in html


def test_a_video_tells_its_length_and_audio_and_can_be_extended(client, user):
    video = make_video(user)
    output = make_output(user, make_task(user, mode="text-video", status="succeeded"), media=video)
    html = card(client, output.task)
    assert "Video 0:05 with audio" in words(html)
    assert f'data-video="/media/{video.pk}/original/"' in html
    assert f'href="/create/extend/?ref={output.pk}#compose"' in html
    video.has_sound = False
    video.save()
    assert "with audio" not in words(card(client, output.task))


def test_a_audio_is_a_wave_with_a_button_that_works_without_a_script(client, user):
    audio = make_audio(user)
    output = make_output(user, make_task(user, mode="speech", status="succeeded"), media=audio)
    html = card(client, output.task)
    assert 'class="card a169 wave"' in html
    assert f'<img src="/media/{audio.pk}/thumb/" width="16" height="9"' in html
    assert re.search(
        rf'<a class="badge listen" href="/media/{audio.pk}/original/" data-audio', html
    )
    assert 'aria-label="Listen: A lighthouse at dusk"' in html
    assert "0:06" in words(html)


def test_a_saved_frame_is_no_result_of_the_task(client, user):
    video = make_output(user, make_task(user, status="succeeded"), media=make_video(user))
    frame = make_output(user, video.task, position=100, taken_from=video, taken_at=1.5)
    html = text(client.get(URL))
    assert f'href="/a/{video.pk}/"' in html
    assert f'href="/a/{frame.pk}/"' not in html
    assert shown(client.get(URL, {"show": "images"})) == []


def test_an_output_in_the_trash_leaves_its_place(client, user):
    output = make_output(user)
    output.trash(user)
    html = card(client, output.task)
    assert "What is in the trash is not shown." in html
    assert "/thumb/" not in html


def test_what_was_deleted_is_not_called_restorable(client, user):
    output = make_output(user)
    output.trash(user)
    Output.objects.filter(pk=output.pk).delete_for_good()
    page = words(text(client.get(URL)))
    assert "What was deleted is not shown." in page
    assert "Open trash" not in page


def test_an_audio_tile_says_what_is_spoken_and_by_whom(client, user):
    task = make_task(user, mode="speech", status="succeeded", values={"voice_id": "Calm_Man"})
    make_output(user, task, media=make_audio(user))
    for page in (URL, "/library/"):
        found = re.search(r'<div class="cap".*?</div>', text(client.get(page)))[0]
        assert words(found).split(", ")[0].startswith(" A lighthouse at dusk Calm_Man")


def test_an_unreachable_provider_is_said_calmly(client, user):
    now = timezone.now()
    task = make_task(user, status="running", remote_state="running", unreachable_since=now)
    assert "Demo does not answer now. Nothing is lost, we keep asking." in words(card(client, task))


@pytest.mark.parametrize("values", [{"aspect_ratio": "auto"}, {}])
def test_the_space_of_what_follows_a_image_is_that_of_the_first(client, user, values):
    task = make_task(user, values=values)
    TaskInput.objects.create(task=task, position=0, media=make_media(user, 600, 900))
    assert "card wait a23" in card(client, task)


@pytest.mark.parametrize(
    ("elapsed", "usual", "percent", "told"),
    [
        (58, 100, 58, "0:58 of about 1:40"),
        (99, 100, 95, "1:39 of about 1:40"),
        (101, 100, 95, "1:41, longer than usual"),
        (58, None, None, "0:58"),
    ],
)
def test_the_bar_goes_by_the_usual_time_and_never_pretends_the_end(elapsed, usual, percent, told):
    now = timezone.now()
    progress = progress_of(Task(sent_at=now - timedelta(seconds=elapsed)), usual, now)
    assert (progress.percent, progress.text) == (percent, told)


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"remote_state": "running"}, None),  # nobody knows
        ({"remote_state": "running", "progress": 0.0}, None),  # the same, told as a number
        ({"remote_state": "running", "progress": 0.4}, "40"),
        ({"remote_state": "queued", "progress": 0.4}, None),  # no work has begun
        ({"status": "submitting"}, None),
        ({"status": "storing"}, None),
    ],
)
def test_a_bar_never_stands_at_zero(client, user, facts, value):
    html = card(client, make_task(user, **{"status": "running"} | facts))
    bar = re.search(r"<progress [^>]*>", html)[0]
    assert re.findall(r' value="(\w+)"', bar) == ([value] if value else [])


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"store_tries": 2}, "Saving failed try 2 of 8, next in 0:40"),
        ({"store_tries": 0}, "Saving failed next try in 0:40"),  # a fault of the studio
        ({"store_tries": 3, "deadline": 30}, "Saving failed trying again now"),
    ],
)
def test_a_result_that_is_not_saved_names_the_try_and_the_next(client, user, facts, told):
    now = timezone.now()
    if "deadline" in facts:
        facts = facts | {"deadline": now + timedelta(seconds=facts["deadline"])}
    damaged = "The file that came back is damaged, or is not what was asked for."
    known = {"status": "storing", "error": damaged, "next_store_at": now + timedelta(seconds=40)}
    html = words(card(client, make_task(user, **known | facts)))
    assert told in re.sub(r"0:3\d", "0:40", html)
    assert damaged in html


def test_what_there_is_to_know_of_a_batch_stands_in_its_head_once(client, user):
    first = make_task(user, waiting_for="Vidu is busy.")
    make_task(user, batch=first.batch, waiting_for="Vidu is busy.")
    page = text(client.get(URL))
    notes = re.search(rf'<div id="batch-{first.batch_id}-notes".*?</div>', page)[0]
    assert notes.count("Vidu is busy.") == 1


@pytest.mark.parametrize(
    ("count", "ratio", "classes"),
    [(1, "16:9", "one"), (2, "16:9", "two"), (3, "1:1", "three square"), (4, "9:16", "tall")],
)
def test_a_batch_stands_in_one_row_as_wide_as_its_shapes_need(client, user, count, ratio, classes):
    task = make_task(user, values={"aspect_ratio": ratio})
    for _ in range(count - 1):
        make_task(user, batch=task.batch, values={"aspect_ratio": ratio})
    assert f'<div class="grid {classes}">' in text(client.get(URL))


def test_a_batch_without_a_prompt_is_called_by_what_it_was_made_from(client, user):
    upload = make_media(user, name="beach.jpg")
    result = make_output(user, make_task(user, prompt="A pier at dusk", status="succeeded"))
    for given, told in ((upload, "beach.jpg"), (result.media, "A pier at dusk")):
        task = make_task(user, mode="image-video", prompt="")
        TaskInput.objects.create(task=task, position=0, media=given)
        assert f"Image to video: {told}" in words(text(client.get(URL)))
    task = make_task(user, mode="template", prompt="")
    TaskSubject.objects.create(task=task, subject=make_subject(user), name="Mira", position=0)
    for place in range(3):
        given = make_media(user, name=f"{place}.png")
        TaskInput.objects.create(task=task, position=place, media=given)
    assert "Template: @Mira , 0.png and 2 more" in words(text(client.get(URL)))
    make_task(user, mode="timed-sound", prompt="", values={"cues": [{"prompt": "Rain"}]})
    assert "Rain" in words(text(client.get(URL)))


def test_running_counts_tasks(client, user):
    task = make_task(user)
    make_task(user, batch=task.batch, status="running")
    make_task(user, batch=task.batch, status="succeeded")
    assert '<span id="running">2</span>' in text(client.get(URL))


def test_a_card_that_takes_far_too_long_says_so_and_that_we_go_on(client, user):
    now = timezone.now()
    for _ in range(3):
        make_task(user, status="succeeded", sent_at=now - timedelta(seconds=4), finished_at=now)
    task = make_task(user, status="running", remote_state="running", sent_at=now)
    assert "far longer" not in client.get("/create/image/").text
    Task.objects.filter(pk=task.pk).update(sent_at=now - timedelta(seconds=60))
    told = "This takes far longer than usual. We keep asking Demo once a minute."
    assert told in client.get("/create/image/").text


def test_a_fraction_of_the_provider_goes_before_the_clock():
    now = timezone.now()
    assert progress_of(Task(sent_at=now, progress=0.4), 100, now).percent == 40


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (65, "1:05"), (3_661, "1:01:01"), (None, "0:00")]
)
def test_elapsed_time_reads_like_a_clock(seconds, shown):
    assert clock(seconds) == shown


# --- Batches --------------------------------------------------------------------------------------


def test_a_batch_tells_its_states_in_words(client, user):
    task = make_task(user, status="succeeded")
    make_output(user, task)
    for status in ("failed", "queued"):
        facts = {"batch": task.batch, "team": task.team, "project": task.project, "user": user}
        Task.objects.create(
            **facts, provider="demo", mode="image", model_name="viduq2", status=status
        )
    page = compact(text(client.get(URL)))
    marks = re.search(r'-marks" class="marks">(.*?)</span></span>', page)[1]
    assert words(marks).split() == ["In", "queue", "1", "failed", "1", "ready"]


def test_a_batch_that_lies_in_the_trash_says_so_and_not_that_it_is_ready(client, user):
    output = make_output(user)
    make_output(user, output.task, position=1)
    assert "1 ready" in text(client.get(URL))
    for one in Output.objects.all():
        one.trash(user)
    html = words(text(client.get(URL)))
    assert "What is in the trash is not shown." in html
    assert " ready" not in html


@pytest.mark.parametrize(
    ("mode", "values", "facts"),
    [
        ("text-video", {"duration": 5, "resolution": "720p"}, ("Text to video", "5 s", "720p")),
        ("extend", {"duration": 0}, ("Extend", "Auto")),
        ("upscale", {"resolution": "4K"}, ("Upscale", "4K")),
        ("image-video", {"audio": True, "off_peak": True}, ("to video", "Audio", "Off-peak")),
    ],
)
def test_a_batch_tells_what_kind_of_work_it_is(client, user, mode, values, facts):
    task = make_task(user, mode=mode, values=values)
    TaskInput.objects.create(task=task, position=0, media=make_media(user))
    meta = words(re.search(r'<div class="meta">.*?</time>', text(client.get(URL)))[0])
    for fact in facts:
        assert fact in meta
    assert "reference" not in meta


def test_a_batch_tells_its_settings_its_price_and_its_maker(client, user):
    values = {"resolution": "2K", "aspect_ratio": "auto"}
    task = make_task(user, status="succeeded", credits=8, provider="kkiai", values=values)
    TaskInput.objects.create(task=task, position=0, media=make_media(user))
    meta = words(re.search(r'<div class="meta">.*?</time>', text(client.get(URL)))[0])
    for fact in ("1 reference", "Vidu Q2", "kkiai", "2K", "Auto", "8 credits", "Nadia Holm", "now"):
        assert fact in meta


def test_a_prompt_leads_to_those_it_mentions(client, user):
    mira, prompt = make_subject(user, name="Mira"), "@mira and [@Nobody] meet <b> @image1."
    task = make_task(user, mode="reference", prompt=prompt)
    TaskSubject.objects.create(task=task, subject=mira, name="Mira", position=0)
    TaskInput.objects.create(task=task, position=0, media=make_media(user))
    head = re.search(r'-prompt" hx-disable> ?(.*?) ?</p>', text(client.get(URL)))[1]
    assert head == (
        f'<a class="at" href="/subjects/{mira.pk}/">@Mira</a> and [@Nobody] meet &lt;b&gt; '
        '<span class="at">@image1</span>.'
    )


def test_a_ready_batch_offers_the_usual_way_on(client, user):
    running = make_task(user, status="running")
    output = make_output(user)
    page = compact(text(client.get(URL)))
    use = rf'id="batch-{output.task.batch_id}-use" class="slot"><a [^>]*href="([^"]+)"'
    assert re.search(use, page)[1] == f"/create/image-video/?ref={output.pk}#compose"
    assert f'id="batch-{running.batch_id}-use" class="slot"></span>' in page


def test_only_what_can_still_be_cancelled_has_the_button(client, user):
    sent = make_task(user, status="submitting")
    assert "Cancel queued" not in text(client.get(URL))
    waiting = make_task(user)
    page = text(client.get(URL))
    assert f'action="/tasks/{waiting.pk}/cancel/"' in page
    assert f'action="/tasks/{sent.pk}/cancel/"' not in page


def test_work_of_someone_who_left_stays_readable(client, user):
    task = make_task(user)
    Batch.objects.filter(pk=task.batch_id).update(user=None)
    assert "Former member" in text(client.get(URL))


# --- Pages and filters ----------------------------------------------------------------------------


def test_the_newest_comes_first_and_every_batch_once(client, user):
    made = [make_task(user).batch_id for _ in range(PAGE + 3)]
    first = client.get(URL)
    address = re.search(r'<a class="btn more" href="([^"]+)"', text(first))[1].replace("&amp;", "&")
    rest = client.get(address, **HTMX)
    assert [int(pk) for pk in shown(first) + shown(rest)] == made[::-1]
    assert "btn more" not in text(rest)
    assert "<h1>" not in text(rest)


def test_the_rest_comes_by_itself_for_a_while_then_asks_for_a_click(client, user):
    for _ in range(PAGE + 1):
        make_task(user)
    assert 'hx-trigger="intersect once"' in text(client.get(URL))
    assert 'hx-trigger="intersect once"' not in text(client.get(URL, {"page": "5"}))


def test_more_without_a_script_is_a_page_with_a_way_back(client, user):
    last = make_task(user).batch_id
    page = text(client.get(URL, {"after": last + 1}))
    assert shown(client.get(URL, {"after": last + 1})) == [str(last)]
    assert "Back to the newest" in page


def test_each_kind_has_a_filter_of_its_own(client, user):
    made = {
        "images": make_output(user), "videos": make_output(user, media=make_video(user)),
        "sounds": make_output(user, media=make_audio(user)),
    }  # fmt: skip
    page = text(client.get(URL))
    for show, output in made.items():
        assert shown(client.get(URL, {"show": show})) == [str(output.task.batch_id)]
        name = {"images": "Images", "videos": "Videos", "sounds": "Audio"}[show]
        assert f'href="{URL}?show={show}">{name}</a>' in page


def test_running_shows_what_is_not_done(client, user):
    running, done = make_task(user), make_output(user).task
    assert shown(client.get(URL, {"show": "running"})) == [str(running.batch_id)]
    assert shown(client.get(URL, {"show": "images"})) == [str(done.batch_id)]
    assert "Running 1" in words(text(client.get(URL)))


def test_search_looks_into_prompts_and_keeps_the_other_filters(client, user):
    other = team_of(user).projects.create(name="Winter", created_by=user)
    boat = make_task(user, prompt="Two boats at 100% speed", project=other)
    make_task(user, prompt="Two boats at 100% speed")
    make_task(user, prompt="A lamp", project=other)
    response = client.get(URL, {"q": "BOATS AT 100%", "project": other.slug}, **HTMX)
    assert shown(response) == [str(boat.batch_id)]
    assert f"?project={other.slug}&amp;show=running&amp;q=BOATS+AT+100%25" in text(response)
    assert text(response).strip().startswith('<div id="results">')


@pytest.mark.parametrize("q", ["%", "'; --", "x" * 5_000, "<b>"])
def test_any_search_is_answered(client, user, q):
    make_task(user)
    page = client.get(URL, {"q": q})
    assert page.status_code == 200
    assert b"<b></" not in page.content


@pytest.mark.parametrize("query", [{"after": "x"}, {"page": "-1"}, {"show": "all' or 1"}])
def test_an_address_of_nonsense_shows_the_feed(client, user, query):
    task = make_task(user)
    assert shown(client.get(URL, query)) == [str(task.batch_id)]


def test_no_match_and_nothing_yet_are_different(client, user):
    assert "Try it" in text(client.get(URL))
    make_task(user)
    page = text(client.get(URL, {"q": "nowhere"}))
    assert "No match" in page
    assert "Try it" not in page


def test_the_feed_of_another_team_is_not_there(client):
    make_task(make_user(), prompt="A secret plan")
    assert "A secret plan" not in text(client.get(URL))
    assert shown(client.get(URL, {"q": "secret"})) == []


def test_a_long_feed_costs_as_many_queries_as_a_short_one(
    client, user, django_assert_max_num_queries
):
    for _ in range(PAGE + 5):
        task = make_task(user, status="succeeded")
        make_output(user, task)
        TaskInput.objects.create(task=task, position=0, media=make_media(user))
    client.get(URL)
    with django_assert_max_num_queries(14):
        client.get(URL, {"show": "images", "q": "lighthouse"})


# --- The place that a reload comes back to --------------------------------------------------------


def above(response):
    found = re.search(r'href="([^"]*before=[^"]+)"', text(response))
    return found[1].replace("&amp;", "&") if found else ""


def test_the_feed_comes_back_to_a_batch_with_what_stands_around_it(client, user):
    batches = [make_task(user, status="succeeded").batch_id for _ in range(40)][::-1]
    at = batches[20]
    page = client.get(URL, {"at": at})
    assert shown(page) == [str(pk) for pk in batches[17 : 20 + PAGE]]
    assert f'data-at="batch-{at}"' in text(page)
    make_task(user, status="succeeded")  # on the page already, or new: not shown twice
    found = shown(page)
    while address := above(page):
        page = client.get(address, **HTMX)
        found = shown(page) + found
    assert found == [str(pk) for pk in batches[: 20 + PAGE]]
    assert 'id="to-start" hx-swap-oob="delete"' in text(page)


def test_a_batch_that_is_gone_leaves_its_neighbours_in_the_feed(client, user):
    batches = [make_task(user, status="succeeded").batch_id for _ in range(9)][::-1]
    Task.objects.filter(batch=batches[4]).delete()
    Batch.objects.filter(pk=batches[4]).delete()
    page = client.get(URL, {"at": batches[4]})
    assert f'data-at="batch-{batches[5]}"' in text(page)
    assert shown(client.get(URL, {"at": "x"})) == shown(client.get(URL))
