"""Redirects / to the Create page or the log-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("create-home" if request.user.is_authenticated else "account_login")
