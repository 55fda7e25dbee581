"""The viewer of one output."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Exists, Q, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.catalogue.offers import OFFERS
from generation.engine.comments import MOST_MEMBERS
from generation.engine.delivery import recipe_of
from generation.engine.frames import find_frames
from generation.engine.save_frame import save_frame
from generation.engine.share_links import links_to, reachable
from generation.forms.comments import CommentForm
from generation.forms.generate import new_intent
from generation.forms.library_filter import Filter
from generation.media.storage import Unfit
from generation.models import (
    Act,
    CollectionItem,
    DeliveryRules,
    Media,
    MediaKind,
    Membership,
    Output,
    ReviewState,
    Task,
    TaskInput,
)
from generation.models.media import OutputQuerySet
from generation.models.ratings import marks_on, with_own_rating
from generation.views.feed.next_steps import uses_of
from generation.views.feed.source_title import mode_label
from generation.views.feed.task_card import model_label
from generation.views.library.lineage import derived_outputs, sources_of_output, task_subjects
from generation.views.library.review_box import review_box
from generation.views.library.talk import Talk, asked_comment, player_of, start_of, talk_of
from generation.views.library.task_facts import (
    carried_labels,
    charge_label,
    estimate_label,
    file_facts,
    plain_number,
    setting_rows,
)
from generation.views.library.tile import OutputTile, may_trash, output_name, title_of
from generation.views.library.trash import RESTORE, TRASH, move_outputs, next_url
from generation.views.library.version_menu import may_stack, open_before, version_menu
from generation.web.lanes import FILES, busy, in_lane
from generation.web.shortcuts import (
    StudioRequest,
    find,
    member_of,
    page_or_fragment,
    row_view,
    studio_view,
    toast,
)

MOST_TOGETHER = 24
SLUG = 48


@require_safe
@studio_view(Act.SEE)
def output(request: StudioRequest, output_id: int) -> HttpResponse:
    return output_page(request, find_output(request, output_id))


def output_page(
    request: StudioRequest,
    found: Output,
    *,
    say: CommentForm | None = None,
    say_error: str = "",
    status: int = 200,
) -> HttpResponse:
    """The review room, as a page or in the dialog; `say` is a comment that was refused."""
    task, sealed = found.task, request.GET.get("ctx", "")
    menu = version_menu(found)
    here = viewer_url(found.pk, sealed)
    find_frames(found.media)
    chosen = asked_comment(request.GET.get("c", ""), found)
    talk = talk_of(
        found, here, user=request.user, show=request.GET.get("show", "open"), chosen=chosen
    )
    title, rights_here = title_of(found), rights(request, found)
    member = rights_here["member"]
    around = things_around(request, found, sealed, member)
    start = start_of(request.GET.get("t", ""), chosen, found.media)
    context = {
        "output": found,
        "task": task,
        "title": title,
        "who": output_name(found),
        "work": mode_label(task.mode),
        "model": model_label(task),
        "settings": setting_rows(task),
        "facts": file_facts(found),
        "spoken": bool(task.values.get("text")),
        "cost": charge_label(task),
        "sources": sources_of_output(found) if around["sources"] else [],
        "derived": derived_outputs(found) if around["derived"] else None,
        "mentioned_subjects": task_subjects(task) if around["subjects"] else [],
        "made_together": made_together(request, found) if around["together"] else [],
        "menu": menu,
        "reuse": OutputTile(found, may_trash=False).reuse,
        "open_before": open_before(menu),
        **rights_here,
        "marks": marks_on(found),
        "carried": carried_labels(found.media),
        "ask": review_box(member, found, asked=around["asked"]),
        "partial": bool(request.htmx),
        "here": here,
        "post_to": reverse("output-comments", args=[found.pk]),
        "own_at": own_at(),
        "player": player_of(found, title, start),
        "talk": talk,
        "tab": tab_of(request, found, talk, say_error),
        "may_comment": not found.trashed_at and member.may(Act.COMMENT),
        "may_moderate": not found.trashed_at and member.may_on(Act.SHARE, None),
        "people": people_to_mention(found.team_id),
        "say": say,
        "say_error": say_error,
        "shared": around["shared"] or 0,
        "previous": viewer_url(around["previous"], sealed) if around["previous"] else "",
        "next": viewer_url(around["next"], sealed) if around["next"] else "",
    }
    return page_or_fragment(
        request, "generation/outputs/output.html", "generation/outputs/_viewer.html", context,
        status,
    )  # fmt: skip


def tab_of(request: StudioRequest, found: Output, talk: Talk, say_error: str) -> str:
    """What was asked for; else the comments where there is something to read or to answer."""
    asked = request.GET.get("tab", "")
    if asked in ("comments", "settings"):
        return asked
    spoken = talk.total or found.review != ReviewState.NONE or say_error or "show" in request.GET
    return "comments" if spoken else "settings"


def people_to_mention(team_id: int) -> list[str]:
    rows = Membership.objects.filter(team=team_id, user__is_active=True).select_related("user")
    names = {one.user.shown_name for one in rows.order_by("pk")[:MOST_MEMBERS]}
    return sorted(names, key=str.casefold)


def rights(request: StudioRequest, found: Output) -> dict[str, Any]:
    """What the person may do here, and the next steps that are open."""
    member = member_of(request, found)
    may_reuse = member.may_create and found.team_id == request.member.team_id
    again = found.taken_at is None and may_repeat(member, found.task)
    price = "" if found.task.estimate is None else estimate_label(found.task)
    rules = DeliveryRules.of(found.team)
    return {
        "member": member,
        "marked_copy": bool(recipe_of(found)),
        "asks_about_aigc": member.may_manage and rules.asks_about(found.task),
        "may_trash": may_trash(member, found),
        "may_reuse": may_reuse,
        "may_frame": member.may_create,
        "may_stack": may_stack(member, found),
        "uses": uses_of(found) if may_reuse else [],
        "again": {"intent": new_intent(), "price": price} if again else None,
    }


def may_repeat(member: Membership, task: Task) -> bool:
    """As a task lets it be tried again, while its model is still offered."""
    mine = member.may_on(Act.CONTROL_TASK, task.user_id)
    return mine and (task.provider, task.mode, task.model_name) in OFFERS


def find_output(request: StudioRequest, output_id: int) -> Output:
    rows = with_own_rating(Output.objects.visible_to(request.user), request.user)
    known = (
        "task", "media", "user", "project", "team__delivery_rules", "taken_from__media",
        "version__stack",
    )  # fmt: skip
    return find(rows.select_related(*known), pk=output_id)


def viewer_url(pk: int, sealed: str) -> str:
    here = reverse("output", args=[pk])
    return f"{here}?{urlencode({'ctx': sealed})}" if sealed else here


def made_together(request: StudioRequest, found: Output) -> list[Output]:
    """The other results of the same press of Generate, with this one among them."""
    rows = Output.objects.visible_to(request.user).filter(task__batch=found.task.batch_id).kept()
    rows = rows.filter(taken_at=None).select_related("media").order_by("task_id", "position")
    results = list(rows[:MOST_TOGETHER])
    return results if len(results) > 1 else []


def things_around(
    request: StudioRequest, found: Output, sealed: str, member: Membership
) -> dict[str, Any]:
    """One query: its neighbours, in the order of the grid it was opened from; how often it is
    shared; and of what else the viewer tells whether there is any, so that only that is read."""
    chosen, at = Filter.opened(sealed), (found.created_at, found.pk, request.user)
    rows = Output.objects.visible_to(request.user).filter(team=found.team_id).kept()
    if chosen.collection:
        before, after = sides_in_collection(rows, found, chosen.collection)
    else:
        before = chosen.before(rows, *at).values("pk")
        after = chosen.after(rows, *at).values("pk")
    links = links_to(found, reachable(member)).filter(revoked_at=None).order_by()
    used = TaskInput.objects.filter(media=found.media_id)
    others = Output.objects.filter(task__batch=found.task.batch_id).exclude(pk=found.pk)
    facts = Output.objects.filter(pk=found.pk).values(
        previous=Subquery(before[:1]),
        next=Subquery(after[:1]),
        shared=Subquery(links.values("output").annotate(n=Count("pk")).values("n")),
        sources=Exists(found.task.inputs.all()) | Q(taken_from__isnull=False),
        derived=Exists(used) | Exists(found.frames.all()),
        subjects=Exists(found.task.mentioned_subjects.all()),
        together=Exists(others),
        asked=Exists(found.review_requests.all()),
    )
    return dict(facts.get())


def sides_in_collection(
    rows: OutputQuerySet, found: Output, collection: int
) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    items = CollectionItem.objects.filter(collection=collection, output__in=rows)
    here = CollectionItem.objects.filter(collection=collection, output=found).values("position")
    before = items.filter(position__lt=Subquery(here)).order_by("-position", "-pk")
    after = items.filter(position__gt=Subquery(here)).order_by("position", "pk")
    return before.values("output"), after.values("output")


# --- A frame as an image --------------------------------------------------------------------------


@require_POST
@row_view(Act.CREATE)
@in_lane(lambda _request: FILES)
def save_video_still(request: StudioRequest, output_id: int) -> HttpResponse:
    """Save what a video shows at a time; the same time again leads to the same image."""
    found = find_output(request, output_id)
    if found.trashed_at or not member_of(request, found).may_create:
        raise Http404
    seconds = parse_moment(request.POST.get("seconds", ""), found.media)
    if seconds is None:
        return frame_refused(request, found, time_error(found.media))
    saved = found.frames.kept().filter(taken_at=seconds).first()
    if saved is None and (sentence := busy(request, FILES)):
        return frame_refused(request, found, sentence)
    try:
        saved = saved or save_frame(found, seconds, request.user)
    except Unfit as unfit:
        return frame_refused(request, found, unfit.sentence)
    message = _("Saved as an image.")
    if request.htmx:
        answer = HttpResponse(status=204)
        return toast(answer, message, href=saved.get_absolute_url(), action=_("Open"))
    messages.success(request, message)
    return redirect(saved)


def parse_moment(text: str, media: Media) -> float | None:
    """A time within a video, in thousandths of a second."""
    try:
        seconds = round(float(text), 3)
    except ValueError:
        return None
    within = media.kind == MediaKind.VIDEO and 0 <= seconds <= (media.seconds or 0)
    return seconds if within else None


def time_error(media: Media) -> str:
    if media.kind != MediaKind.VIDEO:
        return _("Only a video has frames to save.")
    return _("Enter a time from 0 to %(n)s seconds.") % {"n": plain_number(media.seconds or 0)}


def frame_refused(request: StudioRequest, found: Output, message: str) -> HttpResponse:
    if request.htmx:
        return toast(HttpResponse(status=204), message, "warn")
    messages.warning(request, message)
    return redirect(found)


# --- Trash ----------------------------------------------------------------------------------------


@require_POST
@row_view(Act.TRASH_OUTPUT)
def trash(request: StudioRequest, output_id: int) -> HttpResponse:
    back = next_url(request, reverse("output", args=[output_id]))
    return move_outputs(request, [output_id], TRASH, back)


@require_POST
@row_view(Act.TRASH_OUTPUT)
def restore(request: StudioRequest, output_id: int) -> HttpResponse:
    back = next_url(request, reverse("output", args=[output_id]))
    return move_outputs(request, [output_id], RESTORE, back)


def own_at() -> str:
    """How the addresses of one's own comments begin."""
    return reverse("comment-edit", args=[UUID(int=0)]).partition(str(UUID(int=0)))[0]
