"""Putting away the operator's message, for the browser that it was read in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from generation.models.operator import DISMISSED
from generation.web.shortcuts import StudioRequest, account_view, came_from


@require_POST
@account_view
def dismiss(request: StudioRequest) -> HttpResponse:
    number = request.POST.get("announcement", "")
    if number.isascii() and number.isdecimal():
        request.session[DISMISSED] = int(number)
    return redirect(came_from(request))
