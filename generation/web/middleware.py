"""An id for every request, the status of a refused form, and who may keep a copy of an answer."""

import hashlib
import ipaddress
import secrets
from collections.abc import Callable
from urllib.parse import unquote

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control

from generation.forms.form_status import status_of
from generation.forms.known_device import set_device_cookie
from generation.log_lines import request_id
from generation.models.audit import Origin, origin
from generation.web.errors import wrong_method

View = Callable[[HttpRequest], HttpResponse]


class RequestId:
    """A person can name it, and the log line is found. No other site may show what is answered."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = secrets.token_hex(6)  # type: ignore[attr-defined]
        mark = request_id.set(request.id)  # type: ignore[attr-defined]
        came_from = origin.set(origin_of(request))
        try:
            response = self.get_response(request)
        finally:
            origin.reset(came_from)
            request_id.reset(mark)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


def origin_of(request: HttpRequest) -> Origin:
    """What the audit log keeps of it. The session is told by a few letters of its hash."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    try:
        ip = get_adapter().get_client_ip(request)
    except PermissionDenied:  # no address, as over a Unix socket without a proxy's header
        ip = ""
    return Origin(
        shown_ip(ip),
        request.headers.get("User-Agent", ""),
        hashlib.sha256(session.encode()).hexdigest()[:8] if session else "",
    )


def shown_ip(ip: str) -> str:
    """The network that an address is in (/24 or /48), unless the operator wants the whole of it."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    if settings.AUDIT_FULL_IP:
        return str(address)
    bits = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


class AnyHostForProbes:
    """A load balancer asks for `/healthz` by whatever name or number it has for this machine.

    These two pages have nothing of the host in them; every other one checks it as ever.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response
        self.paths = {f"{settings.PUBLIC_PATH}/{name}" for name in ("healthz", "readyz")}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in self.paths and settings.ALLOWED_HOSTS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "any")
        return self.get_response(request)


class NoNuls:
    """No text of ours holds a NUL, and PostgreSQL refuses to look for one."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in unquote(request.META.get("QUERY_STRING", "")):
            raise BadRequest
        return self.get_response(request)


class RefusedForms:
    """The account pages answer 200 to a refused form; here every such answer is a 422."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, _request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        form = (response.context_data or {}).get("form")
        if response.status_code == 200 and isinstance(form, BaseForm):
            response.status_code = status_of(form)
        return response


class PackedPages(GZipMiddleware):
    """Packs pages and pieces of them. Files, streams and parts of files go out as they are.

    Django adds bytes of a random number, and masks its token anew each time: the size of an answer
    tells nothing of what stands beside words of the address (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if response.streaming or not kind.startswith("text/html"):
            return response
        return super().process_response(request, response)


class NoStrangersCopy:
    """No shared cache keeps an answer, and no cache at all a page about the account."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.has_header("Cache-Control"):
            return response
        match = request.resolver_match
        if match and (match.url_name or "").startswith(("account_", "mfa_")):
            add_never_cache_headers(response)
        else:
            patch_cache_control(response, private=True, no_cache=True)
        return response


class KnownDevices:
    """Gives the browser that somebody has logged in with the cookie that says so."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        set_device_cookie(request, response)
        return response


class NoBlankPage:
    """Who opens the address of a button gets a page that says so, not an empty one."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        page = wrong_method(request)
        page["Allow"] = response["Allow"]
        return page
