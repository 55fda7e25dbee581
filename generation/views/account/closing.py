"""Deleting the own account."""

from contextlib import suppress
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from generation.engine.close_account import (
    NewOwner,
    TeamsChanged,
    close_account,
    plans_of,
    signature_of,
)
from generation.forms.close_account import CloseAccountForm
from generation.forms.form_status import status_of
from generation.forms.known_device import cookie_name
from generation.models import User
from generation.models.teams import LEAVING_TIME
from generation.models.users import NOWHERE
from generation.web.recent_login import recent_login, typed_before
from generation.web.shortcuts import StudioRequest, account_view

PAGE = "generation/settings/close_account.html"


@require_http_methods(["GET", "HEAD", "POST"])
@account_view
@never_cache
@recent_login(keep=("confirm", "team-*"))
def close(request: StudioRequest) -> HttpResponse:
    """What will happen, what is to be decided, and the deletion itself."""
    person, plans = request.user, plans_of(request.user)
    form = CloseAccountForm(
        request.POST if request.method == "POST" else None,
        person=person,
        plans=plans,
        initial=typed_before(request),
    )
    if request.method == "POST" and is_current(request, form) and form.is_valid():
        try:
            owners = close_account(person, request.POST["seen"], form.choices, form.keep_links)
        except TeamsChanged:
            # Decide anew, from what is true now; what was typed stays.
            form = CloseAccountForm(request.POST, person=person, plans=plans_of(person))
            form.add_error(None, changed())
        else:
            return closed(request, person, owners)
    facts = {
        "form": form,
        "seen": signature_of(form.plans),
        "days": LEAVING_TIME.days,
        "is_last": not others_than(person).exists(),
    }
    return render(request, PAGE, facts, status=status_of(form))


def others_than(person: User) -> QuerySet[User]:
    accounts = User.objects.filter(is_active=True).exclude(pk=person.pk)
    return accounts.exclude(email__endswith=NOWHERE)


def is_current(request: StudioRequest, form: CloseAccountForm) -> bool:
    """Whether the person decided about what is true now."""
    if request.POST.get("seen") == signature_of(form.plans):
        return True
    form.add_error(None, changed())
    return False


def changed() -> str:
    return _("Your teams have changed meanwhile. Look at them again; nothing was deleted.")


def closed(request: StudioRequest, person: User, owners: list[NewOwner]) -> HttpResponse:
    """The account is gone: what is left is to tell, and to leave nothing in this browser."""
    send_letter(person, "account_deleted", {})
    for one in owners:
        facts = {"team": one.team.name, "is_deleted": one.is_deleted}
        send_letter(one.user, "team_inherited", facts | {"name": person.shown_name})
    logout(request)
    messages.success(request, _("Your account is deleted."))
    response = redirect("account_login")
    response.delete_cookie(cookie_name(person), path=settings.COOKIE_PATH, samesite="Lax")
    return response


def send_letter(to: User, name: str, facts: dict[str, Any]) -> None:
    """What happened stays so where no mail can be sent."""
    if to.email.endswith(NOWHERE):
        return
    with suppress(OSError), override(to.language or get_language()):
        get_adapter().send_mail(f"account/email/{name}", to.email, facts)
