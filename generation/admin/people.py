"""People: who they are, suspending them, and what the operator vouches for."""

from collections.abc import Iterator
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from generation.admin.gate import delicate
from generation.admin.rows import Facts, Rows, known, link_to, posted, shown_time, yes_no
from generation.engine import suspend, vouch
from generation.forms.form_status import status_of
from generation.forms.operator import AddressForm, ReasonForm
from generation.models import Membership, Role, ShareLink, Status, Task, User, Verb, audit
from generation.models.addresses import who_may_reset
from generation.models.teams import SECOND_STEPS
from generation.models.users import NOWHERE
from generation.web.shortcuts import StudioRequest, find

TEAMS_SHOWN = 2


class Standing(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "state"
    conditions: dict[str, dict[str, Any]] = {
        "suspended": {"suspended_at__isnull": False},
        "staff": {"is_staff": True},
        "bare": {"has_factor": False},
    }

    def lookups(self, _request: HttpRequest, _rows: Any) -> list[tuple[str, Any]]:
        return [
            ("suspended", gettext_lazy("Suspended")),
            ("staff", gettext_lazy("Operators")),
            ("bare", gettext_lazy("Without a second step")),
        ]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(**self.conditions.get(self.value() or "", {}))


class People(Rows):
    slug, icon, title = "people", "users", gettext_lazy("People")
    id_name = "person_id"
    list_display = ("person", "address", "state", "second_step", "in_teams", "last_seen", "joined")
    list_display_links = ("person",)
    list_filter = (Standing,)
    search_fields = ("email", "name")
    search_placeholder = gettext_lazy("Name or e-mail address")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        factors = Authenticator.objects.filter(user_id=OuterRef("pk"), type__in=SECOND_STEPS)
        rows = User.objects.filter(closed_at=None).annotate(has_factor=Exists(factors))
        return rows.defer("password").prefetch_related("memberships__team")

    def one(self, pk: Any) -> User:
        return find(User.objects.filter(closed_at=None), pk=pk)

    @admin.display(description=gettext_lazy("Name"))
    def person(self, row: User) -> str:
        return row.shown_name if not row.email.endswith(NOWHERE) else row.name or f"#{row.pk}"

    @admin.display(description=gettext_lazy("E-mail address"))
    def address(self, row: User) -> str:
        return shown_address(row)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: User) -> str:
        return person_state(row)

    @admin.display(description=gettext_lazy("Second step"))
    def second_step(self, row: Any) -> str:
        return yes_no(row.has_factor)

    @admin.display(description=gettext_lazy("Teams"))
    def in_teams(self, row: User) -> str:
        names = [one.team.name for one in row.memberships.all()]
        more = f" +{len(names) - TEAMS_SHOWN}" if len(names) > TEAMS_SHOWN else ""
        return ", ".join(names[:TEAMS_SHOWN]) + more

    @admin.display(description=gettext_lazy("Last log-in"))
    def last_seen(self, row: User) -> str:
        return shown_time(row.last_login)

    @admin.display(description=gettext_lazy("Joined"))
    def joined(self, row: User) -> str:
        return shown_time(row.date_joined)[:10]

    # --- One person -------------------------------------------------------------------------------

    def own_urls(self, one: str, name: str) -> list[URLPattern]:
        return [
            self.route(one, require_safe(self.detail), name),
            self.act(f"{one}suspend/", self.suspend, "operator-suspend"),
            self.act(f"{one}lift/", self.lift, "operator-lift"),
            self.act(f"{one}address/", self.address_page, "operator-address"),
            self.act(f"{one}link/", self.link, "operator-link"),
        ]

    def detail(self, request: StudioRequest, person_id: int) -> HttpResponse:
        person = self.one(person_id)
        memberships = person.memberships.select_related("team").order_by("joined_at", "pk")
        context = {
            "person": person,
            "name": self.person(person),
            "facts": list(known(person_facts(person))),
            "memberships": memberships,
            "addresses": EmailAddress.objects.filter(user=person).order_by("-primary", "email"),
            "is_self": person.pk == request.user.pk,
        }
        return self.show(request, "person", context)

    @delicate
    def suspend(self, request: StudioRequest, person_id: int) -> HttpResponse:
        person = self.one(person_id)
        form = ReasonForm(posted(request))
        if person.pk == request.user.pk:
            return self.refuse(request, person, _("Nobody can suspend the own account."))
        if request.method != "POST" or not form.is_valid():
            context = self.ask(person, form) | {
                "links": links_of(person),
                "work": unfinished_work(person),
                "alone_in": alone(person),
            }
            return self.show(request, "person_suspend", context, status_of(form))
        try:
            count = suspend.suspend(request.user, person, form.cleaned_data["reason"])
        except suspend.NotAllowed:
            return self.refuse(request, person, NOT_NOW)
        text = ngettext(
            "%(name)s is suspended and logged out. %(count)d queued task was cancelled.",
            "%(name)s is suspended and logged out. %(count)d queued tasks were cancelled.",
            count,
        )
        return self.done(request, person, text % {"name": self.person(person), "count": count})

    @delicate
    def lift(self, request: StudioRequest, person_id: int) -> HttpResponse:
        person = self.one(person_id)
        form = ReasonForm(posted(request))
        if request.method != "POST" or not form.is_valid():
            context = self.ask(person, form) | {"links": links_of(person)}
            return self.show(request, "person_lift", context, status_of(form))
        try:
            done = suspend.lift(request.user, person, form.cleaned_data["reason"])
        except suspend.NotAllowed:
            return self.refuse(request, person, NOT_NOW)
        if not done:
            return self.refuse(request, person, _("This person is not suspended."))
        text = _("%(name)s may log in again.") % {"name": self.person(person)}
        return self.done(request, person, text)

    @delicate
    def address_page(self, request: StudioRequest, person_id: int) -> HttpResponse:
        person = self.one(person_id)
        form = AddressForm(posted(request))
        if request.method == "POST" and form.is_valid():
            email, reason = form.cleaned_data["email"], form.cleaned_data["reason"]
            try:
                before = vouch.set_address(request.user, person, email, reason)
            except suspend.NotAllowed:
                return self.refuse(request, person, NOT_NOW)
            except vouch.AddressTaken:
                form.add_error("email", _("Another account has proven this address."))
            else:
                tell_old_address(person, before, email)
                text = _("%(email)s is the address of this account now. The person is logged out.")
                return self.done(request, person, text % {"email": email})
        return self.show(request, "person_address", self.ask(person, form), status_of(form))

    @delicate
    def link(self, request: StudioRequest, person_id: int) -> HttpResponse:
        """A link to set a password, to hand over where no mail reaches the person."""
        person = self.one(person_id)
        form = ReasonForm(posted(request))
        if who_may_reset(person.email) != person:
            text = _("Lift the suspension or set an e-mail address first: no link works for now.")
            return self.refuse(request, person, text)
        context = self.ask(person, form)
        if request.method == "POST" and form.is_valid():
            changes = {"reason": form.cleaned_data["reason"]}
            audit(
                Verb.RESET_LINK_MADE, team=None, actor=request.user, target=person, changes=changes
            )
            token = default_token_generator.make_token(person)
            key = f"{user_pk_to_url_str(person)}-{token}"
            context["link"] = get_adapter().get_reset_password_from_key_url(key)
        return self.show(request, "person_link", context, status_of(form))

    # --- Answers ----------------------------------------------------------------------------------

    def ask(self, person: User, form: Any) -> dict[str, Any]:
        return {"person": person, "name": self.person(person), "form": form}

    def done(self, request: HttpRequest, person: User, text: str) -> HttpResponse:
        messages.success(request, text)
        return redirect("admin:generation_user_change", person.pk)

    def refuse(self, request: HttpRequest, person: User, text: Any) -> HttpResponse:
        messages.warning(request, text)
        return redirect("admin:generation_user_change", person.pk)


