"""The trash page."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from generation.models import Output, Role
from tests.factories import make_member, make_output, make_user, team_of
from tests.views.library.test_grid import browser_of, many, shown


def test_it_shows_the_teams_trash_newest_first_with_the_day_of_the_end(client, user):
    now = timezone.now()
    first = make_output(user, trashed_at=now - timedelta(days=2))
    last = make_output(user, trashed_at=now)
    make_output(user)
    make_output(make_user(), trashed_at=now)
    answer = client.get("/trash/")
    assert shown(answer) == [last.pk, first.pk]
    assert date_format(now + timedelta(days=30), "DATE_FORMAT") in answer.content.decode()


def test_it_goes_on_page_by_page(client, user):
    many(user, 61, trashed_at=timezone.now())
    first = client.get("/trash/")
    more = re.search(r'href="(\?after=[^"]+)"', first.content.decode())[1]
    second = client.get(f"/trash/{more}", headers={"HX-Request": "true"})
    assert len(shown(second)) == 1
    assert set(shown(first)).isdisjoint(shown(second))
    assert "<main" not in second.content.decode()


def test_it_restores_many(client, user):
    outputs = [make_output(user, trashed_at=timezone.now()) for _ in range(2)]
    body = {"ids": [output.pk for output in outputs], "to": "restore", "next": "/trash/"}
    answer = client.post("/library/trash/", body)
    assert answer.url == "/trash/"
    assert not Output.objects.trashed().exists()
    assert "The trash is empty" in client.get("/trash/").content.decode()


def test_only_whoever_may_trash_can_restore(user):
    output = make_output(user, trashed_at=timezone.now())
    for role, buttons in ((Role.ADMIN, 1), (Role.MEMBER, 0), (Role.VIEWER, 0)):
        client: Client = browser_of(make_member(team_of(user), role))
        assert client.get("/trash/").content.decode().count('data-do="restore"') == buttons
        answer = client.post(f"/a/{output.pk}/restore/", headers={"HX-Request": "true"})
        assert answer.status_code == (204 if buttons else 404)
        Output.objects.update(trashed_at=timezone.now())
