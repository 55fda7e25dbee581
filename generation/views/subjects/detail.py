"""One subject: what it is, what was made with it, archiving and restoring it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.forms.mentioned_subjects import with_files
from generation.forms.paging import page_of
from generation.forms.voices import Voices
from generation.models import Act, Output, Subject, TaskSubject, Verb, audit
from generation.models.consents import consent_of
from generation.models.media import OutputQuerySet
from generation.models.presence import editors_of
from generation.views.subjects.live import page_live
from generation.views.subjects.registrations import library_entries, poll_delay
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

USED = 24
RESTORE = "open"


@require_safe
@studio_view(Act.SEE)
def subject_page(request: StudioRequest, subject_id: int) -> HttpResponse:
    rows = with_files(Subject.objects.visible_to(request.user))
    rows = rows.select_related("created_by", "consent__file", "consent__set_by")
    found = find(rows, pk=subject_id)
    may_edit = request.member.may(Act.EDIT_SUBJECT) and found.team_id == request.member.team_id
    context = used_in(request, found) | {
        "subject": found,
        "may_edit": may_edit and not found.archived_at,
        "may_restore": may_edit and bool(found.archived_at),
        "consent": consent_of(found),
        "voice_label": Voices(found.team).label(found.voice_id),
        "may_download": may_edit,
    }
    if context["may_edit"] and "after" not in request.GET:
        entries = library_entries(request, found)
        context |= {"entries": entries, "poll_delay": poll_delay(entries)}
    if not request.htmx:
        context["live"] = page_live(request, found)
        context["editors"] = editors_of(found.pk, request.member)
    return page_or_fragment(
        request, "generation/subjects/subject.html", "generation/subjects/_used.html", context
    )


def used_in(request: StudioRequest, found: Subject) -> dict[str, Any]:
    """One page of what was made with it, the newest first."""
    uses = TaskSubject.objects.filter(subject=found)
    rows: OutputQuerySet = Output.objects.visible_to(request.user).kept()
    rows = rows.filter(team=found.team_id, task__in=uses.values("task"))
    rows = rows.newest_first().select_related("media", "task")
    page = page_of(rows, request.GET.get("after", ""), USED)
    return {
        "outputs": page.rows,
        "more": page.more,
        "first": page.after is None,
        "uses": uses.count(),
    }


@require_POST
@studio_view(Act.EDIT_SUBJECT)
def archive_subject(request: StudioRequest, subject_id: int) -> HttpResponse:
    """Archive or restore: the button says which."""
    rows = Subject.objects.visible_to(request.user).filter(team=request.member.team)
    found = find(rows, pk=subject_id)
    if request.POST.get("to") != RESTORE:
        with transaction.atomic():
            if found.archive(request.user):
                audit_subject(request, Verb.SUBJECT_ARCHIVED, found)
        return HttpResponseRedirect(f"{reverse('subjects')}?undo={found.pk}")
    with transaction.atomic():
        restored = found.restore(request.user)
        if restored and found.archived_at:
            audit_subject(request, Verb.SUBJECT_RESTORED, found)
    if restored:
        messages.success(request, _("%(subject)s is back.") % {"subject": found})
    else:
        message = _("Another subject is called %(subject)s now. Rename that one first.")
        messages.error(request, message % {"subject": found})
    return redirect(found)


def audit_subject(request: StudioRequest, verb: Verb, subject: Subject) -> None:
    audit(verb, team=subject.team, actor=request.user, target=subject)
