"""Error pages: one sentence, one action, the id of the request. None asks the database."""

# ruff: noqa: ARG001  Django hands over the exception by its name

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from generation.forms.settings import THEME_COOKIE
from generation.models import Theme
from generation.web.shortcuts import came_from, toast


def error_response(
    request: HttpRequest, status: int, title: str, text: str, action: str, href: str
) -> HttpResponse:
    """The page of an error, with one way on; for htmx a toast."""
    if getattr(request, "htmx", None):
        return fragment_answer(request, status, text, action, href)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    context = {
        "title": title,
        "text": text,
        "action": action,
        "href": href,
        "request_id": getattr(request, "id", ""),
        "studio": {"theme": theme if theme in (Theme.DARK, Theme.LIGHT) else ""},
        "LANGUAGE_CODE": get_language() or "en",
    }
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)


def fragment_answer(
    request: HttpRequest, status: int, text: str, action: str, href: str
) -> HttpResponse:
    """htmx swaps no error into the page: it says it. The poller stays silent."""
    response = HttpResponse(status=status)
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    if htmx.trigger == "live":
        return response
    if status == 404:  # the page around it may well be there
        return toast(response, text, "err")
    return toast(response, text, "err", href, action)


def same_page(request: HttpRequest) -> str:
    return request.get_full_path() if request.method in ("GET", "HEAD") else came_from(request)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        title = _("Too large")
        text = _("This is too large to send. Use smaller files or less text, then send it again.")
        return error_response(request, 400, title, text, _("Go back"), came_from(request))
    title, text = _("Not understood"), _("The studio could not read this request.")
    return error_response(request, 400, title, text, _("Go to the start"), reverse("home"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title, text = _("Not allowed"), _("This needs a right that you do not have.")
    return error_response(request, 403, title, text, _("Go to the start"), reverse("home"))


def csrf_failure(request: HttpRequest, **__: Any) -> HttpResponse:
    title = _("Your session changed")
    text = _("Your session changed since this page was opened. Reload it and send again.")
    return error_response(request, 403, title, text, _("Reload"), came_from(request))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title, text = _("Nothing here"), _("This was moved or removed, or it belongs to another team.")
    return error_response(request, 404, title, text, _("Go to the start"), reverse("home"))


def wrong_method(request: HttpRequest) -> HttpResponse:
    title, text = _("Nothing to show here"), _("This address belongs to a button of another page.")
    return error_response(request, 405, title, text, _("Go to the start"), reverse("home"))


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title, text = _("Too many tries"), _("Wait a few minutes, then try again.")
    return error_response(request, 429, title, text, _("Try again"), same_page(request))


def server_error(request: HttpRequest) -> HttpResponse:
    if is_away(sys.exc_info()[1]):
        return database_away(request)
    title = _("That did not work")
    text = _(
        "Something broke in the studio. If it happens again, tell whoever runs it the number below."
    )
    return error_response(request, 500, title, text, _("Try again"), same_page(request))


def is_away(error: BaseException | None) -> bool:
    """Whether the database did not answer; SQLite says a wrong query by the same class."""
    wrong = getattr(error and error.__cause__, "sqlite_errorname", "") == "SQLITE_ERROR"
    return isinstance(error, InterfaceError | OperationalError) and not wrong


def database_away(request: HttpRequest) -> HttpResponse:
    title = _("The database does not answer")
    text = _("What you have made is safe. Wait a minute, then try again.")
    return error_response(request, 503, title, text, _("Try again"), same_page(request))
