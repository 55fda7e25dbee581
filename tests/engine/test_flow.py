"""From queued to stored, with everything that can go wrong on the way."""

import hashlib
import json
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from generation.engine import ask, callbacks, poll, record_outcome, store, submit
from generation.models import Media, Output, Status, Task
from generation.providers.base import RemoteState, Result, Snapshot
from tests.factories import make_media, make_task

PROVIDERS = ["demo", "vidu", "vidu-cn", "kkiai", "vtrix"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_ends_in_a_stored_image(engine, simulator, provider):
    task = engine.finish(engine.start(provider=provider))
    output = Output.objects.get(task=task)
    with default_storage.open(output.media.path) as file:
        assert Image.open(file).size == (output.media.width, output.media.height)
    assert (task.status, len(simulator.ledger())) == ("succeeded", 1)


def test_the_original_is_kept_byte_for_byte(engine):
    media = Output.objects.get(task=engine.finish(engine.start())).media
    with default_storage.open(media.path) as file:
        assert hashlib.sha256(file.read()).hexdigest() == media.sha256


def test_reference_images_reach_the_provider_as_data(engine, simulator, user):
    image = make_media(user)
    engine.submit(engine.start(provider="vidu", images=[image]))
    (sent,) = simulator.requests("reference2image")
    assert sent["json"]["images"][0].startswith("data:image/png;base64,")


def test_the_marker_travels_as_payload_unless_the_person_set_one(engine, simulator):
    ours = engine.submit(engine.start(provider="vidu"))
    engine.submit(engine.start(provider="vidu", payload="mine"))
    assert [row["payload"] for row in simulator.ledger()] == [ours.marker, "mine"]


def test_a_task_that_was_sent_is_not_sent_again(engine, simulator):
    task = engine.submit(engine.start())
    engine.submit(task)
    engine.submit(task)
    assert (task.status, len(simulator.ledger())) == ("running", 1)


def test_a_lost_answer_is_uncertain_and_found_by_its_marker(engine, simulator):
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    task = engine.submit(engine.start(provider="vidu"))
    assert (task.status, task.error != "") == ("uncertain", True)
    task = engine.reconcile(task)
    assert task.status == "running"
    assert engine.store(engine.poll(task)).status == "succeeded"
    assert len(simulator.ledger()) == 1


def test_what_was_never_accepted_is_left_to_a_person_after_two_listings(engine, simulator):
    simulator.faults({"kind": "drop", "when": "before", "match": {"method": "POST"}, "count": 1})
    task = engine.submit(engine.start(provider="vidu"))
    task = engine.reconcile(task)
    assert task.next_look_at is not None
    task = engine.reconcile(task)
    assert (task.status, task.next_look_at) == ("uncertain", None)
    assert simulator.ledger() == []


def test_a_provider_without_a_list_asks_the_person_at_once(engine, simulator):
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    task = engine.reconcile(engine.submit(engine.start(provider="vtrix")))
    assert (task.status, task.next_look_at) == ("uncertain", None)


def test_found_twice_keeps_both(engine, simulator, monkeypatch):
    """Nothing of ours sends twice, so the double is made at the provider's door."""
    task = engine.start(provider="vidu")
    prepared = submit.prepare(engine.fresh(task))
    for _ in range(2):
        submit.send(engine.fresh(task), prepared)
    simulator.faults({"kind": "drop", "when": "before", "match": {"method": "POST"}, "count": 1})
    task = engine.reconcile(engine.submit(task))
    twin = Task.objects.get(retry_of=task)
    assert (task.status, twin.status, task.remote_id != twin.remote_id) == (
        "running",
        "running",
        True,
    )


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_on_create_is_never_repeated(engine, simulator, status):
    simulator.faults({"kind": "status", "status": status, "match": {"method": "POST"}})
    assert engine.submit(engine.start()).status == "uncertain"


REDIRECTS = [300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 350, 399]


@pytest.mark.parametrize("status", [*REDIRECTS, 400, 403, 404, 405, 408, 409, 413, 429, 499, 502])
def test_what_a_gateway_answers_after_acceptance_is_found_and_not_paid_twice(
    engine, simulator, status
):
    simulator.faults({"kind": "gateway", "status": status, "match": {"method": "POST"}, "count": 1})
    task = engine.submit(engine.start(provider="vidu"))
    assert task.status == "uncertain"
    task = engine.store(engine.poll(engine.reconcile(task)))
    (accepted,) = simulator.ledger()
    assert (task.status, task.remote_id) == ("succeeded", accepted["remote_id"])
    assert simulator.requests("elsewhere") == []


@pytest.mark.parametrize("provider", ["kkiai", "vtrix"])
def test_a_redirect_is_no_failure_where_there_is_no_list_either(engine, simulator, provider):
    simulator.faults({"kind": "gateway", "match": {"method": "POST"}, "count": 1})
    task = engine.submit(engine.start(provider=provider))
    assert (task.status, len(simulator.ledger())) == ("uncertain", 1)
    callbacks.receive(task, "1", json.dumps({"id": simulator.ledger()[0]["remote_id"]}).encode())
    task = engine.store(engine.poll(engine.reconcile(engine.fresh(task))))
    assert (task.status, len(simulator.ledger())) == ("succeeded", 1)


@pytest.mark.parametrize("reason", ["Conflict", "OperationInProcess"])
def test_it_is_there_already_is_no_refusal(engine, simulator, reason):
    """A gateway sent it twice: the reply to the second says only that the first was accepted."""
    simulator.faults(
        {"kind": "status", "status": 400, "reason": reason, "when": "after", "count": 1,
         "match": {"method": "POST"}}
    )  # fmt: skip
    task = engine.submit(engine.start(provider="vidu"))
    assert task.status == "uncertain"
    assert engine.reconcile(task).remote_id == simulator.ledger()[0]["remote_id"]


def test_throttling_waits_as_long_as_asked(engine, simulator):
    simulator.faults({"kind": "status", "status": 429, "retry_after": 40, "count": 1})
    task = engine.submit(engine.start())
    wait = task.not_before - timezone.now()
    assert (task.status, task.sent_at) == ("queued", None)
    assert timedelta(seconds=30) < wait <= timedelta(seconds=40)
    assert engine.submit(task).status == "running"


def test_an_unreachable_provider_is_no_failure(engine, settings):
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, "demo": "http://127.0.0.1:9/demo"}
    task = engine.submit(engine.start())
    assert (task.status, task.waiting_for) == ("queued", "The provider could not be reached.")


