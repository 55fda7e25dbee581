"""An account is deleted: teams keep their work and an owner, what is out is finished, keys go."""

import secrets
from contextlib import suppress
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.files.storage import default_storage
from django.db import IntegrityError, models
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils import timezone

from generation import setup_link
from generation.catalogue import rules
from generation.engine import close_account, delete_team, submit, team_owners
from generation.engine.close_account import DELETE, Fate, TeamsChanged, plans_of, signature_of
from generation.engine.start import Start, start_once
from generation.models import (
    ApiKey,
    AuditEvent,
    Batch,
    Invitation,
    InvitationState,
    Media,
    Membership,
    Output,
    Project,
    Role,
    Status,
    Subject,
    Task,
    Team,
    User,
)
from generation.models.addresses import pending_sign_ups
from generation.models.users import NOWHERE
from tests.at_once import at_once
from tests.engine.test_departures import membership
from tests.factories import (
    make_invitation,
    make_key,
    make_media,
    make_member,
    make_output,
    make_subject,
    make_task,
    make_user,
    team_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user("kenji@example.test", name="Kenji Watanabe")


@pytest.fixture
def team(person):
    return team_of(person)


def close(person: User, **choices) -> list:
    """As decided for the teams of the moment; where nothing is said, as the page has it first."""
    plans = plans_of(person)
    chosen = {plan.team.pk: plan.usual_choice for plan in plans}
    for team, choice in choices.get("of", {}).items():
        chosen[team.pk] = choice if choice == DELETE else str(membership(team, choice).pk)
    return close_account.close_account(person, signature_of(plans), chosen)


def purge(**later) -> None:
    for _ in range(8):
        delete_team.purge_teams(timezone.now() + timedelta(**later))
        close_account.purge_closed(timezone.now() + timedelta(**later))


# --- Teams ----------------------------------------------------------------------------------------


def test_who_is_alone_in_a_team_takes_it_along(person, team, django_capture_on_commit_callbacks):
    output = make_output(person)
    stranger = make_output(make_user())
    [plan] = plans_of(person)
    assert (plan.fate, plan.outputs_in_all) == (Fate.ALONE, 1)
    close(person)
    with django_capture_on_commit_callbacks(execute=True):
        purge()
    assert not Team.objects.filter(pk=team.pk).exists()
    assert not default_storage.exists(output.media.path)
    assert Output.objects.get() == stranger


def test_a_sole_owner_makes_another_the_owner(person, team):
    output, other = make_output(person), make_member(team, Role.ADMIN)
    member = make_member(team)
    [plan] = plans_of(person)
    assert [one.user for one in plan.others] == [other, member]  # the highest role first
    [owner] = close(person, of={team: member})
    assert (owner.user, owner.is_deleted) == (member, False)
    assert membership(team, member).role == Role.OWNER
    found = Output.objects.get(pk=output.pk)
    assert (found.user, found.made_by_name) == (member, "Kenji Watanabe")
    assert Team.objects.get(pk=team.pk).leaving_since is None
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "member.role", "member.left", "account.deleted",
    ]  # fmt: skip


def test_a_team_that_is_to_be_deleted_can_still_be_kept(person, team):
    admin = make_member(team, Role.ADMIN)
    [owner] = close(person, of={team: DELETE})
    assert (owner.user, owner.is_deleted) == (admin, True)
    purge()
    assert Team.objects.get(pk=team.pk).leaving_since is not None
    assert delete_team.keep_team(membership(team, admin))


def test_in_a_team_of_others_an_heir_gets_the_work():
    others = make_user()
    shared = team_of(others)
    person = make_member(shared, name="Kenji Watanabe")
    later = make_member(shared, Role.ADMIN)
    output, subject, upload = make_output(person), make_subject(person), make_media(person)
    project = shared.projects.create(name="Film", created_by=person)
    [plan] = plans_of(person)
    assert (plan.fate, plan.others[0].user) == (Fate.SHARED, others)
    close(person, of={shared: later})
    for row in (Output.objects.get(pk=output.pk), Batch.objects.get()):
        assert row.made_by_name == "Kenji Watanabe"
    assert Output.objects.get(pk=output.pk).user == later
    assert Subject.objects.get(pk=subject.pk).created_by == later
    assert Project.objects.get(pk=project.pk).created_by == later
    found = Media.objects.get(pk=upload.pk)
    assert (found.created_by, found.made_by_name) == (later, "Kenji Watanabe")


