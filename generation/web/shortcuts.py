"""What most views need: the current team, a page or its fragment, a toast."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event
from django_htmx.middleware import HtmxDetails

from generation.models import Act, Membership, Output, Project, Task, User

View = Callable[..., HttpResponse]
Row = TypeVar("Row", bound=Model)
TeamRow = Output | Project | Task


class StudioRequest(HttpRequest):
    """A request of a logged-in person, working in one of their teams."""

    user: User
    htmx: HtmxDetails
    member: Membership
    id: str


def studio_view(view: View) -> View:
    """Ask for a log-in, and set `request.member`: the person's role in the team they work in."""

    @wraps(view)
    def wrapper(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_log_in(request)
        request.member = current_member(request)
        response = view(request, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return wrapper


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    htmx = getattr(request, "htmx", None)
    if htmx:  # a bare 302 would put the log-in page into the target
        query = urlencode({"next": htmx.current_url_abs_path or "/"})
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


def current_member(request: StudioRequest) -> Membership:
    """The membership of the team chosen in this session, or the oldest one."""
    memberships = Membership.objects.filter(user=request.user).select_related("team")
    chosen = request.session.get("team")
    member = memberships.filter(team_id=chosen).first() if chosen else None
    member = member or memberships.order_by("joined_at", "id").first()
    if member is None:
        raise Http404
    return member


def allowed_to(act: Act) -> Callable[[View], View]:
    """Below `studio_view`: who may not act sees 404."""

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.member.may(act):
                raise Http404
            return view(request, *args, **kwargs)

        return wrapper

    return decorator


may_create = allowed_to(Act.CREATE)


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


def toast(
    response: HttpResponse,
    text: str,
    level: str = "ok",
    href: str = "",
    action: str = "",
    method: str = "get",
) -> HttpResponse:
    """Have the page say one sentence; with `href` and `action`, a link or (post) a button."""
    event = {"level": level, "text": str(text), "href": href, "action": str(action)}
    event["method"] = method
    return trigger_client_event(response, "toast", event)


def projects_of(request: StudioRequest) -> QuerySet[Project]:
    return Project.objects.visible_to(request.user).filter(team=request.member.team)
