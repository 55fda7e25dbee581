"""Somebody leaves a team: nothing is orphaned, nothing more is paid, one owner is always left."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.engine import delete_team, departures, submit, team_owners
from generation.models import (
    AuditEvent,
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
    Verb,
)
from generation.models.teams import LEAVING_TIME
from tests.engine.test_together import at_once
from tests.factories import (
    make_consent,
    make_consent_file,
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
def owner():
    return make_user(name="Nadia Herz")


@pytest.fixture
def team(owner):
    return team_of(owner)


def membership(team: Team, user: User) -> Membership:
    return Membership.objects.select_related("team", "user").get(team=team, user=user)


def remove(team: Team, actor: User, who: User, heir: User | None = None) -> Membership:
    heir_id = membership(team, heir).pk if heir else None
    return departures.remove_member(membership(team, actor), membership(team, who).pk, heir_id)


def statuses(user: User) -> set[str]:
    return set(Task.objects.filter(user=user).values_list("status", flat=True))


# --- What becomes of the work --------------------------------------------------------------------


def test_the_work_goes_to_the_heir_with_the_name_of_its_maker(owner, team):
    maker = make_member(team, name="Kenji Watanabe")
    heir = make_member(team, Role.ADMIN)
    output, subject = make_output(maker), make_subject(maker)
    project = team.projects.create(name="Film", created_by=maker)
    upload = make_media(maker)
    others = make_output(owner)
    remove(team, owner, maker, heir)
    found = Output.objects.get(pk=output.pk)
    assert (found.user, found.made_by_name) == (heir, "Kenji Watanabe")
    assert Subject.objects.get(pk=subject.pk).created_by == heir
    assert Project.objects.get(pk=project.pk).created_by == heir
    assert Media.objects.get(pk=upload.pk).created_by == heir
    untouched = Output.objects.get(pk=others.pk)
    assert (untouched.user, untouched.made_by_name) == (owner, "")


def test_what_was_inherited_keeps_the_name_of_its_first_maker(owner, team):
    first, second = make_member(team, name="Kenji"), make_member(team, name="Tomás")
    output = make_output(first)
    remove(team, owner, first, second)
    remove(team, owner, second, owner)
    found = Output.objects.get(pk=output.pk)
    assert (found.user, found.made_by_name) == (owner, "Kenji")


def test_work_in_another_team_stays_where_it_is(owner, team):
    person = make_user()
    output = make_output(person)
    Membership.objects.create(team=team, user=person)
    remove(team, owner, person)
    assert Output.objects.get(pk=output.pk).user == person


def test_only_what_was_not_sent_is_cancelled(owner, team):
    maker = make_member(team)
    states = [Status.QUEUED, Status.SUBMITTING, Status.RUNNING, Status.STORING, Status.UNCERTAIN]
    tasks = {state: make_task(maker, status=state) for state in states}
    remove(team, owner, maker)
    found = {state: Task.objects.get(pk=task.pk).status for state, task in tasks.items()}
    assert found.pop(Status.QUEUED) == Status.CANCELLED
    assert all(before == after for before, after in found.items())


def test_a_task_that_was_started_meanwhile_makes_no_request(owner, team, simulator):
    maker = make_member(team)
    key = make_key(maker, "vidu")
    remove(team, owner, maker)
    task = make_task(maker, team=team, key=key, provider="vidu", status=Status.QUEUED)
    submit.submit(task.pk)
    assert statuses(maker) == {Status.CANCELLED}
    assert simulator.ledger() == []


def test_the_keys_of_who_leaves_stay_theirs(owner, team):
    maker = make_member(team)
    key = make_key(maker, "vidu")
    remove(team, owner, maker)
    key.refresh_from_db()
    assert key.user == maker


def test_the_log_says_who_went_and_what_was_handed_over(owner, team):
    maker = make_member(team, name="Kenji")
    make_output(maker)
    make_task(maker, status=Status.QUEUED)
    remove(team, owner, maker, owner)
    event = AuditEvent.objects.get(team=team)
    assert (event.verb, event.target_name, event.actor) == ("member.removed", "Kenji", owner)
    assert event.changes == {"heir": "Nadia Herz", "outputs": 1, "cancelled": 1}


# --- Who may remove whom -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "target", "may"),
    [
        ("owner", "owner", True), ("owner", "viewer", True), ("admin", "owner", False),
        ("admin", "admin", True), ("admin", "member", True), ("member", "viewer", False),
        ("viewer", "member", False),
    ],
)  # fmt: skip
def test_nobody_removes_who_has_a_higher_role(team, actor, target, may):
    acting, other = make_member(team, actor), make_member(team, target)
    if may:
        remove(team, acting, other)
    else:
        with pytest.raises(departures.NotAllowed):
            remove(team, acting, other)
    assert Membership.objects.filter(team=team, user=other).exists() is not may


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_everybody_but_the_last_owner_may_leave(owner, team, role):
    person = make_member(team, role)
    remove(team, person, person)
    assert not Membership.objects.filter(user=person).exists()
    with pytest.raises(departures.LastOwner):
        remove(team, owner, owner)
    event = AuditEvent.objects.get()
    assert event.verb == "member.left"


def test_a_suspended_owner_does_not_count_as_one(owner, team):
    make_member(team, Role.OWNER, is_active=False)
    with pytest.raises(departures.LastOwner):
        remove(team, owner, owner)


def test_an_heir_who_has_left_meanwhile_changes_nothing(owner, team):
    maker, heir = make_member(team), make_member(team)
    make_output(maker)
    gone = membership(team, heir).pk
    remove(team, owner, heir)
    with pytest.raises(departures.NotAllowed):
        departures.remove_member(membership(team, owner), membership(team, maker).pk, gone)
    assert Output.objects.get().user == maker


def test_a_viewer_cannot_inherit(owner, team):
    maker, viewer = make_member(team), make_member(team, Role.VIEWER)
    assert viewer not in [one.user for one in departures.heirs_of(membership(team, maker))]


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_remove_each_other_one_is_left(owner, team):
    other = make_member(team, Role.OWNER)
    acts = [(owner, other), (other, owner)]
    members = {user.pk: membership(team, user) for user in (owner, other)}
    outcomes = []

    def go() -> None:
        actor, target = acts.pop()
        try:
            heir = members[actor.pk].pk
            departures.remove_member(members[actor.pk], members[target.pk].pk, heir)
            outcomes.append("done")
        except departures.NotAllowed:
            outcomes.append("refused")

    assert at_once(go, 2) == []
    assert sorted(outcomes) == ["done", "refused"]
    assert team.owners.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays(owner, team):
    other = make_member(team, Role.OWNER)
    one, two = (membership(team, user) for user in (owner, other))
    leaving, outcomes = [(one, two.pk), (two, one.pk)], []  # each leaves the work to the other

    def go() -> None:
        member, heir = leaving.pop()
        try:
            departures.remove_member(member, member.pk, heir)
            outcomes.append("done")
        except departures.LastOwner:
            outcomes.append("stays")

    assert at_once(go, 2) == []
    assert sorted(outcomes) == ["done", "stays"]
    assert team.owners.count() == 1


# --- Handing the team over -----------------------------------------------------------------------


def test_a_team_changes_hands_when_both_want_it(owner, team):
    person = make_member(team)
    team_owners.offer_team(membership(team, owner), membership(team, person).pk)
    assert membership(team, person).role == Role.MEMBER
    assert team_owners.answer_offer(membership(team, person), accept=True)
    assert membership(team, person).role == Role.OWNER
    assert membership(team, owner).role == Role.ADMIN
    assert not team_owners.answer_offer(membership(team, person), accept=True)


def test_no_means_no(owner, team):
    person = make_member(team)
    team_owners.offer_team(membership(team, owner), membership(team, person).pk)
    assert team_owners.answer_offer(membership(team, person), accept=False)
    assert membership(team, owner).role == Role.OWNER
    assert Team.objects.get(pk=team.pk).offered_to is None


def test_only_who_was_asked_can_answer(owner, team):
    person, other = make_member(team), make_member(team, Role.ADMIN)
    team_owners.offer_team(membership(team, owner), membership(team, person).pk)
    assert not team_owners.answer_offer(membership(team, other), accept=True)
    assert membership(team, other).role == Role.ADMIN


def test_an_offer_of_who_is_no_owner_any_more_is_void(owner, team):
    person = make_member(team)
    make_member(team, Role.OWNER)
    team_owners.offer_team(membership(team, owner), membership(team, person).pk)
    membership(team, owner).set_role(Role.ADMIN)
    assert not team_owners.answer_offer(membership(team, person), accept=True)
    assert membership(team, person).role == Role.MEMBER


def test_an_old_offer_is_void(owner, team):
    person = make_member(team)
    team_owners.offer_team(membership(team, owner), membership(team, person).pk)
    Team.objects.update(offered_at=timezone.now() - timedelta(days=8))
    assert not team_owners.answer_offer(membership(team, person), accept=True)


def test_a_question_is_taken_back_and_the_log_says_so(owner, team):
    person = make_member(team)
    team_owners.offer_team(membership(team, owner), membership(team, person).pk)
    assert team_owners.withdraw_offer(membership(team, owner))
    assert not team_owners.answer_offer(membership(team, person), accept=True)
    assert not team_owners.withdraw_offer(membership(team, owner))
    (event,) = AuditEvent.objects.filter(verb=Verb.TEAM_OFFER_WITHDRAWN)
    assert (event.actor, event.target_name) == (owner, person.shown_name)


def test_who_has_handed_the_team_over_takes_nothing_back(owner, team):
    person = make_member(team)
    before = membership(team, owner)
    team_owners.offer_team(before, membership(team, person).pk)
    assert team_owners.answer_offer(membership(team, person), accept=True)
    with pytest.raises(departures.NotAllowed):
        team_owners.withdraw_offer(before)
    assert not AuditEvent.objects.filter(verb=Verb.TEAM_OFFER_WITHDRAWN).exists()


@pytest.mark.django_db(transaction=True)
def test_of_an_answer_and_a_withdrawal_at_once_one_counts(owner, team):
    person = make_member(team)
    asker, asked = membership(team, owner), membership(team, person)
    team_owners.offer_team(asker, asked.pk)
    acts = [lambda: team_owners.answer_offer(asked, accept=True), lambda: withdrawn(asker)]
    done = []

    assert at_once(lambda: done.append(acts.pop()()), 2) == []
    assert sorted(done) == [False, True]


def withdrawn(actor):
    try:
        return team_owners.withdraw_offer(actor)
    except departures.NotAllowed:
        return False


def test_an_admin_cannot_give_the_team_away(owner, team):
    admin, person = make_member(team, Role.ADMIN), make_member(team)
    with pytest.raises(departures.NotAllowed):
        team_owners.offer_team(membership(team, admin), membership(team, person).pk)


# --- Deleting the team ---------------------------------------------------------------------------


def test_a_deleted_team_is_read_only_and_sends_nothing(owner, team, simulator):
    task = make_task(owner, key=make_key(owner, "vidu"), provider="vidu", status=Status.QUEUED)
    delete_team.delete_team(membership(team, owner))
    member = membership(team, owner)
    assert not member.may_create
    assert member.may_manage
    submit.submit(task.pk)
    assert statuses(owner) == {Status.CANCELLED}
    assert simulator.ledger() == []


def test_an_owner_keeps_it_within_the_week(owner, team):
    delete_team.delete_team(membership(team, owner))
    assert delete_team.keep_team(membership(team, owner))
    assert membership(team, owner).may_create


def test_after_the_week_it_is_too_late_to_keep_it(owner, team):
    delete_team.delete_team(membership(team, owner))
    Team.objects.update(leaving_since=timezone.now() - LEAVING_TIME)
    assert not delete_team.keep_team(membership(team, owner))


def purge_all(team: Team) -> None:
    for _ in range(10):
        delete_team.purge_teams(timezone.now())


def test_after_the_week_all_is_gone_and_nothing_of_another_team(
    owner, team, django_capture_on_commit_callbacks
):
    upload = make_media(owner)
    output = make_output(owner)
    subject = make_subject(owner, files=[upload])
    file = make_consent_file(subject)
    make_consent(subject, file=file)
    paths = [upload.path, output.media.path, file.path]
    stranger = make_output(make_user())
    delete_team.delete_team(membership(team, owner))
    with django_capture_on_commit_callbacks(execute=True):
        purge_all(team)
    assert Team.objects.filter(pk=team.pk).exists()  # the week is not over
    Team.objects.filter(pk=team.pk).update(leaving_since=timezone.now() - LEAVING_TIME)
    with django_capture_on_commit_callbacks(execute=True):
        purge_all(team)
    assert not Team.objects.filter(pk=team.pk).exists()
    assert not any(default_storage.exists(path) for path in paths)
    assert default_storage.exists(stranger.media.path)
    assert Output.objects.get() == stranger
    assert AuditEvent.objects.filter(verb="team.leaving").exists()


def test_what_is_out_at_a_provider_is_waited_for(owner, team):
    task = make_task(owner, status=Status.RUNNING)
    delete_team.delete_team(membership(team, owner))
    Team.objects.update(leaving_since=timezone.now() - LEAVING_TIME)
    purge_all(team)
    assert Task.objects.filter(pk=task.pk).exists()
