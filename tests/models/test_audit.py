"""The audit log keeps what was written into it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from generation.models import AuditEvent, Team, User, Verb, audit
from generation.models.audit import Origin, origin
from tests.factories import make_user, team_of

YOUNG, OLD = timedelta(days=29), timedelta(days=31)


def event_of(user: User, age: timedelta = timedelta(0), **fields) -> AuditEvent:
    """An act, written as long ago as `age`."""
    facts = {"team": team_of(user), "actor": user, "actor_name": user.shown_name,
             "actor_kind": "user", "verb": Verb.TEAM_CHANGED}  # fmt: skip
    return AuditEvent.objects.create(at=timezone.now() - age, **facts | fields)


def refuses(statement: str, *values) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as refusal:
        return "only added to" in str(refusal)
    return False


@pytest.mark.parametrize("age", [timedelta(0), YOUNG, OLD])
def test_no_row_is_changed_however_old(user, age):
    event = event_of(user, age)
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(actor_name="Somebody Else")
    event.actor_name = "Somebody Else"
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        event.save()
    event.refresh_from_db()
    assert event.actor_name == user.shown_name


@pytest.mark.parametrize("age", [timedelta(0), YOUNG])
def test_no_young_row_is_deleted(user, age):
    event = event_of(user, age)
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        event.delete()
    assert AuditEvent.objects.filter(verb=Verb.TEAM_CHANGED).count() == 1


def test_an_old_row_may_go_and_takes_no_young_one_along(user):
    event_of(user, OLD)
    AuditEvent.objects.all().delete()
    assert not AuditEvent.objects.exists()
    event_of(user, OLD), event_of(user, YOUNG)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.count() == 2


def test_nothing_goes_around_it(user):
    """Neither another row under the same id, nor all rows at once."""
    event = event_of(user)
    if connection.vendor == "postgresql":
        assert refuses("TRUNCATE generation_auditevent")
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA table_info(generation_auditevent)")
        columns = [row[1] for row in cursor.fetchall()]
    shown = ", ".join("'x'" if name == "actor_name" else name for name in columns)
    copy = f"SELECT {shown} FROM generation_auditevent WHERE id = %s"  # noqa: S608
    assert refuses(f"INSERT OR REPLACE INTO generation_auditevent {copy}", event.pk)


def test_rows_outlive_the_team_and_the_people_they_tell_of(user):
    team = Team.found("Studio Herz", user)
    audit(Verb.TEAM_CREATED, team=team, actor=user, target=team)
    team_id, user_id = team.pk, user.pk
    team.delete()
    user.delete()
    event = AuditEvent.objects.select_related("team", "actor").get()
    assert (event.team_id, event.actor_id) == (team_id, user_id)
    assert (event.team, event.actor) == (None, None)
    assert (event.actor_name, event.target_name) == ("Nadia Holm", "Studio Herz")


def test_an_act_is_written_with_who_did_it_and_from_where(user):
    mark = origin.set(Origin("192.0.2.0/24", "Browser " * 40, "0a1b2c3d"))
    try:
        event = audit(
            Verb.MEMBER_ROLE, team=team_of(user), actor=user, target=user,
            changes={"role": ["viewer", "admin"]},
        )  # fmt: skip
    finally:
        origin.reset(mark)
    event.refresh_from_db()
    assert (event.actor_name, event.actor_kind) == ("Nadia Holm", "user")
    assert (event.target_kind, event.target_id) == ("user", str(user.pk))
    assert event.changes == {"role": ["viewer", "admin"]}
    assert (event.ip, event.session_hint, len(event.user_agent)) == (
        "192.0.2.0/24",
        "0a1b2c3d",
        200,
    )


def test_what_nobody_did_was_done_by_the_studio(user):
    event = audit(Verb.INVITATION_EXPIRED, team=team_of(user), actor=None)
    assert (event.actor_kind, event.actor_name, event.ip) == ("system", "", "")


def test_an_act_that_is_undone_leaves_no_row(user):
    with transaction.atomic():
        audit(Verb.TEAM_CHANGED, team=team_of(user), actor=user)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_tests_begin_with_an_empty_log_that_is_guarded(turn):
    """What empties the database between tests puts the guard back."""
    assert not AuditEvent.objects.exists()
    event = event_of(make_user())
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()


def test_a_verb_fits_its_column():
    column = AuditEvent._meta.get_field("verb")
    assert max(len(verb) for verb in Verb.values) <= column.max_length
