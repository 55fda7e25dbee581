"""/metrics: for who knows the token, readable for Prometheus, with figures that are right."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from generation.engine import metrics, reconcile, sweep, totals
from generation.models import CountedEvents, Heartbeat, Lease, MoveTotal, Status, TaskEvent
from tests.factories import make_key, make_task

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-prometheus-42"
LABELS = ("provider", "mode", "lane", "state", "outcome")


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    settings.REDIS_URL = ""


def ask(client: Client, authorization: str = f"Bearer {TOKEN}"):
    headers = {"Authorization": authorization} if authorization else {}
    return client.get("/metrics", headers=headers)


def scrape(client: Client) -> dict[str, dict[tuple[str, ...], float]]:
    """As Prometheus reads it: by name, then by the values of the labels."""
    cache.clear()
    answer = ask(client)
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        assert family.documentation
        for sample in family.samples:
            assert set(sample.labels) <= {*LABELS}
            values = tuple(sample.labels[name] for name in LABELS if name in sample.labels)
            found.setdefault(sample.name, {})[values] = sample.value
    return found


def count_all() -> None:
    """Two counts, each as if the last was long ago: the second counts what the first saw."""
    for _ in range(2):
        Lease.objects.all().delete()
        assert totals.count_moves()


def test_without_a_token_in_the_settings_there_is_no_such_page(visitor, settings):
    settings.METRICS_TOKEN = ""
    assert ask(visitor).status_code == 404
    assert ask(visitor, "Bearer ").status_code == 404


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer ", 403),
        (f"Bearer {TOKEN}x", 403),
        (f"Bearer {TOKEN[:-1]}", 403),
        ("Bearer é", 403),
        (f"bearer {TOKEN}", 200),
    ],
)
def test_only_who_knows_the_token_gets_in(visitor, token, authorization, status):
    answer = ask(visitor, authorization)
    assert answer.status_code == status
    assert ("vidustudio" in answer.content.decode()) == (status == 200)
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


def test_an_admin_without_the_token_does_not_get_in(client, user, token):
    user.is_staff = user.is_superuser = True
    user.save()
    assert ask(client, "").status_code == 401


def test_the_answer_is_what_prometheus_asks_for(visitor, token):
    answer = ask(visitor)
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer["Cache-Control"].startswith("max-age=0")
    assert answer.content.endswith(b"\n")


def test_an_empty_studio_has_all_its_figures(visitor, token):
    found = scrape(visitor)
    assert found["vidustudio_ready"] == {(): 0.0}
    assert found["vidustudio_missing"][("cluster",)] == 1.0
    assert found["vidustudio_missing"][("disk",)] == 0.0
    assert found["vidustudio_data_disk_free_bytes"][()] > 0
    assert found["vidustudio_lane_oldest_due_seconds"][("send",)] == 0.0
    assert found["vidustudio_workers"] == {("busy",): 0.0, ("idle",): 0.0, ("silent",): 0.0}
    assert found["vidustudio_queue_messages"][()] >= 0


def test_workers_and_lanes_are_counted(visitor, token, user):
    workers = [
        {"job": "poll", "for": 4.0, "silent": 2.0},
        {"job": "", "for": 7.0, "silent": 1.0},
        {"job": "store", "for": 700.0, "silent": 50.0},
    ]
    Heartbeat.touch("cluster:one", workers=workers)
    due = timezone.now() - timedelta(minutes=5)
    make_task(user, status=Status.RUNNING, next_poll_at=due)
    found = scrape(visitor)
    assert found["vidustudio_workers"] == {("busy",): 1.0, ("idle",): 1.0, ("silent",): 1.0}
    assert found["vidustudio_workers_busy"] == {("poll",): 1.0, ("store",): 1.0}
    assert found["vidustudio_worker_heartbeat_age_seconds"][()] >= 50
    assert found["vidustudio_lane_oldest_due_seconds"][("poll",)] >= 300
    assert found["vidustudio_tasks"] == {("demo", "running"): 1.0}


def test_what_happened_is_counted_once(visitor, token, engine):
    engine.finish(engine.start())
    engine.submit(engine.start("[fail: moderation]", provider="vidu"))
    count_all()
    count_all()
    found = scrape(visitor)
    demo, vidu = ("demo", "image"), ("vidu", "image")
    assert found["vidustudio_tasks_started_total"] == {demo: 1.0, vidu: 1.0}
    assert found["vidustudio_submissions_total"] == {
        (*demo, "accepted"): 1.0,
        (*vidu, "refused"): 1.0,
    }
    assert found["vidustudio_tasks_finished_total"] == {
        (*demo, "succeeded"): 1.0,
        (*vidu, "failed"): 1.0,
    }


def test_what_was_found_again_is_an_adoption(visitor, token, engine, simulator):
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    engine.reconcile(engine.submit(engine.start(provider="vidu")))
    count_all()
    found = scrape(visitor)
    assert found["vidustudio_adoptions_total"] == {("vidu", "image"): 1.0}
    assert found["vidustudio_submissions_total"] == {("vidu", "image", "uncertain"): 1.0}


def test_an_event_is_not_counted_before_all_older_ones_are_there(user):
    TaskEvent.objects.create(task=make_task(user), to_status=Status.QUEUED)
    assert totals.count_moves()
    assert not MoveTotal.objects.exists()
    assert not totals.count_moves(), "the next count may only come later"
    count_all()
    assert MoveTotal.objects.get().count == 1


def test_the_sweep_of_each_minute_counts(user):
    TaskEvent.objects.create(task=make_task(user), to_status=Status.QUEUED)
    for _ in range(2):
        Lease.objects.all().delete()
        sweep.sweep()
    assert MoveTotal.objects.get().count == 1


def test_a_count_that_is_cut_off_counts_nothing_and_the_next_one_all(user, monkeypatch):
    TaskEvent.objects.create(task=make_task(user), to_status=Status.QUEUED)
    assert totals.count_moves()
    Lease.objects.all().delete()
    with monkeypatch.context() as patched:
        patched.setattr(MoveTotal.objects, "get_or_create", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            totals.count_moves()
    assert CountedEvents.objects.get().counted == 0
    count_all()
    assert MoveTotal.objects.get().count == 1


def test_a_note_within_a_state_is_no_change(user):
    assert reconcile.check_again(make_task(user, status=Status.UNCERTAIN))
    count_all()
    assert not MoveTotal.objects.exists()


def test_no_figure_names_a_person_a_prompt_or_a_key(visitor, token, user):
    secret = "vda_" + "q7" * 20
    key = make_key(user, "vidu", secret)
    make_task(user, provider="vidu", key=key, status=Status.RUNNING, remote_id="r-99")
    text = ask(visitor).content.decode()
    parts = ("nadia", user.email, "lighthouse", "r-99", str(key.pk), secret, key.last4)
    assert not [part for part in parts if part in text]


def test_without_a_database_it_tells_that_it_is_missing(visitor, token, monkeypatch):
    def fails() -> None:
        raise DatabaseError

    monkeypatch.setattr(metrics.figures, "tasks_under_way", fails)
    monkeypatch.setattr(metrics.health, "not_ready", lambda: ["database"])
    found = scrape(visitor)
    assert found["vidustudio_missing"][("database",)] == 1.0
    assert "vidustudio_tasks" not in found
