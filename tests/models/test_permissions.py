"""The table of permissions says what the pages do: every role and act, on own and others' rows."""

import pytest
from django.test import Client

from generation.models import Act, Role
from generation.models.permissions import TABLE, Reach, reach_of, roles_for, roles_up_to
from generation.models.teams import Membership
from tests.factories import make_media, make_member, make_output, make_subject, make_task, team_of

MANAGERS, CREATORS = (Role.OWNER, Role.ADMIN), (Role.OWNER, Role.ADMIN, Role.MEMBER)
ON_ALL = {
    Act.CREATE: CREATORS,
    Act.EDIT_SUBJECT: CREATORS,
    Act.EDIT_PROJECT: MANAGERS,
    Act.CONTROL_TASK: MANAGERS,
    Act.TRASH_OUTPUT: MANAGERS,
    Act.REMOVE_UPLOAD: (),
}
CASES = [(role, act) for act in ON_ALL for role in Role]  # the others: tests/security/table.py


def attempt(act, client, team, maker, person):
    """Do it to a row that `maker` made, in the name of `person`; None: nobody made the row."""
    someone = maker or person
    match act:
        case Act.CREATE:
            return client.get("/projects/new/")
        case Act.EDIT_SUBJECT:
            subject = make_subject(someone, team=team)
            type(subject).objects.filter(pk=subject.pk).update(created_by=maker)
            return client.get(f"/subjects/{subject.pk}/edit/")
        case Act.EDIT_PROJECT:
            project = team.projects.create(name="Film", created_by=maker)
            return client.get(f"/projects/{project.slug}/settings/")
        case Act.CONTROL_TASK:
            task = make_task(someone, team=team)
            type(task).objects.filter(pk=task.pk).update(user=maker)
            return client.post(f"/tasks/{task.pk}/cancel/")
        case Act.TRASH_OUTPUT:
            output = make_output(someone, make_task(someone, team=team, status="succeeded"))
            type(output).objects.filter(pk=output.pk).update(user=maker)
            return client.post(f"/a/{output.pk}/trash/")
        case Act.REMOVE_UPLOAD:
            media = make_media(someone, team=team)
            type(media).objects.filter(pk=media.pk).update(created_by=maker)
            return client.post(f"/uploads/{media.pk}/remove/")


def test_every_act_and_role_has_its_place():
    assert set(TABLE) == set(Act)
    assert {reach_of(role, act) for role, act in CASES} == set(Reach)
    assert all(roles_for(act) == CREATORS for act in ON_ALL)


def test_nobody_gives_a_role_above_their_own():
    assert roles_up_to(Role.ADMIN) == (Role.VIEWER, Role.MEMBER, Role.ADMIN)
    assert roles_up_to(Role.OWNER)[-1] == Role.OWNER


@pytest.mark.parametrize(("role", "act"), CASES, ids=lambda one: one.name)
@pytest.mark.parametrize("whose", ["own", "other", "gone"])
def test_pages_do_what_the_table_says(user, role, act, whose):
    team = team_of(user)
    person = make_member(team, role)
    client = Client()
    client.force_login(person)
    maker = {"own": person, "other": user, "gone": None}[whose]
    member = Membership.objects.get(user=person)
    expected = role in (CREATORS if whose == "own" else ON_ALL[act])
    assert member.may(act) == (role in CREATORS)
    assert member.may_on(act, maker.pk if maker else None) == expected
    assert (attempt(act, client, team, maker, person).status_code != 404) == expected
