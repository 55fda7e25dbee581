"""Looks for many uncertain tasks: one listing, few polls, and never two at once."""

import asyncio
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import callbacks, look_rows, reconcile, search_list, sweep
from generation.engine.build_request import build_request
from generation.engine.provider_clients import client_of
from generation.models import Lease, Status, Task
from generation.providers.base import RemoteState, Snapshot
from generation.providers.vidu import Vidu
from tests.engine.test_together import at_once
from tests.factories import make_key, make_task

MANY = 268
PAST = timedelta(hours=1)
HIDDEN = pytest.mark.parametrize("list_payload", [True, False])


@pytest.fixture
def key(user, simulator):
    return make_key(user, "vidu")


def lost(key, count=1, prompt="A lighthouse at dusk", **fields) -> list[Task]:
    """Uncertain tasks that are due."""
    now = timezone.now()
    values = {"prompt": prompt, "resolution": "1080p", "aspect_ratio": "16:9"}
    facts = {
        "provider": "vidu", "key": key, "status": Status.UNCERTAIN, "sent_at": now,
        "next_look_at": now, "prompt": prompt, "values": values,
    }  # fmt: skip
    return [make_task(key.user, **facts | fields) for _ in range(count)]


def accept(*tasks) -> list[str]:
    """Have the provider accept each, as if the reply was lost. Returns the ids there."""
    client, requests = client_of(tasks[0]), [build_request(task) for task in tasks]

    async def send():
        async with client:
            made = [await client.submit(await client.prepare(request)) for request in requests]
        return [one.remote_id for one in made]

    return asyncio.run(send())


def foreign(key, prompt, count=1, **values) -> list[str]:
    """What another program made with the same key."""
    tasks = lost(key, count, prompt)
    for task in tasks:
        task.values |= {"payload": f"not ours {task.pk}", **values}
    made = accept(*tasks)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).delete()
    return made


def look() -> None:
    reconcile.look(time.monotonic() + 20)


def let_pass(**time_fields) -> None:
    """Have everything that waits be due, as if the time had passed."""
    past = timezone.now() - PAST
    Task.objects.exclude(next_look_at=None).update(next_look_at=past, **time_fields)
    Lease.objects.update(expires_at=past)


def listings(simulator) -> int:
    return len([one for one in simulator.requests("/ent/v2/tasks") if is_listing(one)])


def is_listing(request) -> bool:
    return request["path"].endswith("/tasks") and request["method"] == "GET"


def polls(simulator) -> list[str]:
    """The ids of all tasks that were asked about one by one."""
    return [one["path"].split("/")[-2] for one in simulator.requests("/creations")]


def states() -> dict[str, int]:
    found = list(Task.objects.values_list("status", flat=True))
    return {status: found.count(status) for status in set(found)}


def fresh(task) -> Task:
    return Task.objects.get(pk=task.pk)


# --- How much is asked ------------------------------------------------------------------------


@pytest.mark.parametrize(("list_payload", "asked"), [(True, 0), (False, MANY)])
def test_many_lost_tasks_cost_one_listing_and_a_poll_only_where_the_list_says_no_payload(
    key, simulator, list_payload, asked
):
    simulator.settings(list_payload=list_payload, price=3)
    tasks = lost(key, MANY)
    made = accept(*tasks)
    look()
    assert states() == {"running": MANY}
    assert sorted(Task.objects.values_list("remote_id", flat=True)) == sorted(made)
    assert set(Task.objects.values_list("credits", flat=True)) == {3}
    assert listings(simulator) == 3  # pages of 100
    assert (len(polls(simulator)), len(set(polls(simulator)))) == (asked, asked)
    assert len(simulator.ledger()) == MANY


def test_what_this_studio_owns_or_cannot_be_it_is_not_asked_about(key, simulator):
    simulator.settings(list_payload=False)
    owned = lost(key, 5)
    for task, remote_id in zip(owned, accept(*owned), strict=True):
        known = {"remote_id": remote_id, "accepted_at": timezone.now()}
        Task.objects.filter(pk=task.pk).update(status="succeeded", **known)
    foreign(key, "A hill", 4)
    (alike,) = foreign(key, "A lighthouse at dusk")
    (task,) = lost(key)
    (made,) = accept(task)
    look()
    assert sorted(polls(simulator)) == sorted([alike, made])
    assert fresh(task).remote_id == made