NOT_NOW = gettext_lazy("You are no operator any more. Nothing was changed.")


def shown_address(person: User) -> str:
    return _("none proven") if person.email.endswith(NOWHERE) else person.email


def person_state(person: User) -> str:
    if person.suspended_at:
        return _("suspended")
    if not person.is_active:
        return _("paused")
    return _("operator") if person.is_staff else _("active")


def person_facts(person: User) -> Iterator[tuple[Any, Any]]:
    kinds = Authenticator.objects.filter(user=person, type__in=SECOND_STEPS)
    yield _("State"), person_state(person)
    if person.suspended_at:
        by = person.suspended_by.shown_name if person.suspended_by else ""
        yield _("Suspended"), f"{shown_time(person.suspended_at)} {by}".strip()
    yield _("Second step"), yes_no(kinds.exists())
    yield _("Last log-in"), shown_time(person.last_login)
    yield _("Joined"), shown_time(person.date_joined)
    yield _("Number"), person.pk
    yield _("Tasks"), list_link("task", _("Show them"), user__id__exact=person.pk)
    yield _("Keys"), list_link("apikey", _("Show them"), user__id__exact=person.pk)
    yield _("Acts"), list_link("auditevent", _("Show them"), actor__id__exact=person.pk)


def list_link(model: str, text: str, **query: Any) -> SafeString:
    """A list with only some of its rows."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return link_to(f"{reverse(f'admin:generation_{model}_changelist')}?{asked}", text)


def links_of(person: User) -> int:
    """Share links that are off while the person is suspended, and else open."""
    rows = ShareLink.objects.filter(created_by=person, team__leaving_since=None, revoked_at=None)
    ends = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return rows.filter(ends).count()


def unfinished_work(person: User) -> Facts:
    mine = Task.objects.filter(user=person)
    yield _("Queued, cancelled at once"), mine.filter(status=Status.QUEUED).count()
    sent = (Status.SUBMITTING, Status.RUNNING, Status.STORING, Status.UNCERTAIN)
    yield _("Sent, finished for the team"), mine.filter(status__in=sent).count()


def alone(person: User) -> list[Any]:
    """The teams that have no other owner who can act."""
    owners = Membership.objects.filter(role=Role.OWNER)
    others = owners.filter(team=OuterRef("team"), user__is_active=True).exclude(user=person)
    rows = owners.filter(~Exists(others), user=person).select_related("team")
    return [one.team for one in rows]


def tell_old_address(person: User, before: str, email: str) -> None:
    """Whoever reads there may be somebody else by now, or hear that something is wrong."""
    if before.endswith(NOWHERE) or before == email:
        return
    facts = {"from_email": before, "to_email": email}
    prefix = "account/email/email_changed"
    person.email = before
    get_adapter().send_notification_mail(prefix, person, facts, email=before)
