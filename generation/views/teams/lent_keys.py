"""The keys that members lend to the team: whose they are, and what is left of them this week."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.engine import key_loans
from generation.engine.loan_use import left_this_week
from generation.models import Act, KeyLoan
from generation.models.key_loans import KeyLoanQuerySet, week_of
from generation.web.shortcuts import StudioRequest, find, studio_view


@dataclass(frozen=True)
class LentKey:
    """One of the list, as this reader sees it."""

    loan: KeyLoan
    left: int | None
    is_usable: bool
    is_own: bool
    may_end: bool


@require_safe
@studio_view(Act.SEE)
def lent_keys(request: StudioRequest) -> HttpResponse:
    rows = loans_of(request)
    usable = set(rows.usable().values_list("pk", flat=True))
    found = [
        LentKey(
            loan,
            left_this_week(loan),
            loan.pk in usable and loan.key.matches_address,
            loan.key.user_id == request.user.pk,
            request.member.may_on(Act.END_LOAN, loan.key.user_id),
        )
        for loan in rows
    ]
    context = {
        "rows": found,
        "turns": week_of(timezone.now())[1],
        "zone": timezone.get_default_timezone_name(),
    }
    return render(request, "generation/teams/lent_keys.html", context)


@require_POST
@studio_view(Act.END_LOAN)
def end_lent_key(request: StudioRequest, loan_id: int) -> HttpResponse:
    """By its lender, or by who looks after the team."""
    loan = find(loans_of(request), pk=loan_id)
    if not request.member.may_on(Act.END_LOAN, loan.key.user_id):
        raise Http404
    key_loans.end(KeyLoan.objects.filter(pk=loan.pk), request.user)
    messages.success(request, _("%(name)s's key is no longer used.") % {"name": loan.lender_name})
    return redirect("team-keys")


def loans_of(request: StudioRequest) -> KeyLoanQuerySet:
    """The live ones, without anything of the secrets."""
    rows = KeyLoan.objects.live().filter(team=request.member.team)
    return rows.select_related("key__user").defer("key__sealed", "key__fingerprint")
