"""Looks for uncertain registrations: one library read for all of a key, and never two at once."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import reconcile
from generation.engine.registration import (
    job as registration_job,
)
from generation.engine.registration import (
    look as registration_look,
)
from generation.engine.registration import (
    requests as registration_requests,
)
from generation.models import Lease, Registration, RegistrationState
from tests.engine.test_registrations import creates
from tests.engine.test_together import at_once
from tests.factories import make_key, make_subject

R = RegistrationState


def look() -> None:
    reconcile.look(time.monotonic() + 20)


def lost(user, simulator, key, count, when="after") -> list[Registration]:
    """Uncertain registrations that are due; without their reply, or without having been made."""
    fault = {"kind": "drop", "when": when, "match": {"method": "POST", "path": "/subjects"}}
    simulator.faults(fault)
    rows = [registration_requests.register(make_subject(user), "vidu", key) for _ in range(count)]
    for row in rows:
        registration_job.register(row.pk)
    simulator.faults()
    assert states() == {R.UNCERTAIN}
    return rows


def states() -> set[str]:
    return set(Registration.objects.values_list("state", flat=True))


def readings(simulator) -> int:
    return len(simulator.requests("/ent/v2/subjects", "GET"))


def let_pass() -> None:
    past = timezone.now() - timedelta(hours=1)
    Registration.objects.exclude(next_look_at=None).update(next_look_at=past)
    Lease.objects.update(expires_at=past)


def test_many_lost_registrations_cost_one_reading(user, simulator):
    lost(user, simulator, make_key(user), 6)
    look()
    assert (states(), readings(simulator), len(creates(simulator))) == ({R.KEPT}, 1, 6)


def test_one_that_is_not_due_yet_is_served_too(user, simulator):
    first, *_others = lost(user, simulator, make_key(user), 3)
    later = timezone.now() + timedelta(minutes=1)
    Registration.objects.filter(pk=first.pk).update(next_look_at=later)
    look()
    assert (states(), readings(simulator)) == ({R.KEPT}, 1)


def test_two_readings_a_minute_apart_then_it_failed(user, simulator, settings):
    rows = lost(user, simulator, make_key(user), 3, when="before")
    settings.RECONCILE_GAP = 60
    look()
    look()
    assert (states(), readings(simulator)) == ({R.UNCERTAIN}, 1)
    Registration.objects.update(next_look_at=timezone.now())
    look()
    assert readings(simulator) == 1
    let_pass()
    look()
    assert (states(), readings(simulator)) == ({R.FAILED}, 2)
    assert {row.looks for row in rows} == {0}


def test_a_library_that_cannot_be_read_counts_for_nothing(user, simulator, settings):
    lost(user, simulator, make_key(user), 2)
    settings.RECONCILE_GAP = 60
    simulator.faults({"kind": "status", "status": 429, "retry_after": 300})
    look()
    row = Registration.objects.first()
    assert row.looks == 0
    assert row.next_look_at > timezone.now() + timedelta(seconds=280)
    simulator.faults()
    let_pass()
    look()
    assert states() == {R.KEPT}


def test_one_that_makes_the_code_fail_costs_itself_alone(user, simulator, monkeypatch):
    bad, *_others = lost(user, simulator, make_key(user), 3)
    mark = registration_look.mark_registered

    def broken(row, snapshot):
        return 1 / 0 if row.pk == bad.pk else mark(row, snapshot)

    monkeypatch.setattr(registration_look, "mark_registered", broken)
    registration_look.look_for_registrations()
    assert Registration.objects.filter(state=R.KEPT).count() == 2


def test_a_look_that_died_is_repeated_when_its_claim_ends(user, simulator):
    rows = lost(user, simulator, make_key(user), 2)
    assert len(registration_look.claim_due_registrations()) == len(rows)
    look()
    assert (states(), readings(simulator)) == ({R.UNCERTAIN}, 0)
    let_pass()
    look()
    assert states() == {R.KEPT}


def test_after_the_clock_was_set_back_looks_go_on(user, simulator):
    lost(user, simulator, make_key(user), 1)
    Registration.objects.update(next_look_at=timezone.now() + timedelta(hours=2))
    look()
    assert states() == {R.KEPT}


@pytest.mark.django_db(transaction=True)
def test_many_looks_at_once_read_once(user, simulator):
    lost(user, simulator, make_key(user), 4)
    assert at_once(look) == []
    assert (states(), readings(simulator)) == ({R.KEPT}, 1)
