"""Bringing results home while the disk is full, rows change, or our own code fails."""

import errno
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from generation.engine import poll, schedule, store, sweep
from generation.models import Media, Output, Task
from tests.media.faults import plant_image, plant_video

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def made(engine) -> Task:
    return engine.poll(engine.submit(engine.start()))


def raising(error):
    def fail(*_given, **_named):
        raise error

    return fail


def test_a_disk_that_is_full_ends_no_task_and_costs_no_try(engine, made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(store.outbound, "fetch", raising(FULL))
        for _ in range(12):
            made = engine.store(made)
    assert (made.status, made.store_tries) == ("storing", 0)
    assert "disk is full" in made.error
    assert made.next_store_at > timezone.now()
    assert made.events.filter(note=made.error).count() == 1
    assert engine.store(made).status == "succeeded"


def test_a_disk_that_fills_up_while_a_result_is_kept_waits_too(engine, made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(store.images, "keep_output", raising(FULL))
        made = engine.store(made)
    assert (made.status, "disk is full" in made.error) == ("storing", True)
    assert engine.store(made).status == "succeeded"


def test_too_little_room_is_seen_before_a_byte_is_fetched(engine, made, monkeypatch):
    monkeypatch.setattr(store.outbound, "fetch", raising(AssertionError("fetched")))
    monkeypatch.setattr(store.storage, "enough_space", lambda _needed: False)
    assert "disk is full" in engine.store(made).error


@pytest.mark.parametrize("fault", [ZeroDivisionError(), TypeError(), OSError(errno.EIO, "disk")])
def test_a_fault_of_ours_keeps_the_result_waiting_with_its_link(engine, made, monkeypatch, fault):
    links = made.results
    with monkeypatch.context() as patch:
        patch.setattr(store.images, "keep_output", raising(fault))
        for _ in range(12):
            made = engine.store(made)
    assert (made.status, made.results, made.finished_at is not None) == ("storing", links, True)
    assert "The studio itself failed" in made.error
    assert timedelta(minutes=8) < made.next_store_at - timezone.now() < sweep.FARTHEST
    assert made.events.filter(note=made.error).count() == 1
    made = engine.store(made)
    assert (made.status, made.error, made.code_failures) == ("succeeded", "", 0)


@pytest.mark.parametrize("plant", [plant_image, plant_video])
def test_a_fault_in_the_media_worker_keeps_the_result_too(
    engine, monkeypatch, tmp_path, caplog, plant
):
    image, video = ("demo", "image", "viduq2"), ("demo", "text-video", "viduq3-turbo")
    offer = video if plant is plant_video else image
    made = engine.poll(engine.submit(engine.begin(offer, prompt="A lighthouse")))
    with monkeypatch.context() as patch:
        plant(patch, tmp_path)
        for _ in range(7):
            made = engine.store(made)
    assert (made.status, made.store_tries) == ("storing", 0)
    assert "The studio itself failed" in made.error
    assert "TypeError" in caplog.text
    made = engine.store(made)
    assert (made.status, made.outputs.get().media.bytes > 0) == ("succeeded", True)


def test_a_link_that_expires_while_our_code_is_mended_is_renewed(engine, made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(store.images, "keep_output", raising(TypeError()))
        for _ in range(12):
            made = engine.store(made)
    with monkeypatch.context() as patch:
        patch.setattr(store.outbound, "fetch", raising(store.outbound.LinkExpired(403)))
        patch.setattr(store, "call_provider", raising(TypeError()))
        made = engine.store(made)
    assert (made.status, made.store_tries, made.deadline) == ("storing", 0, None)
    Task.objects.filter(pk=made.pk).update(results=[{"url": made.results[0]["url"] + "?old"}])
    with monkeypatch.context() as patch:
        patch.setattr(store.outbound, "fetch", raising(store.outbound.LinkExpired(403)))
        made = engine.store(made)
    assert (made.status, "?old" in made.results[0]["url"]) == ("storing", False)
    assert engine.store(made).status == "succeeded"


def test_a_damaged_result_still_ends_with_download_again(engine, made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(store.images, "keep_output", raising(store.images.Unfit("damaged")))
        for _ in range(8):
            made = engine.store(made)
    assert (made.status, made.error_code, made.may_download_again) == ("failed", "NotStored", True)
    assert "damaged" in made.error
    assert store.download_again(made)
    assert engine.store(made).status == "succeeded"


def test_a_database_that_is_away_costs_no_try(engine, made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(store, "store_output", raising(OperationalError("away")))
        with pytest.raises(OperationalError):
            engine.store(made)
    made = engine.fresh(made)
    assert (made.status, made.error) == ("storing", "")


def test_a_row_that_cannot_be_written_is_no_twin(engine, made, monkeypatch):
    """Somebody is deleted in the moment that their output is written down."""
    with monkeypatch.context() as patch:
        patch.setattr(Media.objects, "create", raising(IntegrityError("no such user")))
        with pytest.raises(IntegrityError):
            engine.store(made)
    made = engine.fresh(made)
    assert made.status == "storing"
    Task.objects.filter(pk=made.pk).update(deadline=None)
    assert engine.store(made).status == "succeeded"
    assert Output.objects.count() == 1


def test_who_lost_the_claim_frees_nobody_elses(engine, made):
    store.claim(made.pk, timezone.now())
    stale = engine.fresh(made)
    Task.objects.filter(pk=made.pk).update(claim="theirs")
    store.try_later(stale, store.outbound.Unreachable())
    assert engine.fresh(made).deadline is not None


def test_an_answer_that_cannot_be_written_parks_its_task_alone(engine, simulator, monkeypatch):
    bad, good = (engine.submit(engine.start(f"Hill {number}")) for number in range(2))
    finish = poll.finish

    def fails_for_one(task, *given):
        return 1 / 0 if task.pk == bad.pk else finish(task, *given)

    monkeypatch.setattr(poll, "finish", fails_for_one)
    good = engine.poll(good)
    assert good.status == "storing"
    tries = iter(range(20))
    while (bad := engine.look(bad)).next_poll_at is not None:
        assert next(tries, None) is not None
    assert (bad.status, bad.code_failures) == ("running", 5)


def test_a_usual_time_of_hours_does_not_put_the_first_look_off_for_hours(engine, monkeypatch):
    monkeypatch.setattr(schedule, "quick_seconds", lambda _kind: 7 * 3600.0)
    task = engine.submit(engine.start())
    assert task.next_poll_at < timezone.now() + timedelta(minutes=6)