def test_a_refusal_is_shown_as_the_provider_puts_it(engine, simulator):
    task = engine.submit(engine.start("[fail: moderation]", provider="vidu"))
    assert (task.status, task.error_code, task.credits) == ("failed", "AuditSubmitIllegal", 0)
    assert task.error
    assert task.advice


def test_a_late_failure_names_its_cause(engine):
    task = engine.poll(engine.submit(engine.start("[fail: result]")))
    assert (task.status, task.error_code) == ("failed", "CreationPolicyViolation")
    assert task.advice


def test_a_wrong_key_fails_its_task_and_marks_the_key(engine, user):
    task = engine.start(provider="vidu")
    task.key.set_secret("vda_wrong_wrong_wrong")
    task.key.save()
    task = engine.submit(task)
    assert (task.status, task.key.state) == ("failed", "rejected")


def test_a_removed_key_sends_nothing(engine, simulator):
    task = engine.start(provider="vidu")
    task.key.delete()
    assert engine.submit(task).status == "failed"
    assert simulator.requests("reference2image") == []


def test_who_left_the_team_submits_nothing(engine, simulator, user):
    task = engine.start()
    user.memberships.all().delete()
    assert engine.submit(task).status == "cancelled"
    assert simulator.ledger() == []


def test_an_unknown_state_word_is_running(engine, simulator):
    task = engine.submit(engine.start("[fail: word] [slow]"))
    task = engine.look(task)
    assert task.status == "running"


def test_an_unreachable_poll_is_recorded_once_and_forgotten(engine, simulator):
    task = engine.submit(engine.start("[slow]"))
    simulator.faults({"kind": "status", "status": 503, "match": {"method": "GET"}})
    for _ in range(3):
        task = engine.look(task)
    assert task.unreachable_since
    assert task.events.filter(to_status="running", from_status="running").count() == 1
    simulator.faults()
    assert engine.poll(task).unreachable_since is None


def test_cancelling_a_queued_task_is_at_once(engine, simulator):
    task = engine.start()
    assert submit.cancel(task)
    assert engine.submit(task).status == "cancelled"
    assert simulator.ledger() == []


def test_cancelling_at_the_provider_before_it_begins(engine, simulator):
    simulator.settings(queue=60_000)  # at this pace ten minutes
    task = engine.submit(engine.start(provider="vidu"))
    assert submit.cancel(task)
    ask.ask_due(ends=0)
    assert engine.poll(task).status == "cancelled"
    simulator.settings(queue=1)


BROKEN = {
    "cut in the middle": "[fail: truncated]", "no bytes": "[fail: empty]",
    "a web page named .png": "[fail: page]", "a GIF named .png": "[fail: format]",
}  # fmt: skip