def test_what_was_made_at_another_time_or_by_another_model_is_not_asked_about(key, simulator):
    (task,) = lost(key)
    now = timezone.now()
    row = {"remote_id": "7", "prompt": task.prompt}
    names = {"viduq1", "viduq2"}

    def may_be(**facts) -> bool:
        return search_list.may_be(search_list.ListedTask(**row | facts), task, names, now)

    assert may_be(created_at=now)
    assert not may_be(created_at=now - timedelta(minutes=11))
    assert not may_be(created_at=now + timedelta(minutes=21))
    assert may_be(model_name="viduq2")
    assert not may_be(model_name="viduq1")
    assert may_be(model_name="vidu-q2")  # another spelling says nothing
    assert may_be(prompt=" a  lighthouse at\ndusk")
    assert may_be(prompt="A lighthouse…")
    assert may_be(prompt="")
    assert not may_be(prompt="A lighthouse at dawn")


def test_mentions_are_compared_whatever_the_model_reads_them_as(key):
    (task,) = lost(key, prompt="@Mira sings")
    row = search_list.ListedTask("7", prompt="[@Mira] sings")
    assert search_list.may_be(row, task, set(), timezone.now())


def test_two_keys_are_two_listings(user, key, simulator):
    tasks = [*lost(key, 2), *lost(make_key(user, "vidu"), 2)]
    for task in tasks:
        accept(task)
    look()
    assert (states(), listings(simulator)) == ({"running": 4}, 2)


def test_tasks_that_were_sent_hours_apart_are_not_one_long_listing(key, simulator):
    early, late = lost(key, sent_at=timezone.now() - timedelta(hours=5)) + lost(key)
    accept(late)
    reconcile.take_turn()
    assert (fresh(late).status, listings(simulator)) == ("uncertain", 1)
    reconcile.take_turn()
    assert (fresh(late).status, fresh(early).listings) == ("running", 1)


@HIDDEN
def test_a_listing_serves_uncertain_tasks_that_are_not_due_yet(key, simulator, list_payload):
    simulator.settings(list_payload=list_payload)
    now = timezone.now()
    later = lost(key, prompt="A hill", next_look_at=now + timedelta(minutes=1))
    tasks = [*later, *lost(key, 3)]
    accept(*tasks)
    look()
    assert (states(), listings(simulator)) == ({"running": 4}, 1)


@HIDDEN
def test_what_a_person_gave_up_is_adopted_when_a_list_shows_it(key, simulator, list_payload):
    simulator.settings(list_payload=list_payload)
    given_up, waits = lost(key, 2)
    accept(given_up, waits)
    assert reconcile.give_up(given_up)
    look()
    assert (fresh(given_up).status, fresh(waits).status) == ("running", "running")


def test_one_look_asks_about_so_many_and_the_next_ones_about_the_others(
    key, simulator, monkeypatch
):
    monkeypatch.setattr(search_list, "ASK_MOST", 5)
    simulator.settings(list_payload=False)
    accept(*lost(key, 12))
    seen = []
    while reconcile.take_turn():
        seen.append(len(polls(simulator)))
    assert (states(), seen) == ({"running": 12}, [5, 10, 12])


# --- Bad answers ------------------------------------------------------------------------------


BAD = [
    {"kind": "status", "status": 500},
    {"kind": "garbage"},
    {"kind": "status", "status": 404},
    {"kind": "status", "status": 403},
    {"kind": "drop"},
]


@pytest.mark.parametrize("fault", BAD, ids=str)
def test_one_row_that_cannot_be_read_costs_itself_alone(key, simulator, settings, fault):
    settings.RECONCILE_GAP = 60
    simulator.settings(list_payload=False)
    tasks = lost(key, 12)
    bad, *_others = made = accept(*tasks)
    simulator.faults({**fault, "match": {"path": f"/tasks/{bad}/"}})
    look()
    assert states() == {"running": 11, "uncertain": 1}
    left = Task.objects.get(status="uncertain")
    assert (left.pk, left.listings, left.waiting_for != "") == (tasks[0].pk, 0, True)
    assert left.next_look_at > timezone.now() + timedelta(seconds=50)
    let_pass()
    look()
    assert sorted(polls(simulator)) == sorted([bad, *made])
    let_pass(sent_at=timezone.now() - timedelta(minutes=19))
    look()
    assert fresh(left).next_look_at is not None
    simulator.faults()
    let_pass()
    look()
    assert states() == {"running": 12}


