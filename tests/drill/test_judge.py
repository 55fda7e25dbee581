"""Each thing that can go wrong is found, and what is right is not."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.drill.judge import Evidence, hash_of
from generation.models import Registration
from tests.factories import make_media, make_output, make_subject, make_task

pytestmark = pytest.mark.django_db
TWICE, LOST = "Paid twice", "Paid, and not known to the studio"
FAILED, STUCK = "Paid, and called failed", "Not at its end, although nothing is in its way"
UNCERTAIN = "Uncertain, although the provider's list shows it"
DIFFERENT = "Stored bytes that differ from those served"


def charge(payload: str, remote_id: str, model: str = "viduq2") -> dict[str, str]:
    return {"payload": payload, "remote_id": remote_id, "model": model}


def missed(ledger, remote=None, names=None) -> set[str]:
    findings = Evidence(ledger, remote or {}, names or {}).findings()
    return {one.name for one in findings if one.is_miss}


@pytest.fixture
def done(user):
    """A task that succeeded, with its output, and what the simulator tells of it."""
    task = make_task(user, status="succeeded", remote_id="7")
    media = make_media(user, uploaded=False)
    media.sha256 = hash_of(media.path)
    media.save()
    output = make_output(user, task, media=media)
    return task, output, {"7": {"state": "success", "sha256": media.sha256}}


def test_what_is_right_is_no_miss(done):
    task, _, remote = done
    assert missed([charge(task.marker, "7")], remote) == set()


def test_a_second_charge_is_paid_twice_and_lost(done):
    task, _, remote = done
    assert missed([charge(task.marker, "7"), charge(task.marker, "8")], remote) == {TWICE, LOST}


def test_a_charge_that_belongs_to_no_task_is_lost(done):
    task, _, remote = done
    assert missed([charge(task.marker, "7"), charge("vs-nobody", "8")], remote) == {LOST}


def test_a_task_that_was_paid_for_and_waits_to_be_sent_is_lost(user):
    task = make_task(user)
    assert missed([charge(task.marker, "7")]) == {LOST, STUCK}


def test_a_task_that_was_paid_for_must_not_be_called_failed(user):
    task = make_task(user, status="failed", error="No answer.")
    assert missed([charge(task.marker, "7")], {"7": {"state": "success"}}) == {FAILED}
    assert missed([charge(task.marker, "7")], {"7": {"state": "failed"}}) == set()
    assert missed([]) == set()


@pytest.mark.parametrize("status", ["queued", "submitting", "running", "storing"])
def test_what_is_not_at_its_end_is_stuck(user, status):
    make_task(user, status=status)
    assert missed([]) == {STUCK}


def test_an_uncertain_task_is_at_its_end_when_a_person_decides(user):
    task = make_task(user, status="uncertain", next_look_at=timezone.now())
    assert missed([]) == {STUCK}
    task.next_look_at = None
    task.save()
    assert missed([]) == set()


@pytest.mark.parametrize(("provider", "expected"), [("vidu", {UNCERTAIN}), ("kkiai", set())])
def test_what_a_list_shows_is_not_left_to_a_person(user, provider, expected):
    task = make_task(user, status="uncertain", provider=provider)
    assert missed([charge(task.marker, "7")]) == expected


def test_a_stored_file_that_was_changed_is_found(done):
    _, output, remote = done
    default_storage.delete(output.media.path)
    assert missed([], remote) == {DIFFERENT}
    default_storage.save(output.media.path, ContentFile(b"other bytes"))
    assert missed([], remote) == {DIFFERENT}


def test_success_without_a_file_is_found(done):
    _, output, remote = done
    output.delete()
    assert missed([], remote) == {DIFFERENT}


def test_the_copy_with_the_watermark_must_be_there_too(done):
    task, _, remote = done
    task.values = {**task.values, "watermark": True}
    task.save()
    assert missed([], remote) == {DIFFERENT}


@pytest.fixture
def registered(user):
    return Registration.objects.create(
        subject=make_subject(user, "Mira"), provider="demo", label="Mira-1", state="kept",
        server_id="3",
    )  # fmt: skip


def subject_charge(remote_id: str) -> dict[str, str]:
    return charge("", remote_id, "subjects")


def test_a_subject_is_paid_for_once(registered):
    names = {"3": "Mira-1", "4": "Mira-1"}
    assert missed([subject_charge("3")], {}, names) == set()
    assert missed([subject_charge("3"), subject_charge("4")], {}, names) == {TWICE}


def test_a_subject_that_the_studio_knows_by_another_id_is_lost(registered):
    assert missed([subject_charge("4")], {}, {"4": "Mira-1"}) == {LOST}
    assert missed([subject_charge("5")], {}, {"5": "Nobody-1"}) == {LOST}


def test_a_subject_that_was_paid_for_must_not_be_called_failed(registered):
    Registration.objects.update(state="failed")
    assert missed([subject_charge("3")], {}, {"3": "Mira-1"}) == {FAILED}


def test_a_registration_that_goes_on_is_stuck(registered):
    Registration.objects.update(state="uncertain")
    assert missed([subject_charge("3")], {}, {"3": "Mira-1"}) == {STUCK}
