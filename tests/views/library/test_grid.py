"""The library: whose outputs, in which order, which of them, and moving many at once."""

import re
import secrets
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generation.catalogue import rules
from generation.forms.paging import Cursor
from generation.models import Media, Output, Role, Subject, TaskSubject
from generation.views.feed import next_steps
from tests.factories import (
    make_audio,
    make_member,
    make_output,
    make_task,
    make_user,
    make_video,
    project_of,
    team_of,
)
from tests.markup import compact

HTMX = {"HX-Request": "true"}


def many(user, count: int, **fields) -> list[Output]:
    """Outputs of one task without files, the last one the newest."""
    task, now = make_task(user, status="succeeded"), timezone.now()
    facts = {
        "mime": "image/png",
        "format": "png",
        "bytes": 9,
        "width": 16,
        "height": 9,
        "sha256": "",
    }
    media = Media.objects.bulk_create(
        Media(team=task.team, created_by=user, path=secrets.token_hex(8), **facts)
        for _ in range(count)
    )
    return Output.objects.bulk_create(
        Output(
            task=task, team=task.team, project=task.project, user=user, media=one, position=number,
            search_text=task.batch.search_text,
            **({"created_at": now - timedelta(minutes=count - number)} | fields),
        )
        for number, one in enumerate(media)
    )  # fmt: skip


def shown(answer) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="o(\d+)"', answer.content.decode())]


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def next_page(answer) -> str:
    found = re.search(r'class="more" href="([^"]+)"', answer.content.decode())
    return "/library/" + found[1].replace("&amp;", "&") if found else ""


def test_it_shows_what_the_team_keeps_and_nothing_else(client, user):
    old, new = make_output(user), make_output(user)
    make_output(user, trashed_at=timezone.now())
    make_output(make_user())
    assert shown(client.get("/library/")) == [new.pk, old.pk]


def test_somebody_in_two_teams_sees_the_one_they_work_in(client, user):
    other = make_user()
    team_of(other).memberships.create(user=user)
    make_output(other)
    assert shown(client.get("/library/")) == []


def test_pages_follow_each_other_without_gaps_or_doubles_even_at_one_moment(client, user):
    outputs = many(user, 130, created_at=timezone.now())
    found, address = [], "/library/"
    while address:
        answer = client.get(address)
        found += shown(answer)
        address = next_page(answer)
    assert found == [output.pk for output in reversed(outputs)]


def test_a_cursor_that_was_tampered_with_starts_at_the_first_page(client, user):
    outputs = many(user, 61)
    good = Cursor.of(outputs[30].created_at, outputs[30].pk, 2)
    assert len(shown(client.get(f"/library/?after={good}"))) == 30
    for bad in (good[:-1] + "x", "x", "", "é" * 9, good[3:]):
        assert len(shown(client.get("/library/", {"after": bad}))) == 60


def test_an_appended_page_is_tiles_alone_and_repeats_no_heading(client, user):
    many(user, 61, created_at=timezone.now())
    first = client.get("/library/")
    assert "Today" in first.content.decode()
    assert "61 items" in first.content.decode()
    answer = client.get(next_page(first), headers=HTMX)
    assert len(shown(answer)) == 1
    assert "<h2>" not in answer.content.decode()
    assert "<form" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_a_new_day_gets_a_heading_and_its_own_count(client, user):
    make_output(user)
    for _ in range(2):
        make_output(user, created_at=timezone.now() - timedelta(days=1))
    page = compact(client.get("/library/").content.decode())
    assert re.findall(r"<h2>([^<]*)</h2><span>([^<]*)</span>", page) == [
        ("Today", "1 item"), ("Yesterday", "2 items"),
    ]  # fmt: skip


