"""The browsers that a person is logged in with, and logging them out."""

from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation.models import User, Verb, audit
from generation.views.account.export import parts_of
from generation.web.second_factor import factors_of
from generation.web.shortcuts import StudioRequest, account_view, find

MOST_SHOWN = 50
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox",) * 2, ("Chrome",) * 2, ("Safari",) * 2)
SYSTEMS = (
    ("iPhone",) * 2, ("iPad",) * 2, ("Android",) * 2, ("Windows",) * 2, ("Mac OS", "macOS"),
    ("Linux",) * 2,
)  # fmt: skip


@dataclass(frozen=True)
class Device:
    """Another browser that the person is logged in with."""

    row: Any
    browser: str

    @property
    def is_phone(self) -> bool:
        return any(name in self.browser for name in ("iPhone", "Android"))


@require_safe
@account_view
def security(request: StudioRequest) -> HttpResponse:
    key = request.session.session_key
    rows = active_sessions(request.user)
    others = [row for row in rows if row.session_key != key]
    facts = {
        "browser": browser_name(request.headers.get("User-Agent", "")),
        "others": [Device(row, browser_name(row.user_agent)) for row in others],
        "ends": request.session.get_expiry_date(),
        "factors": factors_of(request.user),
        "archives": range(1, len(parts_of(request.user)) + 1),
    }
    return render(request, "generation/settings/security.html", facts)


def active_sessions(user: User) -> list[Any]:
    """The sessions that still let this person in, newest first. Only looks: reading ends none."""
    rows = list(UserSession.objects.filter(user=user).order_by("-last_seen_at")[:MOST_SHOWN])
    keys, now = [row.session_key for row in rows], timezone.now()
    stored = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    # After a change of the password the old ones are there, but open nothing any more.
    right = user.get_session_auth_hash()
    open_now = {
        one.session_key for one in stored if one.get_decoded().get(HASH_SESSION_KEY) == right
    }
    return [row for row in rows if row.session_key in open_now]


@require_POST
@account_view
def end(request: StudioRequest) -> HttpResponse:
    """Log out one other device of this person, or with none named all of them."""
    mine = UserSession.objects.filter(user=request.user)
    others = mine.exclude(session_key=request.session.session_key)
    named = request.POST.get("session", "")
    rows = [find(others, pk=named)] if named else list(others)
    count = len(rows)
    with transaction.atomic():
        for row in rows:
            row.end()
        if count:
            audit(Verb.SESSIONS_ENDED, team=None, actor=request.user, changes={"count": count})
    sentence = ngettext("Logged out there.", "Logged out on %(count)d other devices.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("settings-security")


def browser_name(agent: str) -> str:
    """What a person calls it; browsers claim to be each other, so the order matters."""
    browser = next((name for mark, name in BROWSERS if mark in agent), _("Unknown browser"))
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser}, {system}" if system else browser
