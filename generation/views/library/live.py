"""The poller of a grid: what others made or moved to the trash since the page was drawn."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from generation.forms.library_filter import Filter
from generation.forms.parsing import parse_id
from generation.models import Act, Output, Task, marks_of
from generation.views.feed.polling import Live, bell_fits, idle_pace
from generation.web.shortcuts import StudioRequest, studio_view

MOST = 200  # changed tasks that are looked at; a page that missed more asks to be opened again
FOLLOWED = "generation/library/_changes.html"


def grid_live(request: StudioRequest, chosen: Filter, newest: int) -> Live:
    """The poller that a page begins with; `newest` is the highest number of the team's outputs."""
    return Live(
        chosen.sealed(), request.member.team.change_seq, 0, idle_pace(request.member), newest,
        name="library-live",
    )  # fmt: skip


@require_safe
@studio_view(Act.SEE)
def library_live(request: StudioRequest) -> HttpResponse:
    team, asked = request.member.team, request.GET
    cursor, pace, newest = (parse_id(asked.get(name, "")) for name in ("c", "n", "t"))
    wanted = idle_pace(request.member)
    if cursor == team.change_seq and pace == wanted and bell_fits(request):
        return HttpResponse(status=204)
    chosen = Filter.opened(asked.get("scope", ""))
    live = Live(asked.get("scope", ""), team.change_seq, 0, wanted, newest, name="library-live")
    response = render(request, FOLLOWED, {"live": live} | changes(request, chosen, cursor, newest))
    patch_vary_headers(response, ["HX-Request"])
    return response


def changes(request: StudioRequest, chosen: Filter, cursor: int, newest: int) -> dict[str, Any]:
    """Numbers of tiles that left, and how many new ones the page would show."""
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team)
    tasks = Task.objects.filter(team=request.member.team, change__gt=cursor).order_by("change")
    changed = list(tasks.values_list("pk", flat=True)[:MOST])
    gone = rows.trashed().filter(task__in=changed).values_list("pk", flat=True)
    fresh = chosen.apply(rows.kept(), request.user).filter(pk__gt=newest).count()
    rated = list(rows.kept().filter(task__in=changed).only("raters", "stars_doubled", "review"))
    return {
        "gone": [str(pk) for pk in gone],
        "fresh": fresh,
        "rated": [(str(pk), marks) for pk, marks in marks_of(request.user, rated).items()],
        "flags": [(str(one.pk), one.review) for one in rated],
    }
