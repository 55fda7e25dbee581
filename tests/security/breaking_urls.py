"""The studio's addresses, and one below which everything goes wrong in its own way."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

import vidustudio.urls as real


def fail(request: HttpRequest, how: str) -> HttpResponse:
    if how == "sql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret_column FROM no_such_table")
    errors = {
        "400": SuspiciousOperation(f"bad {settings.SECRET_KEY}"),
        "403": PermissionDenied(f"no {settings.SECRET_KEY}"),
        "404": Http404(f"{settings.SECRET_KEY} in {settings.BASE_DIR}"),
        "413": RequestDataTooBig(settings.SECRET_KEY),
        "500": RuntimeError(f"{settings.SECRET_KEY} in {settings.DATA_DIR}"),
    }
    raise errors[how]


urlpatterns = [path("broken/<str:how>/", fail, name="broken"), *real.urlpatterns]
handler400 = getattr(real, "handler400", "django.views.defaults.bad_request")
handler403 = getattr(real, "handler403", "django.views.defaults.permission_denied")
handler404 = getattr(real, "handler404", "django.views.defaults.page_not_found")
handler500 = getattr(real, "handler500", "django.views.defaults.server_error")
