"""What most views need: the current team, a page or its fragment, a toast."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError
from django.db.models import Exists, F, Model, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event
from django_htmx.middleware import HtmxDetails

from generation.models import Act, Announcement, Membership, Output, Project, Task, User
from generation.models.notices import unread_count
from generation.models.presence import note_seen
from generation.models.teams import MEMBERSHIP, TEAM_NAME
from generation.web.second_factor import ask_to_set_up_factor, must_set_up_factor

View = Callable[..., HttpResponse]
SAFE = ("GET", "HEAD")
AnyView = TypeVar("AnyView", bound=Callable[..., HttpResponseBase])
Row = TypeVar("Row", bound=Model)
TeamRow = Output | Project | Task


class StudioRequest(HttpRequest):
    """A request of a logged-in person, working in one of their teams."""

    user: User
    htmx: HtmxDetails
    member: Membership
    id: str


def studio_view(act: Act, *, post: Act | None = None) -> Callable[[View], View]:
    """A view of the team that the person works in, which `request.member` holds.

    Who may do `act` (with anything but GET: `post`) to no row at all sees 404.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            wanted = post if post and request.method not in SAFE else act
            return in_team(request, view, wanted, *args, **kwargs)

        return declare(wrapper, act, post or act)

    return decorator


def row_view(act: Act) -> Callable[[View], View]:
    """A view of one row, maybe of another team than the person works in: it asks `member_of` itself
    whether the person may do `act` to the row."""

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return in_team(request, view, Act.SEE, *args, **kwargs)

        return declare(wrapper, act, act)

    return decorator


def account_view(view: View) -> View:
    """A view of the person's own account, also for who is in no team."""

    @wraps(view)
    def wrapper(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_log_in(request)
        return keep_private(view(request, *args, **kwargs))

    return declare(wrapper, Act.OWN_ACCOUNT, Act.OWN_ACCOUNT)


def open_view(reason: str) -> Callable[[AnyView], AnyView]:
    """A view that anybody may call; `reason` says why."""

    def decorator(view: AnyView) -> AnyView:
        view.open_because = reason  # type: ignore[attr-defined]
        return view

    return decorator


def declare(view: View, read: Act, write: Act) -> View:
    """What the test of all addresses compares with the permission table."""
    view.acts = (read, write)  # type: ignore[attr-defined]
    return view


def in_team(
    request: StudioRequest, view: View, act: Act, *args: Any, **kwargs: Any
) -> HttpResponse:
    if not request.user.is_authenticated:
        return ask_to_log_in(request)
    member = current_member(request)
    if member is None:
        return without_team(request)
    request.member = member
    if member.team.factor_required_from and must_set_up_factor(member):
        return ask_to_set_up_factor(request, member.team)
    if not member.may(act):
        raise Http404
    if member.is_shared:
        note_seen(member)
    return keep_private(view(request, *args, **kwargs))


def keep_private(response: HttpResponse) -> HttpResponse:
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_cache=True)
    return response


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    htmx = getattr(request, "htmx", None)
    if htmx:  # a bare 302 would put the log-in page into the target
        query = urlencode({"next": htmx.current_url_abs_path or reverse("home")})
        answer = HttpResponseClientRedirect(f"{reverse('account_login')}?{query}")
        answer.status_code = 401
        return answer
    # What is only posted to cannot be opened after the log-in: back to the page it was sent from.
    is_page = request.method in ("GET", "HEAD")
    return redirect_to_login(request.get_full_path() if is_page else came_from(request))


def came_from(request: HttpRequest) -> str:
    """The page of ours that the person was on, else the start."""
    htmx = getattr(request, "htmx", None)
    before = htmx.current_url if htmx else request.headers.get("Referer", "")
    if before and url_has_allowed_host_and_scheme(before, {request.META.get("HTTP_HOST", "")}):
        parts = urlsplit(before)
        here = parts.path + (f"?{parts.query}" if parts.query else "")
        if url_has_allowed_host_and_scheme(here, None):  # a path of two slashes names a host
            return here
    return reverse("home")


