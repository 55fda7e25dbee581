"""Two to four results side by side: played together, and what differs in how they were made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from generation.forms.parsing import parse_id
from generation.models import Act, Marks, MediaKind, Output, marks_of, rate
from generation.views.feed.source_title import mode_label
from generation.views.feed.task_card import model_label
from generation.views.library.ratings import check_rateable
from generation.views.library.task_facts import charge_label, file_facts, setting_rows
from generation.views.library.tile import output_name, title_of
from generation.views.library.trash import requested_ids, selection_problem
from generation.web.shortcuts import StudioRequest, row_view, studio_view, toast

NAMES = ("a", "b", "c", "d")  # in the address
LEAST, MOST = 2, len(NAMES)
WIPE = "wipe"


@dataclass(frozen=True)
class Cell:
    """One of the compared results; `number` is the key that chooses it."""

    number: int
    output: Output
    marks: Marks

    @property
    def title(self) -> str:
        return title_of(self.output)

    @property
    def who(self) -> str:
        return output_name(self.output)


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.SEE)
def compare_outputs(request: StudioRequest) -> HttpResponse:
    """A selection is sent here and leads to its address, which can be kept."""
    if request.method == "POST":
        return address_of_selection(request)
    cells = cells_of(request)
    problem = problem_with([cell.output for cell in cells])
    two = len(cells) == LEAST and cells[0].output.kind != MediaKind.AUDIO
    facts = {
        "cells": [] if problem else cells,
        "problem": problem,
        "kind": cells[0].output.kind if cells else "",
        "ids": ",".join(str(cell.output.pk) for cell in cells),
        "here": request.get_full_path(),
        "plain": compare_url([cell.output.pk for cell in cells]),
        "may_wipe": two,
        "wipe": two and request.GET.get("view") == WIPE,
        "rows": [] if problem else compared_rows([cell.output for cell in cells]),
    }
    return render(request, "generation/library/compare.html", facts)


def cells_of(request: StudioRequest) -> list[Cell]:
    """In the order of the address; 404 when one is not to be seen. What is in the trash is no
    choice any more."""
    asked = [request.GET[name] for name in NAMES if name in request.GET]
    pks = list(dict.fromkeys(parse_id(value) for value in asked))
    if not all(pks):
        raise Http404
    rows = Output.objects.visible_to(request.user).select_related("task", "media", "user")
    found = rows.in_bulk(pks)
    if len(found) != len(pks):
        raise Http404
    kept = [found[pk] for pk in pks if not found[pk].trashed_at]
    marks = marks_of(request.user, kept)
    return [Cell(number, one, marks[one.pk]) for number, one in enumerate(kept, 1)]


def problem_with(outputs: Sequence[Output]) -> str:
    if len(outputs) < LEAST:
        return _("Choose two to four results in the library, then press Compare.")
    if len({one.kind for one in outputs}) > 1:
        return _("Compare images with images, videos with videos and audio with audio.")
    return ""


def address_of_selection(request: StudioRequest) -> HttpResponse:
    pks, back = requested_ids(request), reverse("library")
    if problem := selection_problem(request, pks, back):
        return problem
    if len(pks) > MOST:
        text = _("Compare takes four at most. Select fewer.")
        if request.htmx:
            return toast(HttpResponse(status=204), text, "warn")
        messages.warning(request, text)
        return redirect("library")
    there = compare_url(pks)
    return HttpResponseClientRedirect(there) if request.htmx else redirect(there)


def compare_url(pks: Sequence[int]) -> str:
    return f"{reverse('compare')}?{urlencode(dict(zip(NAMES, pks, strict=False)))}"


# --- What differs ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class ComparedRow:
    label: str
    values: list[Any]

    @property
    def differs(self) -> bool:
        return len({str(value) for value in self.values}) > 1


def compared_rows(outputs: Sequence[Output]) -> list[ComparedRow]:
    """What differs first; the rest in the order of the form."""
    facts = [dict(labelled_facts(one)) for one in outputs]
    labels = list(dict.fromkeys(label for row in facts for label in row))
    rows = [ComparedRow(label, [row.get(label, "") for row in facts]) for label in labels]
    prompts = [one.task.prompt for one in outputs]
    rows.insert(0, ComparedRow(_("Prompt"), list(marked_prompts(prompts))))
    return sorted(rows, key=lambda row: not row.differs)


def labelled_facts(output: Output) -> Iterator[tuple[str, str]]:
    yield _("Mode"), mode_label(output.task.mode)
    yield _("Model"), model_label(output.task)
    yield _("Provider"), output.task.get_provider_display()
    yield from setting_rows(output.task)
    if output.media.width:
        yield _("Size"), f"{output.media.width} × {output.media.height}"
    yield from file_facts(output)
    yield _("Cost"), charge_label(output.task)


def marked_prompts(prompts: Sequence[str]) -> Iterator[SafeString]:
    """Each with what it has that the first has not; in the first, what all others lack."""
    parts = [prompt.split() for prompt in prompts]
    first = parts[0]
    kept = [set(common_places(first, other)) for other in parts[1:]]
    missing = [i for i in range(len(first)) if not any(i in places for places in kept)]
    yield marked(first, set(missing) if len(prompts) > 1 else set(), "del")
    for other in parts[1:]:
        same = set(common_places(other, first))
        yield marked(other, {i for i in range(len(other)) if i not in same}, "ins")


def common_places(parts: Sequence[str], others: Sequence[str]) -> Iterator[int]:
    """The places of the words that the other prompt has in the same order."""
    for block in SequenceMatcher(None, parts, others, autojunk=False).get_matching_blocks():
        yield from range(block.a, block.a + block.size)


def marked(parts: Sequence[str], places: set[int], tag: str) -> SafeString:
    return format_html_join(
        " ", "{}", ((wrapped(word, tag if i in places else ""),) for i, word in enumerate(parts))
    )


def wrapped(word: str, tag: str) -> Any:
    return format_html_join("", f"<{tag}>{{}}</{tag}>", [(word,)]) if tag else word


# --- The winner -----------------------------------------------------------------------------------


@require_POST
@row_view(Act.RATE)
def choose_winner(request: StudioRequest) -> HttpResponse:
    """One becomes a favourite of the person, the others are rejected by them; with `undo` they are
    taken back."""
    pks, asked = requested_ids(request), request.POST.get("winner") or request.GET.get("winner", "")
    winner, undo = parse_id(asked), "undo" in request.GET
    if winner not in pks or not LEAST <= len(pks) <= MOST:
        raise Http404
    check_rateable(request, pks)
    with transaction.atomic():
        if not undo:
            rate(request.user, [winner], favourite=True)
        rate(request.user, [pk for pk in pks if pk != winner], rejected=not undo)
    text = _("The others are back.") if undo else _("Your favourite now. The others are rejected.")
    if not request.htmx:
        messages.success(request, text)
        return redirect(compare_url(pks))
    outputs = list(Output.objects.filter(pk__in=pks).only("raters", "stars_doubled"))
    facts = {"rated": marks_of(request.user, outputs).items()}
    response = render(request, "generation/library/_compare_rated.html", facts)
    if undo:
        return toast(response, text)
    again = urlencode({"ids": ",".join(map(str, pks)), "winner": winner, "undo": "1"})
    href = f"{reverse('compare-winner')}?{again}"
    return toast(response, text, href=href, action=_("Undo"), method="post")
