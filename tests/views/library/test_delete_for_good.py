"""Deleting what is in the trash before its days are over."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import purge
from generation.forms.delete_results import TYPED_ABOVE
from generation.models import AuditEvent, Output, Role, Verb
from tests.factories import make_member, make_output, make_user, team_of
from tests.views.library.test_grid import browser_of, many

HTMX = {"HX-Request": "true"}
PATH = "/trash/delete/"


def trashed(user, **more) -> Output:
    return make_output(user, trashed_at=timezone.now(), **more)


def test_it_asks_first_and_then_nobody_sees_or_restores_them(client, user):
    gone, stays = trashed(user), trashed(user)
    question = client.post(PATH, {"ids": [gone.pk]})
    assert "Delete 1 result for good?" in question.content.decode()
    assert Output.objects.trashed().count() == 2
    answer = client.post(PATH, {"ids": [gone.pk], "sure": "1"})
    assert answer.url == "/trash/"
    assert list(Output.objects.trashed()) == [stays]
    assert client.get(f"/a/{gone.pk}/").status_code == 404
    assert client.post(f"/a/{gone.pk}/restore/").status_code == 404
    Output.objects.filter(pk=gone.pk).restore()
    assert list(Output.objects.trashed()) == [stays]
    assert AuditEvent.objects.get(verb=Verb.OUTPUT_DELETED).changes == {"count": 1}


def test_the_sweep_deletes_the_row_and_its_files_at_once(client, user):
    output = trashed(user)
    client.post(PATH, {"ids": [output.pk], "sure": "1"})
    assert purge.purge_trash(timezone.now()) == 1
    assert not Output.objects.exists()


def test_with_scripts_the_tiles_leave_and_the_dialog_closes(client, user):
    output = trashed(user)
    question = client.post(PATH, {"ids": str(output.pk)}, headers=HTMX)
    assert question["HX-Retarget"] == "#dialog-body"
    answer = client.post(PATH, {"ids": str(output.pk), "sure": "1"}, headers=HTMX)
    told = json.loads(answer["HX-Trigger"])
    assert told["vs:moved"] == {"ids": [output.pk], "to": "deleted"}
    assert "dialog:close" in told


def test_what_is_not_in_the_trash_is_never_deleted(client, user):
    output = make_output(user)
    for body in ({"ids": [output.pk], "sure": "1"}, {"all": "1", "sure": "1"}):
        client.post(PATH, body)
    assert Output.objects.kept().get() == output
    assert purge.purge_trash(timezone.now()) == 0


@pytest.mark.parametrize("typed", ["", "50", "5l", "-51", "5.1.0"])
def test_above_fifty_the_number_is_typed(client, user, typed):
    many(user, TYPED_ABOVE + 1, trashed_at=timezone.now())
    asked = re.search(r'name="asked_at" value="([^"]+)"', client.post(PATH, {"all": "1"}).text)[1]
    body = {"all": "1", "sure": "1", "asked_at": asked}
    refused = client.post(PATH, body | {"typed": typed})
    assert "Type 51 to delete them." in refused.text or "Type the number" in refused.text
    assert Output.objects.trashed().count() == TYPED_ABOVE + 1
    for right in ("５１", " 5 1 "):
        Output.objects.update(deleted_at=None)
        assert client.post(PATH, body | {"typed": right}).url == "/trash/"
        assert not Output.objects.trashed().exists()


def test_what_is_trashed_after_the_question_is_not_in_its_number(client, user):
    first = trashed(user)
    asked = re.search(r'name="asked_at" value="([^"]+)"', client.post(PATH, {"all": "1"}).text)[1]
    later = make_output(user, trashed_at=timezone.now() + timedelta(seconds=1))
    client.post(PATH, {"all": "1", "sure": "1", "asked_at": asked})
    assert list(Output.objects.trashed()) == [later]
    assert Output.objects.get(pk=first.pk).deleted_at


def test_a_member_empties_what_is_theirs_and_an_admin_all(user):
    member = make_member(team_of(user), Role.MEMBER)
    theirs, others = trashed(member, team=team_of(user)), trashed(user)
    browser_of(member).post(PATH, {"all": "1", "sure": "1"})
    assert list(Output.objects.trashed()) == [others]
    assert browser_of(member).post(PATH, {"ids": [others.pk], "sure": "1"}).status_code == 404
    browser_of(make_member(team_of(user), Role.ADMIN)).post(PATH, {"all": "1", "sure": "1"})
    assert not Output.objects.trashed().exists()
    assert Output.objects.filter(pk__in=[theirs.pk, others.pk]).count() == 2


def test_nobody_else_empties_it(user):
    output = trashed(user)
    for other in (make_member(team_of(user), Role.VIEWER), make_user()):
        for body in ({"ids": [output.pk], "sure": "1"}, {"all": "1", "sure": "1"}):
            browser_of(other).post(PATH, body)
    assert list(Output.objects.trashed()) == [output]