def current_member(request: StudioRequest) -> Membership | None:
    """The membership that this session works with; None: it ended, or the person has none.

    A new session begins in the team that the person chose last. One whose membership has ended
    does not slip into another team: the page it shows is of the old one.
    """
    if MEMBERSHIP not in request.session:
        begin_in_team(request, request.user)
    rows = Membership.objects.filter(user=request.user).select_related("team", "presence")
    others = Membership.objects.filter(team=OuterRef("team")).exclude(pk=OuterRef("pk"))
    chosen = request.session.get(MEMBERSHIP)
    news = Subquery(Announcement.objects.current().values("pk")[:1])
    unread = unread_count(OuterRef("user"), "team")
    rows = rows.annotate(has_others=Exists(others), announced=news, unread_notices=unread)
    return rows.filter(pk=chosen).first() if chosen else None


def begin_in_team(request: HttpRequest, user: User) -> None:
    """At the log-in, and when somebody without a team is in one."""
    rows = Membership.objects.filter(user=user).select_related("team")
    newest = F("chosen_at").desc(nulls_last=True)
    member = rows.order_by(newest, "joined_at", "id").first()
    if member is not None:
        request.session[MEMBERSHIP], request.session[TEAM_NAME] = member.pk, member.team.name


def work_in(request: StudioRequest, member: Membership) -> None:
    """Have this session, and the next ones of this person, work in the team."""
    request.session[MEMBERSHIP], request.session[TEAM_NAME] = member.pk, member.team.name
    Membership.objects.filter(pk=member.pk).update(chosen_at=timezone.now())


def name_of_ended_team(request: StudioRequest) -> str:
    return str(request.session.get(TEAM_NAME, "")) if MEMBERSHIP in request.session else ""


def without_team(request: StudioRequest) -> HttpResponse:
    """Lead to the page that says which team ended, or that there is none."""
    if request.htmx:  # 401 ends a live poll, and the page is left
        answer = HttpResponseClientRedirect(reverse("team-ended"))
        answer.status_code = 401
        return answer
    return redirect("team-ended")


def member_of(request: StudioRequest, row: TeamRow) -> Membership:
    """The person's role in the team of a row, which need not be the team they work in."""
    if row.team_id == request.member.team_id:
        return request.member
    return find(Membership.objects.filter(user=request.user), team=row.team_id)


def find(rows: QuerySet[Row], **lookup: Any) -> Row:
    """One row or 404: unknown and forbidden look alike. Start `rows` from visible_to(user)."""
    try:
        return rows.get(**lookup)
    except (ObjectDoesNotExist, ValueError, OverflowError, DataError):
        raise Http404 from None


def page_or_fragment(
    request: StudioRequest,
    page: str,
    fragment: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """The whole page, or for htmx the one element of it that the page includes."""
    partial = request.htmx and not request.htmx.history_restore_request
    response = render(request, fragment if partial else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


SEVERAL = 2  # for which ngettext gives the sentence of any number above one


def toast(
    response: HttpResponse,
    text: str,
    level: str = "ok",
    href: str = "",
    action: str = "",
    method: str = "get",
    several: tuple[str, int] | None = None,
) -> HttpResponse:
    """Have the page say one sentence; with `href` and `action`, a link or (post) a button. Those
    that stand at the same time and have the same sentence for `several`, with %(count)d in it, and
    how many each speaks of, become one, whose address has the `ids` of all."""
    event: dict[str, Any] = {"level": level, "text": str(text), "href": href, "action": str(action)}
    event["method"] = method
    if several:
        event |= {"many": several[0], "count": several[1]}
    return trigger_client_event(response, "toast", event)


def projects_of(request: StudioRequest) -> QuerySet[Project]:
    return Project.objects.visible_to(request.user).filter(team=request.member.team)
