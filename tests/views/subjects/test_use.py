"""From an output to a subject, and from a subject to Create, in as few presses as can be."""

import json
import re

import pytest

from generation.catalogue import rules
from generation.catalogue.rules import name_of
from generation.models import Role, Subject
from tests.factories import (
    make_media,
    make_member,
    make_output,
    make_subject,
    make_task,
    make_user,
    make_video,
    team_of,
)
from tests.media.sample_videos import video
from tests.views.subjects.test_subjects import HTMX, browser_of, fields, text, used


def prompt_of(answer) -> str:
    return re.search(r'<textarea id="id_prompt"[^>]*>\n?([^<]*)<', answer.content.decode())[1]


def chosen_kinds(answer) -> list[str]:
    radios = re.findall(r'<input type="radio" name="kind"[^>]*>', answer.content.decode())
    return [re.search(r'value="(\w+)"', one)[1] for one in radios if "checked" in one]


def output_of(user, prompt: str):
    return make_output(user, make_task(user, status="succeeded", prompt=prompt))


# --- The kind -------------------------------------------------------------------------------------


def test_nothing_is_preset_and_the_kind_is_asked(client, user):
    assert chosen_kinds(client.get("/subjects/new/")) == []
    answer = client.post(
        "/subjects/new/", fields(make_media(user), kind="", description="Red coat")
    )
    assert answer.status_code == 422
    assert "Choose what it is." in text(answer)
    assert "Red coat" in text(answer)
    assert not Subject.objects.exists()


@pytest.mark.parametrize(
    ("prompt", "kinds"), [("A lighthouse on a cliff", ["place"]), ("Blue hour, no one", [])]
)
def test_of_an_output_it_is_what_the_prompt_says(client, user, prompt, kinds):
    output = output_of(user, prompt)
    assert chosen_kinds(client.get("/subjects/new/", {"from": output.pk})) == kinds


def test_a_saved_kind_stays(client, user):
    subject = make_subject(user, "Mira", kind="animal")
    assert chosen_kinds(client.get(f"/subjects/{subject.pk}/edit/")) == ["animal"]


def test_fields_that_hold_something_are_not_folded_away(client, user):
    assert '<details class="further">' in text(client.get("/subjects/new/"))
    subject = make_subject(user, "Mira", style="Oil")
    page = text(client.get(f"/subjects/{subject.pk}/edit/"))
    assert '<details class="further" open>' in page


# --- From an output -------------------------------------------------------------------------------


def test_every_grid_offers_it_and_the_page_stays(client, user):
    output = output_of(user, "A lighthouse on a cliff")
    link = f"/subjects/new/?from={output.pk}"
    for address in ("/library/", "/create/image/", output.get_absolute_url()):
        assert f'href="{link}"' in text(client.get(address))
    form = client.get(link, headers=HTMX)
    assert 'name="stay"' in text(form)
    sent = fields(output.media, name="lighthouse", kind="place", dialog="1", stay="1")
    answer = client.post("/subjects/new/", sent, headers=HTMX)
    made = Subject.objects.get()
    events = json.loads(answer["HX-Trigger"])
    assert answer.status_code == 204
    assert "dialog:close" in events
    assert events["toast"]["text"].startswith("@lighthouse is saved.")
    assert events["toast"]["href"] == f"/create/reference/?subject={made.pk}#compose"


def test_a_refused_form_of_a_tile_still_stays(client, user):
    sent = fields(make_media(user), name="", dialog="1", stay="1")
    assert 'name="stay"' in text(client.post("/subjects/new/", sent, headers=HTMX))


def test_a_sound_becomes_no_subject(client, user):
    media = make_media(user, kind="audio", format="mp3", mime="audio/mpeg")
    output = make_output(user, kind="audio", media=media)
    for address in ("/library/", output.get_absolute_url()):
        assert "/subjects/new/?from=" not in text(client.get(address))


def test_of_a_video_that_is_too_long_its_first_frame_is_taken(client, user):
    task = make_task(user, status="succeeded", prompt="A lighthouse on a cliff")
    media = make_video(user, video(frames=144), seconds=6.0)
    output = make_output(user, task, kind="video", media=media)
    page = text(client.get("/subjects/new/", {"from": output.pk}))
    assert f'name="frame" value="{output.pk}"' in page
    assert "First frame of the video" in page
    sent = fields(name="lighthouse", kind="", frame=output.pk)
    again = text(client.post("/subjects/new/", sent))
    frame = output.frames.get()
    assert f'name="images" value="{frame.media_id}"' in again
    assert 'name="frame"' not in again
    client.post("/subjects/new/", sent | {"kind": "place"})
    assert Subject.objects.get().files == [frame.media]
    assert output.frames.count() == 1
    theirs = make_output(make_user())
    assert client.post("/subjects/new/", sent | {"frame": theirs.pk}).status_code == 404


# --- Use in Create --------------------------------------------------------------------------------


def test_page_and_card_lead_to_create_with_it(client, user):
    subject = make_subject(user, "Mira")
    link = f'href="/create/reference/?subject={subject.pk}#compose"'
    assert link in text(client.get("/subjects/"))
    assert link in text(client.get(subject.get_absolute_url()))
    page = client.get(f"/create/reference/?subject={subject.pk}")
    assert prompt_of(page) == "@Mira "
    assert f'name="subjects" value="{subject.pk}"' in text(page)
    assert "data-fresh" not in text(page)  # no draft goes over it


def test_a_model_that_knows_no_subjects_gives_way(client, user):
    subject = make_subject(user, "Mira")
    offers = rules.offers(mode="reference", provider="demo")
    plain = next(one for one in offers if "subjects" not in one.limits)
    session = client.session
    session["create"] = {"models": {"reference": name_of(plain)}}
    session.save()
    chosen = r'name="model" value="([^"]+)"[^>]* checked'
    assert re.search(chosen, text(client.get("/create/reference/")))[1] == name_of(plain)
    taken = re.search(chosen, text(client.get(f"/create/reference/?subject={subject.pk}")))[1]
    assert taken != name_of(plain)
    assert "subjects" in rules.offer_named("reference", taken).limits


@pytest.mark.parametrize("whose", ["archived", "another team", "nonsense"])
def test_one_that_is_not_there_is_said_and_nothing_is_attached(client, user, whose):
    subject = make_subject(make_user() if whose == "another team" else user, "Mira")
    if whose == "archived":
        subject.archive(user)
        assert "Use in Create" not in text(client.get(subject.get_absolute_url()))
        assert "Use in Create" not in text(client.get("/subjects/?archived=1"))
    asked = "x" if whose == "nonsense" else subject.pk
    page = client.get(f"/create/reference/?subject={asked}")
    assert "This subject is in the archive or gone." in text(page)
    assert prompt_of(page) == ""
    assert 'name="subjects"' not in text(page)


def test_a_viewer_is_offered_neither(user):
    subject = make_subject(user, "Mira")
    used(user, subject, 1)
    viewer = make_member(team_of(user), Role.VIEWER)
    browser = browser_of(getattr(viewer, "user", viewer))
    for address in ("/subjects/", subject.get_absolute_url(), "/library/"):
        page = text(browser.get(address))
        assert "Use in Create" not in page
        assert "/subjects/new/?from=" not in page
