"""Share links: made, changed, switched off, given a new address; each act once, with its row in
the audit log.

Whoever writes one holds its team first, then the link: rights and what the team demands are looked
at behind that, so that nobody who was removed meanwhile makes a link, and none is changed that was
switched off. The token stands in no log.
"""

from collections.abc import Sequence
from copy import copy

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from generation.engine.share_facts import facts_of_link, first_facts, record_link_act, stamp
from generation.engine.share_items import ordered, shown_outputs
from generation.engine.share_terms import (
    AgainstPolicy,
    Terms,
    end_of_day,
    extended_end,
    last_day,
    policy_problems,
)
from generation.models import (
    Act,
    Collection,
    Downloads,
    LinkItem,
    LinkMode,
    Membership,
    Output,
    Project,
    ShareLink,
    Stack,
    Team,
    User,
    Verb,
    audit,
    changed_fields,
)
from generation.models.collections import MOST_ITEMS
from generation.models.permissions import Reach
from generation.models.users import password_form

Target = Output | Collection | Project | Stack


class NotAllowed(Exception):
    """Rights or the link have changed since the page was drawn."""


class TooMany(Exception):
    """More than a link can keep as it is today."""


def reachable(member: Membership) -> QuerySet[ShareLink]:
    """The links that the person may change: their own, or all of the team."""
    reach = member.reach(Act.SHARE)
    rows = ShareLink.objects.filter(team=member.team_id)
    if reach is Reach.ALL:
        return rows
    return rows.filter(created_by=member.user_id) if reach is Reach.OWN else rows.none()


def links_to(target: Target, rows: QuerySet[ShareLink]) -> QuerySet[ShareLink]:
    return rows.filter(**{field_of(target): target.pk})


def field_of(target: Target) -> str:
    """The column of a link that refers to it."""
    return str(target._meta.model_name)


# --- Behind the lock ------------------------------------------------------------------------------


def lock_member(member: Membership) -> Membership:
    """The same as it is now, with the team held. Raises NotAllowed."""
    try:
        member.team.lock_members()
    except Team.DoesNotExist:
        raise NotAllowed from None
    rows = Membership.objects.select_related("team", "user")
    now = rows.filter(pk=member.pk, user__is_active=True).first()
    if now is None or not now.may(Act.SHARE):
        raise NotAllowed
    return now


def lock_link(member: Membership, link_id: int) -> ShareLink:
    """A link that was not switched off, held. Raises NotAllowed."""
    rows = reachable(member).select_for_update(of=("self",), no_key=True)
    link = rows.filter(pk=link_id, revoked_at=None).select_related("team", "created_by").first()
    if link is None:
        raise NotAllowed
    return link


def link_password_hash(password: str | None) -> str:
    return make_password(password_form(password)) if password else ""


def check_policy(team: Team, terms: Terms, has_password: bool) -> None:
    if problems := policy_problems(team, terms, has_password):
        raise AgainstPolicy(problems)


# --- Making and changing --------------------------------------------------------------------------


def create(
    member: Membership, target: Target | Sequence[Output], terms: Terms, intent: str = ""
) -> ShareLink:
    """A link to one thing. Several outputs become a collection that is called like the link.

    With the same `intent` once more it is the link that was made. Raises NotAllowed,
    AgainstPolicy, TooMany, Full.
    """
    hashed = link_password_hash(terms.password)  # slow: before anything waits
    with transaction.atomic():
        now = lock_member(member)
        made = ShareLink.objects.filter(team=now.team, intent=intent) if intent else None
        if made is not None and (link := made.first()) is not None:
            if link.created_by_id != now.user_id:
                raise NotAllowed
            return link
        check_policy(now.team, terms, has_password=False)
        shown = target if not isinstance(target, Sequence) else collect(now, target, terms.title)
        link = ShareLink(
            team=now.team, created_by=now.user, intent=intent, password_hash=hashed,
            **{field_of(shown): shown}, **terms.columns,
        )  # fmt: skip
        link.set_token()
        if link.mode == LinkMode.FROZEN:
            freeze(link)
        record_link_act(Verb.LINK_CREATED, link, now.user, first_facts(link))
    return link


def collect(member: Membership, outputs: Sequence[Output], title: str) -> Collection:
    row = Collection.objects.create(team=member.team, name=title, created_by=member.user)
    audit(Verb.COLLECTION_CREATED, team=member.team, actor=member.user, target=row)
    count = row.add(outputs, member.user)
    audit(
        Verb.COLLECTION_FILLED, team=member.team, actor=member.user, target=row,
        changes={"count": count},
    )  # fmt: skip
    return row


def change(member: Membership, link_id: int, terms: Terms) -> ShareLink:
    """Another password, or none, ends all visits. Raises NotAllowed, AgainstPolicy, TooMany."""
    hashed = link_password_hash(terms.password)
    with transaction.atomic():
        now = lock_member(member)
        link = lock_link(now, link_id)
        check_policy(now.team, terms, bool(link.password_hash))
        before, was_frozen = facts_of_link(link), link.mode == LinkMode.FROZEN
        for name, value in terms.columns.items():
            setattr(link, name, value)
        changes = changed_fields(before, facts_of_link(link))
        if terms.password is not None and (hashed or link.password_hash):
            changes["password"] = [bool(link.password_hash), "new" if hashed else False]
            link.password_hash = hashed
            link.generation += 1
        if changes:
            # Not the columns of visits, which go on meanwhile.
            link.save(update_fields=[*terms.columns, "password_hash", "generation"])
            record_link_act(Verb.LINK_CHANGED, link, now.user, changes)
        if link.mode == LinkMode.FROZEN and not was_frozen:
            freeze(link)
    return link


