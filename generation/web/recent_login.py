"""What must not happen in a browser that somebody left open: it needs a log-in of a moment ago."""

import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from generation.models import User
from generation.web.shortcuts import View, came_from

TYPED = "typed_before_login"  # in the session


def count_login(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever has just logged in need not prove it again."""
    if getattr(request, "session", None) is not None:
        record_authentication(request, user, "login", reauthenticated=True)


def is_recent(request: HttpRequest) -> bool:
    """Whether this person logged in, or confirmed who they are, within the last minutes."""
    records = get_authentication_records(request, request.user)
    proofs = [record["at"] for record in records if record.get("reauthenticated")]
    if proofs and time.time() - proofs[-1] < app_settings.REAUTHENTICATION_TIMEOUT:
        return True
    return bool(did_recently_reauthenticate(request))  # who has no way to prove it is let in


def recent_login(keep: tuple[str, ...] | None = None) -> Callable[[View], View]:
    """Below `account_view` and its like: without a recent log-in, ask for the password or a second
    step first.

    `keep`: the view shows its form at a GET, so people come back to it, and what they typed into
    these fields is there again (`typed_before`); `team-*` names all that begin so. Never name a
    secret. Without it, they come back to the page that they posted from.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if is_recent(request):
                return view(request, *args, **kwargs)
            if request.method == "POST" and keep:
                typed = {
                    name: request.POST[name]
                    for name in request.POST
                    if any(fnmatchcase(name, one) for one in keep)
                }
                request.session[TYPED] = {"path": request.path, "fields": typed}
            shows_itself = request.method != "POST" or keep is not None
            return ask_to_confirm(request, request.get_full_path() if shows_itself else "")

        return wrapper

    return decorator


def ask_to_confirm(request: HttpRequest, back: str = "") -> HttpResponse:
    """Lead to the page that asks who this is, and from there `back`."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    page = methods[0]["url"] if methods else reverse("account_login")
    address = f"{page}?{urlencode({'next': back or came_from(request)})}"
    if getattr(request, "htmx", None):  # a bare 302 would put that page into the target
        return HttpResponseClientRedirect(address)
    return redirect(address)


def typed_before(request: HttpRequest) -> dict[str, str]:
    """What was typed here before the person had to confirm who they are. Told once."""
    kept = request.session.get(TYPED)
    if not kept or kept["path"] != request.path:
        return {}
    del request.session[TYPED]
    fields: dict[str, str] = kept["fields"]
    return fields