@pytest.mark.parametrize("prompt", BROKEN.values(), ids=BROKEN.keys())
def test_a_damaged_result_is_never_ready(engine, prompt):
    task = engine.poll(engine.submit(engine.start(prompt)))
    for _ in range(8):
        task = engine.store(task)
    assert (task.status, task.error_code, task.may_download_again) == ("failed", "NotStored", True)
    assert task.error
    assert task.advice
    assert not Output.objects.exists()
    assert not Media.objects.exists()


def test_an_expired_link_is_asked_for_afresh(engine):
    task = engine.poll(engine.submit(engine.start("[fail: expired]")))
    task = engine.store(engine.store(task))
    assert task.status == "succeeded"


def test_download_again_costs_nothing(engine, simulator):
    task = engine.poll(engine.submit(engine.start()))
    simulator.faults({"kind": "truncated"})
    for _ in range(8):
        task = engine.store(task)
    simulator.faults()
    assert store.download_again(task)
    assert engine.store(task).status == "succeeded"
    assert len(simulator.ledger()) == 1


def test_a_result_at_an_unsafe_address_is_not_fetched(engine, simulator):
    simulator.faults({"kind": "evil", "url": "http://169.254.169.254/latest/meta-data/x.png"})
    task = engine.store(engine.poll(engine.submit(engine.start())))
    assert (task.status, task.error_code) == ("failed", "NotStored")


def test_storing_twice_makes_one_output(engine):
    task = engine.finish(engine.start())
    Task.objects.filter(pk=task.pk).update(status=Status.STORING, deadline=None)
    assert engine.store(task).status == "succeeded"
    assert Output.objects.count() == 1


def test_the_real_charge_and_seed_are_kept(engine, simulator):
    task = engine.finish(engine.start(provider="vidu", seed=77))
    assert (task.credits, task.seed_used, task.estimate) == (6, 77, 6)


def test_images_too_large_for_one_body_go_up_first(engine, simulator, user):
    noise = make_noise(user)
    task = engine.finish(engine.start(provider="vidu", images=[noise] * 7))
    (sent,) = simulator.requests("reference2image")
    assert task.status == "succeeded"
    assert any(one.startswith("ssupload:") for one in sent["json"]["images"])


def test_where_nothing_can_be_uploaded_large_images_are_refused_unsent(engine, simulator, user):
    task = engine.submit(engine.start(provider="vtrix", images=[make_noise(user)] * 7))
    assert (task.status, task.error_field) == ("failed", "images")
    assert simulator.requests("generation") == []


def make_noise(user) -> Media:
    """An image that hardly compresses: about 3 MB."""
    from io import BytesIO

    from django.core.files.base import ContentFile

    out = BytesIO()
    Image.effect_noise((1700, 1700), 90).convert("RGB").save(out, "JPEG", quality=98)
    path = default_storage.save("test/noise.jpg", ContentFile(out.getvalue()))
    return make_media(
        user, 1700, 1700, path=path, mime="image/jpeg", format="jpeg", bytes=len(out.getvalue())
    )


MARKING = [
    ("demo", "text-video", "viduq3-turbo"), ("vidu", "text-video", "viduq3-turbo"),
    ("vtrix", "text-video", "viduq2_pro_fast_text2video"),
]  # fmt: skip


@pytest.mark.parametrize("offer", MARKING, ids=[one[0] for one in MARKING])
def test_a_watermark_makes_a_marked_copy_beside_the_clean_one(engine, offer):
    task = engine.finish(engine.begin(offer, prompt="A hill", duration=2, watermark=True))
    assert task.status == Status.SUCCEEDED
    outputs = task.outputs.select_related("media").order_by("position")
    assert [one.marked for one in outputs] == [False, True]
    assert [one.media.name for one in outputs] == [
        f"{task.remote_id}_{part}.mp4" for part in ("1", "marked")
    ]


@pytest.mark.parametrize("offer", MARKING, ids=[one[0] for one in MARKING])
def test_without_a_watermark_there_is_one_file(engine, offer):
    task = engine.finish(engine.begin(offer, prompt="A hill", duration=2))
    assert [one.marked for one in task.outputs.all()] == [False]


def test_a_result_that_exists_with_the_mark_alone_is_kept_as_such(user):
    url, marked = "https://files.test/a.mp4", "https://files.test/marked.mp4"
    task = make_task(user, values={"watermark": True})
    results = (Result(marked, "r1", watermarked_url=marked), Result(url, "r2"))
    links = record_outcome.links_of(task, Snapshot("7", RemoteState.SUCCESS, results))
    assert links == [
        {"url": marked, "remote_id": "r1", "marked": True},
        {"url": url, "remote_id": "r2"},
    ]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("end", ["success", "failed"])