def test_after_five_automatic_pages_a_click_is_asked_for(client, user):
    outputs = many(user, 62)
    at = outputs[61]
    for page, automatic in ((1, True), (5, True), (6, False), (7, True)):
        cursor = Cursor.of(at.created_at, at.pk, page)
        text = client.get(f"/library/?after={cursor}", headers=HTMX).content.decode()
        assert ('hx-trigger="intersect once"' in text) is automatic


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("project=here", [0]),
        ("project=here&project=there", [2, 1, 0]),
        ("person=other", [1]),
        ("model=viduq1", [1]),
        ("model=viduq2", [2, 0]),
        ("q=LIGHTHOUSE", [0]),
        ("q=cat+red", [2]),
        ("q=50%25", [1]),
        ("q=%2550", [1]),
        ("type=image", [2, 1, 0]),
        ("type=video", []),
        ("sort=oldest", [0, 1, 2]),
        ("project=there&q=cat&sort=oldest", [2]),
        ("project=nobodys&person=77&model=none&type=x&sort=y&q=%1B", [2, 1, 0]),
    ],
)
def test_filters(client, user, query, expected):
    here, there = project_of(user), team_of(user).projects.create(name="There", created_by=user)
    other = make_member(team_of(user))
    tasks = [
        make_task(user, project=here, prompt="A lighthouse at dusk", model_name="viduq2"),
        make_task(other, project=there, prompt="A robot, 50% off", model_name="viduq1"),
        make_task(user, project=there, prompt="A red boat and a cat",
                  model_name="viduq2_reference2image"),
    ]  # fmt: skip
    outputs = [make_output(task.user, task) for task in tasks]
    replaced = {"=here": f"={here.slug}", "=there": f"={there.slug}", "=other": f"={other.pk}"}
    for name, value in replaced.items():
        query = query.replace(name, value)
    assert shown(client.get(f"/library/?{query}")) == [outputs[n].pk for n in expected]


@pytest.mark.parametrize(
    ("query", "expected", "chip"),
    [
        ("since=2026-03-02", [2], "From"),
        ("until=2026-03-01", [1, 0], "Until"),
        ("q=before:2026-03-02", [1, 0], "Until"),
        ("q=before:2000-01-01", [], "Until"),
        ("q=after:2026-03-01+before:2026-03-02", [1], "From"),
        ("since=soon&until=2026-02-30", [2, 1, 0], ""),
    ],
)
def test_days_are_those_of_the_reader(client, user, query, expected, chip):
    """23:30 of 28 February in Auckland, then the first hours of 1 and 2 March."""
    user.zone = "Pacific/Auckland"
    user.save()
    times = ["2026-02-28T10:30Z", "2026-02-28T11:30Z", "2026-03-01T12:00Z"]
    outputs = [many(user, 1, created_at=datetime.fromisoformat(at))[0] for at in times]
    answer = client.get(f"/library/?{query}")
    assert shown(answer) == [outputs[n].pk for n in expected]
    assert bool(chip) == ('class="applied' in answer.content.decode())
    assert chip in answer.content.decode()


def test_a_filter_stays_in_the_form_the_chips_and_the_next_page(client, user):
    many(user, 61)
    slug = project_of(user).slug
    team_of(user).projects.create(name="There", created_by=user)
    answer = client.get(f"/library/?project={slug}&q=lighthouse&sort=oldest")
    page = compact(answer.content.decode())
    assert f'value="{slug}" checked' in page
    assert 'value="lighthouse"' in page
    assert 'href="?q=lighthouse&amp;sort=oldest"' in page  # without the project
    assert f"project={slug}&q=lighthouse&sort=oldest&after=" in next_page(answer)


def test_nothing_yet_leads_to_create_and_no_match_to_no_filters(client, user):
    assert "Nothing here yet" in client.get("/library/").content.decode()
    page = client.get("/library/?q=zebra").content.decode()
    assert "No match" in page
    assert "Clear filters" in page


def test_the_size_of_tiles_is_kept_in_a_cookie_and_leaves_the_address(client, user):
    make_output(user)
    answer = client.get("/library/?q=light&size=l")
    assert answer.url == "/library/?q=light"
    assert "size-l" in client.get(answer.url).content.decode()


