"""A subject is registered once for each key, whatever gets lost or dies on the way."""

import math
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from generation.catalogue.message import Message
from generation.engine import sweep
from generation.engine.imports import import_subjects
from generation.engine.provider_clients import call_provider, connect
from generation.engine.registration import (
    job as registration_job,
)
from generation.engine.registration import (
    outcome,
)
from generation.engine.registration import (
    requests as registration_requests,
)
from generation.models import (
    Membership,
    Registration,
    RegistrationState,
    Role,
    Status,
    Subject,
    Team,
)
from tests.factories import make_key, make_media, make_member, make_subject, team_of

R = RegistrationState


def creates(simulator):
    """Subject creations that the simulator accepted and charged."""
    free = ("vidu_edit_subjects", "vidu_get_subjects")
    rows = [row for row in simulator.ledger() if "subject" in row["model"]]
    return [row for row in rows if row["model"] not in free]


def work(row, until=(R.KEPT, R.FAILED), steps=40):
    """The job, called until it has nothing more to do."""
    for _ in range(steps):
        registration_job.register(row.pk)
        row.refresh_from_db()
        if row.state in until:
            return row
    raise AssertionError(f"{row} stays {row.state}: {row.error}")


def descriptions(provider, key):
    """What the provider's library says of each subject."""
    found = call_provider(connect(provider, key), lambda one: one.list_subjects())
    return {one.server_id: one.description for one in found}


PROVIDERS = ("demo", "vidu", "vtrix")


def key_of(user, provider):
    return None if provider == "demo" else make_key(user, provider)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_subject_is_made_once_and_known_from_then_on(user, simulator, provider):
    mira, key = make_subject(user, "Mira"), key_of(user, provider)
    assert registration_requests.to_register([mira], provider, key) == [mira]
    row = work(registration_requests.register(mira, provider, key))
    assert (row.state, row.is_current, bool(row.server_id)) == (R.KEPT, True, True)
    registration_requests.register(mira, provider, key)
    registration_job.register(row.pk)
    assert len(creates(simulator)) == 1
    assert registration_requests.to_register([mira], provider, key) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_lost_reply_is_looked_for_and_not_paid_again(user, simulator, provider):
    mira, key = make_subject(user, "Mira"), key_of(user, provider)
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    row = registration_requests.register(mira, provider, key)
    work(row, until=(R.UNCERTAIN, R.KEPT))
    assert work(row).state == R.KEPT
    assert len(creates(simulator)) == 1


@pytest.mark.parametrize("status", [303, 307, 403, 409, 502])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_a_gateway_answers_after_acceptance_is_not_paid_again(
    user, simulator, provider, status
):
    mira, key = make_subject(user, "Mira"), key_of(user, provider)
    fault = {"kind": "gateway", "status": status, "match": {"method": "POST"}, "count": 1}
    simulator.faults(fault)
    row = registration_requests.register(mira, provider, key)
    registration_job.register(row.pk)
    row.refresh_from_db()
    assert row.state == R.UNCERTAIN
    assert work(row).state == R.KEPT
    assert len(creates(simulator)) == 1
    assert simulator.requests("elsewhere") == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_edit_of_text_reaches_the_provider_without_a_second_subject(user, simulator, provider):
    mira, key = make_subject(user, "Mira", description="A singer"), key_of(user, provider)
    row = work(registration_requests.register(mira, provider, key))
    known = row.server_id
    assert descriptions(provider, key) == {known: "A singer"}
    assert mira.edit(mira.version, mira.files, description="With grey hair")
    row = work(registration_requests.register(mira, provider, key))
    assert (row.server_id, row.shape) == (known, mira.shape)
    assert descriptions(provider, key) == {known: "With grey hair"}
    assert len(creates(simulator)) == 1


@pytest.mark.parametrize(("provider", "paid"), [("demo", 1), ("vtrix", 2)])
def test_new_images_replace_the_old_or_make_a_new_subject(user, simulator, provider, paid):
    mira, key = make_subject(user, "Mira"), key_of(user, provider)
    work(registration_requests.register(mira, provider, key))
    assert mira.edit(mira.version, [make_media(user)])
    row = work(registration_requests.register(mira, provider, key))
    assert (row.is_current, len(creates(simulator))) == (True, paid)


def test_a_death_while_sending_is_never_sent_again(user):
    mira = make_subject(user, "Mira")
    row = registration_requests.register(mira, "demo", None)
    past = timezone.now() - timedelta(minutes=5)
    assert row.step(R.SENDING, claim="dead", sent_at=past, deadline=past)
    sweep.sweep()
    row.refresh_from_db()
    assert row.state == R.UNCERTAIN


def test_a_death_before_sending_starts_again(user):
    row = registration_requests.register(make_subject(user, "Mira"), "demo", None)
    past = timezone.now() - timedelta(minutes=5)
    assert row.step(R.SENDING, claim="dead", deadline=past)
    sweep.sweep()
    row.refresh_from_db()
    assert row.state == R.WAITING


def test_two_who_ask_at_once_share_one_registration(user):
    mira = make_subject(user, "Mira")
    assert registration_requests.register(
        mira, "demo", None
    ) == registration_requests.get_or_create(mira, "demo", None)
    assert Registration.objects.count() == 1


