"""Making and changing a subject; two people who change it at once notice each other."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from generation.forms.form_status import status_of
from generation.forms.mentioned_subjects import subjects_of, with_files
from generation.forms.parsing import ButtonAction, parse_id
from generation.forms.picks import typed_instead
from generation.forms.search import clean_query
from generation.forms.subject_names import kind_from, name_from
from generation.forms.subjects import (
    TAKEN,
    SubjectForm,
    apply_file_button,
    named_files,
    posted_ids,
    subject_fields,
    to_pick,
)
from generation.models import (
    Act,
    Media,
    MediaKind,
    Output,
    Subject,
    Verb,
    audit,
    changed_fields,
)
from generation.models.media import OutputQuerySet
from generation.models.presence import editors_of, note_edited, note_editing
from generation.views.subjects.editor_files import (
    editor_zone,
    first_frame,
    is_too_long,
    lane_of_editor,
    received_files,
)
from generation.views.subjects.live import page_live
from generation.web.lanes import in_lane
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view, toast

PAGE = "generation/subjects/editor.html"
EDITOR = "generation/subjects/_editor.html"
TYPED = ("seen", "name", "kind", "description", "style", "voice_id", "tags")


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.EDIT_SUBJECT)
@in_lane(lane_of_editor)
def new(request: StudioRequest) -> HttpResponse:
    """An empty form, or one that holds an output."""
    if request.method != "POST":
        return editor_response(request, prefilled_form(request))
    form = form_of(request, None)
    if "edit" in request.POST or not form.is_valid():
        return editor_response(request, form)
    with transaction.atomic():
        subject = Subject(team=request.member.team, created_by=request.user, **form.facts)
        if not saved_unless_taken(subject):
            form.add_error("name", str(TAKEN))
            return editor_response(request, form)
        subject.place(form.pieces)
        subject.tell_team(request.user)
        audit(Verb.SUBJECT_CREATED, team=subject.team, actor=request.user, target=subject)
    return saved_response(
        request, subject, _("%(subject)s is saved. Type its name after @ in a prompt.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.EDIT_SUBJECT)
@in_lane(lane_of_editor)
def edit_subject(request: StudioRequest, subject_id: int) -> HttpResponse:
    rows = subjects_of(request.member.team, request.user)
    subject = find(with_files(rows), pk=subject_id)
    if request.method != "POST":
        return editor_response(
            request, SubjectForm(team=subject.team, subject=subject, files=subject.files)
        )
    form = form_of(request, subject)
    if "edit" in request.POST or not form.is_valid():
        return editor_response(request, form)
    seen, before = form.cleaned_data["seen"] or 0, audited_facts(subject)
    try:
        with transaction.atomic():
            written = subject.edit(seen, form.pieces, by=request.user, **form.facts)
            changes = changed_fields(before, audited_facts(subject)) if written else {}
            if changes:
                audit(
                    Verb.SUBJECT_CHANGED, team=subject.team, actor=request.user, target=subject,
                    changes=changes,
                )  # fmt: skip
    except IntegrityError:
        form.add_error("name", str(TAKEN))
        return editor_response(request, form)
    if written:
        note_edited(request.member)
        return saved_response(request, subject, _("%(subject)s is saved."))
    return conflict_response(request, form, subject.pk)


def audited_facts(subject: Subject) -> dict[str, Any]:
    fields = {name: value for name, value in subject_fields(subject).items() if name != "seen"}
    return fields | {"files": [one.pk for one in subject.files]}


def saved_unless_taken(subject: Subject) -> bool:
    try:
        with transaction.atomic():
            subject.save()
    except IntegrityError:  # somebody else took the name in the same moment
        return False
    return True


def saved_response(request: StudioRequest, subject: Subject, message: str) -> HttpResponse:
    if request.htmx and "stay" in request.POST:  # made of a tile: the grid stays where it is
        response = toast(
            HttpResponse(status=204), message % {"subject": subject},
            href=create_with(subject), action=_("Use in Create"),
        )  # fmt: skip
        return trigger_client_event(response, "dialog:close", {})
    messages.success(request, message % {"subject": subject})
    address = subject.get_absolute_url()
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


def create_with(subject: Subject) -> str:
    """Create with this subject named in the prompt."""
    return f"{reverse('create', args=['reference'])}?subject={subject.pk}#compose"


# --- Forms ----------------------------------------------------------------------------------------


def outputs_of(request: StudioRequest) -> OutputQuerySet:
    return Output.objects.visible_to(request.user).filter(team=request.member.team).kept()


def prefilled_form(request: StudioRequest) -> SubjectForm:
    """What the address asks for: an output, with a name made of its prompt."""
    team = request.member.team
    if "from" not in request.GET:
        return SubjectForm(team=team)
    rows = outputs_of(request).select_related("media", "task")
    output = find(rows, pk=parse_id(request.GET["from"]))
    if output.kind == MediaKind.AUDIO:
        raise Http404
    taken = subjects_of(team, request.user).values_list("name", flat=True)
    prompt = output.task.prompt
    initial = {"name": name_from(prompt, taken, _("Subject")), "kind": kind_from(prompt)}
    form = SubjectForm(team=team, initial=initial)
    if is_too_long(output.media):
        form.frame_of = output
    else:
        form.pieces = [output.media]
    return form


def form_of(request: StudioRequest, subject: Subject | None) -> SubjectForm:
    """The form as it was posted, with the files that came along or were picked."""
    media = Media.objects.visible_to(request.user).filter(team=request.member.team)
    files = named_files(media, posted_ids(request.POST))
    action = ButtonAction.parse(request.POST.get("edit", ""))
    files = [*apply_file_button(files, action), *picked(request, action)]
    uploaded, refused = received_files(request)
    if frame_of := parse_id(request.POST.get("frame", "")):
        output = find(outputs_of(request).select_related("media"), pk=frame_of)
        frames, problems = first_frame(request, output)
        files, refused = [*frames, *files], [*refused, *problems]
    files += uploaded
    files = list({one.pk if one else 0: one for one in files}.values())
    team = request.member.team
    if action.act:  # only the files changed: nothing is checked yet
        typed = {n: typed_instead(n, request.POST) or request.POST.get(n, "") for n in TYPED}
        return SubjectForm(team=team, subject=subject, files=files, refused=refused, initial=typed)
    return SubjectForm(request.POST, team=team, subject=subject, files=files, refused=refused)


def picked(request: StudioRequest, action: ButtonAction) -> list[Media]:
    if action.act != "pick":
        return []
    return [find(outputs_of(request).select_related("media"), pk=parse_id(action.name)).media]


# --- Pages ----------------------------------------------------------------------------------------


def editor_response(
    request: StudioRequest, form: SubjectForm, more: dict[str, Any] | None = None, status: int = 0
) -> HttpResponse:
    """The editor; a button of it that only changed the files refuses nothing yet."""
    partial = "edit" in request.POST
    search = clean_query(request.POST.get("pick_q", ""))
    context = {
        "form": form,
        "subject": form.subject,
        "in_dialog": in_dialog(request),
        "stays": in_dialog(request) and bool({"from", "stay"} & {*request.GET, *request.POST}),
        "pick_search": search,
        "pickable": to_pick(outputs_of(request), search, request.member.team_id),
        "picking": partial and request.POST["edit"] == "find",
        "zone": editor_zone(form),
        **presence_context(request, form.subject),
    } | (more or {})
    return page_or_fragment(
        request, PAGE, EDITOR, context, status or (200 if partial else status_of(form))
    )


def presence_context(request: StudioRequest, subject: Subject | None) -> dict[str, Any]:
    """Who else edits it, and the poller of a page of its own; others see that this person does."""
    if subject is None or not request.member.is_shared:
        return {}
    note_editing(request.member, subject.pk)
    context: dict[str, Any] = {"editors": editors_of(subject.pk, request.member)}
    return context if request.htmx else context | {"live": page_live(request, subject)}


def in_dialog(request: StudioRequest) -> bool:
    """Asked for by htmx it goes into the dialog, and remembers that in a field."""
    return "dialog" in request.POST or (request.method != "POST" and bool(request.htmx))


def conflict_response(request: StudioRequest, form: SubjectForm, pk: int) -> HttpResponse:
    """Somebody else was quicker: their version next to this one, and nothing typed is lost."""
    rows = subjects_of(request.member.team, request.user)
    theirs = with_files(rows).filter(pk=pk).first()
    if theirs is None:
        messages.error(request, _("This subject was archived meanwhile. Restore it to change it."))
        return HttpResponseRedirect(Subject(pk=pk).get_absolute_url())
    data = request.POST.copy()
    data["seen"] = str(theirs.version)
    mine = SubjectForm(data, team=form.team, subject=theirs, files=form.pieces)
    mine.is_valid()
    more = {"theirs": theirs, "differences": differences(mine, theirs)}
    return editor_response(request, mine, more, 422)


def differences(mine: SubjectForm, theirs: Subject) -> list[tuple[str, str, str]]:
    """Each field that is not the same: its label, what is saved, and what was typed here."""
    saved_fields, kinds = subject_fields(theirs), dict(mine.fields["kind"].choices)  # type: ignore[attr-defined]
    rows: list[tuple[str, str, str]] = []
    for name, label in [(one.name, str(one.label)) for one in mine.visible_fields()]:
        typed = mine.cleaned_data.get(name, mine.data.get(name, ""))
        typed = ", ".join(typed) if isinstance(typed, list) else typed
        kept = saved_fields[name]
        if name == "voice_id":
            typed, kept = mine.voices.label(str(typed)), mine.voices.label(str(kept))
        if typed != kept:
            rows.append((label, str(kinds.get(kept, kept)), str(kinds.get(typed, typed))))
    return rows