def test_what_stays_unreadable_is_left_to_a_person_after_half_an_hour(key, simulator):
    simulator.settings(list_payload=False)
    (task,) = lost(key)
    (bad,) = accept(task)
    simulator.faults({"kind": "garbage", "match": {"path": f"/tasks/{bad}/"}})
    now = timezone.now()
    row = search_list.SearchResult(undecided={task.pk})
    task.record(next_look_at=now)
    reconcile.settle_lost([task], row, now)
    assert fresh(task).next_look_at is not None
    task.refresh_from_db()
    reconcile.settle_lost([task], row, now + timedelta(minutes=31))
    assert (fresh(task).status, fresh(task).next_look_at) == ("uncertain", None)


def test_a_fault_of_ours_on_one_row_is_that_rows_alone(key, simulator, monkeypatch, caplog):
    first, *_others = lost(key, 4)
    accept(first, *_others)
    move = Task.move

    def broken(task, *given, **fields):
        return 1 / 0 if task.pk == first.pk else move(task, *given, **fields)

    monkeypatch.setattr(Task, "move", broken)
    look()
    assert states() == {"running": 3, "uncertain": 1}
    assert f"task={first.pk} provider=vidu: not settled" in caplog.text
    monkeypatch.undo()
    let_pass()
    look()
    assert states() == {"running": 4}


def test_a_reply_that_makes_the_code_fail_is_one_bad_answer(key, simulator, monkeypatch):
    simulator.settings(list_payload=False)
    tasks = lost(key, 4)
    bad, *_others = accept(*tasks)
    fetch = Vidu.fetch

    async def broken(provider, remote_id):
        return 1 / 0 if remote_id == bad else await fetch(provider, remote_id)

    monkeypatch.setattr(Vidu, "fetch", broken)
    reconcile.take_turn()
    assert states() == {"running": 3, "uncertain": 1}


def test_a_fault_of_ours_on_one_key_is_that_keys_alone(user, key, simulator, monkeypatch):
    first, second = *lost(key), *lost(make_key(user, "vidu"))
    for task in (first, second):
        accept(task)
    search = reconcile.search_list

    def broken(wanted, *given):
        return 1 / 0 if wanted[0].pk == first.pk else search(wanted, *given)

    monkeypatch.setattr(reconcile, "search_list", broken)
    look()
    assert (fresh(first).status, fresh(second).status) == ("uncertain", "running")


def test_half_a_list_is_enough_to_adopt_and_too_little_to_count(
    key, simulator, settings, monkeypatch
):
    settings.RECONCILE_GAP = 60
    (missing,) = lost(key, sent_at=timezone.now() - timedelta(minutes=5))
    shown = lost(key, 2)
    foreign(key, "A hill", 99)
    accept(*shown)
    cut = {"kind": "half", "match": {"path": "/ent/v2/tasks"}}
    simulator.faults(cut)
    look()
    assert (states(), fresh(missing).listings) == ({"uncertain": 3}, 0)
    let_pass()
    simulator.faults()
    page, faults = Vidu.page, iter([[], [cut]])

    async def second_is_cut(provider, *given):
        simulator.faults(*next(faults))
        return await page(provider, *given)

    monkeypatch.setattr(Vidu, "page", second_is_cut)
    look()
    assert (states(), fresh(missing).listings) == ({"uncertain": 1, "running": 2}, 0)
    assert fresh(missing).waiting_for != ""


def test_a_list_that_never_answers_is_left_in_time(key, simulator, monkeypatch, settings):
    settings.RECONCILE_GAP = 60
    monkeypatch.setattr(search_list, "LIST_SECONDS", 0.2)
    (task,) = lost(key)
    accept(task)
    simulator.faults({"kind": "delay", "seconds": 5, "match": {"path": "/ent/v2/tasks"}})
    begun = time.monotonic()
    look()
    assert time.monotonic() - begun < 4
    assert (fresh(task).listings, "to its end" in fresh(task).waiting_for) == (0, True)


def test_polls_that_never_end_are_left_in_time(key, simulator, monkeypatch, settings):
    settings.RECONCILE_GAP = 60
    monkeypatch.setattr(search_list, "ASK_SECONDS", 0.5)
    simulator.settings(list_payload=False)
    slow, *_others = accept(*lost(key, 4))
    simulator.faults({"kind": "delay", "seconds": 5, "match": {"path": f"/tasks/{slow}/"}})
    begun = time.monotonic()
    look()
    assert time.monotonic() - begun < 4
    assert states() == {"running": 3, "uncertain": 1}


def test_nothing_is_begun_when_the_time_is_over(key, simulator):
    accept(*lost(key))
    reconcile.look(time.monotonic() - 1)
    assert (states(), listings(simulator)) == ({"uncertain": 1}, 0)


# --- How often, and by whom -------------------------------------------------------------------


