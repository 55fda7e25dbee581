"""What came of one's own batches, for the title of tabs and a notice of the system."""

import pytest
from django.test import Client
from django.utils import timezone

from generation.models import Batch, Task
from generation.views.feed.polling import takes_long
from tests.factories import make_member, make_output, make_task, make_user, team_of

PATH = "/live/work/"
PROMPT = "A very secret product in the morning light"


def work(client: Client, *asked: Batch, **query) -> list[dict]:
    numbers = ",".join(str(one.pk) for one in asked)
    answer = client.get(PATH, {"w": numbers} | query)
    assert "private" in answer["Cache-Control"]
    return answer.json()["work"]


def states(client: Client, *asked: Batch) -> dict[int, str]:
    return {one["id"]: one["state"] for one in work(client, *asked)}


def task_of(user, batch: Batch | None = None, **fields) -> Task:
    return make_task(user, **({"batch": batch} if batch else {}), prompt=PROMPT, **fields)


def test_what_is_under_way_is_told_unasked(client, user):
    task = task_of(user, status="running")
    task_of(user, status="succeeded")
    assert states(client) == {task.batch_id: "waiting"}


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["succeeded"], "ready"),
        (["succeeded", "cancelled"], "ready"),
        (["failed"], "failed"),
        (["succeeded", "failed"], "failed"),
        (["succeeded", "running"], "waiting"),
        (["failed", "storing"], "waiting"),
        (["running", "uncertain"], "question"),
        (["failed", "uncertain"], "question"),
        (["cancelled"], None),
    ],
)
def test_a_batch_that_is_asked_about_is_told_as_it_stands(client, user, statuses, state):
    first = task_of(user, status=statuses[0])
    for status in statuses[1:]:
        task_of(user, first.batch, status=status)
    assert states(client, first.batch) == ({first.batch_id: state} if state else {})


def test_what_is_held_is_a_question(client, user):
    task = task_of(user, status="queued", held_since=timezone.now())
    assert states(client, task.batch) == {task.batch_id: "question"}


@pytest.mark.parametrize("code", ["GivenUp", "StoppedWaiting"])
def test_what_the_person_ended_themselves_is_not_told(client, user, code):
    task = task_of(user, status="failed", error_code=code)
    assert states(client, task.batch) == {}


def test_one_result_leads_to_it_and_what_failed_to_its_task(client, user):
    output = make_output(user)
    failed = task_of(user, status="failed")
    ready, bad = work(client, output.task.batch, failed.batch)
    assert ready["url"] == f"/a/{output.pk}/"
    assert bad["url"] == f"/tasks/{failed.pk}/"


def test_no_prompt_is_named_unless_it_is_asked_for(client, user):
    task = task_of(user, status="succeeded")
    Task.objects.update(prompt=PROMPT * 9)
    assert "secret" not in client.get(PATH, {"w": task.batch_id}).content.decode()
    (one,) = work(client, task.batch, prompt="1")
    assert one["prompt"].startswith(PROMPT)
    assert len(one["prompt"]) <= 80
    assert "secret" not in one["text"]


def test_the_work_of_others_is_nobody_elses(client, user):
    colleague, stranger = make_member(team_of(user)), make_user()
    theirs = [task_of(one, status="succeeded").batch for one in (colleague, stranger)]
    task_of(colleague, status="running")
    assert work(client, *theirs) == []


@pytest.mark.parametrize("asked", ["", ",", "x", "-1", "9" * 40, "1;2", ",".join(["1"] * 999)])
def test_an_odd_question_finds_nothing(client, user, asked):
    assert client.get(PATH, {"w": asked}).json() == {"work": []}


def test_it_costs_few_queries_however_much_is_asked(client, user, django_assert_max_num_queries):
    batches = [make_output(user).task.batch for _ in range(3)]
    work(client)
    with django_assert_max_num_queries(9):
        work(client, *batches)


def test_the_page_says_that_work_is_under_way(client, user):
    page = client.get("/create/image/").content.decode()
    assert 'id="tell"' in page
    assert "data-busy" not in page
    task_of(user, status="running")
    assert 'data-busy="yes"' in client.get("/create/image/").content.decode()


@pytest.mark.parametrize(
    ("mode", "took", "is_long"),
    [("image", [], False), ("text-video", [], True), ("text-video", [20, 20, 20], False),
     ("image", [90, 90, 90], True), ("text-video", [61, 61, 61], True)],
)  # fmt: skip
def test_what_takes_over_a_minute_is_worth_being_told_of(user, monkeypatch, mode, took, is_long):
    """Where too few were made to know, a video is."""
    monkeypatch.setattr("generation.engine.schedule.recent_seconds", lambda _kind: took)
    assert takes_long(task_of(user, mode=mode).batch) is is_long
