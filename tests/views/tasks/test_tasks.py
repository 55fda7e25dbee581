"""The page of one task, and what people can do about it."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generation.models import Batch, Role, Status, Task, TaskInput
from tests.factories import (
    make_key,
    make_media,
    make_member,
    make_output,
    make_task,
    make_user,
    team_of,
)
from tests.markup import compact

ACTIONS = (
    "cancel",
    "retry",
    "download-again",
    "find-results",
    "check-again",
    "give-up",
    "send-again",
    "stop-waiting",
)
FEED = {"HX-Request": "true", "HX-Current-URL": "http://testserver/create/image/"}


def on_its_page(task: Task) -> dict[str, str]:
    address = f"http://testserver/tasks/{task.pk}/"
    return {"HX-Request": "true", "HX-Current-URL": address}


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def uncertain(user, **fields) -> Task:
    """Nobody can tell whether it was accepted: a person decides."""
    return make_task(user, status="uncertain", sent_at=timezone.now(), **fields)


# --- The page -------------------------------------------------------------------------------------


def test_it_shows_the_request_the_log_and_the_price(client, user):
    values = {"prompt": "A fox", "resolution": "4K", "seed": 5, "payload": "x" * 3_000}
    task = make_task(
        user, provider="vidu", prompt="A fox", values=values, estimate=10, remote_id="9876"
    )
    TaskInput.objects.create(task=task, position=0, media=(reference := make_media(user)))
    task.move(Status.SUBMITTING)
    task.move(Status.FAILED, "The prompt was refused.", error="The prompt was refused.",
              error_code="PolicyViolation", advice="Change it.", credits=0)  # fmt: skip
    page = client.get(f"/tasks/{task.pk}/").content.decode()
    for expected in (
        "A fox", "4K", "9876", "10 credits", "0 credits", "PolicyViolation", "Change it.",
        f"/media/{reference.pk}/thumb/", "and 1,000 more characters", "<b>Sending</b>",
        "<b>Failed</b> The prompt was refused.", f'id="task-{task.pk}"',
    ):  # fmt: skip
        assert expected in page


def test_the_end_of_a_key_is_shown_to_its_owner_alone(client, user):
    key = make_key(user, secret="vda_CANARY_0123456789", label="Studio key")
    task = make_task(user, provider="vidu", key=key)
    path = f"/tasks/{task.pk}/"
    assert "Studio key …6789" in client.get(path).content.decode()
    admin = browser_of(make_member(team_of(user), Role.ADMIN))
    page = admin.get(path).content.decode()
    assert "Studio key" not in page
    assert "6789" not in page
    for secret in (task.marker, task.callback_token, "CANARY"):
        assert secret not in client.get(path).content.decode()


def test_a_living_task_is_polled_alone(client, user):
    task = make_task(user)
    page = client.get(f"/tasks/{task.pk}/").content.decode()
    assert f"scope=task%3A{task.pk}" in page


def test_htmx_gets_what_is_below_the_card(client, user):
    task = make_task(user)
    answer = client.get(f"/tasks/{task.pk}/", headers=on_its_page(task))
    assert answer.content.decode().lstrip().startswith('<div id="detail"')
    assert "HX-Request" in answer["Vary"]


def test_what_people_and_providers_wrote_is_shown_as_text(client, user):
    evil = '"><img src=x onerror=alert(1)><div hx-get=/x hx-trigger=load>'
    task = make_task(user, prompt=evil, values={"payload": evil}, error=evil[:600])
    task.move(Status.FAILED, evil, error=evil)
    page = client.get(f"/tasks/{task.pk}/").content.decode()
    assert "<img src=x" not in page
    assert "<div hx-get=/x" not in page


def test_the_page_costs_few_queries(client, user, django_assert_max_num_queries):
    task = make_task(user, status="succeeded")
    make_output(user, task)
    with django_assert_max_num_queries(18):
        client.get(f"/tasks/{task.pk}/")


@pytest.mark.parametrize("action", ACTIONS)
def test_members_act_on_their_own_and_managers_on_all(user, action):
    team = team_of(user)
    member, path = make_member(team), f"/tasks/{make_task(user).pk}/{action}/"
    for person in (member, make_member(team, Role.VIEWER), make_user()):
        assert browser_of(person).post(path).status_code == 404
    assert browser_of(make_member(team, Role.ADMIN)).post(path).status_code == 302
    own = f"/tasks/{make_task(member, team=team).pk}/{action}/"
    assert browser_of(member).post(own).status_code == 302
    if action != "send-again":
        assert browser_of(member).get(own).status_code == 405


# --- Cancel ---------------------------------------------------------------------------------------


def test_a_queued_task_is_cancelled_once_and_for_all(client, user):
    task = make_task(user)
    for message in ("Cancelled.", "It is cancelled already."):
        page = client.post(f"/tasks/{task.pk}/cancel/", follow=True).content.decode()
        assert message in page
    task.refresh_from_db()
    assert task.status == Status.CANCELLED
    assert task.events.filter(to_status="cancelled").count() == 1


def test_one_press_cancels_what_can_be_cancelled_of_a_batch(client, user):
    queued = make_task(user)
    twin = make_task(user, batch=queued.batch)
    running = make_task(user, batch=queued.batch, status="running", remote_state="processing")
    answer = client.post(f"/tasks/{queued.pk}/cancel/", {"batch": "1"}, headers=FEED)
    assert "2 cancelled." in answer.headers["HX-Trigger"]
    page = answer.content.decode()
    assert f'id="task-{queued.pk}"' in page
    assert f'id="task-{twin.pk}"' in page
    running.refresh_from_db()
    assert running.status == Status.RUNNING


def test_too_late_to_cancel_gets_a_message(client, user):
    task = make_task(user, status="running", remote_state="processing")
    answer = client.post(f"/tasks/{task.pk}/cancel/", headers=on_its_page(task))
    assert "Too late to cancel. It will finish and be kept." in answer.headers["HX-Trigger"]
    page = answer.content.decode()
    assert f'id="task-{task.pk}"' in page
    assert 'hx-swap-oob="true"' in page  # the poller
    assert f"batch-{task.batch_id}-marks" not in page  # is not on that page


# --- Retry ----------------------------------------------------------------------------------------


def test_trying_again_makes_one_new_task_however_often_the_form_is_sent(client, user):
    old = make_task(user, status="failed")
    answer = client.post(f"/tasks/{old.pk}/retry/", {"intent": "one"})
    for intent in ("one", "two"):
        page = client.post(f"/tasks/{old.pk}/retry/", {"intent": intent}).content.decode()
        assert "This was started already, as task" in page
    new = Task.objects.get(retry_of=old)
    assert answer.url == f"/tasks/{new.pk}/"
    assert f'href="{answer.url}"' in page
    assert new.values == old.values
    assert Batch.objects.count() == 2
    assert "Tried again as" in client.get(f"/tasks/{old.pk}/").content.decode()


def test_without_scripts_a_task_is_made_again_from_the_page_that_says_it_was_started(client, user):
    path = f"/tasks/{make_task(user, status='failed').pk}/retry/"
    for intent in ("one", "two"):
        answer = client.post(path, {"intent": intent})
    page = answer.content.decode()
    action = re.search(r'action="([^"]+again=1)"', page)[1]
    intent = re.search(r'name="intent" value="([^"]+)"', page)[1]
    answers = [client.post(action, {"intent": intent}) for _ in range(2)]
    assert answers[0].url == f"/tasks/{Task.objects.latest('pk').pk}/"
    assert "This was started already" in answers[1].content.decode()
    assert Task.objects.count() == 3


@pytest.mark.parametrize("where", ["feed", "page"])
def test_a_second_click_on_try_again_offers_to_make_it_again(client, user, where):
    old = make_task(user, status="failed")
    headers, path = FEED if where == "feed" else on_its_page(old), f"/tasks/{old.pk}/retry/"
    client.post(path, {"intent": "one"}, headers=headers)
    answer = client.post(path, {"intent": "two"}, headers=headers)
    event = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert event["text"] == f"This was started already, as task {old.retries.get().pk}."
    assert (event["action"], event["method"]) == ("Make it again", "post")
    assert (f"started={old.retries.get().batch_id}" in answer.content.decode()) == (where == "feed")
    for _ in range(2):
        client.post(event["href"], headers=headers)
    assert old.retries.count() == 2


def test_a_full_queue_takes_no_task_again(client, user, settings):
    settings.QUEUED_MOST = 1
    make_task(user)
    old = make_task(user, status="failed")
    answer = client.post(f"/tasks/{old.pk}/retry/", {"intent": "one"}, headers=FEED)
    assert "1 of your tasks waits to be sent" in answer.headers["HX-Trigger"]
    assert not old.retries.exists()


def test_the_feed_gets_the_new_batch_and_a_task_page_is_left_for_the_new_one(client, user):
    old = make_task(user, status="failed")
    path = f"/tasks/{old.pk}/retry/"
    page = compact(client.post(path, {"intent": "one"}, headers=FEED).content.decode())
    assert 'id="live" hx-swap-oob="true"' in page
    assert f"started={old.retries.get().batch_id}" in page  # the poller asks for it at once
    answer = client.post(f"{path}?again=1", {"intent": "two"}, headers=on_its_page(old))
    newest = Task.objects.latest("pk")
    assert answer.headers["HX-Redirect"] == f"/tasks/{newest.pk}/"


@pytest.mark.parametrize(
    ("fields", "intent", "message"),
    [
        ({"status": "running"}, "one", "It is not done yet. Wait for its result."),
        ({"status": "failed", "remote_state": "success"}, "one", "Download it again instead"),
        ({"status": "failed", "provider": "vidu"}, "one", "Add a key for Vidu in the settings"),
        ({"status": "failed", "model_name": "viduq0"}, "one", "not offered any more"),
        ({"status": "failed"}, "", "This form is out of date."),
        ({"status": "failed"}, "x" * 65, "This form is out of date."),
    ],
)
def test_what_cannot_be_tried_again_says_why(client, user, fields, intent, message):
    task = make_task(user, **fields)
    answer = client.post(f"/tasks/{task.pk}/retry/", {"intent": intent}, follow=True)
    assert message in answer.content.decode()
    assert Task.objects.count() == 1


# --- Download again -------------------------------------------------------------------------------


def test_a_result_that_was_not_kept_is_downloaded_again_for_free(client, user):
    task = make_task(user, status="failed", remote_state="success", remote_id="1")
    for _ in range(2):
        answer = client.post(f"/tasks/{task.pk}/download-again/", follow=True)
        assert "The result is being downloaded again." in answer.content.decode()
    task.refresh_from_db()
    assert task.status == Status.STORING
    assert Task.objects.count() == 1


def test_there_may_be_nothing_to_download(client, user):
    task = make_task(user, status="failed")
    answer = client.post(f"/tasks/{task.pk}/download-again/", headers=FEED)
    assert "There is nothing left to download." in answer.headers["HX-Trigger"]


# --- Uncertain ------------------------------------------------------------------------------------


def test_a_person_has_the_result_looked_for_again(client, user):
    task = make_task(user, status="failed", error_code="NoResults", error="x")
    html = client.get(f"/tasks/{task.pk}/").content.decode()
    assert f'action="/tasks/{task.pk}/find-results/"' in html
    answer = client.post(f"/tasks/{task.pk}/find-results/", headers=FEED)
    assert "Asking the provider again." in answer.headers["HX-Trigger"]
    task.refresh_from_db()
    assert (task.status, task.error) == ("running", "")
    answer = client.post(f"/tasks/{task.pk}/find-results/", headers=FEED)
    assert "nothing left to check" in answer.headers["HX-Trigger"]


def test_a_person_has_the_provider_asked_again(client, user):
    task = uncertain(user)
    answer = client.post(f"/tasks/{task.pk}/check-again/", headers=FEED)
    assert "Asking the provider again." in answer.headers["HX-Trigger"]
    task.refresh_from_db()
    assert task.next_look_at is not None


def test_a_person_gives_it_up_and_pressing_twice_changes_nothing(client, user):
    task = uncertain(user)
    for _ in range(2):
        answer = client.post(f"/tasks/{task.pk}/give-up/", follow=True)
        assert "Marked as failed." in answer.content.decode()
    assert task.events.filter(to_status="failed").count() == 1


def test_sending_again_asks_first_and_refuses_without_the_tick(client, user):
    task = uncertain(user)
    path = f"/tasks/{task.pk}/send-again/"
    page = client.get(path).content.decode()
    assert "you pay twice" in page
    intent = re.search(r'name="intent" value="([^"]+)"', page)[1]
    answer = client.post(path, {"intent": intent})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert intent in answer.content.decode()
    assert client.post(path, {"intent": intent}, headers=FEED).status_code == 422
    assert Task.objects.count() == 1


def test_after_the_tick_one_new_task_is_sent_and_the_old_one_stays(client, user):
    task = uncertain(user)
    body = {"intent": "one", "confirmed": "1"}
    answer = client.post(f"/tasks/{task.pk}/send-again/", body)
    page = client.post(f"/tasks/{task.pk}/send-again/", body).content.decode()
    assert "This was started already" in page
    assert "Make it again" not in page
    new = Task.objects.get(retry_of=task)
    assert answer.url == f"/tasks/{new.pk}/"
    task.refresh_from_db()
    assert task.status == Status.UNCERTAIN


def test_while_the_provider_is_asked_it_is_not_sent_again(client, user):
    task = uncertain(user, next_look_at=timezone.now() + timedelta(seconds=60))
    body = {"intent": "one", "confirmed": "1"}
    answer = client.post(f"/tasks/{task.pk}/send-again/", body, follow=True)
    assert "There is nothing to decide about this task now." in answer.content.decode()
    assert Task.objects.count() == 1


# --- Stop waiting ---------------------------------------------------------------------------------


def late(user, minutes, **fields) -> Task:
    """It runs for so long; nobody knows what is usual, so half an hour counts as usual."""
    sent = timezone.now() - timedelta(minutes=minutes)
    facts = {"status": "running", "remote_id": "7", "remote_state": "processing", "sent_at": sent}
    return make_task(user, **facts | fields)


def test_a_task_that_never_ends_is_stopped_once_and_says_nothing_of_charges(client, user):
    task = late(user, 61, provider="vidu", credits=4)
    page = compact(client.get(f"/tasks/{task.pk}/").content.decode())
    assert re.search(r'<div class="stop" data-patience="3600">', page)
    for _ in range(2):
        answer = client.post(f"/tasks/{task.pk}/stop-waiting/", headers=FEED)
        assert "Stopped waiting. What still comes is kept." in answer.headers["HX-Trigger"]
    card = compact(answer.content.decode())
    assert "Nobody knows yet what it costs." in card
    for page in (card, compact(client.get(f"/tasks/{task.pk}/").content.decode())):
        assert "4 credits" not in page
        assert "charged." not in page
    assert "Try again" in card
    assert task.events.filter(to_status="failed").count() == 1


@pytest.mark.parametrize(
    ("minutes", "fields", "message"),
    [
        (59, {}, "It may still end by itself. Wait longer."),
        (61, {"status": "succeeded"}, "It has ended already."),
        (61, {"status": "failed"}, "It has ended already."),
    ],
)
def test_what_cannot_be_stopped_says_why(client, user, minutes, fields, message):
    task = late(user, minutes, **fields)
    answer = client.post(f"/tasks/{task.pk}/stop-waiting/", headers=FEED)
    assert message in answer.headers["HX-Trigger"]
    assert task.events.count() == 0


def test_the_button_waits_hidden_until_its_time(client, user):
    task = late(user, 59)
    page = compact(client.get("/create/image/").content.decode())
    assert f'action="/tasks/{task.pk}/stop-waiting/"' in page
    assert '<div class="stop" data-patience="3600" hidden>' in page


def test_a_viewer_is_offered_no_way_out(user):
    task = late(user, 61)
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    assert "stop-waiting" not in viewer.get(f"/tasks/{task.pk}/").content.decode()


@pytest.mark.parametrize(
    ("provider", "state", "asked", "offered"),
    [
        ("vidu", "queued", None, True),
        ("vidu", "queued", 5, False),
        ("vidu", "queued", 11, True),
        ("vidu", "processing", None, False),
        ("kkiai", "queued", None, False),
    ],
)
def test_cancel_stands_beside_it_where_the_provider_can(
    client, user, provider, state, asked, offered
):
    asked_at = asked and timezone.now() - timedelta(minutes=asked)
    task = late(user, 61, provider=provider, remote_state=state, cancel_asked_at=asked_at)
    page = compact(client.get("/create/image/").content.decode())
    block = re.search(r'<div class="stop".*?</div>', page)[0]
    assert (f"/tasks/{task.pk}/cancel/" in block) == offered
