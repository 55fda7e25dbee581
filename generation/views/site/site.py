"""The root address, and liveness and readiness checks."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generation.engine import health


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("create-home" if request.user.is_authenticated else "account_login")


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    missing = health.not_ready()
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)