def test_a_poll_about_another_task_changes_nothing_and_is_looked_at_again(
    engine, simulator, provider, end
):
    other = engine.submit(engine.start("[fail: result]" if end == "failed" else "A hill",
                                       provider=provider))  # fmt: skip
    engine.poll(other)
    task = engine.begin((provider, "image", other.model_name), key=other.key, prompt="A fox [slow]",
                        images=())  # fmt: skip
    task = engine.submit(task)
    simulator.faults({"kind": "other", "id": other.remote_id, "match": {"prompt": "fox"}})
    for _ in range(3):
        task = engine.look(task)
    assert (task.status, task.results, task.credits) == ("running", [], task.estimate)
    assert task.unreachable_since
    assert task.next_poll_at > timezone.now()
    simulator.faults()
    assert engine.poll(task).unreachable_since is None


def look_later(engine, task, seconds) -> Task:
    """One look, as if so much time had passed since the first without a result."""
    since = timezone.now() - timedelta(seconds=seconds)
    Task.objects.filter(pk=task.pk, empty_since__isnull=False).update(empty_since=since)
    return engine.look(task)


def finished_without_results(engine, simulator, provider) -> Task:
    simulator.faults({"kind": "bare"})
    task = engine.submit(engine.start(provider=provider))
    until = time.monotonic() + 30
    while not task.empty_polls and time.monotonic() < until:
        task = engine.look(task)
    return task


@pytest.mark.parametrize("provider", PROVIDERS)
def test_success_without_results_fails_after_three_looks_over_half_a_minute(
    engine, simulator, provider
):
    task = finished_without_results(engine, simulator, provider)
    assert timedelta(seconds=5) < task.next_poll_at - timezone.now() < timedelta(seconds=20)
    for seconds in (15, 29):
        task = look_later(engine, task, seconds)
        assert task.status == "running"
    task = look_later(engine, task, 31)
    assert (task.status, task.error_code) == ("failed", "NoResults")
    assert task.error
    assert task.advice
    assert (task.may_find_results, task.may_download_again) == (True, False)
    simulator.faults()
    assert record_outcome.find_results(task)
    assert engine.store(engine.poll(task)).status == "succeeded"
    assert len(simulator.ledger()) == 1


def test_two_looks_are_not_enough_however_long_it_takes(engine, simulator):
    task = finished_without_results(engine, simulator, "vidu")
    task = look_later(engine, task, 3_600)
    assert (task.status, task.empty_polls, task.unreachable_since) == ("running", 2, None)
    simulator.faults()
    assert engine.store(engine.poll(task)).status == "succeeded"


def test_looking_again_begins_anew_and_only_where_nothing_came(engine, simulator):
    task = finished_without_results(engine, simulator, "vidu")
    assert not record_outcome.find_results(task)
    for _ in range(2):
        task = look_later(engine, task, 31)
    assert record_outcome.find_results(task)
    assert engine.look(task).status == "running"
    assert not record_outcome.find_results(make_task(engine.user, status="failed", error_code="x"))


@pytest.mark.parametrize("code", ["008023001", "008023002"])
def test_a_late_failure_points_at_its_setting(engine, simulator, code):
    simulator.faults({"kind": "moderation", "when": "late", "reason": code})
    task = engine.poll(engine.submit(engine.start(provider="vtrix")))
    assert (task.status, task.error_code, task.error_field) == ("failed", code, "images")


@pytest.mark.parametrize("state", [RemoteState.SUCCESS, RemoteState.FAILED])
def test_a_real_charge_of_nothing_replaces_what_was_announced(engine, state):
    task = engine.submit(engine.start(provider="vidu"))
    Task.objects.filter(pk=task.pk).update(credits=8, cost=Decimal("0.04"), seed_used=7)
    snapshot = Snapshot(
        task.remote_id, state, results=(Result("https://files.test/a.png"),),
        credits=0, cost=Decimal(0), seed=0,
    )  # fmt: skip
    poll.record_answer(engine.fresh(task), snapshot, timezone.now())
    task = engine.fresh(task)
    assert task.status in (Status.STORING, Status.FAILED)
    assert (task.credits, task.cost, task.seed_used) == (0, 0, 0)


@pytest.mark.parametrize("state", [RemoteState.SUCCESS, RemoteState.FAILED])
def test_silence_about_the_charge_keeps_what_was_announced(engine, state):
    task = engine.submit(engine.start(provider="vidu"))
    Task.objects.filter(pk=task.pk).update(credits=8, cost=Decimal("0.04"), seed_used=7)
    snapshot = Snapshot(task.remote_id, state, results=(Result("https://files.test/a.png"),))
    poll.record_answer(engine.fresh(task), snapshot, timezone.now())
    task = engine.fresh(task)
    assert (task.credits, task.cost, task.seed_used) == (8, Decimal("0.04"), 7)