def test_where_nobody_may_inherit_the_team_has_the_work():
    paused = make_user()
    person = make_member(team_of(paused), name="Kenji Watanabe")
    User.objects.filter(pk=paused.pk).update(is_active=False)
    output = make_output(person)
    close(person)
    found = Output.objects.get(pk=output.pk)
    assert (found.user, found.maker_name) == (None, "Kenji Watanabe")


def test_suspended_people_may_be_back_within_the_week(person, team):
    paused = make_member(team, is_active=False)
    close(person)
    purge()
    assert Team.objects.get(pk=team.pk).leaving_since is not None
    assert membership(team, paused).role == Role.OWNER
    purge(days=8)
    assert not Team.objects.filter(pk=team.pk).exists()


@pytest.mark.parametrize("choice", ["", "0", "nobody"])
def test_a_sole_owner_must_choose(person, team, choice):
    make_member(team)
    with pytest.raises(TeamsChanged):
        close_account.close_account(person, signature_of(plans_of(person)), {team.pk: choice})
    assert User.objects.get(pk=person.pk).is_active


def test_what_was_decided_for_other_teams_decides_nothing(person, team):
    seen = signature_of(plans_of(person))
    make_member(team)  # joined while the page was open
    with pytest.raises(TeamsChanged):
        close_account.close_account(person, seen, {})
    assert membership(team, person).role == Role.OWNER


@pytest.mark.parametrize("others", [0, 1])
def test_who_turns_out_to_be_the_last_owner_is_asked_again(person, team, others):
    other, heirs = make_member(team, Role.OWNER), [make_member(team) for _ in range(others)]
    make_output(person)
    seen, choices = signature_of(plans_of(person)), {}
    if heirs:  # was chosen to receive the work, not to own the team
        choices = {team.pk: str(membership(team, heirs[0]).pk)}
    Membership.objects.filter(user=other).delete()
    with pytest.raises(TeamsChanged):
        close_account.close_account(person, seen, choices)
    assert membership(team, person).role == Role.OWNER


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_of_two_owners_who_go_at_once_the_second_has_to_decide(person, team, round):
    other = make_member(team, Role.OWNER)
    third = make_member(team)
    make_output(person)
    make_output(other)
    others_team = Team.found("Another", other)
    Membership.objects.create(team=others_team, user=person, role=Role.OWNER)
    waiting, outcomes = [person, other], []
    seen = {one.pk: signature_of(plans_of(one)) for one in waiting}
    usual = {one.pk: {plan.team.pk: plan.usual_choice for plan in plans_of(one)} for one in waiting}

    def go() -> None:
        user = waiting.pop()
        try:
            close_account.close_account(user, seen[user.pk], usual[user.pk])
            outcomes.append("gone")
        except TeamsChanged:
            outcomes.append("asked again")

    assert at_once(go, 2) == []
    assert sorted(outcomes) == ["asked again", "gone"]
    assert team.owners.count() == others_team.owners.count() == 1
    left = User.objects.get(pk__in=[person.pk, other.pk], is_active=True)
    close(left, of={team: third})
    assert [one.user for one in team.owners] == [third]
    purge()
    assert not Team.objects.filter(pk=others_team.pk).exists()  # nobody was left in it
    assert Output.objects.filter(team=team, user=third).count() == 2