def within(monkeypatch, act):
    """Call `act` once, in the middle of the next search."""
    search, left = reconcile.search_list, iter([act])

    def interrupted(*given):
        next(left, lambda: None)()
        return search(*given)

    monkeypatch.setattr(reconcile, "search_list", interrupted)


@HIDDEN
def test_a_second_look_while_one_is_under_way_asks_nothing(
    key, simulator, monkeypatch, list_payload
):
    simulator.settings(list_payload=list_payload)
    accept(*lost(key, 6))
    asked = []
    within(monkeypatch, lambda: (look(), asked.append(len(simulator.requests("/tasks")))))
    look()
    assert asked == [0]
    assert (states(), listings(simulator)) == ({"running": 6}, 1)
    assert len(polls(simulator)) == (0 if list_payload else 6)


@HIDDEN
@pytest.mark.django_db(transaction=True)
def test_many_looks_at_once_ask_once(user, simulator, list_payload):
    simulator.settings(list_payload=list_payload)
    keys = [make_key(user, "vidu") for _ in range(2)]
    for key in keys:
        accept(*lost(key, 5))
    assert at_once(look) == []
    assert (states(), listings(simulator)) == ({"running": 10}, 2)
    assert len(polls(simulator)) == (0 if list_payload else 10)


def test_what_becomes_due_while_a_list_is_read_waits_for_the_next_one(
    key, simulator, monkeypatch, settings
):
    settings.RECONCILE_GAP = 60
    lost(key)
    accept(*lost(key))
    late = []

    def another():
        late.extend(lost(key))
        look()

    within(monkeypatch, another)
    look()
    assert listings(simulator) == 1
    assert fresh(late[0]).next_look_at > timezone.now() + timedelta(seconds=20)
    assert fresh(late[0]).listings == 0


def test_two_complete_listings_a_minute_apart_then_a_person_decides(key, simulator, settings):
    settings.RECONCILE_GAP = 60
    (task,) = lost(key)
    look()
    assert (fresh(task).listings, listings(simulator)) == (1, 1)
    soon = timezone.now() + timedelta(seconds=50)
    assert fresh(task).next_look_at > soon
    look()
    assert listings(simulator) == 1
    sweep.recover()  # a restart has everything looked at at once, but the provider is not asked
    look()
    assert (fresh(task).listings, listings(simulator)) == (1, 1)
    assert fresh(task).next_look_at > soon
    let_pass()
    look()
    assert (fresh(task).next_look_at, listings(simulator)) == (None, 2)
    look()
    assert listings(simulator) == 2


def test_a_listing_right_after_sending_does_not_count(key, simulator, settings):
    settings.RECONCILE_GRACE, settings.RECONCILE_GAP = 90, 60
    (task,) = lost(key)
    look()
    assert (fresh(task).listings, listings(simulator)) == (0, 1)
    assert fresh(task).next_look_at >= task.sent_at + timedelta(seconds=90)


def test_a_look_that_died_is_repeated_when_its_claim_ends(key, simulator, settings):
    settings.RECONCILE_GAP = 60
    (task,) = lost(key)
    accept(task)
    assert look_rows.claim_group() == [task]
    Lease.take(f"list:{key.pk}", "dead", 60)
    look()
    assert listings(simulator) == 0
    ends = fresh(task).next_look_at - timezone.now()
    assert timedelta(minutes=2) < ends < timedelta(minutes=4)
    let_pass()
    look()
    assert fresh(task).status == "running"


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(300, 290, 310), (5, 55, 65), (9999, 590, 610)]
)
def test_a_provider_that_asks_for_rest_gets_it(key, simulator, settings, asked, least, most):
    settings.RECONCILE_GAP = 60
    (task,) = lost(key)
    accept(task)
    simulator.faults({"kind": "status", "status": 429, "retry_after": asked})
    look()
    wait = (fresh(task).next_look_at - timezone.now()).total_seconds()
    assert least < wait < most
    assert (fresh(task).listings, len(simulator.requests("/tasks"))) == (0, 1)


def test_no_more_is_asked_of_a_provider_that_asks_for_rest(key, simulator):
    simulator.settings(list_payload=False)
    accept(*lost(key, 40))
    fault = {"kind": "status", "status": 429, "retry_after": 30, "match": {"path": "/creations"}}
    simulator.faults(fault)
    reconcile.take_turn()
    assert len(polls(simulator)) <= search_list.ASK_AT_ONCE
    assert set(Task.objects.values_list("listings", flat=True)) == {0}


