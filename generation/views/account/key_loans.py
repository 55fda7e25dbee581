"""What a person lends: to which team, how much of it, who used it, and its end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from generation.engine import key_loans as engine
from generation.engine.loan_use import left_this_week, use_of
from generation.forms.form_status import status_of
from generation.forms.key_loans import LendForm, WeeklyForm
from generation.models import Act, ApiKey, KeyLoan, Membership, Status
from generation.models.key_loans import week_of
from generation.views.account.keys import find_key, key_response, keys_view
from generation.web.recent_login import recent_login, typed_before
from generation.web.shortcuts import StudioRequest, current_member, find


@require_http_methods(["GET", "HEAD", "POST"])
@keys_view
@recent_login(keep=("member", "weekly_credits"))
def lend_key(request: StudioRequest, key_id: UUID) -> HttpResponse:
    key = find_key(request, key_id)
    teams = teams_to_lend_to(request, key)
    if not teams:
        messages.warning(request, _("There is no team that you could lend this key to."))
        return redirect("keys")
    here = current_member(request)
    first = {"member": here.pk} if here and here.pk in dict(teams) else {}
    form = LendForm(
        request.POST if request.method == "POST" else None,
        teams=teams,
        initial=first | typed_before(request),
        auto_id=f"key-{key.pk}-%s",
    )
    if form.is_valid():
        try:
            loan = engine.lend(
                key, form.cleaned_data["member"], form.cleaned_data["weekly_credits"]
            )
        except engine.CannotLend:
            form.add_error("member", _("You cannot lend a key to this team now."))
        else:
            names = {"key": key.label or key, "team": loan.team.name}
            messages.success(request, _("%(key)s is lent to %(team)s.") % names)
            return redirect("key-loan", loan.pk)
    return key_response(request, key, {"lending": form}, status_of(form))


def teams_to_lend_to(request: StudioRequest, key: ApiKey) -> list[tuple[int, str]]:
    """The person's teams that the key is not lent to yet, by membership."""
    rows = Membership.objects.filter(user=request.user).select_related("team")
    rows = rows.exclude(team__key_loans__in=KeyLoan.objects.live().filter(key=key))
    return [(row.pk, row.team.name) for row in rows.order_by("joined_at") if row.may(Act.LEND_KEY)]


@require_http_methods(["GET", "HEAD", "POST"])
@keys_view
def key_loan(request: StudioRequest, loan_id: int) -> HttpResponse:
    """Who used it how much; another number for the week."""
    if request.method == "POST":
        return change_loan(request, loan_id)
    return loan_page(request, find_loan(request, loan_id))


@recent_login(keep=())
def change_loan(request: StudioRequest, loan_id: int) -> HttpResponse:
    loan = find_loan(request, loan_id)
    form = WeeklyForm(request.POST)
    if not form.is_valid():
        return loan_page(request, loan, form)
    if engine.change_weekly(loan, form.cleaned_data["weekly_credits"]):
        messages.success(request, _("Saved."))
    else:
        messages.warning(request, _("This loan has ended. Nothing was changed."))
    return redirect("key-loan", loan.pk)


@require_POST
@keys_view
def end_key_loan(request: StudioRequest, loan_id: int) -> HttpResponse:
    """At once, and without another log-in: it only stops what may be spent."""
    loan = find_loan(request, loan_id)
    cancelled = engine.end(KeyLoan.objects.filter(pk=loan.pk), request.user)
    messages.success(request, ended_message(loan, cancelled))
    return redirect("keys")


def ended_message(loan: KeyLoan, cancelled: int) -> str:
    text = _("%(team)s can no longer use the key.") % {"team": loan.team.name}
    if not cancelled:
        return text
    more = ngettext(
        "%(count)d queued task was cancelled.", "%(count)d queued tasks were cancelled.", cancelled
    )
    return f"{text} {more % {'count': cancelled}}"


def find_loan(request: StudioRequest, loan_id: int) -> KeyLoan:
    rows = KeyLoan.objects.filter(key__user=request.user)
    return find(rows.select_related("key__user", "team"), pk=loan_id)


def loan_page(
    request: StudioRequest, loan: KeyLoan, form: WeeklyForm | None = None
) -> HttpResponse:
    known = {"weekly_credits": loan.weekly_credits}
    rows = use_of(loan)
    context: dict[str, Any] = {
        "loan": loan,
        "rows": rows,
        "used": sum(row.week_credits for row in rows),
        "left": left_this_week(loan),
        "turns": week_of(timezone.now())[1],
        "zone": timezone.get_default_timezone_name(),
        "queued": loan.tasks.filter(status=Status.QUEUED).count(),
        "form": form or WeeklyForm(initial=known),
    }
    page = "generation/keys/loan.html"
    return render(request, page, context, status=status_of(form) if form else 200)