def extend(member: Membership, link_id: int) -> ShareLink:
    """By 30 days, as far as the team allows. Raises NotAllowed, AgainstPolicy."""
    with transaction.atomic():
        now = lock_member(member)
        link = lock_link(now, link_id)
        if link.expires_at is None:
            raise NotAllowed
        if link.lacks_password:
            raise AgainstPolicy(policy_problems(link.team, Terms(""), has_password=False))
        before, link.expires_at = link.expires_at, extended_end(link)
        link.save(update_fields=["expires_at"])
        changes = {"ends": [stamp(before), stamp(link.expires_at)]}
        record_link_act(Verb.LINK_EXTENDED, link, now.user, changes)
    return link


# --- Ending ---------------------------------------------------------------------------------------


def revoke(member: Membership, link_ids: Sequence[int]) -> int:
    """Switch links off for good; returns how many were on. Raises NotAllowed."""
    with transaction.atomic():
        now = lock_member(member)
        return switch_off(reachable(now).filter(pk__in=link_ids), now.user)


def switch_off(rows: QuerySet[ShareLink], by: User | None) -> int:
    """Call it with the team held. Once: what is off already is not recorded again."""
    found = rows.filter(revoked_at=None).select_for_update(of=("self",), no_key=True)
    links = list(found.select_related("team").order_by("pk"))
    ShareLink.objects.filter(pk__in=[one.pk for one in links]).update(
        revoked_at=timezone.now(), revoked_by=by, generation=F("generation") + 1
    )
    for link in links:
        record_link_act(Verb.LINK_REVOKED, link, by)
    return len(links)


def new_address(member: Membership, link_id: int) -> ShareLink:
    """The old address ends at once, with every visit that came by it. Raises NotAllowed."""
    with transaction.atomic():
        now = lock_member(member)
        link = lock_link(now, link_id)
        link.generation += 1
        link.save(update_fields=["generation"])
        link.set_token()
        record_link_act(Verb.LINK_RENEWED, link, now.user)
    return link


def end_visits(member: Membership, link_id: int) -> ShareLink:
    """Whoever is in has to come by the address again, and by the password. Raises NotAllowed."""
    with transaction.atomic():
        now = lock_member(member)
        link = lock_link(now, link_id)
        link.generation += 1
        link.save(update_fields=["generation"])
        record_link_act(Verb.LINK_VISITS_ENDED, link, now.user)
    return link


def end_all_visits(rows: QuerySet[ShareLink]) -> None:
    """Of links that are off for another reason than themselves: what plays there stops, too."""
    rows.filter(revoked_at=None).update(generation=F("generation") + 1)


def follow_policy(team: Team) -> dict[str, int]:
    """Bring the links that are there under what the team demands now; how many that changed.

    Call it with the team held. What would end later ends on the last day that is allowed, and
    originals are given no more. One without a password that is demanded stays, and stays shut
    until it has one (`ShareLink.is_open`).
    """
    rows = ShareLink.objects.filter(team=team, revoked_at=None)
    counts = {"shortened": 0, "without originals": 0}
    if last := last_day(team):
        end = end_of_day(last, team)
        late = rows.filter(expires_at__gt=end) | rows.filter(expires_at=None)
        counts["shortened"] = late.update(expires_at=end)
    if not team.share_originals:
        giving = rows.filter(downloads=Downloads.ORIGINAL)
        counts["without originals"] = giving.update(downloads=Downloads.PREVIEW)
    if team.share_password:
        end_all_visits(rows.filter(password_hash=""))
    return {name: count for name, count in counts.items() if count}


# --- What it shows --------------------------------------------------------------------------------


def outputs_shown(target: Target) -> QuerySet[Output]:
    """What a usual link to it shows now, in its order."""
    link = ShareLink(team_id=target.team_id, **{field_of(target): target})
    return ordered(link, shown_outputs(link))


def freeze(link: ShareLink) -> None:
    """Keep what it shows today. What visitors have seen keeps its number. Raises TooMany."""
    live = copy(link)
    live.mode = LinkMode.LIVE
    pks = list(ordered(live, shown_outputs(live)).values_list("pk", flat=True)[: MOST_ITEMS + 1])
    if len(pks) > MOST_ITEMS:
        raise TooMany
    link.items.exclude(output__in=pks).delete()
    known = set(link.items.values_list("output", flat=True))
    last = link.items.aggregate(last=Max("number"))["last"] or 0
    new = [pk for pk in pks if pk not in known]
    LinkItem.objects.bulk_create(
        LinkItem(link=link, output_id=pk, number=number) for number, pk in enumerate(new, last + 1)
    )
