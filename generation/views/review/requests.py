"""Asking for a review, answering one, and taking the question back."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from generation.engine.reviewers import NotAsked
from generation.engine.reviews import AlreadyAnswered, FileChanged, answer, ask_many, withdraw
from generation.forms.parsing import parse_id
from generation.forms.reviews import AnswerForm, AskForm
from generation.models import Act, Answer, Output, RequestState, ReviewRequest
from generation.views.library.review_box import ReviewBox, review_box
from generation.views.library.trash import MOST_ID, next_url, requested_ids, selection_problem
from generation.views.library.viewer import find_output
from generation.web.shortcuts import (
    StudioRequest,
    find,
    member_of,
    page_or_fragment,
    row_view,
    studio_view,
    toast,
)

BOX = "review/_ask.html"
FORM = "review/_ask_form.html"


# --- Asking ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.REVIEW)
def ask_for_review(request: StudioRequest) -> HttpResponse:
    """First whom to ask about what is selected, then asking. `place`: the form stands in the box of
    the viewer, which is one output's."""
    pks, back = requested_ids(request), next_url(request, reverse("library"))
    if problem := selection_problem(request, pks, back):
        return problem
    outputs = own_outputs(request, pks)
    if not outputs and len(pks) == 1:
        raise Http404
    if not outputs:
        return refuse_selection(request, back)
    sent = request.POST if "send" in request.POST else None
    form = AskForm(sent, member=request.member, outputs=outputs)
    if sent is None or not form.is_valid():
        return show_form(request, form, pks, len(outputs), 200 if sent is None else 422)
    try:
        made = ask_many(outputs, by=request.user, **form.question)
    except NotAsked:
        form.add_error("people", _("Somebody has left, or a link has ended. Choose again."))
        return show_form(request, form, pks, len(outputs), 422)
    return asked_answer(request, pks, len(made), back)


def own_outputs(request: StudioRequest, pks: Sequence[int]) -> list[Output]:
    """Those of the selection that the person may ask about; 404 when one is not of the team that
    they work in."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team).kept()
    found = rows.select_related("team", "project").in_bulk(pks)
    if len(found) != len(pks):
        raise Http404
    may = request.member.may_on
    return [found[pk] for pk in pks if may(Act.REVIEW, found[pk].user_id)]


def refuse_selection(request: StudioRequest, back: str) -> HttpResponse:
    text = _("Only whoever made these, or an admin, can ask for their review.")
    if request.htmx:
        return toast(HttpResponse(status=204), text, "warn")
    messages.warning(request, text)
    return HttpResponseRedirect(back)


def show_form(
    request: StudioRequest, form: AskForm, pks: Sequence[int], count: int, status: int
) -> HttpResponse:
    facts = {
        "form": form,
        "ids": ",".join(map(str, pks)),
        "count": count,
        "left_out": len(pks) - count,
        "people": list(zip(form["people"], form.members.values(), strict=True)),
        "in_box": in_box(request),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "single": pks[0] if len(pks) == 1 else None,
    }
    return page_or_fragment(request, "review/ask.html", FORM, facts, status)


def in_box(request: StudioRequest) -> bool:
    return "box" in (request.GET.get("place"), request.POST.get("place"))


def asked_answer(request: StudioRequest, pks: Sequence[int], made: int, back: str) -> HttpResponse:
    text = ngettext("Asked for a review.", "Asked for a review of %(count)d.", made)
    left = len(pks) - made
    if left:
        text += " " + ngettext(
            "%(left)d is left out: it is in review already, or not yours to ask about.",
            "%(left)d are left out: they are in review already, or not yours to ask about.",
            left,
        )
    text, level = text % {"count": made, "left": left}, "ok"
    if not made:
        text, level = _("All of these are in review already."), "warn"
    if not request.htmx:
        messages.add_message(request, messages.SUCCESS if made else messages.WARNING, text)
        return HttpResponseRedirect(back)
    if in_box(request):
        return toast(show_box(request, find_output(request, pks[0])), text, level)
    response = trigger_client_event(HttpResponse(status=204), "dialog:close", {})
    return toast(response, text, level)


# --- Answering ------------------------------------------------------------------------------------


@require_POST
@row_view(Act.COMMENT)
def answer_review(request: StudioRequest, output_id: int) -> HttpResponse:
    """The answer of a member who was asked, to the question that they saw."""
    output = find_output(request, output_id)
    member = member_of(request, output)
    questions = ReviewRequest.objects.filter(output=output).exclude(state=RequestState.NOTED)
    wanted = find(questions, pk=parse_id(request.POST.get("request", "")))
    if output.trashed_at or not member.may(Act.COMMENT):
        raise Http404
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return box_again(request, output, form["note"].value() or "", form, 422)
    facts = form.cleaned_data
    try:
        answer(wanted, reviewer=request.user, state=facts["answer"], note=facts["note"].strip())
    except AlreadyAnswered as late:
        return refuse_late_answer(request, output, facts["note"], late)
    except NotAsked:
        raise Http404 from None
    except FileChanged:
        text = _("The file is not the one that you were asked about. Nothing was approved.")
        return say(request, output, text, "warn")
    approved = facts["answer"] == Answer.APPROVED
    return say(request, output, _("Approved.") if approved else _("Asked for changes."), "ok")


def refuse_late_answer(
    request: StudioRequest, output: Output, note: str, late: AlreadyAnswered
) -> HttpResponse:
    """The box says who was quicker, with what the person wrote."""
    if late.state == RequestState.WITHDRAWN:
        text = _("%(who)s has taken this question back. Your answer was not kept.")
        return say(request, output, text % {"who": late.who}, "warn")
    return box_again(request, output, note, None, 409)


def box_again(
    request: StudioRequest, output: Output, note: str, form: AnswerForm | None, status: int
) -> HttpResponse:
    box = review_box(member_of(request, output), output)
    box.late_note = note
    facts = {"ask": box, "answer_form": form, "output": output}
    if request.htmx:
        return render(request, BOX, facts)
    return render(request, "review/box.html", facts, status=status)


def say(request: StudioRequest, output: Output, text: str, level: str) -> HttpResponse:
    if request.htmx:
        return toast(show_box(request, find_output(request, output.pk)), text, level)
    messages.add_message(request, messages.SUCCESS if level == "ok" else messages.WARNING, text)
    return HttpResponseRedirect(next_url(request, output.get_absolute_url()))


def show_box(request: StudioRequest, output: Output) -> HttpResponse:
    """With the flag of the tile behind the dialog, where there is one."""
    box: ReviewBox = review_box(member_of(request, output), output)
    tile = str(output.pk) if request.POST.get("tile") else ""
    return render(request, BOX, {"ask": box, "output": output, "tile": tile})


@require_POST
@row_view(Act.REVIEW)
def withdraw_review(request: StudioRequest, output_id: int) -> HttpResponse:
    """Ask nobody any more."""
    output = find_output(request, output_id)
    box = review_box(member_of(request, output), output)
    if box.request is None or not box.member.may(Act.REVIEW):
        raise Http404
    if box.is_open and not box.may_withdraw:
        raise Http404
    if not withdraw(box.request, request.user):
        return say(request, output, _("This review was closed meanwhile."), "warn")
    return say(request, output, _("Nobody is asked any more."), "ok")


@require_safe
@studio_view(Act.SEE)
def box_of_review(request: StudioRequest, output_id: int) -> HttpResponse:
    """The box by itself: what Cancel leads back to."""
    output = find_output(request, output_id)
    facts = {"ask": review_box(member_of(request, output), output), "output": output}
    return page_or_fragment(request, "review/box.html", BOX, facts)
