"""Share links: made once, changed, switched off, and what a team demands of them."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.utils import timezone

from generation import crypto, own_secrets
from generation.engine import share_links, share_terms
from generation.engine.share_items import items_of
from generation.engine.share_links import NotAllowed, TooMany
from generation.engine.share_terms import AgainstPolicy, Terms, end_of_day
from generation.models import (
    AuditEvent,
    Collection,
    Downloads,
    LinkMode,
    Membership,
    Output,
    Project,
    Role,
    ShareLink,
    Team,
    Verb,
)
from generation.models.invitations import token_hash
from tests.at_once import at_once
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_stack,
    make_user,
    team_of,
)

LINK_VERBS = [one for one in Verb if one.startswith("link.")]


@pytest.fixture
def team(user):
    return team_of(user)


@pytest.fixture
def output(user):
    return make_output(user)


def member_of(user, team):
    return Membership.objects.select_related("team", "user").get(user=user, team=team)


def terms(team, title="First selects", **fields):
    return Terms(title, **{"expires_at": share_terms.usual_end(team)} | fields)


def created(user, target, team=None, intent="", **fields):
    team = team or team_of(user)
    return share_links.create(member_of(user, team), target, terms(team, **fields), intent)


def verbs():
    rows = AuditEvent.objects.filter(verb__in=LINK_VERBS).order_by("pk")
    return list(rows.values_list("verb", flat=True))


def demand(team, **fields):
    Team.objects.filter(pk=team.pk).update(**fields)


# --- Making ---------------------------------------------------------------------------------------


def test_a_link_is_careful_unless_somebody_chooses_otherwise(user, output):
    link = created(user, output)
    link.refresh_from_db()
    assert (link.downloads, link.comments, link.mode) == ("none", "named", "live")
    shown = link.show_prompts, link.show_names, link.show_versions, link.social_preview
    assert not any((*shown, link.may_approve, link.password_hash))
    assert timedelta(days=30) <= link.expires_at - timezone.now() < timedelta(days=31)
    assert link.is_open(timezone.now())
    assert verbs() == [Verb.LINK_CREATED]


def test_the_address_can_be_read_again_but_stands_nowhere(user, output):
    link = created(user, output, password="lavender")
    token = ShareLink.objects.get(pk=link.pk).token()
    assert token_hash(token) == link.token_hash
    assert len(token) >= 32
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM generation_sharelink")
        row = str([bytes(one) if isinstance(one, memoryview) else one for one in cursor.fetchone()])
    assert token not in row
    assert "lavender" not in row
    logged = json.dumps(list(AuditEvent.objects.values()), default=str)
    assert token not in logged
    assert token_hash(token) not in logged
    assert "lavender" not in logged


def test_the_seal_of_another_link_does_not_open(user, output):
    one, other = created(user, output), created(user, output)
    ShareLink.objects.filter(pk=other.pk).update(token_sealed=bytes(one.token_sealed))
    with pytest.raises(crypto.Broken):
        ShareLink.objects.get(pk=other.pk).token()


def test_a_new_data_key_seals_the_addresses_anew(user, output, settings):
    link = created(user, output)
    own_secrets.verify()
    token, settings.DATA_KEYS = link.token(), ["another" * 8, *settings.DATA_KEYS]
    own_secrets.verify()
    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    assert ShareLink.objects.get(pk=link.pk).token() == token


def test_one_form_makes_one_link(user, output):
    intent = "form-number-one-16"
    link = created(user, output, intent=intent)
    assert created(user, output, intent=intent).pk == link.pk
    assert ShareLink.objects.count() == 1
    assert verbs() == [Verb.LINK_CREATED]


@pytest.mark.django_db(transaction=True)
def test_a_double_press_at_once_makes_one_link(user, output):
    trouble = at_once(lambda: created(user, output, intent="form-number-one-16"))
    assert trouble == []
    assert ShareLink.objects.count() == 1
    assert verbs() == [Verb.LINK_CREATED]


def test_several_outputs_become_a_collection_of_that_title(user):
    outputs = [make_output(user) for _ in range(3)]
    link = created(user, outputs, title="Flacon, round 1", intent="form-number-one-16")
    created(user, outputs, title="Flacon, round 1", intent="form-number-one-16")
    row = Collection.objects.get()
    assert (row.name, link.collection) == ("Flacon, round 1", row)
    assert [one.output for one in row.shown_items] == outputs


def test_a_frozen_link_keeps_what_there_is_today(user):
    outputs = [make_output(user) for _ in range(3)]
    row = make_collection(user, outputs)
    link = created(user, row, mode=LinkMode.FROZEN)
    row.add([make_output(user)], user)
    assert list(link.items.values_list("number", "output")) == [
        (number, one.pk) for number, one in enumerate(outputs, 1)
    ]


def test_freezing_later_keeps_the_numbers_that_visitors_know(user):
    outputs = [make_output(user) for _ in range(4)]
    row = make_collection(user, outputs[:3])
    link = created(user, row)
    link.items.create(output=outputs[2], number=1)
    link.items.create(output=outputs[3], number=2)  # shown once, taken out since
    member = member_of(user, link.team)
    share_links.change(member, link.pk, terms(link.team, mode=LinkMode.FROZEN))
    found = dict(link.items.values_list("output", "number"))
    assert found[outputs[2].pk] == 1
    assert set(found) == {one.pk for one in outputs[:3]}
    assert len(set(found.values())) == 3


def test_a_frozen_stack_has_its_head(user):
    outputs = [make_output(user) for _ in range(2)]
    link = created(user, make_stack(user, outputs), mode=LinkMode.FROZEN)
    assert list(link.items.values_list("output", flat=True)) == [outputs[1].pk]


def test_more_than_a_link_can_keep_is_refused(user, team, monkeypatch):
    monkeypatch.setattr(share_links, "MOST_ITEMS", 2)
    row = make_collection(user, [make_output(user) for _ in range(3)])
    with pytest.raises(TooMany):
        created(user, row, mode=LinkMode.FROZEN)
    assert not ShareLink.objects.exists()
    assert verbs() == []


# --- Rights ---------------------------------------------------------------------------------------


def test_viewers_make_none_and_members_touch_only_their_own(user, team, output):
    viewer, maker = make_member(team, Role.VIEWER), make_member(team)
    other, admin = make_member(team), make_member(team, Role.ADMIN)
    with pytest.raises(NotAllowed):
        created(viewer, output, team)
    link = created(maker, output, team)
    for act in (share_links.extend, share_links.new_address, share_links.end_visits):
        with pytest.raises(NotAllowed):
            act(member_of(other, team), link.pk)
    assert share_links.revoke(member_of(other, team), [link.pk]) == 0
    assert share_links.revoke(member_of(admin, team), [link.pk]) == 1


def test_rights_are_looked_at_behind_the_lock(user, team, output):
    person = make_member(team)
    link, before = created(person, output, team), member_of(person, team)
    Membership.objects.filter(pk=before.pk).update(role=Role.VIEWER)
    for act in (
        lambda: share_links.create(before, output, terms(team)),
        lambda: share_links.change(before, link.pk, terms(team, title="Mine")),
        lambda: share_links.revoke(before, [link.pk]),
    ):
        with pytest.raises(NotAllowed):
            act()
    Membership.objects.filter(pk=before.pk).delete()
    with pytest.raises(NotAllowed):
        share_links.create(before, output, terms(team))


def test_a_link_of_another_team_is_out_of_reach(user, output):
    stranger = make_user()
    link = created(user, output)
    member = member_of(stranger, team_of(stranger))
    assert share_links.revoke(member, [link.pk]) == 0
    with pytest.raises(NotAllowed):
        share_links.change(member, link.pk, terms(member.team))


# --- Changing -------------------------------------------------------------------------------------


def test_a_change_is_recorded_in_plain_values(user, team, output):
    link = created(user, output)
    given = terms(team, title="Second round", downloads=Downloads.PREVIEW)
    share_links.change(member_of(user, team), link.pk, given)
    event = AuditEvent.objects.get(verb=Verb.LINK_CHANGED)
    assert event.target_name == "Second round"
    assert event.changes == {
        "title": ["First selects", "Second round"], "downloads": ["none", "preview"],
    }  # fmt: skip
    share_links.change(member_of(user, team), link.pk, given)
    assert AuditEvent.objects.filter(verb=Verb.LINK_CHANGED).count() == 1


@pytest.mark.parametrize(
    ("before", "given", "expected"),
    [("", None, 1), ("", "", 1), ("", "lavender", 2), ("vetiver", None, 1), ("vetiver", "", 2),
     ("vetiver", "lavender", 2)],
)  # fmt: skip
def test_another_password_ends_all_visits(user, team, output, before, given, expected):
    link = created(user, output, password=before)
    share_links.change(member_of(user, team), link.pk, terms(team, password=given))
    found = ShareLink.objects.get(pk=link.pk)
    assert found.generation == expected
    wanted = before if given is None else given
    assert check_password(wanted, found.password_hash) if wanted else not found.password_hash
    assert len(verbs()) == expected


def test_a_change_leaves_the_count_of_visits_alone(user, team, output):
    link = created(user, output)
    stale = ShareLink.objects.get(pk=link.pk)
    ShareLink.objects.filter(pk=link.pk).update(views=12)
    share_links.change(member_of(user, team), stale.pk, terms(team, title="Second"))
    assert ShareLink.objects.get(pk=link.pk).views == 12


def test_a_new_address_ends_the_old_one_and_its_visits(user, team, output):
    link = created(user, output)
    old = link.token()
    share_links.new_address(member_of(user, team), link.pk)
    found = ShareLink.objects.get(pk=link.pk)
    assert found.token() != old
    assert not ShareLink.objects.filter(token_hash=token_hash(old)).exists()
    assert found.generation == 2
    share_links.end_visits(member_of(user, team), link.pk)
    assert ShareLink.objects.get(pk=link.pk).generation == 3
    assert verbs() == [Verb.LINK_CREATED, Verb.LINK_RENEWED, Verb.LINK_VISITS_ENDED]


def test_what_is_switched_off_stays_off(user, team, output):
    link, member = created(user, output), member_of(user, team)
    assert share_links.revoke(member, [link.pk]) == 1
    assert share_links.revoke(member, [link.pk]) == 0
    for act in (share_links.extend, share_links.new_address, share_links.end_visits):
        with pytest.raises(NotAllowed):
            act(member, link.pk)
    with pytest.raises(NotAllowed):
        share_links.change(member, link.pk, terms(team))
    found = ShareLink.objects.get(pk=link.pk)
    assert (found.revoked_by, found.generation) == (user, 2)
    assert not found.is_open(timezone.now())
    assert verbs() == [Verb.LINK_CREATED, Verb.LINK_REVOKED]


@pytest.mark.django_db(transaction=True)
def test_two_who_switch_it_off_at_once_are_one(user, team, output):
    link, counts = created(user, output), []
    member = member_of(user, team)
    assert at_once(lambda: counts.append(share_links.revoke(member, [link.pk])), 2) == []
    assert sorted(counts) == [0, 1]
    assert verbs().count(Verb.LINK_REVOKED) == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_and_a_switching_off_at_once_leave_it_off(user, team, output):
    link, member = created(user, output), member_of(user, team)
    turn = itertools.count()
    acts = (
        lambda: share_links.revoke(member, [link.pk]),
        lambda: share_links.change(member, link.pk, terms(team, title="Changed")),
    )
    trouble = at_once(lambda: acts[next(turn) % 2](), 2)
    assert all(isinstance(one, NotAllowed) for one in trouble)
    found = ShareLink.objects.get(pk=link.pk)
    assert found.revoked_at is not None
    changed = Verb.LINK_CHANGED in verbs()
    assert found.title == ("Changed" if changed else "First selects")
    assert verbs()[-1] == Verb.LINK_REVOKED  # a change comes before it, or not at all


# --- Days, by the team's clock --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", datetime(2026, 12, 28, 22, 59, 59, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 12, 29, 7, 59, 59, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 12, 28, 15, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_is_its_last_second_by_the_clock_of_the_team(team, zone, expected):
    demand(team, time_zone=zone)
    team.refresh_from_db()
    end = end_of_day(expected.astimezone(share_terms.zone_of(team)).date(), team)
    assert end == expected
    city = zone.rpartition("/")[2].replace("_", " ")
    assert share_terms.shown_moment(end, team).endswith(f"23:59 ({city})")


def test_where_a_clock_is_put_back_at_midnight_the_later_second_counts(team):
    demand(team, time_zone="America/Asuncion")
    team.refresh_from_db()
    day = datetime(2023, 3, 25, tzinfo=UTC).date()
    assert end_of_day(day, team) == datetime(2023, 3, 26, 3, 59, 59, tzinfo=UTC)


def test_extending_adds_to_the_end_or_to_today_as_far_as_allowed(user, team, output):
    member = member_of(user, team)
    link = created(user, output)
    first = link.expires_at
    later = share_links.extend(member, link.pk).expires_at
    assert later - first in (timedelta(days=30), timedelta(days=30, hours=1))
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(days=50))
    again = share_links.extend(member, link.pk)
    assert timedelta(days=30) <= again.expires_at - timezone.now() < timedelta(days=31)
    demand(team, share_days=40)
    capped = share_links.extend(member, link.pk)
    assert timedelta(days=40) <= capped.expires_at - timezone.now() < timedelta(days=41)
    with pytest.raises(AgainstPolicy):
        share_links.extend(member, link.pk)
    assert verbs().count(Verb.LINK_EXTENDED) == 3


# --- What the team demands ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("demanded", "given", "field"),
    [
        ({"share_days": 7}, {}, "ends"),
        ({}, {"expires_at": None}, "ends"),
        ({"share_password": True}, {}, "password"),
        ({"share_password": True}, {"password": ""}, "password"),
        ({"share_originals": False}, {"downloads": Downloads.ORIGINAL}, "downloads"),
    ],
    ids=str,
)
def test_what_the_team_demands_binds_new_links_and_changes(
    user, team, output, demanded, given, field
):
    link = created(user, output)
    demand(team, **demanded)
    full = terms(team, **given)
    for act in (
        lambda: share_links.create(member_of(user, team), output, full),
        lambda: share_links.change(member_of(user, team), link.pk, full),
    ):
        with pytest.raises(AgainstPolicy) as refusal:
            act()
        assert set(refusal.value.problems) == {field}
    assert verbs() == [Verb.LINK_CREATED]


def test_a_link_may_be_without_end_where_the_team_allows_it(user, team, output):
    demand(team, share_forever=True)
    link = created(user, output, expires_at=None)
    assert link.is_open(timezone.now() + timedelta(days=9_999))


def test_a_stricter_demand_reaches_the_links_that_are_out(user, team, output):
    demand(team, share_forever=True)
    forever = created(user, output, expires_at=None, downloads=Downloads.ORIGINAL)
    safe = created(user, output, password="lavender")
    off = created(user, output, downloads=Downloads.ORIGINAL)
    share_links.revoke(member_of(user, team), [off.pk])
    demand(team, share_days=7, share_forever=False, share_password=True, share_originals=False)
    team.refresh_from_db()
    counts = share_links.follow_policy(team)
    assert counts == {"shortened": 2, "without originals": 1}
    for link in (forever, safe, off):
        link.refresh_from_db()
    assert forever.expires_at == end_of_day(share_terms.last_day(team), team)
    assert forever.downloads == Downloads.PREVIEW
    assert off.downloads == Downloads.ORIGINAL  # what is off is left as it was
    now = timezone.now()
    assert [one.is_open(now) for one in (forever, safe)] == [False, True]
    assert list(ShareLink.objects.open()) == [safe]
    assert forever.generation == 2
    given = replace(terms(team), expires_at=forever.expires_at, password="vetiver")
    share_links.change(member_of(user, team), forever.pk, given)
    assert set(ShareLink.objects.open()) == {forever, safe}


def test_extending_asks_for_the_password_that_is_demanded(user, team, output):
    link = created(user, output)
    demand(team, share_password=True)
    with pytest.raises(AgainstPolicy) as refusal:
        share_links.extend(member_of(user, team), link.pk)
    assert "password" in refusal.value.problems


# --- Off for another reason than itself -----------------------------------------------------------


def test_a_link_is_off_while_its_maker_is_suspended_or_its_team_leaving(user, team, output):
    maker = make_member(team)
    link = make_link(maker, output=output)
    now = timezone.now()
    type(maker).objects.filter(pk=maker.pk).update(suspended_at=now)
    assert not ShareLink.objects.get(pk=link.pk).is_open(now)
    assert not ShareLink.objects.open().exists()
    type(maker).objects.filter(pk=maker.pk).update(suspended_at=None)
    assert ShareLink.objects.get(pk=link.pk).is_open(now)
    demand(team, leaving_since=now)
    assert not ShareLink.objects.get(pk=link.pk).is_open(now)
    assert not ShareLink.objects.open().exists()


def test_a_link_to_versions_shows_no_older_one_for_a_head_that_is_archived(user):
    outputs = [make_output(user), make_output(user)]
    link = make_link(user, stack=make_stack(user, outputs))
    assert [one for _number, one in items_of(link)] == [outputs[1]]
    old = Project.objects.create(team=link.team, name="Old", slug="old", archived_at=timezone.now())
    Output.objects.filter(pk=outputs[1].pk).update(project=old)
    assert items_of(link) == []
