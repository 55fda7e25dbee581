"""A subject's registrations in the providers' libraries, for each key of the person."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation.catalogue.prices import FREE, SUBJECT_CREDITS
from generation.engine.imports import import_subjects as engine
from generation.forms.mentioned_subjects import subjects_of, with_files
from generation.models import (
    Act,
    ApiKey,
    ProviderName,
    Registration,
    RegistrationState,
    Subject,
    Verb,
    audit,
)
from generation.models.keys import keyless_providers
from generation.web.shortcuts import StudioRequest, find, studio_view, toast

TABLE = "generation/subjects/_registrations.html"
R = RegistrationState
WORKING = (R.WAITING, R.SENDING, R.UNCERTAIN)
POLL_DELAY = 2_000  # milliseconds


@dataclass(frozen=True)
class ProviderLibrary:
    """One provider's library behind one key of this person; `key` None is the demo."""

    provider: str
    key: ApiKey | None

    @property
    def name(self) -> str:
        return str(ProviderName(self.provider).label)

    @property
    def key_name(self) -> str:
        if self.key is None:
            return ""
        return self.key.label or (f"…{self.key.last4}" if self.key.last4 else "")

    @property
    def value(self) -> str:
        """How a form names it."""
        return str(self.key.pk) if self.key else self.provider


@dataclass(frozen=True)
class LibraryEntry:
    """One subject in one library: its registration there, if any."""

    library: ProviderLibrary
    row: Registration | None

    @property
    def is_current(self) -> bool:
        return self.row is not None and self.row.is_current

    @property
    def is_stale(self) -> bool:
        """The provider knows it as it was before an edit."""
        return self.row is not None and self.row.state == R.KEPT and not self.row.is_current

    @property
    def is_working(self) -> bool:
        return self.row is not None and self.row.state in WORKING and not self.is_held

    @property
    def is_held(self) -> bool:
        return self.row is not None and self.row.held_since is not None

    @property
    def is_failed(self) -> bool:
        return self.row is not None and self.row.state == R.FAILED

    @property
    def tone(self) -> str:
        if self.is_failed:
            return "err"
        return "ok" if self.is_current else "run" if self.is_working else "off"

    @property
    def state(self) -> str:
        if self.row is None:
            return _("Not registered")
        if self.is_held:
            return _("Waiting for your decision")
        return _("Changed since") if self.is_stale else str(R(self.row.state).label)

    @property
    def act(self) -> str:
        """The label of the button; empty while there is nothing to do."""
        if self.is_current or self.is_working:
            return ""
        if self.is_stale:
            return _("Update")
        return _("Try again") if self.is_failed else _("Register")

    @property
    def price(self) -> str:
        """Shown before the click."""
        if self.library.provider in FREE:
            return _("Costs nothing.") if self.act else ""
        amount = {"credits": SUBJECT_CREDITS}
        if self.is_stale:
            return _("Free, unless images changed: then it costs %(credits)s credits.") % amount
        if self.act:
            return _("Registering costs %(credits)s credits.") % amount
        return ""

    @property
    def paid(self) -> str:
        credits = self.row.credits if self.row else None
        if not self.is_current or not credits:
            return ""
        return ngettext("%d credit", "%d credits", credits) % credits


def libraries_of(request: StudioRequest) -> list[ProviderLibrary]:
    """The libraries that this person's keys open, and the demo's."""
    keys = ApiKey.objects.visible_to(request.user).usable().defer("sealed", "fingerprint")
    found = [
        ProviderLibrary(key.provider, key)
        for key in keys
        if engine.has_library(key.provider) and key.matches_address
    ]
    return [*found, *(ProviderLibrary(name, None) for name in keyless_providers())]


def importable(request: StudioRequest) -> list[ProviderLibrary]:
    """Not the demo's: everybody shares that one, so it holds what other teams put there."""
    return [one for one in libraries_of(request) if one.key]


def library_named(request: StudioRequest) -> ProviderLibrary:
    wanted = request.POST.get("library", "")
    found = next((one for one in libraries_of(request) if one.value == wanted), None)
    if found is None:
        raise Http404
    return found


def library_entries(request: StudioRequest, subject: Subject) -> list[LibraryEntry]:
    rows = Registration.objects.filter(subject=subject).select_related("subject")
    known = {(row.provider, row.key_id): row for row in rows}
    return [
        LibraryEntry(one, known.get((one.provider, one.key.pk if one.key else None)))
        for one in libraries_of(request)
    ]


def poll_delay(entries: list[LibraryEntry]) -> int:
    """After how many milliseconds the page refreshes; 0: nothing is in progress."""
    return POLL_DELAY if any(one.is_working for one in entries) else 0


def subject_named(request: StudioRequest, subject_id: int) -> Subject:
    rows = with_files(subjects_of(request.member.team, request.user))
    return find(rows, pk=subject_id)


def registrations_table(request: StudioRequest, subject: Subject) -> HttpResponse:
    entries = library_entries(request, subject)
    context = {"subject": subject, "entries": entries, "poll_delay": poll_delay(entries)}
    return render(request, TABLE, context)


@require_safe
@studio_view(Act.EDIT_SUBJECT)
def registrations(request: StudioRequest, subject_id: int) -> HttpResponse:
    """The table alone, for a page that polls; without scripts the whole page shows it."""
    subject = subject_named(request, subject_id)
    return registrations_table(request, subject) if request.htmx else redirect(subject)


@require_POST
@studio_view(Act.EDIT_SUBJECT)
def register_subject(request: StudioRequest, subject_id: int) -> HttpResponse:
    """Ask for it to be known there as it is now. Asked twice, it is done and paid once."""
    subject, library = subject_named(request, subject_id), library_named(request)
    if not subject.files:
        return registrations_response(
            request, subject, _("Add an image first. Nothing was sent."), "warn"
        )
    with transaction.atomic():
        Subject.objects.select_for_update(no_key=True).get(pk=subject.pk)  # of two presses one asks
        row = Registration.objects.filter(
            subject=subject, provider=library.provider, key=library.key
        ).first()
        if LibraryEntry(library, row).act:
            audit(
                Verb.SUBJECT_REGISTERED, team=subject.team, actor=request.user, target=subject,
                changes={"provider": library.provider},
            )  # fmt: skip
        engine.register(subject, library.provider, library.key)
    message = _("%(subject)s is being registered with %(provider)s.")
    return registrations_response(
        request, subject, message % {"subject": subject, "provider": library.name}
    )


def registrations_response(
    request: StudioRequest, subject: Subject, message: str, level: str = "ok"
) -> HttpResponse:
    if request.htmx:
        return toast(registrations_table(request, subject), message, level)
    messages.add_message(request, LEVELS[level], message)
    return redirect(f"{subject.get_absolute_url()}#registrations")


LEVELS = {"ok": messages.SUCCESS, "warn": messages.WARNING, "err": messages.ERROR}
