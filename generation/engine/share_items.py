"""What a share link shows, each output under a number of this link alone."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, Q

from generation.models import Audience, LinkItem, LinkMode, Output, ShareLink
from generation.models.collections import MOST_ITEMS
from generation.models.media import OutputQuerySet

RELATED = ("task", "media", "user", "project")


def shown_outputs(link: ShareLink) -> OutputQuerySet:
    """All that it may show now, in no order; nothing of the trash or of an archived project."""
    rows = Output.objects.kept().filter(team=link.team_id, project__archived_at=None)
    if link.mode == LinkMode.FROZEN:
        return rows.filter(pk__in=link.items.values("output"))
    if link.output_id:
        return rows.filter(pk=link.output_id)
    if link.collection_id:
        return rows.filter(places__collection=link.collection_id)
    if link.project_id:
        rows = rows.filter(project=link.project_id, marked=False)
        return rows if link.show_versions else rows.filter(superseded=False)
    rows = rows.filter(version__stack=link.stack_id)
    if link.show_versions:
        return rows
    # Where the head is in an archived project, what lies below it is not shown in its place.
    versions = Output.objects.kept().filter(version__stack=link.stack_id)
    head = versions.order_by("-version__number").values_list("pk", flat=True)[:1]
    return rows.filter(pk__in=list(head))


def ordered(link: ShareLink, rows: OutputQuerySet) -> OutputQuerySet:
    if link.mode == LinkMode.FROZEN:
        return rows.order_by("pk")
    if link.collection_id:
        own = Q(places__collection=link.collection_id)
        return rows.filter(own).order_by("places__position", "places__pk")
    if link.stack_id:
        return rows.order_by("-version__number")
    return rows.newest_first()


def items_of(link: ShareLink) -> list[tuple[int, Output]]:
    """What it shows, in its order. An output that is shown for the first time gets its number."""
    rows = ordered(link, shown_outputs(link)).select_related("task", "media", "user", "project")
    outputs = list(rows[:MOST_ITEMS])
    numbers = dict(link.items.values_list("output", "number"))
    missing = [one for one in outputs if one.pk not in numbers]
    if missing:
        numbers = number_outputs(link, missing)
    found = [(numbers[one.pk], one) for one in outputs]
    return sorted(found, key=lambda one: one[0]) if link.mode == LinkMode.FROZEN else found


@transaction.atomic
def number_outputs(link: ShareLink, outputs: Sequence[Output]) -> dict[int, int]:
    """Number these after those that have one; of two pages at once the second waits."""
    ShareLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    numbers = dict(link.items.values_list("output", "number"))
    last = link.items.aggregate(last=Max("number"))["last"] or 0
    missing = [one for one in outputs if one.pk not in numbers]
    new = [
        LinkItem(link=link, output=output, number=last + place)
        for place, output in enumerate(missing, 1)
    ]
    LinkItem.objects.bulk_create(new)
    return numbers | {one.output_id: one.number for one in new}


def find_item(link: ShareLink, number: int, related: Sequence[str] = RELATED) -> Output | None:
    """The output of this number, while the link still shows it, read with these rows."""
    ids = link.items.filter(number=number).values("output")
    return shown_outputs(link).filter(pk__in=ids).select_related(*related).first()


def guest_comments(link: ShareLink) -> Q:
    """Which comments guests of this link may read: what the team says to guests, and their own. The
    guests of another link may be another client, also where the team answers them."""
    theirs = Q(link=link) | Q(by_guest=False, parent=None)
    replies = Q(by_guest=False) & (Q(parent__by_guest=False) | Q(parent__link=link))
    return Q(audience=Audience.GUESTS, deleted_at=None) & (theirs | replies)
