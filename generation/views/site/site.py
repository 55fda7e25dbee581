"""The root address, liveness and readiness checks, and figures for Prometheus."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generation.engine import health, metrics
from generation.web.shortcuts import open_view


@open_view("it only leads to the log-in or to Create")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("create-home" if request.user.is_authenticated else "account_login")


@open_view("a load balancer asks it")
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@open_view("a load balancer asks it")
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """For anybody: ages, counts and the names of lanes, nothing of whom or what they are of."""
    missing = health.not_ready()
    found = {"ready": not missing, "missing": missing, **health.details()}
    return JsonResponse(found, status=503 if missing else 200)


@open_view("a token lets in")
@require_safe
@never_cache
def prometheus_metrics(request: HttpRequest) -> HttpResponse:
    """Only where the operator has set a token, and for who knows it."""
    token = settings.METRICS_TOKEN
    if not token:
        raise Http404
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        challenge = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("no token", "text/plain", status=401, headers=challenge)
    if not constant_time_compare(given.strip(), token):
        return HttpResponse("wrong token", "text/plain", status=403)
    return HttpResponse(metrics.metrics_text(), content_type=metrics.CONTENT_TYPE)
