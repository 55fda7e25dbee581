"""Who is told what: one notice each, with what happened, counted where it happens again."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from generation.catalogue.message import Message
from generation.engine import notices, record_outcome
from generation.engine.departures import remove_member
from generation.engine.invitations import accept_invitation
from generation.engine.notices import notify
from generation.engine.suspend import lift, suspend
from generation.models import (
    Batch,
    KeyState,
    Membership,
    Notice,
    NoticeChoice,
    NoticeKind,
    Role,
    Status,
    Task,
    User,
)
from generation.models.notices import GROUP_TIME, USUAL_MAIL, mark_read
from generation.models.tasks import GIVEN_UP
from generation.providers.errors import KeyRejected
from tests.at_once import at_once
from tests.factories import (
    make_invitation,
    make_key,
    make_member,
    make_task,
    make_user,
    team_of,
)

NEW = NoticeKind.COMMENT_NEW
COMMENTED = Message("%(name)s joined as a member.", name="Mira")
NO = Message("The provider rejected the key.")
MANY = Message("%(count)s people joined the team.")


def texts_for(user: User) -> list[str]:
    return [str(one.sentence) for one in Notice.objects.filter(user=user).order_by("pk")]


def comment(user: User, **more) -> int:
    return notify(NEW, team_of(user), [user], COMMENTED, url="/a/1/", **more)


def batch_of(user: User, count: int, status: str = Status.RUNNING, **fields) -> list[Task]:
    first = make_task(user, status=status, **fields)
    rest = [make_task(user, status=status, batch=first.batch, **fields) for _ in range(count - 1)]
    return [first, *rest]


def succeed(task: Task) -> None:
    task.move(Status.STORING)
    task.move(Status.SUCCEEDED)


# --- Who ------------------------------------------------------------------------------------------


def test_only_members_of_the_team_are_told_and_not_who_did_it(user):
    team = team_of(user)
    viewer, inactive = make_member(team, Role.VIEWER), make_member(team, is_active=False)
    stranger, actor = make_user(), make_member(team)
    people = [user, viewer.pk, stranger, actor, inactive, None, user]
    assert notify(NEW, team, people, COMMENTED, url="/a/1/", actor=actor) == 2
    assert set(Notice.objects.values_list("user", flat=True)) == {user.pk, viewer.pk}


def test_who_is_suspended_is_not_told_until_let_in_again(user):
    operator, team = make_user(is_staff=True, is_superuser=True), team_of(user)
    member = make_member(team)
    suspend(operator, member, "a reason")
    assert not notify(NEW, team, [member], COMMENTED, url="/a/1/")
    lift(operator, member, "a reason")
    assert notify(NEW, team, [member], COMMENTED, url="/a/1/")


def test_who_leaves_takes_no_notice_along(user):
    team, member = team_of(user), make_member(team_of(user))
    notify(NEW, team, [user, member], COMMENTED, url="/a/1/")
    other = make_user()
    Membership.objects.create(team=team_of(other), user=member)
    notify(NEW, team_of(other), [member], COMMENTED, url="/a/1/")
    actor = Membership.objects.select_related("team").get(team=team, user=user)
    remove_member(actor, team.memberships.get(user=member).pk, None)
    assert not Notice.objects.filter(user=member, team=team).exists()
    assert Notice.objects.filter(user=member, team=team_of(other)).exists()
    assert Notice.objects.filter(user=user).exists()


def test_a_kind_that_is_switched_off_leaves_nothing(user):
    NoticeChoice.objects.create(user=user, kind=NEW, in_studio=False, mail="off")
    assert not comment(user)
    assert not Notice.objects.exists()


def test_a_kind_that_is_only_mailed_is_not_in_the_bell(user):
    NoticeChoice.objects.create(user=user, kind=NEW, in_studio=False, mail="once")
    comment(user)
    assert not Notice.objects.unread().exists()
    assert Notice.objects.get().mail_at


def test_every_kind_has_a_usual_rhythm():
    assert set(USUAL_MAIL) == set(NoticeKind)


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://evil.example/"])
def test_a_notice_leads_nowhere_else(user, url):
    with pytest.raises(ValueError, match="not a path"):
        notify(NEW, team_of(user), [user], COMMENTED, url=url)


@pytest.mark.parametrize("url", ["//evil.example/", "/\\evil.example"])
def test_a_path_that_names_a_host_is_none(user, url):
    notify(NEW, team_of(user), [user], COMMENTED, url=url)
    assert Notice.objects.get().path == ""


def test_what_is_undone_is_not_told(user):
    with transaction.atomic():
        comment(user)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


# --- Groups ---------------------------------------------------------------------------------------


def test_what_happens_again_within_minutes_is_counted(user):
    for _ in range(3):
        comment(user, group="a1", many=MANY)
    comment(user, group="a2", many=MANY)
    comment(user)
    assert texts_for(user) == [
        "3 people joined the team.",
        "Mira joined as a member.",
        "Mira joined as a member.",
    ]


def test_without_a_text_for_many_the_number_is_added(user):
    comment(user, group="a1")
    comment(user, group="a1")
    assert texts_for(user) == ["Mira joined as a member. (2 times)"]


def test_after_minutes_a_new_one_begins(user):
    comment(user, group="a1", many=MANY)
    Notice.objects.update(since=timezone.now() - GROUP_TIME)
    comment(user, group="a1", many=MANY)
    assert texts_for(user) == ["Mira joined as a member.", "Mira joined as a member."]


def test_what_was_read_is_not_counted_on(user):
    comment(user, group="a1", many=MANY)
    mark_read(Notice.objects.all())
    comment(user, group="a1", many=MANY)
    assert texts_for(user) == ["Mira joined as a member."] * 2
    assert Notice.objects.unread().count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_all_are_counted_in_one(user):
    assert at_once(lambda: comment(user, group="a1", many=MANY), 6) == []
    assert texts_for(user) == ["6 people joined the team."]


# --- Batches --------------------------------------------------------------------------------------


def test_a_batch_is_told_of_once_when_its_last_task_is_done(user):
    tasks = batch_of(user, 3)
    for task in tasks[:2]:
        succeed(task)
    assert not Notice.objects.exists()
    succeed(tasks[2])
    row = Notice.objects.get()
    assert (row.kind, row.user, row.target) == ("batch.ready", user, f"batch:{tasks[0].batch_id}")
    assert str(row.sentence) == "3 images are ready in Drafts."
    assert row.url == tasks[0].project.get_absolute_url()


def test_one_task_leads_to_its_page(user):
    succeed(task := make_task(user, status=Status.RUNNING))
    assert texts_for(user) == ["1 image is ready in Drafts."]
    assert Notice.objects.get().url == task.get_absolute_url()


def fail(task: Task, **fields) -> None:
    task.move(Status.FAILED, **fields)


def test_a_batch_with_a_failure_says_how_many_and_whether_it_cost(user):
    first, second, third = batch_of(user, 3, mode="text-video")
    succeed(first)
    fail(second, credits=0)
    fail(third, credits=0)
    text = "2 of 3 videos failed in Drafts. Nothing was charged for that."
    assert texts_for(user) == [text]
    assert Notice.objects.get().kind == "batch.failed"


@pytest.mark.parametrize("credits", [12, None])
def test_what_may_have_cost_is_not_called_free(user, credits):
    fail(make_task(user, status=Status.RUNNING), credits=credits)
    assert texts_for(user) == ["An image failed in Drafts."]


def test_what_a_person_ended_is_no_news(user):
    make_task(user, status=Status.QUEUED).move(Status.CANCELLED)
    fail(make_task(user, status=Status.UNCERTAIN), error_code=GIVEN_UP)
    assert not Notice.objects.exists()


def test_a_batch_that_ends_again_replaces_its_notice(user):
    ready, task = batch_of(user, 2)
    succeed(ready)
    fail(task, credits=0)
    mark_read(Notice.objects.all())
    task.move(Status.STORING)
    task.move(Status.SUCCEEDED)
    assert texts_for(user) == ["2 images are ready in Drafts."]
    assert Notice.objects.unread().count() == 1


def test_a_prompt_is_in_no_notice(user):
    succeed(make_task(user, status=Status.RUNNING, prompt="a secret campaign"))
    assert "secret" not in str(Notice.objects.values().get())


@pytest.mark.django_db(transaction=True)
def test_of_tasks_that_end_in_one_moment_one_tells(user):
    tasks = batch_of(user, 6, Status.STORING)
    left = list(tasks)
    assert at_once(lambda: left.pop().move(Status.SUCCEEDED), len(tasks)) == []
    assert texts_for(user) == ["6 images are ready in Drafts."]


@pytest.mark.django_db(transaction=True)
def test_a_death_before_the_commit_leaves_neither_the_end_nor_its_notice(user):
    task = make_task(user, status=Status.STORING)

    @transaction.atomic
    def die() -> None:
        task.move(Status.SUCCEEDED)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert not Notice.objects.exists()
    Task.objects.get(status=Status.STORING).move(Status.SUCCEEDED)
    assert len(texts_for(user)) == 1


def test_a_fault_in_telling_does_not_undo_the_end(user, monkeypatch, caplog):
    def break_down(*_):
        raise LookupError

    monkeypatch.setattr(notices, "batch_message", break_down)
    task = make_task(user, status=Status.STORING)
    assert task.move(Status.SUCCEEDED)
    assert Task.objects.get().status == Status.SUCCEEDED
    assert "nobody was told" in caplog.text


def test_a_database_that_is_away_is_no_fault_of_ours(user, monkeypatch):
    def fall_away(*_):
        raise DatabaseError

    monkeypatch.setattr(notices, "batch_message", fall_away)
    with pytest.raises(DatabaseError):
        make_task(user, status=Status.STORING).move(Status.SUCCEEDED)


def test_the_heir_is_told_of_what_comes_for_them(user):
    heir = make_member(team_of(user))
    task = make_task(user, status=Status.STORING)
    Task.objects.update(user=heir)
    Task.objects.get(pk=task.pk).move(Status.SUCCEEDED)
    assert texts_for(user) == []
    assert len(texts_for(heir)) == 1


# --- Uncertain, keys, members ---------------------------------------------------------------------


def test_uncertain_tasks_of_a_batch_are_one_notice(user):
    for task in batch_of(user, 2, Status.SUBMITTING, provider="vidu"):
        task.move(Status.UNCERTAIN)
    assert [text.partition(":")[0] for text in texts_for(user)] == ["2 tasks are uncertain"]
    assert "Vidu is being asked" in texts_for(user)[0]


def reject(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(claim="mine", status=Status.SUBMITTING)
    record_outcome.record_failure(task, "mine", KeyRejected(NO))


def test_the_owner_of_a_key_is_told_once_that_it_is_refused(user):
    key = make_key(user, label="Studio")
    for task in batch_of(user, 2, Status.SUBMITTING, provider="vidu", key=key):
        reject(task)
    refused = Notice.objects.filter(kind="key.paused")
    assert [str(one.sentence) for one in refused] == ["Your key Studio is refused by Vidu."]
    key.refresh_from_db()
    assert key.state == KeyState.REJECTED
    assert key.last4 not in str(refused.values().get())


def test_managers_are_told_who_joined(user):
    team = team_of(user)
    admin, member = make_member(team, Role.ADMIN), make_member(team)
    row, _token = make_invitation(team, user, max_uses=5)
    newcomer = make_user(name="林晓雯")
    accept_invitation(row, newcomer)
    assert texts_for(user) == texts_for(admin) == ["林晓雯 joined as a member."]
    assert texts_for(member) == texts_for(newcomer) == []
    accept_invitation(row, make_user())
    assert texts_for(user) == ["2 people joined the team."]


def test_old_notices_go(user):
    comment(user)
    comment(user)
    young = Notice.objects.latest("pk")
    old = timezone.now() - timedelta(days=91)
    Notice.objects.exclude(pk=young.pk).update(at=old)
    assert notices.purge_notices(timezone.now()) == 1
    assert Notice.objects.get() == young


def test_batches_of_two_teams_do_not_mix(user):
    other = make_user()
    succeed(make_task(user, status=Status.RUNNING))
    succeed(make_task(other, status=Status.RUNNING))
    assert Notice.objects.filter(team=team_of(user)).get().user == user
    assert Batch.objects.count() == Notice.objects.count()
