"""The Create page: what it shows, what it starts, and what it refuses."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.models import Batch, Membership, Output, Project, Role, Task
from tests.factories import (
    make_key,
    make_media,
    make_member,
    make_output,
    make_task,
    make_user,
    png,
    project_of,
    team_of,
)

URL = "/create/image/"
HTMX = {"HTTP_HX_REQUEST": "true"}
INTENT = "first-press-of-generate"


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def typed(user, **fields):
    known = {"intent": INTENT, "model": "demo/viduq2", "prompt": "A lighthouse at dusk"}
    return known | {"project": project_of(user).slug, "count": "1"} | fields


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


# --- The page -------------------------------------------------------------------------------------


def test_the_short_address_leads_to_the_mode_with_its_question(client):
    response = client.get("/create/?from=5&project=x")
    assert response.url == "/create/image/?from=5&project=x"
    assert client.get("/create/?mode=https://evil.test").url.startswith("/create/image/?")


def test_a_stranger_is_asked_to_log_in(visitor):
    assert visitor.get(URL).url == "/login/?next=/create/image/"
    told = visitor.get(URL, **HTMX)
    assert told.status_code == 401
    assert told["HX-Redirect"].startswith("/login/")


def test_an_unknown_mode_is_404(client):
    assert client.get("/create/film/").status_code == 404


def test_the_page_shows_composer_and_feed(client, user):
    make_task(user)
    page = text(client.get(URL))
    assert (
        '<form class="composer" id="compose" method="post" action="/create/image/#compose"' in page
    )
    assert 'id="live" hx-get="/live/?c=' in page
    assert page.count("<h1>") == 1
    assert "HX-Request" in client.get(URL)["Vary"]


def test_reading_changes_nothing_and_costs_few_queries(client, user, django_assert_max_num_queries):
    for _ in range(20):
        make_output(user)
    client.get(URL)
    with django_assert_max_num_queries(12) as queries:
        client.get(URL)
    assert [q["sql"] for q in queries if not q["sql"].lstrip("(").startswith("SELECT")] == []


def test_a_viewer_sees_the_feed_and_no_composer(user):
    make_task(user, prompt="Seen by all")
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    page = text(viewer.get(URL))
    assert "Seen by all" in page
    assert 'id="compose"' not in page
    assert "Try it" not in page
    assert viewer.post(URL, typed(user)).status_code == 404
    assert viewer.get("/create/image/fields/").status_code == 404


def test_without_a_key_the_page_says_what_demo_images_are(client, user):
    assert "Demo images are placeholders." in words(client.get(URL))
    assert 'href="/settings/keys/add/?provider=vidu"' in text(client.get(URL))
    make_key(user)
    assert "placeholders" not in words(client.get(URL))
    assert "/settings/keys/add/" not in text(client.get(URL))


def test_without_anything_to_ask_for_generate_is_off(client, settings):
    settings.SIMULATOR_OFFERED = False
    page = text(client.get(URL))
    assert re.search(r'<button class="btn cta go" type="submit" disabled>', page)
    assert "Add a key in Settings to begin." in page


def test_the_project_of_the_address_is_the_one_chosen(client, user):
    other = team_of(user).projects.create(name="Winter", created_by=user)
    page = text(client.get(URL, {"project": other.slug}))
    assert "<h1>Winter</h1>" in page
    assert f'<option value="{other.slug}" selected>' in page
    assert f'action="/create/image/?project={other.slug}#compose"' in page
    assert client.get(URL, {"project": project_of(make_user()).slug}).status_code == 404


# --- What fills the form --------------------------------------------------------------------------


def test_reuse_fills_in_everything_of_a_task(client, user):
    values = {"prompt": "Two <b>boats</b>", "resolution": "4K", "aspect_ratio": "auto", "seed": 7}
    task = make_task(user, values=values)
    image = make_media(user)
    task.inputs.create(position=0, media=image)
    page = text(client.get(URL, {"from": task.pk}))
    assert "Two &lt;b&gt;boats&lt;/b&gt;</textarea>" in page
    assert f'name="images" value="{image.pk}"' in page
    assert re.search(r'name="seed"[^>]* value="7"', page)
    assert re.search(r'name="resolution" value="4K" checked', page)
    assert re.search(r'name="aspect_ratio" value="auto" checked', page)
    assert "data-fresh" not in page


def test_reuse_of_a_model_without_a_key_says_what_is_used_instead(client, user):
    task = make_task(user, provider="kkiai")
    assert "You cannot use kkiai now." in words(client.get(URL, {"from": task.pk}))


@pytest.mark.parametrize("name", ["from", "ref"])
def test_the_work_of_another_team_cannot_be_reused(client, name):
    stranger = make_user()
    foreign = make_task(stranger) if name == "from" else make_output(stranger)
    assert client.get(URL, {name: foreign.pk}).status_code == 404
    assert client.get(URL, {name: "x"}).status_code == 404


def test_work_of_another_own_team_cannot_be_mixed_in(client, user):
    """The person is in both teams; what they do belongs to the one they work in."""
    other = make_user()
    task, output = make_task(other), make_output(other)
    Membership.objects.create(team=team_of(other), user=user)
    assert client.get(URL, {"from": task.pk}).status_code == 404
    assert client.get(URL, {"ref": output.pk}).status_code == 404


def test_an_output_becomes_a_reference(client, user):
    output = make_output(user)
    assert f'name="images" value="{output.media_id}"' in text(client.get(URL, {"ref": output.pk}))


def test_an_example_fills_the_form(client):
    page = text(client.get(URL, {"example": "2"}))
    assert "amber perfume bottle" in re.search(r"<textarea.*?</textarea>", page)[0]
    assert re.search(r'name="aspect_ratio" value="1:1" checked', page)
    assert client.get(URL, {"example": "99"}).status_code == 200


def test_a_draft_brings_its_settings_back_as_the_composer_alone(client, user):
    image, foreign = make_media(user), make_media(make_user())
    draft = {"draft": "1", "model": "demo/viduq2", "resolution": "2K", "count": "3"}
    draft["images"] = [image.pk, foreign.pk, "x"]
    answer = text(client.get(URL, draft, **HTMX))
    assert answer.strip().startswith('<form class="composer"')
    assert re.findall(r'name="images" value="(\d+)"', answer) == [str(image.pk)]
    assert re.search(r'name="count" value="3" checked', answer)


def test_a_fresh_form_may_take_a_draft(client):
    assert "data-fresh" in text(client.get(URL))
    assert "data-fresh" not in text(client.get(URL, {"example": "1"}))


# --- Starting -------------------------------------------------------------------------------------


def test_generate_starts_a_batch_with_what_was_typed(client, user):
    key, image = make_key(user), make_media(user)
    fields = typed(user, model="vidu/viduq2", count="3", images=image.pk, seed="7")
    response = client.post(URL, fields | {"resolution": "2K", "aspect_ratio": "auto"})
    batch = Batch.objects.get()
    assert response.url == f"/create/image/#batch-{batch.pk}"
    assert (batch.user, batch.team, batch.project) == (user, team_of(user), project_of(user))
    assert [task.key for task in batch.tasks.all()] == [key] * 3
    task = batch.tasks.first()
    assert task.values == {
        "prompt": "A lighthouse at dusk",
        "resolution": "2K",
        "aspect_ratio": "auto",
        "seed": 7,
    }
    assert [one.media for one in task.inputs.all()] == [image]
    assert task.estimate == 12


def started_batches(client, answer):
    """The batches that the page puts on top, once the poller of an answer has asked."""
    address = re.search(r'id="live" hx-swap-oob="true" hx-get="([^"]+)" hx-trigger="load,', answer)
    news = text(client.get(html.unescape(address[1]), **HTMX))
    assert 'hx-trigger="load' not in news
    return re.findall(r'id="batch-(\d+)"[^>]* hx-swap-oob="afterbegin:#feed"', news)


def test_with_htmx_the_answer_is_a_new_intent_and_a_poller_that_fetches_the_batch(client, user):
    response = client.post(URL, typed(user), **HTMX)
    batch, answer = Batch.objects.get(), text(response)
    assert 'id="compose"' not in answer
    assert response["HX-Reswap"].startswith("none")
    assert '"toast"' in response["HX-Trigger"]
    intent = re.search(r'name="intent" value="([^"]+)" hx-swap-oob="morph"', answer)[1]
    assert intent != INTENT
    assert len(intent) == 32
    assert started_batches(client, answer) == [str(batch.pk)]


def test_after_a_refused_press_the_form_is_drawn_again_without_its_errors(client, user):
    refused = text(client.post(URL, typed(user, seed="many"), **HTMX))
    assert 'name="until-started"' in refused
    response = client.post(URL, typed(user, **{"until-started": "1"}), **HTMX)
    answer = text(response)
    assert answer.strip().startswith('<form class="composer"')
    assert "A lighthouse at dusk</textarea>" in answer
    assert 'name="until-started"' not in answer
    assert f'value="{INTENT}"' not in answer
    assert "HX-Reswap" not in response
    assert started_batches(client, answer) == [str(Batch.objects.get().pk)]


def test_files_that_came_with_the_form_are_shown_in_it(client, user):
    answer = text(client.post(URL, typed(user, new_images=[file()]), **HTMX))
    assert answer.strip().startswith('<form class="composer"')
    assert answer.count('<input type="hidden" name="images"') == 1


def test_the_same_form_again_starts_nothing(client, user):
    for _ in range(3):
        response = client.post(URL, typed(user, prompt="Something else"), **HTMX)
    assert Task.objects.count() == 1
    assert started_batches(client, text(response)) == [str(Batch.objects.get().pk)]
    assert "This was started already." in response["HX-Trigger"]
    assert f'value="{INTENT}"' not in text(response)


def test_the_intent_of_another_person_is_not_mine(client, user):
    mate = make_member(team_of(user))
    browser_of(mate).post(URL, typed(user))
    client.post(URL, typed(user))
    assert Batch.objects.count() == 2


def test_the_poller_goes_on_from_what_the_page_has_seen(client, user):
    """A change of another card between the last poll and the press must not be skipped."""
    other = make_task(user)
    other.move("submitting")
    for seen, shown in (("0", "c=0&"), ("999", "c=2&"), ("", "c=3&")):
        press = f"press-number-{seen or 'none'}"
        fields = typed(user, intent=press, prompt=press, c=seen)
        answer = text(client.post(URL, fields, **HTMX))
        assert f'hx-get="/live/?{shown}' in answer.replace("&amp;", "&"), seen


def test_a_batch_for_another_project_than_shown_is_still_followed(client, user):
    other = team_of(user).projects.create(name="Winter", created_by=user)
    here = client.post(f"{URL}?project={other.slug}", typed(user, project=other.slug), **HTMX)
    assert f"scope=project%3A{other.slug}" in text(here)
    there = client.post(f"{URL}?project={other.slug}", typed(user, intent="b" * 32), **HTMX)
    assert "scope=feed" in text(there)
    assert started_batches(client, text(there)) == [str(Batch.objects.latest("pk").pk)]


def test_the_next_visit_begins_with_what_was_used_last(client, user):
    make_key(user, "vidu")
    other = team_of(user).projects.create(name="Winter", created_by=user)
    client.post(
        URL, typed(user, model="demo/viduq1", images=make_media(user).pk, project=other.slug)
    )
    page = text(client.get(URL))
    assert re.search(r'name="model" value="demo/viduq1" checked', page)
    assert f'<option value="{other.slug}" selected>' in page


# --- Refusing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_form_keeps_what_was_typed(client, user, headers):
    image = make_media(user)
    fields = typed(user, prompt="x" * 2_001, seed="many", payload="<keep>", images=image.pk)
    response = client.post(URL, fields | {"resolution": "4K", "count": "2"}, **headers)
    page = text(response)
    assert response.status_code == 422
    assert not Task.objects.exists()
    assert f"{'x' * 2_001}</textarea>" in page
    assert re.search(r'name="seed"[^>]* value="many"[^>]* aria-invalid="true"', page)
    assert "&lt;keep&gt;" in page
    assert f'name="images" value="{image.pk}"' in page
    assert re.search(r'name="resolution" value="4K" checked', page)
    assert re.search(r'name="count" value="2" checked', page)
    assert f'name="intent" value="{INTENT}"' in page
    assert 'href="#id_prompt"' in page
    assert page.strip().startswith("<form" if headers else "<!doctype")


def test_nothing_cuts_a_paste_without_a_word(client):
    prompt = re.search(r"<textarea[^>]*name=\"prompt\"[^>]*>", text(client.get(URL)))[0]
    assert "maxlength" not in prompt


@pytest.mark.parametrize("name", ["images", "project", "key", "model"])
def test_ids_of_others_are_refused_like_ids_of_nothing(client, user, name):
    stranger = make_user()
    make_key(user)
    foreign = {
        "images": make_media(stranger).pk,
        "project": project_of(stranger).slug,
        "key": make_key(stranger).pk,
        "model": "kkiai/viduq2",
    }
    fields = typed(user, model="vidu/viduq2") | {name: foreign[name]}
    assert client.post(URL, fields, **HTMX).status_code == 422
    assert not Batch.objects.exists()


def test_a_member_who_was_removed_can_start_nothing(client, user):
    other = make_user()
    project = project_of(other)
    membership = Membership.objects.create(team=project.team, user=user)
    session = client.session
    session["team"] = project.team_id
    session.save()
    membership.delete()
    assert client.post(URL, typed(user, project=project.slug), **HTMX).status_code == 422


def test_a_form_without_its_token_is_refused(user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(URL, typed(user)).status_code == 403
    assert not Batch.objects.exists()


# --- Without JavaScript ---------------------------------------------------------------------------


def file(name="lamp.png", data=None):
    return SimpleUploadedFile(name, data or png(), "image/png")


def test_files_sent_along_become_references(client, user):
    old = make_media(user)
    client.post(URL, typed(user, images=old.pk, new_images=[file("a.png"), file("b.png")]))
    inputs = Task.objects.get().inputs.all()
    assert [one.media.name for one in inputs] == [old.name, "a.png", "b.png"]


def test_a_file_that_cannot_be_taken_is_named_and_the_others_stay(client, user):
    files = [file("good.png"), file("notes.png", b"no picture at all")]
    response = client.post(URL, typed(user, new_images=files))
    assert response.status_code == 422
    assert "notes.png: This file is not an image." in words(response)
    assert text(response).count('<input type="hidden" name="images"') == 1


def test_another_model_can_be_applied_without_losing_anything(client, user):
    fields = typed(user, model="demo/viduq1", resolution="4K", edit="apply", new_images=[file()])
    response = client.post(URL, fields)
    assert response.status_code == 200
    assert "Resolution set to 1080p, the default of Vidu Q1." in words(response)
    assert "A lighthouse at dusk</textarea>" in text(response)
    assert text(response).count('<input type="hidden" name="images"') == 1
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("edit", "left"),
    [
        ("remove:images:{1}", [0, 2]),
        ("left:images:{2}", [0, 2, 1]),
        ("right:images:{0}", [1, 0, 2]),
        ("left:images:{0}", [0, 1, 2]),
        ("right:images:{2}", [0, 1, 2]),
        ("remove:images:999999", [0, 1, 2]),
    ],
)
def test_images_are_moved_and_removed_by_buttons_of_the_form(client, user, edit, left):
    ids = [make_media(user).pk for _ in range(3)]
    response = client.post(URL, typed(user, images=ids, edit=edit.format(*ids)))
    found = re.findall(r'<input type="hidden" name="images" value="(\d+)"', text(response))
    assert found == [str(ids[place]) for place in left]


def test_a_refused_file_is_told_while_the_form_is_changed(client, user):
    fields = typed(user, edit="add", new_images=[file("notes.png", b"no picture")])
    assert "notes.png: This file is not an image." in words(client.post(URL, fields))


# --- What users wrote -----------------------------------------------------------------------------

HOSTILE = '</textarea><img src=x onerror=alert(1)><div hx-get="/x" hx-trigger="load">'


def test_what_users_wrote_is_text_wherever_it_stands(client, user):
    Project.objects.update(name=HOSTILE[:80])
    task = make_task(user, prompt=HOSTILE, values={"prompt": HOSTILE, "payload": HOSTILE})
    make_task(user, prompt=HOSTILE, status="failed", error=HOSTILE, advice=HOSTILE)
    make_task(user, prompt=HOSTILE, waiting_for=HOSTILE)
    make_output(user, make_task(user, prompt=HOSTILE, status="succeeded"))
    image = make_media(user, name=HOSTILE[:200])
    page = client.get(URL, {"from": task.pk, "images": image.pk, "q": "textarea"})
    assert b"<img src=x" not in page.content
    assert b'<div hx-get="/x"' not in page.content
    assert Output.objects.count() == 1


def test_no_attribute_that_the_policy_forbids(client, user):
    make_task(user, status="failed", error="x")
    page = text(client.get(URL))
    assert not re.search(r"\s(style|on\w+|hx-on[\w:-]*)=|js:|<script>|<style", page)