@pytest.mark.django_db(transaction=True)
def test_who_presses_generate_in_the_same_moment_sends_nothing(person, team, engine, simulator):
    engine.user, acts, outcomes = person, ["go", "press", "press"], []
    make_member(team)
    key, project = make_key(person, "vidu"), team.projects.get()
    seen, choices = signature_of(plans_of(person)), {team.pk: plans_of(person)[0].usual_choice}
    offer = rules.offer("vidu", "image", "viduq2")
    values = rules.check(offer, {"prompt": "A lighthouse"}, {})

    def go() -> None:
        act = acts.pop()
        if act == "go":
            close_account.close_account(person, seen, choices)
        else:
            with suppress(IntegrityError):  # the key was wiped meanwhile
                start_once(Start(person, team, project, secrets.token_hex(4), offer, key, values))
        outcomes.append(act)

    assert at_once(go, 3) == []
    assert sorted(outcomes) == ["go", "press", "press"]
    for task in Task.objects.all():
        submit.submit(task.pk)
    assert set(Task.objects.values_list("status", flat=True)) <= {Status.CANCELLED}
    assert simulator.ledger() == []


def test_nothing_waits_for_somebody_who_is_gone(person, team):
    other = make_member(team, Role.OWNER)
    team_owners.offer_team(membership(team, other), membership(team, person).pk)
    row, _token = make_invitation(team, person, email="jonas@example.test")
    close(person, of={team: other})
    assert Team.objects.get(pk=team.pk).offered_to is None
    assert Invitation.objects.get(pk=row.pk).state == InvitationState.VOID


# --- Work under way, and keys ---------------------------------------------------------------------


def test_what_is_queued_makes_no_request(person, team, simulator):
    other = make_member(team)
    key = make_key(person, "vidu")
    own = make_task(person, key=key, provider="vidu")
    lent = make_task(other, key=key, provider="vidu")  # with the key, by whom ever
    close(person)
    for task in (own, lent):
        submit.submit(task.pk)
    assert set(Task.objects.values_list("status", flat=True)) == {Status.CANCELLED}
    assert simulator.ledger() == []
    assert not ApiKey.objects.exists()


def test_a_task_that_is_out_is_stored_for_the_team_and_then_the_key_goes(person, team, engine):
    heir = make_member(team)
    engine.user, key = person, make_key(person, "vidu")
    spare = make_key(person, "kkiai")
    task = engine.submit(engine.begin(("vidu", "image", "viduq2"), key=key, prompt="A lighthouse"))
    close(person)
    purge()
    assert [one.pk for one in ApiKey.objects.all()] == [key.pk]
    assert not ApiKey.objects.filter(pk=spare.pk).exists()
    engine.finish(task)
    output = Output.objects.get()
    assert (output.user, output.maker_name) == (heir, "Kenji Watanabe")
    assert (output.media.created_by, output.media.made_by_name) == (heir, "Kenji Watanabe")
    purge()
    assert not ApiKey.objects.exists()


def test_no_key_outlives_its_account_for_more_than_a_week(person, team):
    make_member(team)
    key = make_key(person, "vidu")
    make_task(person, key=key, provider="vidu", status=Status.UNCERTAIN)
    close(person)
    purge(days=6)
    assert ApiKey.objects.filter(pk=key.pk).exists()
    purge(days=8)
    assert not ApiKey.objects.exists()
    assert Task.objects.get().key is None


def test_a_team_that_nobody_is_in_waits_for_what_is_out_but_not_for_ever(person, team):
    task = make_task(person, status=Status.UNCERTAIN)
    close(person)
    purge()
    assert Task.objects.filter(pk=task.pk).exists()
    purge(days=8)
    assert not Team.objects.filter(pk=team.pk).exists()


# --- The row --------------------------------------------------------------------------------------


def test_nothing_personal_is_left_at_once(person, team):
    Authenticator.objects.create(user=person, type="totp", data={})
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True, language="zh-hans")
    before = person.password
    close(person)
    row = User.objects.get(pk=person.pk)
    assert not row.is_active
    assert not row.is_staff
    assert not row.is_superuser
    assert (row.name, row.language) == ("", "")
    assert row.email.endswith(NOWHERE)
    assert row.shown_name == "Deleted account"
    assert row.password != before
    assert not row.has_usable_password()
    assert not EmailAddress.objects.exists()
    assert not Authenticator.objects.exists()
    assert not pending_sign_ups().exists()  # or the sweep would take it for one