def test_each_key_has_its_own(user):
    mira = make_subject(user, "Mira")
    other = make_member(team_of(user))
    for key in (make_key(user), make_key(other)):
        registration_requests.register(mira, "vidu", key)
    assert Registration.objects.count() == 2


def test_a_task_waits_for_its_subject_and_then_goes(user, simulator, engine):
    mira = make_subject(user, "Mira")
    task = engine.begin(("demo", "reference", "viduq3"), {}, [mira], prompt="@Mira sings")
    task = engine.submit(task)
    assert (task.status, "@Mira" in task.waiting_for) == (Status.QUEUED, True)
    work(Registration.objects.get())
    task = engine.submit(task)
    assert task.status == Status.RUNNING


def test_a_subject_that_cannot_be_registered_fails_the_task_with_its_reason(user, engine):
    mira = make_subject(user, "Mira")
    task = engine.begin(("demo", "reference", "viduq3"), {}, [mira], prompt="@Mira sings")
    task = engine.submit(task)
    row = Registration.objects.get()
    outcome.fail_registration(row, Message("The provider did not take this subject."))
    task = engine.submit(task)
    assert (task.status, task.error, task.credits) == (
        Status.FAILED,
        "The provider did not take this subject.",
        0,
    )


def test_two_who_edit_at_once_lose_nothing(user):
    mira = make_subject(user, "Mira")
    seen = mira.version
    assert mira.edit(seen, mira.files, description="Hers")
    assert not Subject.objects.get().edit(seen, mira.files, description="His")
    assert Subject.objects.get().description == "Hers"


def test_tags_alone_are_nobodys_business(user):
    mira = make_subject(user, "Mira")
    shape = mira.shape
    assert mira.edit(mira.version, mira.files, tags=["lead"])
    assert mira.shape == shape


def test_what_a_library_holds_comes_home_once(user, simulator):
    key = make_key(user)
    work(registration_requests.register(make_subject(user, "Mira"), "vidu", key))
    Subject.objects.all().delete()
    done = import_subjects.import_subjects(user, team_of(user), "vidu", key)
    assert [one.name.startswith("Mira") for one in done.new] == [True]
    assert len(done.new[0].files) == 1
    again = import_subjects.import_subjects(user, team_of(user), "vidu", key)
    assert (again.new, again.known) == ([], 1)
    assert Subject.objects.count() == 1


def test_each_team_imports_the_library_for_itself(user, simulator):
    key, team = make_key(user), team_of(user)
    work(registration_requests.register(make_subject(user, "Mira"), "vidu", key))
    other = Team.objects.create(name="Second team")
    Membership.objects.create(team=other, user=user, role=Role.OWNER)
    known = import_subjects.import_subjects(user, team, "vidu", key)
    assert (known.new, known.known) == ([], 1)
    (brought,) = import_subjects.import_subjects(user, other, "vidu", key).new
    assert brought.team == other
    assert {media.team for media in brought.files} == {other}
    assert import_subjects.import_subjects(user, other, "vidu", key).known == 1


def test_names_of_another_team_are_free(user, simulator):
    mine = make_subject(user, "Mira")
    other = Team.objects.create(name="Second team")
    assert import_subjects.free_name(other, "Mira") == "Mira"
    assert import_subjects.free_name(mine.team, "Mira") == "Mira-2"


def test_another_key_imports_its_own_library(user, simulator):
    first, second = make_key(user), make_key(user, secret="another-account")
    row = work(registration_requests.register(make_subject(user, "Mira"), "vidu", second))
    Registration.objects.filter(pk=row.pk).update(key=first)
    (brought,) = import_subjects.import_subjects(user, team_of(user), "vidu", second).new
    assert brought.registrations.get().server_id == row.server_id


def test_an_import_that_takes_long_leaves_the_rest_and_goes_on_later(user, simulator, monkeypatch):
    key = make_key(user)
    for name in ("Mira", "Pip", "Zoe"):
        work(registration_requests.register(make_subject(user, name), "vidu", key))
    Subject.objects.all().delete()
    heard, clock = [], iter([0.0, 10.0])  # the second look at it is too late

    def import_(until):
        report = lambda *counts: heard.append(counts)  # noqa: E731
        return import_subjects.import_subjects(user, team_of(user), "vidu", key, until, report)

    monkeypatch.setattr(import_subjects, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    first = import_(until=5.0)
    monkeypatch.undo()
    assert (len(first.new), first.known, first.left) == (1, 0, 2)
    rest = import_(until=math.inf)
    assert (len(rest.new), rest.known, rest.left) == (2, 1, 0)
    assert heard == [(0, 3), (1, 3), (1, 3), (2, 3)]
    assert Subject.objects.count() == 3


def test_nobody_imports_from_the_library_that_all_share(user, simulator):
    work(registration_requests.register(make_subject(user, "Mira"), "demo", None))
    with pytest.raises(import_subjects.NotImported):
        import_subjects.import_subjects(user, team_of(user), "demo", None)


def test_an_imported_name_is_never_a_handle(user):
    assert import_subjects.free_name(team_of(user), "Image1") == "subject-Image1"
    assert import_subjects.free_name(team_of(user), "Mira / 2") == "Mira-2"
