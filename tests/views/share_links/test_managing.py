"""The list of share links, and what is done to them from there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.models import AuditEvent, Role, ShareLink, Team, User, Verb
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_user,
    project_of,
    team_of,
)

HTMX = {"HX-Request": "true"}


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def shown(page):
    return [line.link.pk for line in page.context["lines"]]


def usual(user, **fields):
    soon = timezone.now() + timedelta(days=20)
    return make_link(user, **{"output": make_output(user), "expires_at": soon} | fields)


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_a_member_lists_their_own_and_an_admin_the_teams(client, user):
    team = team_of(user)
    maker = make_member(team, name="Kenji Watanabe")
    mine, theirs = usual(user), usual(maker, output=make_output(user))
    assert shown(client.get("/share/")) == [mine.pk]
    assert shown(client.get("/share/?whose=team")) == [theirs.pk, mine.pk]
    page = browser_of(maker).get("/share/?whose=team")
    assert shown(page) == [theirs.pk]
    assert "Whose links" not in page.text
    assert browser_of(maker).get(f"/share/{mine.pk}/").status_code == 404
    assert client.get(f"/share/{theirs.pk}/").status_code == 200


def test_each_filter_shows_what_it_counts(client, user):
    now = timezone.now()
    team = team_of(user)
    usual(user)
    usual(user, expires_at=now + timedelta(days=3))
    usual(user, password_hash="x")
    usual(user, starts_at=now + timedelta(days=3))
    usual(user, expires_at=now - timedelta(days=1))
    usual(user, revoked_at=now)
    usual(user, max_views=5, views=5)
    gone = make_member(team)
    User.objects.filter(pk=gone.pk).update(suspended_at=now)
    usual(gone, output=make_output(user))
    page = client.get("/share/?whose=team")
    counts = [chip["count"] for chip in page.context["chips"]]
    assert counts == [8, 4, 1, 1, 4]
    for chip in page.context["chips"]:
        assert len(shown(client.get(chip["href"]))) == chip["count"]
    states = {str(line.state) for line in page.context["lines"]}
    assert states == {"open", "waiting", "ended", "revoked", "used", "paused"}


def test_kinds_are_told_apart(client, user):
    one = usual(user)
    other = make_link(user, collection=make_collection(user, [make_output(user)]))
    assert shown(client.get("/share/?kind=output")) == [one.pk]
    assert shown(client.get("/share/?kind=collection")) == [other.pk]
    assert shown(client.get("/share/?kind=stack")) == []
    assert shown(client.get("/share/?kind=nonsense&state=nonsense")) == [other.pk, one.pk]


def test_two_thousand_links_cost_as_much_as_ten(client, user):
    output, collection = make_output(user), make_collection(user)
    first = [usual(user, output=output), make_link(user, collection=collection)]
    make_link(user, project=project_of(user))
    ShareLink.objects.bulk_create(
        ShareLink(
            team=team_of(user), created_by=user, title=f"Link {number}", hint="abcd",
            token_hash=f"{number:064}", output=output,
        )
        for number in range(2_000)
    )  # fmt: skip
    for path in ("/share/", "/share/?whose=team", f"/share/?output={output.pk}",
                 f"/share/{first[0].pk}/"):  # fmt: skip
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(path)
        assert page.status_code == 200
        # The session, the person and the membership are asked for on every page.
        assert len(queries) <= 12, (path, len(queries))
    page, seen = client.get("/share/"), []
    for _ in range(60):
        seen += shown(page)
        if not page.context["more"]:
            break
        page = client.get(page.context["more"])
    assert len(seen) == len(set(seen)) == 2_003


def test_a_link_is_switched_off_once_that_was_asked(client, user):
    link = usual(user, views=38)
    page = client.get(f"/share/{link.pk}/revoke/")
    assert "Opened 38 times" in page.text
    assert ShareLink.objects.get(pk=link.pk).revoked_at is None
    part = client.get(f"/share/{link.pk}/revoke/", headers=HTMX)
    assert "<html" not in part.text
    answer = client.post(f"/share/{link.pk}/revoke/", follow=True)
    assert "is switched off" in answer.text
    assert link.token() not in answer.text
    assert "switched off already" in client.post(f"/share/{link.pk}/revoke/", follow=True).text
    assert verbs() == [Verb.LINK_REVOKED]


def test_many_are_switched_off_together(client, user):
    links = [usual(user) for _ in range(3)]
    ids = [links[0].pk, links[2].pk]
    page = client.post("/share/revoke/", {"ids": ids})
    assert "Switch off 2 links?" in page.text
    assert not ShareLink.objects.exclude(revoked_at=None).exists()
    sent = {"ids": ",".join(map(str, ids)), "sure": "1"}
    assert "2 links are switched off." in client.post("/share/revoke/", sent, follow=True).text
    assert ShareLink.objects.get(revoked_at=None) == links[1]
    assert "Select something first." in client.post("/share/revoke/", {}, follow=True).text
    stranger = make_user()
    foreign = usual(stranger)
    both = {"ids": f"{links[1].pk},{foreign.pk}", "sure": "1"}
    assert client.post("/share/revoke/", both).status_code == 404
    assert ShareLink.objects.filter(revoked_at=None).count() == 2


def test_a_link_gets_a_new_address_and_more_time(client, user):
    link = usual(user)
    old = link.token()
    assert "shows nothing any more" in client.get(f"/share/{link.pk}/address/").text
    assert link.token() == ShareLink.objects.get(pk=link.pk).token()
    page = client.post(f"/share/{link.pk}/address/", follow=True)
    assert old not in page.text
    assert ShareLink.objects.get(pk=link.pk).token() in page.text
    end = link.expires_at
    client.post(f"/share/{link.pk}/extend/")
    assert ShareLink.objects.get(pk=link.pk).expires_at > end + timedelta(days=29)
    client.post(f"/share/{link.pk}/visits/")
    assert verbs() == [Verb.LINK_RENEWED, Verb.LINK_EXTENDED, Verb.LINK_VISITS_ENDED]


def test_what_the_team_demands_stops_an_extension(client, user):
    link = usual(user)
    Team.objects.filter(pk=team_of(user).pk).update(share_days=10)
    page = client.post(f"/share/{link.pk}/extend/", follow=True)
    assert "as late as your team allows" in page.text
    assert verbs() == []


@pytest.mark.parametrize("act", ["edit", "address", "visits", "extend"])
def test_what_is_off_is_left_alone(client, user, act):
    link = usual(user, revoked_at=timezone.now())
    assert client.post(f"/share/{link.pk}/{act}/", {"title": "One"}).status_code == 404
    assert client.get(f"/share/{link.pk}/").status_code == 200


def test_the_address_of_a_foreign_seal_is_not_shown(client, user, settings):
    link = usual(user)
    settings.DATA_KEYS = ["another-key" * 4]
    page = client.get(f"/share/{link.pk}/")
    assert "Make a new address" in page.text
    assert "/s/" not in page.text


def test_the_mail_has_the_address(client, user):
    link = usual(user, title="Flacon & label")
    text = client.get(f"/share/{link.pk}/").text
    assert "mailto:?subject=Flacon%20%26%20label" in text
    assert f"%2Fs%2F{link.token()}%2F" in text


def test_the_empty_list_says_what_to_do(client):
    assert "No links yet" in client.get("/share/").text


def test_the_log_tells_each_act(client, user):
    link = usual(user)
    client.post(f"/share/{link.pk}/edit/", {"title": "Second", "ends": "7", "password": "lavender"})
    client.post(f"/share/{link.pk}/visits/")
    client.post(f"/share/{link.pk}/revoke/")
    page = client.get("/team/audit/").text
    for words in ("changed the share link", "ended all visits", "switched off the share link"):
        assert words in page
    assert "lavender" not in page
    assert link.token() not in page


def test_a_removed_member_has_no_way_to_the_list(user):
    person = make_member(team_of(user), Role.MEMBER)
    link = usual(person, output=make_output(user))
    client = browser_of(person)
    assert client.get(f"/share/{link.pk}/").status_code == 200
    person.memberships.all().delete()
    assert client.get(f"/share/{link.pk}/").status_code == 302
