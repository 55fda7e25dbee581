"""A claim ends with the process that holds it, and with its deadline."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import claims, due
from generation.models import Status, Task
from tests.factories import make_task

CLAIM_ELSEWHERE = "from generation.engine.claims import new_claim; print(new_claim())"


@pytest.fixture(scope="module")
def of_a_dead_process() -> str:
    """A claim whose process has ended and was waited for."""
    run = subprocess.run(
        [sys.executable, "-c", CLAIM_ELSEWHERE], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def claimed(user, claim, **fields) -> Task:
    until = timezone.now() + timedelta(seconds=100)
    known = {"status": Status.SUBMITTING, "claim": claim, "deadline": until} | fields
    return make_task(user, **known)


def after_a_look(task: Task) -> Task:
    due.free_stuck(timezone.now())
    return Task.objects.get(pk=task.pk)


def test_what_a_dead_process_did_not_send_is_queued_again_at_once(user, of_a_dead_process):
    freed = after_a_look(claimed(user, of_a_dead_process))
    assert (freed.status, freed.claim, freed.deadline) == (Status.QUEUED, "", None)


def test_what_a_dead_process_sent_waits_for_its_answer(user, of_a_dead_process):
    task = claimed(user, of_a_dead_process, sent_at=timezone.now())
    assert after_a_look(task).status == Status.SUBMITTING


def test_a_living_process_keeps_its_claim_until_the_deadline(user):
    assert after_a_look(claimed(user, claims.new_claim())).status == Status.SUBMITTING
    late = claimed(user, claims.new_claim(), deadline=timezone.now())
    assert after_a_look(late).status == Status.QUEUED


@pytest.mark.parametrize("claim", ["", "mine", "0" * 32, "x" * 32])
def test_of_another_machine_nothing_is_known(claim):
    assert not claims.holder_is_gone(claim)


def test_a_claim_of_another_boot_or_container_waits(user, monkeypatch, of_a_dead_process):
    assert claims.holder_is_gone(of_a_dead_process)
    monkeypatch.setattr(claims, "machine", lambda: "f" * claims.MACHINE_LENGTH)
    assert not claims.holder_is_gone(of_a_dead_process)


def test_without_a_name_of_the_machine_claims_hold_until_their_deadline(monkeypatch):
    monkeypatch.setattr(claims, "machine", str)
    claim = claims.new_claim()
    assert len(claim) == claims.CLAIM_LENGTH
    assert not claims.holder_is_gone(claim)


def test_no_claim_is_made_twice():
    made = {claims.new_claim() for _ in range(1000)}
    assert len(made) == 1000
    assert {f"{os.getpid():08x}"} == {claim[8:16] for claim in made}
