"""The pollers of the subjects' pages: what colleagues change, and what they have open to change."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from generation.forms.parsing import parse_id
from generation.models import Act, Membership, Subject
from generation.models.presence import editors_of, note_editing
from generation.models.subjects import SubjectQuerySet
from generation.views.feed.polling import Live, bell_fits, idle_pace
from generation.views.subjects.cards import with_card_columns
from generation.web.shortcuts import StudioRequest, find, studio_view

MOST = 60
LIST = "list"


def list_live(request: StudioRequest, newest: int) -> Live:
    return Live(
        LIST, request.member.team.change_seq, 0, idle_pace(request.member), newest,
        name="subjects-live",
    )  # fmt: skip


def page_live(request: StudioRequest, subject: Subject) -> Live:
    return Live(
        str(subject.pk), request.member.team.change_seq, 0, idle_pace(request.member), None,
        name="subjects-live",
    )  # fmt: skip


@require_safe
@studio_view(Act.SEE)
def subjects_live(request: StudioRequest) -> HttpResponse:
    """For the list, or for the page of one subject; `editing` names what the asking page edits."""
    asked, team = request.GET, request.member.team
    editing = parse_id(asked.get("editing", ""))
    rows = Subject.objects.visible_to(request.user).filter(team=team)
    if editing and request.member.may(Act.EDIT_SUBJECT) and rows.filter(pk=editing).exists():
        note_editing(request.member, editing)
    scope, cursor, pace = asked.get("scope", LIST), parse_id(asked.get("c", "")), asked.get("n", "")
    newest = parse_id(asked.get("t", "")) if "t" in asked else None
    wanted = idle_pace(request.member)
    shown_editors = asked.get("e", "")
    editors = [] if scope == LIST else editors_of(parse_id(scope), request.member)
    present = names_of(editors)
    same = pace == str(wanted) and shown_editors == present and bell_fits(request)
    if cursor == team.change_seq and same:
        return HttpResponse(status=204)
    live = Live(scope, team.change_seq, 0, wanted, newest, name="subjects-live", editors=present)
    if scope == LIST:
        context = list_changes(request, rows, cursor, newest or 0)
        template = "generation/subjects/_changes.html"
    else:
        subject = find(rows.select_related("changed_by"), pk=parse_id(scope))
        context = page_changes(subject, cursor, request.member) | {"editors": editors}
        template = "generation/subjects/_page_changes.html"
    response = render(request, template, {"live": live, "oob": True} | context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def names_of(editors: list[Membership]) -> str:
    return "-".join(str(one.user_id) for one in editors)


def list_changes(
    request: StudioRequest, rows: SubjectQuerySet, cursor: int, newest: int
) -> dict[str, Any]:
    """Cards that changed or left, and how many the list does not have yet."""
    changed = rows.filter(change__gt=cursor, pk__lte=newest)
    cards = with_card_columns(changed.active(), request).order_by("change")[:MOST]
    gone = changed.exclude(archived_at=None).values_list("pk", flat=True)[:MOST]
    fresh = rows.active().filter(pk__gt=newest).count()
    return {"cards": cards, "gone": [str(pk) for pk in gone], "fresh": fresh}


def page_changes(subject: Subject, cursor: int, member: Membership) -> dict[str, Any]:
    """Whether somebody else changed it since the page was drawn."""
    is_new = subject.change > cursor and subject.changed_by_id != member.user_id
    return {"subject": subject, "changed": is_new}