def test_a_kind_is_offered_where_a_model_makes_it_or_there_is_some_of_it(client, user, monkeypatch):
    images = rules.offers(mode="image")
    monkeypatch.setattr(rules, "offers", lambda *_asked, **_named: images)
    monkeypatch.setattr(
        next_steps, "offered_steps", next_steps.offered_steps.__wrapped__
    )  # nothing is kept of these offers
    make_output(user)
    page = client.get("/library/").content.decode()
    assert ("Videos" in page, "Audio" in page) == (False, False)
    make_output(user, media=make_audio(user))
    page = client.get("/library/").content.decode()
    assert ("Videos" in page, "Audio" in page) == (False, True)


def test_each_kind_has_its_tile(client, user):
    video, audio = make_video(user), make_audio(user)
    for media in (video, audio):
        make_output(user, media=media)
    page = re.sub(r"\s+", " ", client.get("/library/").content.decode())
    assert f'data-video="/media/{video.pk}/original/"' in page
    assert f'<a class="badge listen" href="/media/{audio.pk}/original/" data-audio' in page
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "Video 0:05 with audio" in plain
    assert "0:06" in plain
    assert page.count('data-do="use"') == 2


def test_it_narrows_by_kind_of_work_and_by_subject(client, user):
    plain, extended = (
        make_output(user, make_task(user, mode=mode, status="succeeded"))
        for mode in ("text-video", "extend")
    )
    mira = Subject.objects.create(team=team_of(user), name="Mira")
    TaskSubject.objects.create(task=plain.task, subject=mira, name="Mira", position=0)
    assert shown(client.get("/library/?mode=extend")) == [extended.pk]
    assert shown(client.get(f"/library/?subject={mira.pk}")) == [plain.pk]
    assert shown(client.get(f"/library/?subject={mira.pk}&mode=extend")) == []
    page = compact(client.get(f"/library/?subject={mira.pk}").content.decode())
    assert re.search(
        r'class="pill" href="\?" hx-disable><span class="vh">Remove:</span>@Mira', page
    )


def test_the_subjects_of_other_teams_narrow_nothing(client, user):
    output, theirs = make_output(user), Subject.objects.create(team=team_of(make_user()), name="X")
    page = client.get(f"/library/?subject={theirs.pk}")
    assert shown(page) == [output.pk]
    assert "@X" not in page.content.decode()


def test_a_page_costs_few_queries_at_any_depth(client, user, django_assert_max_num_queries):
    outputs = many(user, 130)
    cursor = Cursor.of(outputs[65].created_at, outputs[65].pk, 2)
    for address in ("/library/", f"/library/?after={cursor}", "/library/?q=a&sort=oldest"):
        with django_assert_max_num_queries(12):
            client.get(address)


def test_pages_may_be_kept_by_the_browser_for_going_back(client):
    header = client.get("/library/")["Cache-Control"]
    assert "private" in header
    assert "no-cache" in header
    assert "no-store" not in header


def test_what_people_wrote_is_shown_as_text(client, user):
    evil = '"><img src=x onerror=alert(1)><div hx-get=/x hx-trigger=load>'
    user.name = evil[:80]
    user.save()
    make_output(user, make_task(user, prompt=evil))
    page = client.get("/library/", {"q": evil}).content.decode()
    assert "<img src=x" not in page
    assert "<div hx-get=/x" not in page
    assert "onerror=alert" in page


def test_everybody_can_select_but_only_some_may_trash(user):
    team = team_of(user)
    make_output(user)
    for role, own, bulk in ((Role.ADMIN, 1, 1), (Role.MEMBER, 0, 1), (Role.VIEWER, 0, 0)):
        page = browser_of(make_member(team, role)).get("/library/").content.decode()
        assert page.count('name="ids"') == 1
        assert len(re.findall(r'formaction="/a/\d+/trash/', page)) == own
        assert page.count('data-bulk="trash"') == bulk
        assert page.count('data-bulk="download"') == 1


