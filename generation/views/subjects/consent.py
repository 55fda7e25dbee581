"""The consent for a subject: the form, its paper, and two people who change it at once."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from generation.forms.consents import ConsentForm
from generation.forms.form_status import status_of
from generation.forms.mentioned_subjects import subjects_of
from generation.forms.parsing import parse_id
from generation.media import papers, storage
from generation.media.filenames import disposition, with_extension
from generation.media.storage import Unfit
from generation.models import (
    Act,
    Consent,
    ConsentFile,
    ConsentKind,
    Subject,
    Verb,
    audit,
    changed_fields,
)
from generation.models.consents import consent_of, remove_consent, set_consent, version_of
from generation.models.presence import editors_of, note_edited, note_editing
from generation.views.files.media import HEADERS, FileSection, open_stored
from generation.views.files.store_upload import Busy, lane_of_inputs, original_name
from generation.views.subjects.live import page_live
from generation.web.lanes import FILES, busy, in_lane
from generation.web.shortcuts import StudioRequest, find, studio_view

PAGE = "generation/subjects/consent.html"
Facts = dict[str, Any]


def subject_named(request: StudioRequest, subject_id: int) -> Subject:
    rows = subjects_of(request.member.team, request.user)
    return find(rows.select_related("consent__file", "consent__set_by"), pk=subject_id)


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.EDIT_SUBJECT)
@in_lane(lane_of_inputs)
def edit_consent(request: StudioRequest, subject_id: int) -> HttpResponse:
    """The form; with `remove`, the consent goes away."""
    subject = subject_named(request, subject_id)
    if request.method != "POST":
        present = consent_of(subject)
        return form_page(
            request, ConsentForm(subject=subject, file=present.file if present else None)
        )
    if "remove" in request.POST:
        return removed(request, subject)
    form = posted_form(request, subject)
    if not form.is_valid():
        return form_page(request, form)
    seen, before = form.cleaned_data["seen"] or 0, audited_facts(consent_of(subject))
    with transaction.atomic():
        written = set_consent(subject, seen, request.user, **form.facts)
        if written:
            now = Consent.objects.select_related("file").get(subject=subject)
            audit_consent(request, Verb.CONSENT_SET, subject, before, audited_facts(now))
    if not written:
        return conflict_page(request, form)
    note_edited(request.member)
    messages.success(request, _("The consent for %(subject)s is saved.") % {"subject": subject})
    return redirect(subject)


def removed(request: StudioRequest, subject: Subject) -> HttpResponse:
    before = audited_facts(consent_of(subject))
    with transaction.atomic():
        done = remove_consent(subject, parse_id(request.POST.get("seen", "")), request.user)
        if done:
            after = audited_facts(None)
            audit_consent(request, Verb.CONSENT_REMOVED, subject, before, after)
    if not done:
        message = _(
            "Somebody changed this consent meanwhile. Nothing was removed; look at it again."
        )
        messages.warning(request, message)
        return redirect("subject-consent", subject.pk)
    note_edited(request.member)
    messages.success(request, _("The consent for %(subject)s is removed.") % {"subject": subject})
    return redirect(subject)


def audit_consent(
    request: StudioRequest, verb: Verb, subject: Subject, before: Facts, after: Facts
) -> None:
    """Of the note only that it changed: the log outlives what it tells of."""
    changes = changed_fields(before, after)
    if "note" in changes:
        changes["note"] = [bool(before["note"]), bool(after["note"])]
    if changes:
        audit(verb, team=subject.team, actor=request.user, target=subject, changes=changes)


def audited_facts(consent: Consent | None) -> Facts:
    """What the log compares, the paper by its name."""
    if consent is None:
        return {"kind": "", "until": "", "file": "", "note": ""}
    return {
        "kind": consent.kind,
        "until": consent.until.isoformat() if consent.until else "",
        "file": str(consent.file) if consent.file else "",
        "note": consent.note,
    }


# --- Forms ----------------------------------------------------------------------------------------


def posted_form(request: StudioRequest, subject: Subject) -> ConsentForm:
    """The form as it was posted, with the paper that came along, or the one it had."""
    given = request.FILES.get("new_file")
    if given is not None:
        try:
            return ConsentForm(request.POST, subject=subject, file=kept(request, subject, given))
        except Unfit as unfit:
            refused = [f"{original_name(given)}: {unfit.sentence}"]
            file = known_file(request, subject)
            return ConsentForm(request.POST, subject=subject, file=file, refused=refused)
    if not request.POST.get("file") or "drop_file" in request.POST:
        return ConsentForm(request.POST, subject=subject)
    file = known_file(request, subject)
    return ConsentForm(request.POST, subject=subject, file=file, lost=file is None)


def known_file(request: StudioRequest, subject: Subject) -> ConsentFile | None:
    """A paper that was uploaded for this very subject; those of others are unknown here."""
    rows = ConsentFile.objects.filter(team=request.member.team, subject=subject)
    return rows.filter(pk=parse_id(request.POST.get("file", ""))).first()


def kept(request: StudioRequest, subject: Subject, given: "UploadedFile[bytes]") -> ConsentFile:
    if sentence := busy(request, FILES):
        raise Busy(sentence)
    stored = papers.take_paper(given)
    try:
        return ConsentFile.objects.create(
            team=request.member.team,
            subject=subject,
            created_by=request.user,
            name=original_name(given),
            **asdict(stored),
        )
    except BaseException:
        storage.delete(stored.path)
        raise


# --- Pages ----------------------------------------------------------------------------------------


def form_page(
    request: StudioRequest, form: ConsentForm, more: dict[str, Any] | None = None, status: int = 0
) -> HttpResponse:
    subject = form.subject
    context: dict[str, Any] = {
        "form": form,
        "subject": subject,
        "consent": consent_of(subject),
        "seen": version_of(subject),
        "accept": papers.ACCEPT,
    } | (more or {})
    if request.member.is_shared:
        note_editing(request.member, subject.pk)
        context |= {
            "editors": editors_of(subject.pk, request.member),
            "live": page_live(request, subject),
        }
    return render(request, PAGE, context, status=status or status_of(form))


def conflict_page(request: StudioRequest, form: ConsentForm) -> HttpResponse:
    """Somebody else was quicker: what they saved next to this, and nothing typed is lost."""
    rows = subjects_of(request.member.team, request.user)
    rows = rows.select_related("consent__file", "consent__set_by")
    subject = rows.filter(pk=form.subject.pk).first()
    if subject is None:
        messages.error(request, _("This subject was archived meanwhile. Restore it to change it."))
        return redirect(form.subject)
    data = request.POST.copy()
    data["seen"] = str(version_of(subject))
    file = form.file and ConsentFile.objects.filter(pk=form.file.pk).first()
    mine = ConsentForm(data, subject=subject, file=file, lost=bool(form.file) and file is None)
    mine.is_valid()
    more = {"conflict": True, "differences": differences(mine, consent_of(subject))}
    return form_page(request, mine, more, 422)


def differences(mine: ConsentForm, theirs: Consent | None) -> list[tuple[str, str, str]]:
    """Each field that is not the same: its label, what is saved, and what was typed here."""
    saved = shown_values(theirs) if theirs else {}
    facts = mine.facts if mine.is_valid() else {"file": mine.file}
    typed = shown_values(Consent(**facts))
    labels = {name: str(mine.fields[name].label) for name in ("kind", "until", "note")}
    labels["file"] = _("File")
    return [
        (label, saved.get(name, ""), typed[name])
        for name, label in labels.items()
        if saved.get(name, "") != typed[name]
    ]


def shown_values(consent: Consent) -> dict[str, str]:
    return {
        "kind": str(ConsentKind(consent.kind).label),
        "until": date_format(consent.until, "DATE_FORMAT") if consent.until else "",
        "note": consent.note,
        "file": str(consent.file) if consent.file else "",
    }


# --- The paper ------------------------------------------------------------------------------------


@require_safe
@studio_view(Act.EDIT_SUBJECT)
def consent_file(request: StudioRequest, subject_id: int) -> HttpResponse:
    """For who may edit subjects: it holds signatures, addresses and more of people, while viewers
    are often guests of the team. Downloaded, never shown, so that no browser acts on it."""
    rows = Subject.objects.visible_to(request.user).filter(team=request.member.team)
    consents = Consent.objects.select_related("file").filter(subject__in=rows)
    file = find(consents, subject=subject_id).file
    if file is None:
        raise Http404
    stored = open_stored(file.path)
    response: Any = HttpResponse()
    if request.method == "HEAD":
        stored.close()
    else:
        response = StreamingHttpResponse(FileSection(stored, 0, file.bytes - 1))
    for name in (
        "X-Content-Type-Options",
        "Content-Security-Policy",
        "Cross-Origin-Resource-Policy",
    ):
        response[name] = HEADERS[name]
    response["Cache-Control"] = "private, no-store"
    response["Content-Type"] = file.mime
    response["Content-Length"] = str(file.bytes)
    name = with_extension(file.name or "consent", file.path.rpartition(".")[2])
    response["Content-Disposition"] = disposition(name, attachment=True)
    return response  # type: ignore[no-any-return]
