"""The one poller of a page."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from generation.models import Membership, Presence, Task, Team
from generation.views.feed.poll_view import MOST_CARDS
from generation.views.feed.polling import pace_of
from tests.factories import make_member, make_output, make_task, make_user, team_of
from tests.markup import compact

HTMX = {"HTTP_HX_REQUEST": "true"}


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def poller(html):
    """The address that the page asks next, "" when it asks no more."""
    found = re.search(r'<div id="live"[^>]*?hx-get="([^"]+)"', html)
    return found[1].replace("&amp;", "&") if found else ""


def arrivals(answer):
    found = re.findall(r'id="batch-(\d+)" [^>]*hx-swap-oob="afterbegin:#feed"', answer)
    return [int(number) for number in found]


def first_poll(client, **query):
    return poller(text(client.get("/create/image/", query)))


def cards(html):
    return re.findall(r'id="(task-\d+)"[^>]*hx-swap-oob="morph"', html)


def test_nothing_new_is_an_empty_answer_of_few_queries(client, user, django_assert_num_queries):
    make_task(user)
    address = first_poll(client)
    with django_assert_num_queries(3):
        response = client.get(address, **HTMX)
    assert response.status_code == 204
    assert response.content == b""


def test_a_change_brings_its_card_and_the_next_poller(client, user):
    task, still = make_task(user), make_task(user)
    address = first_poll(client)
    task.move("submitting")
    answer = text(client.get(address, **HTMX))
    assert answer.strip().startswith('<div id="live"')
    assert cards(answer) == [f"task-{task.pk}"]
    assert f"task-{still.pk}" not in answer
    assert re.search(rf'id="batch-{task.batch_id}-marks"[^>]*hx-swap-oob="morph"', answer)
    assert client.get(poller(answer), **HTMX).status_code == 204


def test_the_cursor_of_the_first_page_misses_nothing(client, user):
    task = make_task(user)
    address = first_poll(client)
    task.move("submitting")
    task.move("running", remote_id="1")
    assert 'data-state="rendering"' in text(client.get(address, **HTMX))


def while_rows_are_read(table, change):
    """Have `change` happen once, right after the first rows of a table were read for the page."""
    told = iter([change])

    def wrapper(execute, sql, params, many, context):
        if wrapper.armed:
            wrapper.armed = False
            next(told, lambda: None)()
        result = execute(sql, params, many, context)
        wrapper.armed = sql.startswith("SELECT") and f'FROM "{table}"' in sql and wrapper.waits
        wrapper.waits = wrapper.waits and not wrapper.armed
        return result

    wrapper.armed, wrapper.waits = False, True
    return connection.execute_wrapper(wrapper)


def test_a_change_while_an_answer_is_made_comes_with_the_next_one(client, user):
    early, late = make_task(user), make_task(user)
    address = first_poll(client)
    early.move("submitting")
    with while_rows_are_read("generation_task", lambda: late.move("submitting")):
        answer = text(client.get(address, **HTMX))
    assert cards(answer) == [f"task-{early.pk}"]
    assert f"task-{late.pk}" in cards(text(client.get(poller(answer), **HTMX)))


@pytest.mark.parametrize("page", ["/create/image/", "/tasks/{}/"])
def test_a_change_while_a_page_is_made_comes_with_its_first_poll(client, user, page):
    task = make_task(user)
    with while_rows_are_read("generation_task", lambda: task.move("submitting")):
        html = text(client.get(page.format(task.pk)))
    assert cards(text(client.get(poller(html), **HTMX))) == [f"task-{task.pk}"]


def test_a_note_without_a_new_state_is_news_as_well(client, user):
    task = make_task(user)
    address = first_poll(client)
    task.record(waiting_for="Vidu is busy.")
    assert "Vidu is busy." in text(client.get(address, **HTMX))


def test_the_head_of_a_batch_and_the_count_follow(client, user):
    task = make_task(user, status="storing", credits=8)
    address = first_poll(client)
    assert '<span id="running">1</span>' in text(client.get("/create/image/"))
    make_output(user, task)
    task.move("succeeded")
    answer = compact(text(client.get(address, **HTMX)))
    assert re.search(r'id="running" hx-swap-oob="morph"></span>', answer)
    assert re.search(rf'id="batch-{task.batch_id}-charged"[^>]*><span>8 credits</span>', answer)
    assert re.search(
        rf'id="batch-{task.batch_id}-use"[^>]*><a [^>]*><svg.*?</svg>To video</a>', answer
    )


def test_what_a_teammate_starts_comes_on_top_once(client, user):
    mate = make_member(team_of(user))
    first = make_task(user)
    address = first_poll(client)
    one, two = (make_task(mate, change=Team.next_change(team_of(user).pk)) for _ in range(2))
    answer = text(client.get(address, **HTMX))
    assert arrivals(answer) == [one.batch_id, two.batch_id]  # each on top of the one before
    first.move("submitting")
    two.move("submitting")
    assert arrivals(text(client.get(poller(answer), **HTMX))) == []


@pytest.mark.parametrize("query", ["", "?q=boat", "?show=images", "?after=99"])
def test_what_the_page_has_started_comes_on_top_of_any_part_of_the_feed(client, user, query):
    make_task(user, prompt="A boat")
    address = poller(text(client.get(f"/create/image/{query}")))
    new = make_task(user, prompt="A lamp", change=Team.next_change(team_of(user).pk))
    answer = text(client.get(f"{address}&started={new.batch_id}", **HTMX))
    assert arrivals(answer) == [new.batch_id]
    assert "started=" not in poller(answer)
    assert arrivals(text(client.get(poller(answer), **HTMX))) == []


def test_what_was_started_before_the_last_change_comes_as_well(client, user):
    early, late = make_task(user), make_task(user)
    top = late.batch_id
    asked = {"c": team_of(user).change_seq, "t": top, "started": early.batch_id}
    answer = text(client.get("/live/", asked, **HTMX))
    assert arrivals(answer) == [early.batch_id]
    assert f"&t={top}" in poller(answer)


@pytest.mark.parametrize("query", ["?q=boat", "?show=images", "?after=99"])
def test_a_part_of_the_feed_has_no_place_for_it(client, user, query):
    mate = make_member(team_of(user))
    make_task(user, prompt="A boat")
    address = poller(text(client.get(f"/create/image/{query}")))
    make_task(mate, prompt="A boat", change=Team.next_change(team_of(user).pk))
    assert arrivals(text(client.get(address, **HTMX))) == []


def test_a_search_brings_a_poller_that_knows_of_it(client, user):
    make_task(user, prompt="A boat")
    answer = text(client.get("/create/image/?q=boat", **HTMX))
    assert re.search(r'<div id="live" hx-swap-oob="true"', answer)
    assert "&t=" not in poller(answer)


def test_an_idle_page_of_somebody_alone_asks_nothing(client, user):
    assert first_poll(client) == ""


def test_an_idle_page_asks_for_others_and_sooner_while_one_is_there(client, user):
    colleague = make_member(team_of(user))
    address = first_poll(client)
    assert "n=20000" in address
    assert client.get(address, **HTMX).status_code == 204
    other = Client()
    other.force_login(colleague)
    other.get("/library/")
    address = poller(text(client.get(address, **HTMX)))
    assert "n=3000" in address
    assert client.get(address, **HTMX).status_code == 204


def test_who_was_there_a_while_ago_is_not_there(client, user):
    colleague = Membership.objects.get(user=make_member(team_of(user)))
    Presence.objects.create(membership=colleague, seen_at=timezone.now() - timedelta(minutes=4))
    assert "n=20000" in first_poll(client)


def test_a_batch_of_a_colleague_comes_to_an_idle_page(client, user):
    colleague = make_member(team_of(user))
    address = first_poll(client)
    task = make_task(colleague)
    task.record()
    assert arrivals(text(client.get(address, **HTMX))) == [task.batch_id]


def test_for_off_peak_alone_the_page_asks_once_a_minute(client, user):
    early = timezone.now() - timedelta(hours=1)
    cheap = make_task(user, status="running", values={"off_peak": True})
    Task.objects.filter(pk=cheap.pk).update(created_at=early)
    address = first_poll(client)
    assert "n=60000" in address
    assert client.get(address, **HTMX).status_code == 204
    dear = make_task(user, status="running")
    Task.objects.filter(pk=dear.pk).update(created_at=early)
    assert "n=10000" in first_poll(client)


def test_when_nothing_can_change_any_more_the_page_stops_asking(client, user):
    task = make_task(user)
    address = first_poll(client)
    task.move("cancelled", credits=0)
    answer = text(client.get(address, **HTMX))
    assert cards(answer) == [f"task-{task.pk}"]
    assert poller(answer) == ""
    assert 'id="live"' in answer
    assert "data-next" not in answer


def test_a_page_without_running_work_asks_nothing(client, user):
    make_output(user)
    assert first_poll(client) == ""


def test_a_task_that_waits_for_a_person_is_not_polled_for(client, user):
    task = make_task(user, status="uncertain", next_look_at=None)
    assert first_poll(client) == ""
    Task.objects.filter(pk=task.pk).update(next_look_at=timezone.now())
    assert first_poll(client) != ""


@pytest.mark.parametrize(("age", "pace"), [(5, 2_000), (40, 2_000), (90, 4_000), (600, 10_000)])
def test_the_older_the_work_the_slower_the_page(client, user, age, pace):
    task = make_task(user)
    born = timezone.now() - timedelta(seconds=age)
    Task.objects.filter(pk=task.pk).update(created_at=born)
    assert f'data-next="{pace}"' in text(client.get("/create/image/"))
    assert pace_of(int(born.timestamp()), timezone.now()) == pace


def test_a_page_that_asks_too_often_for_old_work_is_slowed_down(client, user):
    """Nothing changed, but the answer carries the new pace."""
    born = int((timezone.now() - timedelta(seconds=90)).timestamp())
    task = make_task(user)
    Task.objects.filter(pk=task.pk).update(created_at=timezone.now() - timedelta(seconds=90))
    response = client.get("/live/", {"c": 0, "b": born, "n": 2_000}, **HTMX)
    assert response.status_code == 200
    assert 'data-next="4000"' in text(response)
    assert cards(text(response)) == []


def test_a_project_page_hears_of_its_own_work_only(client, user):
    other = team_of(user).projects.create(name="Winter", created_by=user)
    here, there = make_task(user, project=other), make_task(user)
    address = first_poll(client, project=other.slug)
    here.move("submitting")
    there.move("submitting")
    assert cards(text(client.get(address, **HTMX))) == [f"task-{here.pk}"]


def test_the_page_of_one_task_hears_of_that_task_only(client, user):
    here, there = make_task(user), make_task(user)
    here.move("submitting")
    there.move("submitting")
    answer = text(client.get("/live/", {"c": 0, "scope": f"task:{here.pk}"}, **HTMX))
    assert cards(answer) == [f"task-{here.pk}"]


@pytest.mark.parametrize("scope", ["task:x", "task:", "project:", "team:1", "", "task:" + "9" * 40])
def test_a_scope_that_is_not_there_has_no_tasks(client, user, scope):
    make_task(user).move("submitting")
    answer = text(client.get("/live/", {"c": 0, "scope": scope}, **HTMX))
    assert cards(answer) == []
    assert poller(answer) == ""


def test_another_team_stays_unseen_whatever_is_asked(client, user):
    foreign = make_task(make_user())
    foreign.move("submitting")
    asked = {"c": 0, "scope": f"task:{foreign.pk}"}
    assert cards(text(client.get("/live/", asked, **HTMX))) == []
    assert arrivals(text(client.get("/live/", {"started": foreign.batch_id}, **HTMX))) == []
    Membership.objects.create(team=foreign.team, user=user)
    assert cards(text(client.get("/live/", asked, **HTMX))) == []  # a team of mine, not this one


def test_who_was_removed_hears_nothing_more(user):
    member = make_member(team_of(user))
    client = Client()
    client.force_login(member)
    make_task(user)
    address = first_poll(client)
    Membership.objects.filter(user=member).delete()
    answer = client.get(address, **HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/team/ended/")


def test_a_session_that_ended_leads_to_the_log_in(visitor):
    response = visitor.get("/live/?c=1", HTTP_HX_CURRENT_URL="http://testserver/create/", **HTMX)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/login/?next=%2Fcreate%2F"


def test_only_so_many_cards_come_at_once_and_the_rest_is_counted(client, user):
    tasks = [make_task(user) for _ in range(MOST_CARDS + 3)]
    for number, task in enumerate(tasks, 1):
        Task.objects.filter(pk=task.pk).update(change=number)
    Team.objects.update(change_seq=len(tasks))
    answer = text(client.get("/live/?c=0", **HTMX))
    assert len(cards(answer)) == MOST_CARDS
    assert "And 3 more changed." in answer
    rest = text(client.get(poller(answer), **HTMX))
    assert cards(rest) == [f"task-{task.pk}" for task in reversed(tasks[-3:])]
    assert "more changed" not in rest


def test_many_changes_cost_as_many_queries_as_one(client, user, django_assert_max_num_queries):
    for _ in range(12):
        make_task(user, values={"aspect_ratio": "1:1"}).move("submitting")
    client.get("/live/?c=0", **HTMX)
    with django_assert_max_num_queries(9):
        client.get("/live/?c=0", **HTMX)


def test_own_images_that_became_ready_are_announced_once(client, user):
    task = make_task(user, status="storing")
    address = first_poll(client)
    make_output(user, task)
    task.move("succeeded")
    answer = text(client.get(address, **HTMX))
    assert re.search(r'<p id="news"[^>]*role="status"[^>]*>1 image is ready.</p>', answer)
    assert 'data-state="ready"' in answer


@pytest.mark.parametrize(
    ("modes", "told"),
    [
        (["image", "image"], "2 images are ready."),
        (["text-video"], "1 video is ready."),
        (["sound", "speech"], "2 audio files are ready."),
        (["image", "text-video"], "2 results are ready."),
    ],
)
def test_what_became_ready_is_called_by_its_kind(client, user, modes, told):
    tasks = [make_task(user, mode=mode, status="storing") for mode in modes]
    address = first_poll(client)
    for task in tasks:
        make_output(user, task)
        task.move("succeeded")
    assert told in text(client.get(address, **HTMX))


def test_the_images_of_others_come_without_a_word(client, user):
    task = make_task(make_member(team_of(user)), team=team_of(user), status="storing")
    address = first_poll(client)
    task.move("succeeded")
    answer = text(client.get(address, **HTMX))
    assert cards(answer) == [f"task-{task.pk}"]
    assert "is ready" not in answer


@pytest.mark.parametrize("cursor", ["-1", "x", "", "9" * 40, "1e3", "٣"])
def test_a_cursor_of_nonsense_is_no_error(client, user, cursor):
    make_task(user)
    assert client.get("/live/", {"c": cursor}, **HTMX).status_code == 200


def test_only_reading_is_allowed(client):
    assert client.post("/live/").status_code == 405
