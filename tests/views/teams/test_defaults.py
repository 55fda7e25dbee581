"""What a team starts new work with: a prefill, after what a person chose, typed or asked for."""

import pytest

from generation.models import AuditEvent, Batch, Verb
from generation.models.teams import Team
from tests.factories import make_user, project_of, team_of

pytestmark = pytest.mark.django_db
USUAL = {"image": {"aspect_ratio": "9:16", "resolution": "2K"}, "video": {"aspect_ratio": "1:1"}}


@pytest.fixture
def team(user):
    team = team_of(user)
    team.default_settings = USUAL
    team.save()
    return team


def form_of(client, path="/create/image/"):
    return client.get(path).context["form"]


def save(client, **fields):
    return client.post("/team/settings/", {"name": "Herz"} | fields)


def test_an_empty_composer_starts_as_the_team_does(client, team):
    form = form_of(client)
    assert (form.shown("aspect_ratio"), form.shown("resolution")) == ("9:16", "2K")
    assert form_of(client, "/create/text-video/").shown("aspect_ratio") == "1:1"
    assert not client.get("/create/image/").context["notes"]


def test_what_is_asked_for_goes_first(client, team):
    assert form_of(client, "/create/image/?aspect_ratio=4:3").shown("aspect_ratio") == "4:3"
    example = form_of(client, "/create/image/?example=1")
    Team.objects.update(default_settings={})
    assert form_of(client, "/create/image/?example=1").shown("aspect_ratio") == example.shown(
        "aspect_ratio"
    )


def test_what_no_model_has_is_passed_over_in_silence(client, team):
    Team.objects.update(default_settings={"image": {"aspect_ratio": "7:3", "resolution": "9K"}})
    page = client.get("/create/image/")
    assert page.context["form"].shown("aspect_ratio") != "7:3"
    assert not page.context["notes"]


def test_new_work_goes_to_the_project_of_the_team(user, client, team):
    first, other = project_of(user), team.projects.create(name="Zulu", created_by=user)
    assert form_of(client).chosen_project == first
    save(client, default_project=other.pk)
    assert form_of(client).chosen_project == other
    assert form_of(client, f"/create/image/?project={first.slug}").chosen_project == first
    type(other).objects.filter(pk=other.pk).update(archived_at="2026-11-01T12:00Z")
    assert form_of(client).chosen_project == first


def test_the_project_that_a_person_used_last_goes_first(user, client, team):
    first, other = project_of(user), team.projects.create(name="Zulu", created_by=user)
    save(client, default_project=other.pk)
    form = form_of(client)
    answer = client.post(
        "/create/image/",
        {
            "prompt": "A pear", "project": first.slug, "model": form.shown("model"),
            "intent": form.shown_intent, "count": "1", "aspect_ratio": "1:1",
            "resolution": "1080p",
        },
    )  # fmt: skip
    assert Batch.objects.exists(), answer.content.decode()[-3000:]
    assert form_of(client).chosen_project == first


def test_what_changes_is_in_the_log_with_old_and_new(user, client, team):
    project = project_of(user)
    save(
        client, default_project=project.pk, time_zone="berlin", image_aspect_ratio="1:1",
        image_resolution="2K", video_aspect_ratio="1:1",
    )  # fmt: skip
    (event,) = AuditEvent.objects.filter(verb=Verb.TEAM_CHANGED)
    assert event.changes.pop("name")
    assert event.changes == {
        "time zone": ["", "Europe/Berlin"],
        "project": ["", project.name],
        "image_aspect_ratio": ["9:16", "1:1"],
    }
    page = client.get("/team/audit/").content.decode()
    assert "Aspect ratio of images" in page
    assert "Europe/Berlin" in page


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Asia/Shanghai", "Asia/Shanghai"), (" new york ", "America/New_York"), ("", "")],
)
def test_a_time_zone_is_found_by_its_city(client, team, typed, kept):
    assert save(client, time_zone=typed).status_code == 302
    assert Team.objects.get(pk=team.pk).time_zone == kept


@pytest.mark.parametrize("typed", ["Atlantis", "../../etc/passwd", "x" * 70])
def test_a_time_zone_that_is_none_is_refused(client, team, typed):
    assert save(client, time_zone=typed).status_code == 422
    assert Team.objects.get(pk=team.pk).time_zone == ""


def test_a_project_of_another_team_is_none_to_choose(client, team):
    assert save(client, default_project=project_of(make_user()).pk).status_code == 422
    assert Team.objects.get(pk=team.pk).default_project is None