def test_what_a_person_asks_for_while_a_list_is_read_is_not_undone(key, simulator, monkeypatch):
    (task,) = lost(key)
    within(monkeypatch, lambda: reconcile.check_again(fresh(task)))
    reconcile.take_turn()
    assert (fresh(task).listings, fresh(task).next_look_at <= timezone.now()) == (0, True)


def test_what_a_person_gives_up_while_a_list_is_read_stays_given_up(key, monkeypatch):
    (task,) = lost(key)
    within(monkeypatch, lambda: reconcile.give_up(fresh(task)))
    reconcile.take_turn()
    assert (fresh(task).status, fresh(task).next_look_at) == ("failed", None)


def test_after_the_clock_was_set_back_looks_go_on(key, simulator):
    ahead = timezone.now() + timedelta(hours=2)
    (task,) = lost(key, sent_at=ahead, next_look_at=ahead)
    accept(task)
    Lease.objects.create(name=f"list:{key.pk}", holder="dead", expires_at=ahead)
    look()
    assert fresh(task).status == "running"


# --- Named by callbacks -----------------------------------------------------------------------


def name(task, remote_id) -> None:
    assert callbacks.receive(task, str(remote_id), b'{"id": "%s"}' % str(remote_id).encode())


def test_what_callbacks_name_is_due_for_a_look(engine, simulator):
    """A row says so: no message of its own is needed."""
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 2})
    open_, given_up = [engine.submit(engine.start(provider="kkiai")) for _ in range(2)]
    reconcile.give_up(given_up)
    for task, row in zip((open_, given_up), simulator.ledger(), strict=True):
        name(task, row["remote_id"])
    look()
    assert (fresh(open_).status, fresh(given_up).status) == ("running", "running")


@pytest.mark.parametrize("provider", ["kkiai", "vidu"])
def test_a_wrong_name_of_what_was_given_up_is_asked_about_once(engine, simulator, provider):
    simulator.faults({"kind": "drop", "when": "before", "match": {"method": "POST"}, "count": 1})
    task = engine.submit(engine.start(provider=provider))
    reconcile.give_up(task)
    name(task, 404)
    look()
    task = fresh(task)
    assert (task.status, task.remote_id, task.next_look_at) == ("failed", "", None)
    assert polls(simulator) == ["404"]


def test_a_wrong_name_does_not_hide_a_task_of_that_id(key, simulator):
    """Who knows one task's address could else keep the studio from another one."""
    named, other = lost(key, 2)
    (made,) = accept(other)
    name(named, made)
    look()
    assert (fresh(other).status, fresh(other).remote_id) == ("running", made)
    assert fresh(named).status == "uncertain"


def test_a_wrong_name_on_a_task_that_failed_hides_nothing_either(key, simulator):
    refused, other = lost(key, 2)
    (made,) = accept(other)
    Task.objects.filter(pk=refused.pk).update(
        status="failed", error_code="Moderation", remote_id=made, next_look_at=None
    )
    look()
    assert fresh(other).remote_id == made
    assert fresh(other).status == "running"


def test_a_name_that_cannot_be_asked_about_leaves_the_list_to_tell(key, simulator):
    (task,) = lost(key)
    accept(task)
    name(task, 77)
    simulator.faults({"kind": "status", "status": 500, "match": {"path": "/tasks/77/"}})
    look()
    assert fresh(task).status == "running"


def test_without_a_list_a_name_is_asked_about_until_a_person_may_decide(
    engine, simulator, settings
):
    settings.RECONCILE_GAP = 60
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    task = engine.submit(engine.start(provider="kkiai"))
    name(task, simulator.ledger()[0]["remote_id"])
    simulator.faults({"kind": "status", "status": 500, "match": {"path": "/creations"}})
    look()
    assert fresh(task).next_look_at > timezone.now() + timedelta(seconds=50)
    let_pass(sent_at=timezone.now() - timedelta(minutes=31))
    look()
    assert fresh(task).next_look_at is None


# --- What it cost -----------------------------------------------------------------------------


def test_what_is_known_of_the_charge_is_not_forgotten(user):
    (task,) = lost(make_key(user, "vidu"), credits=8, seed_used=5)
    assert reconcile.adopt(task, [Snapshot("7", RemoteState.QUEUED)])
    assert (fresh(task).credits, fresh(task).seed_used) == (8, 5)


def test_what_costs_nothing_is_known_to_cost_nothing(user):
    (task,) = lost(make_key(user, "vidu"), credits=8)
    assert reconcile.adopt(task, [Snapshot("7", RemoteState.QUEUED, credits=0)])
    assert fresh(task).credits == 0