# --- Moving many ----------------------------------------------------------------------------------


def trashed() -> set[int]:
    return set(Output.objects.trashed().values_list("pk", flat=True))


def test_many_are_trashed_at_once_and_come_back_by_undo(client, user):
    one, two, _kept = (make_output(user).pk for _ in range(3))
    answer = client.post("/library/trash/", {"ids": f"{one},{two}"}, headers=HTMX)
    assert answer.status_code == 204
    trigger = answer.headers["HX-Trigger"]
    assert f'"vs:moved": {{"ids": [{one}, {two}], "to": "trash"}}' in trigger
    assert "2 moved to the trash." in trigger
    assert trashed() == {one, two}
    undo = re.search(r'"href": "([^"]+)"', trigger)[1]
    answer = client.post(undo, headers=HTMX)
    assert '"to": "restore"' in answer.headers["HX-Trigger"]
    assert '"action": ""' in answer.headers["HX-Trigger"]  # no undo of an undo
    assert trashed() == set()


def test_without_scripts_the_form_returns_to_where_it_was_sent_from(client, user):
    output = make_output(user)
    body = {"ids": [output.pk], "next": "/library/?q=light"}
    answer = client.post("/library/trash/", body)
    assert answer.url == "/library/?q=light"
    assert "Moved to the trash." in client.get(answer.url).content.decode()
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = client.post("/library/trash/", {"ids": [output.pk], "next": evil})
        assert answer.url == "/library/"


def test_one_output_of_another_team_refuses_them_all(user):
    member = make_member(team_of(user))
    own, foreign = make_output(member), make_output(make_user())
    for other in (foreign.pk, 2**62, 2**70):
        answer = browser_of(member).post("/library/trash/", {"ids": [own.pk, other]})
        assert answer.status_code == 404
    assert browser_of(member).post("/library/trash/", {"ids": ["x"]}).status_code == 404
    assert trashed() == set()


def test_outputs_of_others_are_not_trashed_and_a_message_says_so(user):
    member = make_member(team_of(user))
    own, others, more = make_output(member), make_output(user), make_output(user)
    client, ids = browser_of(member), [own.pk, others.pk]
    trigger = client.post("/library/trash/", {"ids": ids}, headers=HTMX).headers["HX-Trigger"]
    assert f'"vs:moved": {{"ids": [{own.pk}], "to": "trash"}}' in trigger
    assert "Moved to the trash. 1 stays: only whoever made it or an admin can move it." in trigger
    assert trashed() == {own.pk}
    answer = client.post("/library/trash/", {"ids": [others.pk, more.pk]}, headers=HTMX)
    assert (
        "2 stay: only whoever made them or an admin can move them." in answer.headers["HX-Trigger"]
    )
    assert "vs:moved" not in answer.headers["HX-Trigger"]
    assert trashed() == {own.pk}


def test_many_are_moved_in_few_queries(client, user, django_assert_max_num_queries):
    ids = ",".join(str(output.pk) for output in many(user, 200))
    # Six of them tell the open pages of the team, four look for and hold other versions.
    with django_assert_max_num_queries(23):
        client.post("/library/trash/", {"ids": ids}, headers=HTMX)
    assert len(trashed()) == 200


def test_trashing_again_keeps_the_first_date(client, user):
    output = make_output(user, trashed_at=timezone.now() - timedelta(days=9))
    client.post("/library/trash/", {"ids": [output.pk]})
    assert Output.objects.get().trashed_at == output.trashed_at


def test_nothing_or_too_much_at_once_is_answered_with_a_sentence(client, user):
    answer = client.post("/library/trash/", headers=HTMX)
    assert "Select something first." in answer.headers["HX-Trigger"]
    numbers = ",".join(map(str, range(1, 1_002)))
    answer = client.post("/library/trash/", {"ids": numbers}, headers=HTMX)
    assert "at most 1,000" in answer.headers["HX-Trigger"]
