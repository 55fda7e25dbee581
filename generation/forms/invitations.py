"""Inviting to a team, and signing up with an invitation."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generation.engine.invitations import (
    Standing,
    find_by_token,
    is_member_with,
    sent_today,
    standing_of,
    vouches_for,
)
from generation.models import Invitation, Membership, Role, User
from generation.models.addresses import fold_address, prove_address
from generation.models.invitations import DAYS, MOST_A_DAY, MOST_DAYS, MOST_USES, MOST_WAITING
from generation.models.permissions import roles_up_to

LINK = re.compile(r"/invite/([\w-]+)/$")
INVITED = "invited"  # in a session: the hash of the token that the person has signed up with
MANY_TODAY = _("You have sent %(count)d invitations within a day. Go on tomorrow.")
SPANS = (1, DAYS, MOST_DAYS)


class InvitationForm(forms.Form):
    """Check it with the members locked: it counts those who wait."""

    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput({"autocomplete": "off", "placeholder": "name@example.com"}),
    )
    role = forms.ChoiceField(label=_("Role"), initial=Role.MEMBER)
    days = forms.TypedChoiceField(label=_("Ends in"), coerce=int, initial=DAYS)
    max_uses = forms.IntegerField(
        label=_("Link uses"),
        required=False,
        min_value=1,
        max_value=MOST_USES,
        initial=1,
    )
    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, inviter: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inviter = inviter
        choices = [(one.value, one.label) for one in roles_up_to(inviter.role)]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days})
            for days in SPANS
        ]

    def clean_email(self) -> str:
        email = fold_address(self.cleaned_data["email"])
        if email and is_member_with(self.inviter.team, email):
            raise ValidationError(_("This person is in the team already."))
        replaced = {"email": email} if email else {"pk": None}
        waiting = self.inviter.team.invitations.waiting().exclude(**replaced)
        if waiting.count() >= MOST_WAITING:
            text = _("%(count)d invitations wait already. Revoke one that is not needed.")
            raise ValidationError(text % {"count": MOST_WAITING})
        if sent_today(self.inviter.user) >= MOST_A_DAY:
            raise ValidationError(MANY_TODAY % {"count": MOST_A_DAY})
        return email

    def clean_max_uses(self) -> int:
        return self.cleaned_data["max_uses"] or 1


def form_values(row: Invitation) -> dict[str, Any]:
    """What somebody would type to invite like this once more."""
    return {
        "email": row.email, "role": row.role, "days": DAYS, "max_uses": row.max_uses,
        "message": row.message,
    }  # fmt: skip


def invitation_for_sign_up(request: HttpRequest | None) -> Invitation | None:
    """The open invitation that the person came to sign up with: where they go on after it."""
    if request is None:
        return None
    found = LINK.search(urlsplit(request.POST.get("next") or request.GET.get("next") or "").path)
    row = find_by_token(found[1]) if found else None
    return row if standing_of(row, None) is Standing.OPEN else None


def prove_by_invitation(row: Invitation, user: User, email: str) -> None:
    """Take the new person for the owner of the address, where the invitation stands for that."""
    if vouches_for(row, email):
        prove_address(user, email)
