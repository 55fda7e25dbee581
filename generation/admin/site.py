"""The operator's site: what it has beside its lists."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.admin.gate import OperatorSite, delicate, page
from generation.admin.people import People
from generation.admin.records import Acts, Keys
from generation.admin.tasks import ATTENTION, Tasks, attention
from generation.admin.teams import Teams
from generation.admin.usage import usage_file, usage_page
from generation.engine.health import admin_sentences
from generation.forms.form_status import status_of
from generation.forms.operator import AnnouncementForm, SignupForm
from generation.models import (
    Announcement,
    ApiKey,
    AuditEvent,
    Switches,
    Task,
    Team,
    User,
    Verb,
    audit,
)
from generation.web.shortcuts import StudioRequest

MOST_COUNTED = 1_000
MESSAGES_SHOWN = 20


class Studio(OperatorSite):
    def pages(self) -> list[URLPattern]:
        both = require_http_methods(["GET", "HEAD", "POST"])
        found = {
            "index": ("", require_safe(self.overview)),
            "operator-usage": ("usage/", require_safe(self.usage)),
            "operator-usage-file": ("usage/usage.csv", require_safe(self.usage_csv)),
            "operator-signup": ("signup/", both(self.signup)),
            "operator-message": ("message/", both(self.message)),
            "operator-message-end": ("message/end/", require_POST(self.end_message)),
        }
        return [
            path(address, self.admin_view(view), name=name)
            for name, (address, view) in found.items()
        ]

    def overview(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        looks = [
            (slug, ATTENTION[slug], bounded(Task.objects.filter(condition)))
            for slug, condition in attention(now).items()
        ]
        context = self.each_context(request) | {
            "looks": looks,
            "most": MOST_COUNTED,
            "sentences": admin_sentences(),
            "signup_open": Switches.signup_is_open(),
            "announcement": Announcement.objects.current().first(),
            "suspended": bounded(User.objects.exclude(suspended_at=None)),
        }
        return page(request, "index", context)

    def usage(self, request: HttpRequest) -> HttpResponse:
        return usage_page(request, self.each_context(request))

    def usage_csv(self, _request: HttpRequest) -> HttpResponse:
        return usage_file()

    @delicate
    def signup(self, request: StudioRequest) -> HttpResponse:
        form = SignupForm(request.POST) if request.method == "POST" else SignupForm.now()
        if form.is_bound and form.is_valid():
            switch_signup(request.user, form)
            messages.success(request, _("Saved. It counts at once."))
            return redirect("admin:operator-signup")
        context = self.each_context(request) | {
            "form": form,
            "environment": bool(settings.SIGNUP_OPEN),
            "is_open": Switches.signup_is_open(),
        }
        return page(request, "signup", context, status_of(form))

    @delicate
    def message(self, request: StudioRequest) -> HttpResponse:
        form = AnnouncementForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            announce(request.user, form)
            messages.success(request, _("Everybody reads it on the next page they open."))
            return redirect("admin:operator-message")
        context = self.each_context(request) | {
            "form": form,
            "current": Announcement.objects.current().select_related("made_by").first(),
            "before": Announcement.objects.select_related("made_by").order_by("-pk")[
                :MESSAGES_SHOWN
            ],
        }
        return page(request, "message", context, status_of(form))

    def end_message(self, request: StudioRequest) -> HttpResponse:
        with transaction.atomic():
            current = Announcement.objects.current().first()
            if current and Announcement.end_all():
                audit(Verb.ANNOUNCEMENT_ENDED, team=None, actor=request.user, target=current)
        messages.success(request, _("The message has ended."))
        return redirect("admin:operator-message")


def bounded(rows: Any) -> int:
    return int(rows.order_by()[:MOST_COUNTED].count())


@transaction.atomic
def switch_signup(operator: User, form: SignupForm) -> None:
    names = {True: "open", False: "closed", None: "environment"}
    row, _made = Switches.objects.select_for_update().get_or_create(pk=1)
    if row.signup_open is form.chosen:
        return
    changes = {"signup": [names[row.signup_open], names[form.chosen]]}
    Switches.objects.filter(pk=1).update(signup_open=form.chosen)
    audit(Verb.SIGNUP_SWITCHED, team=None, actor=operator, changes=changes)


@transaction.atomic
def announce(operator: User, form: AnnouncementForm) -> None:
    """The newest replaces the one before."""
    Announcement.end_all()
    form.instance.made_by = operator
    row = form.save()
    until = row.until.isoformat(timespec="minutes")
    audit(Verb.ANNOUNCED, team=None, actor=operator, target=row, changes={"until": until})


site = Studio(name="operator")
for model, rows in {
    User: People, Team: Teams, Task: Tasks, ApiKey: Keys, AuditEvent: Acts,
}.items():  # fmt: skip
    site.register(model, rows)
