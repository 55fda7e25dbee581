"""Stars, favourites and rejections: given by a person to one output or to a selection."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from generation.models import Act, Membership, Output, marks_of, rate
from generation.models.ratings import MOST_STARS
from generation.views.library.trash import MOST_ID, next_url, requested_ids, selection_problem
from generation.web.shortcuts import SEVERAL, StudioRequest, find, member_of, row_view, toast

SWITCHES = ("favourite", "rejected")


def asked_rating(query: QueryDict) -> dict[str, Any]:
    """What is to be given, as `rate` takes it; 404 when it is nothing that can be."""
    if "stars" in query:
        stars = query["stars"]
        if stars not in [str(n) for n in range(MOST_STARS + 1)]:
            raise Http404
        return {"stars": int(stars)}
    for name in SWITCHES:
        if query.get(name) in ("0", "1"):
            return {name: query[name] == "1"}
    raise Http404


@require_POST
@row_view(Act.RATE)
def rate_output(request: StudioRequest, output_id: int) -> HttpResponse:
    """Rate one; the viewer gets its form again, and the tile behind it where there is one."""
    output = find(Output.objects.visible_to(request.user).select_related("team"), pk=output_id)
    if not member_of(request, output).may(Act.RATE):
        raise Http404
    rate(request.user, [output.pk], **asked_rating(request.POST))
    if not request.htmx:
        return HttpResponseRedirect(next_url(request, output.get_absolute_url()))
    output.refresh_from_db(fields=["raters", "stars_doubled", "open_comments"])
    marks = marks_of(request.user, [output])[output.pk]
    if request.htmx.target == f"rate-{output.pk}":
        facts = {"number": output.pk, "marks": marks, "here": request.POST.get("next", "")}
        return render(request, "generation/library/_compare_rate.html", facts)
    facts = {"output": output, "marks": marks, "tile": request.POST.get("tile")}
    return render(request, "generation/outputs/_rate_answer.html", facts)


@require_POST
@row_view(Act.RATE)
def rate_many(request: StudioRequest) -> HttpResponse:
    """Rate the chosen ones alike; the page gets what their tiles say now."""
    pks, back = requested_ids(request), next_url(request, reverse("library"))
    if problem := selection_problem(request, pks, back):
        return problem
    query = request.GET.copy()  # of the button that takes it back
    query.update(request.POST)
    given = asked_rating(query)
    check_rateable(request, pks)
    rate(request.user, pks, **given)
    if not request.htmx:
        return HttpResponseRedirect(back)
    rows = Output.objects.filter(pk__in=pks).only("raters", "stars_doubled", "open_comments")
    outputs = list(rows)
    rated = [(str(pk), marks) for pk, marks in marks_of(request.user, outputs).items()]
    response = render(request, "generation/library/_rated.html", {"rated": rated})
    return say_rejected(response, pks) if given.get("rejected") else response


def check_rateable(request: StudioRequest, pks: Sequence[int]) -> None:
    """404 when one of them is not to be seen, or its team is not to be changed."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    rows = Output.objects.visible_to(request.user).filter(pk__in=pks)
    teams = set(rows.values_list("team", flat=True))
    members = Membership.objects.filter(user=request.user, team__in=teams).select_related("team")
    if rows.count() != len(pks) or not all(one.may(Act.RATE) for one in members):
        raise Http404


def say_rejected(response: HttpResponse, pks: Sequence[int]) -> HttpResponse:
    text, many = (
        ngettext(
            "Rejected. It stays out of your library from the next time you open it.",
            "%(count)d rejected. They stay out of your library from the next time you open it.",
            count,
        )
        for count in (len(pks), SEVERAL)
    )
    undo = urlencode({"ids": ",".join(map(str, pks)), "rejected": "0"})
    href = f"{reverse('library-rate')}?{undo}"
    text, several = text % {"count": len(pks)}, (many, len(pks))
    return toast(response, text, href=href, action=_("Undo"), method="post", several=several)
