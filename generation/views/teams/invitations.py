"""Inviting to the team: who was invited, how that stands, and new links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Case, Q, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from generation.engine.invitations import (
    invite,
    note_mailed,
    renew,
    revoke,
    sent_today,
)
from generation.engine.mail_setup import has_mail_server
from generation.forms.form_status import status_of
from generation.forms.invitations import MANY_TODAY, InvitationForm, form_values
from generation.forms.links import link_to
from generation.models import Act, Invitation, InvitationState, Membership
from generation.models.invitations import MOST_A_DAY, MOST_WAITING
from generation.models.users import initials_of
from generation.web.mail import MailFailed
from generation.web.shortcuts import StudioRequest, find, studio_view

MOST_SHOWN = 100


@dataclass(frozen=True)
class NewLink:
    """What is shown once, and stored nowhere."""

    row: Invitation
    url: str
    reason: str  # why it was not mailed


@dataclass(frozen=True)
class InvitationLine:
    """One row of the page, with what this reader may do to it."""

    row: Invitation
    state: InvitationState
    initials: str
    may_renew: bool
    may_repeat: bool

    @property
    def is_waiting(self) -> bool:
        return self.state == InvitationState.WAITING


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.INVITE)
@never_cache
def invitation_list(request: StudioRequest) -> HttpResponse:
    if request.method == "POST":
        return send_invitation(request, request.POST)
    return show_list(request, InvitationForm(inviter=request.member))


@require_POST
@studio_view(Act.INVITE)
@never_cache
def invite_again(request: StudioRequest, invitation_id: int) -> HttpResponse:
    """Like one that has ended, once more."""
    rows = Invitation.objects.filter(team=request.member.team)
    row = find(rows, pk=invitation_id)
    return send_invitation(request, form_values(row))


def send_invitation(request: StudioRequest, values: Mapping[str, Any]) -> HttpResponse:
    with transaction.atomic():
        member = lock_inviter(request)
        form = InvitationForm(values, inviter=member)
        if form.is_valid():
            row, token = invite(member, **form.cleaned_data)
    if not form.is_valid():
        return show_list(request, form)
    return hand_out(request, row, token)


@require_POST
@studio_view(Act.INVITE)
@never_cache
def renew_invitation(request: StudioRequest, invitation_id: int) -> HttpResponse:
    """A new link, shown once; with `mail` it is sent to the address instead."""
    with transaction.atomic():
        member = lock_inviter(request)
        rows = Invitation.objects.waiting().filter(team=member.team)
        row = find(rows.select_related("team", "created_by"), pk=invitation_id)
        refusal = refusal_to_renew(row, member)
        token = "" if refusal else renew(row, member)
    if refusal:
        messages.error(request, refusal)
        return redirect("team-invitations")
    if "mail" in request.POST:
        return hand_out(request, row, token)
    return show_link(request, row, token, _("This link is shown once."))


def refusal_to_renew(row: Invitation, member: Membership) -> str:
    if not row.may_come_from(member):
        text = _("You may not invite anybody as %(role)s.")
        return text % {"role": row.get_role_display().lower()}
    return MANY_TODAY % {"count": MOST_A_DAY} if sent_today(member.user) >= MOST_A_DAY else ""


@require_POST
@studio_view(Act.INVITE)
def revoke_invitation(request: StudioRequest, invitation_id: int) -> HttpResponse:
    with transaction.atomic():
        member = lock_inviter(request)
        row = find(member.team.invitations.select_related("team"), pk=invitation_id)
        revoke(row, member)
    messages.success(request, _("The link of this invitation opens nothing any more."))
    return redirect("team-invitations")


def lock_inviter(request: StudioRequest) -> Membership:
    """Their membership as it is now, and stays until the transaction ends."""
    request.member.team.lock_members()
    member = find(Membership.objects.select_related("team", "user"), pk=request.member.pk)
    if not member.may(Act.INVITE):
        raise Http404
    return member


def hand_out(request: StudioRequest, row: Invitation, token: str) -> HttpResponse:
    """Mail it, or where that cannot be show the link."""
    if not row.email:
        return show_link(request, row, token, _("This link is shown once."))
    if not has_mail_server():
        reason = _("This link is shown once, because no mail server is set up here.")
        return show_link(request, row, token, reason)
    try:
        mail_invitation(row, token)
    except MailFailed:
        reason = _("The mail server did not take the mail, so the link is shown here, once.")
        return show_link(request, row, token, reason)
    note_mailed(row)
    messages.success(
        request, _("The invitation is on its way to %(email)s.") % {"email": row.email}
    )
    return redirect("team-invitations")


def mail_invitation(row: Invitation, token: str) -> None:
    """In the language that the inviter reads."""
    facts = {"invitation": row, "inviter": row.created_by, "link": link_to(invitation_path(token))}
    get_adapter().send_mail("account/email/invitation", row.email, facts)


def invitation_path(token: str) -> str:
    return reverse("invite", kwargs={"invitation_token": token})


# --- The page -------------------------------------------------------------------------------------


def show_link(request: StudioRequest, row: Invitation, token: str, reason: str) -> HttpResponse:
    path = invitation_path(token)
    # Only who made it sees it, so without a public address the one that they use will do.
    url = link_to(path) if settings.PUBLIC_URL else request.build_absolute_uri(path)
    return show_list(request, InvitationForm(inviter=request.member), NewLink(row, url, reason))


def show_list(
    request: StudioRequest, form: InvitationForm, link: NewLink | None = None
) -> HttpResponse:
    team, waiting_only = request.member.team, request.GET.get("state") == "waiting"
    rows = team.invitations.select_related("created_by", "accepted_by", "ended_by")
    waits = Q(state=InvitationState.WAITING)
    rows = rows.order_by(Case(When(waits, then=0), default=1), "-created_at", "-id")
    lines = list(lines_of(request.member, list(rows[:MOST_SHOWN])))
    facts = {
        "form": form,
        "link": link,
        "lines": [line for line in lines if line.is_waiting] if waiting_only else lines,
        "waiting_only": waiting_only,
        "most_waiting": MOST_WAITING,
    }
    page = "generation/teams/invitations.html"
    return render(request, page, facts, status=status_of(form))


def lines_of(reader: Membership, rows: list[Invitation]) -> list[InvitationLine]:
    inviters = {row.created_by_id for row in rows if row.is_waiting}
    members = Membership.objects.filter(
        team=reader.team, user__in=inviters, user__is_active=True
    ).select_related("team")
    by_person = {member.user_id: member for member in members}
    waiting = {row.email for row in rows if row.is_waiting and row.email}
    found = []
    for row in rows:
        state = shown_state(row, by_person.get(row.created_by_id or 0))
        may = row.may_come_from(reader)
        is_over = state not in (InvitationState.WAITING, InvitationState.ACCEPTED)
        found.append(
            InvitationLine(
                row=row,
                state=state,
                initials=initials_of(row.email.partition("@")[0]),
                may_renew=may and row.is_waiting,
                may_repeat=may and is_over and row.email not in waiting,
            )
        )
    return found


def shown_state(row: Invitation, inviter: Membership | None) -> InvitationState:
    """What it is now: the sweep writes it down a little later."""
    if row.state != InvitationState.WAITING:
        return InvitationState(row.state)
    if not row.is_waiting:
        return InvitationState.EXPIRED
    return InvitationState.WAITING if row.may_come_from(inviter) else InvitationState.VOID