def test_a_process_that_dies_after_the_deletion_leaves_no_address(person, monkeypatch):
    monkeypatch.setattr(close_account, "forget_person", lambda _pk: None)
    close(person)
    monkeypatch.undo()
    assert User.objects.get().email == "kenji@example.test"
    purge()
    assert User.objects.get().email.endswith(NOWHERE)


def test_a_team_that_was_made_meanwhile_goes_too(person):
    close(person)
    late = Team.found("Late", person)
    purge()
    assert not Team.objects.filter(pk=late.pk).exists()


def test_the_address_gets_nothing_of_the_old_account(person, team):
    other = make_member(team)
    make_output(person)
    close(person, of={team: other})
    again = make_user("kenji@example.test")
    assert again.pk != person.pk
    assert [one.memberships.count() for one in again.teams.all()] == [1]
    assert not Output.objects.visible_to(again).exists()


def test_the_row_goes_when_its_acts_are_old_and_takes_no_work_along(person, team, monkeypatch):
    heir = make_member(team, Role.OWNER)
    rows = fill_every_reference(person, team)
    old = timezone.now() - timedelta(days=32)
    with monkeypatch.context() as patch:  # the database lets nobody change an act afterwards
        patch.setattr(AuditEvent._meta.get_field("at"), "_get_default", lambda: old)
        close(person, of={team: heir})
    purge()
    assert User.objects.filter(pk=person.pk).exists()
    User.objects.filter(pk=person.pk).update(closed_at=timezone.now() - timedelta(days=32))
    purge()
    assert not User.objects.filter(pk=person.pk).exists()
    assert not AuditEvent.objects.filter(team=None, actor=person.pk).exists()
    for row in rows:
        assert type(row).objects.filter(pk=row.pk).exists(), row
    assert AuditEvent.objects.filter(team=team, actor=person.pk).exists()


def fill_every_reference(person: User, team: Team) -> list:
    """A row of the team for each column that points to a person."""
    task = make_task(person, status=Status.SUCCEEDED)
    output = make_output(person, task, trashed_at=timezone.now(), trashed_by=person)
    subject = make_subject(person, changed_by=person)
    project = team.projects.create(name="Film", created_by=person)
    invitation, _token = make_invitation(team, person)
    facts = {"accepted_by": person, "ended_by": person, "state": InvitationState.ACCEPTED}
    Invitation.objects.filter(pk=invitation.pk).update(**facts)
    Team.objects.filter(pk=team.pk).update(offered_by=person, offered_to=person)
    return [task, task.batch, output, output.media, subject, project, invitation, team]


def test_only_what_is_personal_is_deleted_with_a_person():
    """A new column that points to a person belongs into this list, or must not cascade."""
    found = {
        f"{one.related_model._meta.label}.{one.field.name}"
        for one in User._meta.get_fields(include_hidden=True)
        if isinstance(one, ForeignObjectRel) and getattr(one, "on_delete", None) is models.CASCADE
    }
    assert found <= {
        "account.EmailAddress.user", "admin.LogEntry.user", "generation.ApiKey.user",
        "generation.Comment_mentions.user", "generation.Membership.user",
        "generation.Notice.user", "generation.NoticeChoice.user",
        "generation.User_groups.user", "generation.User_user_permissions.user",
        "mfa.Authenticator.user", "usersessions.UserSession.user",
    }  # fmt: skip


# --- The last one ---------------------------------------------------------------------------------


def test_the_set_up_link_waits_until_nothing_of_the_last_account_is_left(
    person, team, settings, tmp_path
):
    settings.SECRETS_DIR = tmp_path
    task = make_task(person, status=Status.RUNNING)
    close(person)
    assert setup_link.setup_token() is None  # a team with work in it is still there
    Task.objects.filter(pk=task.pk).update(status=Status.SUCCEEDED)
    purge()
    assert setup_link.setup_token()
