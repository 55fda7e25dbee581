"""Every page tells its times by the clock of who reads it.

The browser says in a cookie where it is (js/here.js), and what it said last is kept for mails. A
share page stays by the clock of its team, which it names: its guests have no account.
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from generation.models import User
from generation.models.zones import own_zone, zone_named

ZONE_COOKIE = "zone"


class ReaderZone:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A thread serves one reader after another: each starts by the clock of the studio.
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view_and_arguments: Any) -> None:
        # Who has no session is nobody we know, and costs no look into the database.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        person = request.user
        if not isinstance(person, User):
            return
        browser = browser_zone(request)
        name = browser.key if browser else ""
        if zone := own_zone(person, name):
            timezone.activate(zone)
        if name and name != person.browser_zone and not getattr(request, "htmx", False):
            # By pages alone: two browsers in two places must not write in turns as they poll.
            User.objects.filter(pk=person.pk).update(browser_zone=name)
            person.browser_zone = name


def browser_zone(request: HttpRequest) -> ZoneInfo | None:
    return zone_named(request.COOKIES.get(ZONE_COOKIE, ""))
