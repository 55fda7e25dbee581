"""Share links of somebody who leaves, is suspended, or whose team is deleted."""

import pytest
from django.utils import timezone

from generation.engine import close_account, delete_team, departures, personal_data, suspend
from generation.engine.close_account import plans_of, signature_of
from generation.models import AuditEvent, Membership, Role, ShareLink, Team, User, Verb
from tests.engine.test_departures import membership
from tests.factories import make_link, make_member, make_output, make_user, team_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user(name="Nadia Herz")


@pytest.fixture
def team(owner):
    return team_of(owner)


@pytest.fixture
def maker(team):
    return make_member(team, name="Kenji Watanabe")


@pytest.fixture
def link(owner, maker):
    return make_link(maker, output=make_output(owner))


def remove(team, owner, who, *, keep):
    heir = membership(team, owner).pk
    departures.remove_member(membership(team, owner), membership(team, who).pk, heir, keep)


def is_open(link):
    rows = ShareLink.objects.select_related("team", "created_by")
    return rows.get(pk=link.pk).is_open(timezone.now())


def test_kept_they_stand_under_the_heir_with_the_name_of_their_maker(team, owner, maker, link):
    off = make_link(maker, output=link.output, revoked_at=timezone.now())
    remove(team, owner, maker, keep=True)
    found = ShareLink.objects.get(pk=link.pk)
    assert (found.created_by, found.made_by_name) == (owner, "Kenji Watanabe")
    assert is_open(link)
    assert ShareLink.objects.get(pk=off.pk).created_by == owner
    event = AuditEvent.objects.get(verb=Verb.MEMBER_REMOVED)
    assert event.changes["links"] == 1
    assert not AuditEvent.objects.filter(verb=Verb.LINK_REVOKED).exists()


def test_switched_off_they_end_with_the_removal(team, owner, maker, link):
    others = make_link(owner, output=link.output)
    remove(team, owner, maker, keep=False)
    assert not is_open(link)
    assert is_open(others)
    found = ShareLink.objects.get(pk=link.pk)
    assert (found.revoked_by, found.generation) == (owner, 2)
    event = AuditEvent.objects.get(verb=Verb.LINK_REVOKED)
    assert (event.actor, event.target_name) == (owner, link.title)
    assert AuditEvent.objects.get(verb=Verb.MEMBER_REMOVED).changes["links switched off"] == 1


def test_links_in_another_team_stay_where_they_are(team, owner):
    person = make_user()
    own = make_link(person, output=make_output(person))
    Membership.objects.create(team=team, user=person)
    remove(team, owner, person, keep=False)
    assert is_open(own)


def test_links_alone_need_an_heir(team, owner, maker, link):
    member = membership(team, maker)
    assert departures.work_of(member).links == 1
    with pytest.raises(departures.NotAllowed):
        departures.remove_member(membership(team, owner), member.pk, None)


def test_the_dialog_counts_them_and_asks(client, user):
    team = team_of(user)
    maker = make_member(team, name="Kenji Watanabe")
    path = f"/team/members/{membership(team, maker).pk}/remove/"
    assert "Switch them off" not in client.get(path).text
    link = make_link(maker, output=make_output(user))
    page = client.get(path).text
    assert "<dt>Share links</dt><dd>1</dd>" in page
    assert "Switch them off" in page
    client.post(path, {"heir": membership(team, user).pk, "links": "off"})
    assert not is_open(link)
    other = make_member(team)
    kept = make_link(other, output=link.output)
    path = f"/team/members/{membership(team, other).pk}/remove/"
    client.post(path, {"heir": membership(team, user).pk})
    assert is_open(kept)


@pytest.mark.parametrize("keep", [True, False])
def test_who_deletes_the_account_decides_about_them(team, owner, maker, link, keep):
    heir = membership(team, owner).pk
    close_account.close_account(maker, signature_of(plans_of(maker)), {team.pk: str(heir)}, keep)
    assert is_open(link) is keep
    found = ShareLink.objects.get(pk=link.pk)
    assert (found.created_by, found.made_by_name) == (owner, "Kenji Watanabe")


def test_where_nobody_inherits_they_end(team, owner, maker, link):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    close_account.close_account(maker, signature_of(plans_of(maker)), {}, True)
    found = ShareLink.objects.get(pk=link.pk)
    assert found.revoked_at is not None
    assert found.maker_name == "Kenji Watanabe"


def test_a_suspension_turns_them_off_and_its_end_on_again(owner, maker, link):
    operator = make_user(is_staff=True)
    suspend.suspend(operator, maker, "Left the company")
    assert not is_open(link)
    assert ShareLink.objects.get(pk=link.pk).generation == 2  # nobody who is in stays in
    other = make_link(maker, output=link.output)
    ShareLink.objects.filter(pk=other.pk).update(revoked_at=timezone.now())
    suspend.lift(operator, maker, "Is back")
    assert is_open(link)
    assert not is_open(other)


def test_a_team_that_is_deleted_shows_nothing_until_it_is_kept(team, owner, link):
    delete_team.delete_team(membership(team, owner))
    assert not is_open(link)
    assert ShareLink.objects.get(pk=link.pk).generation == 2
    assert delete_team.keep_team(membership(Team.objects.get(pk=team.pk), owner))
    assert is_open(link)


def test_people_take_along_what_they_linked_but_no_address(owner, maker, link):
    ShareLink.objects.filter(pk=link.pk).update(password_hash="argon2-canary")
    found = {name: list(rows) for name, rows in personal_data.own_rows(maker)}
    [facts] = found["share_links"]
    assert (facts["title"], facts["shows"]) == (link.title, {"output": link.output_id})
    assert facts["has_password"] is True
    text = str(found)
    for secret in (link.token(), link.token_hash, "argon2-canary"):
        assert secret not in text
    assert list(dict(personal_data.own_rows(owner))["share_links"]) == []


def test_a_viewer_leaves_without_a_word_about_links(client, user):
    viewer = make_member(team_of(user), Role.VIEWER)
    path = f"/team/members/{membership(team_of(user), viewer).pk}/remove/"
    assert "Share links" not in client.get(path).text
