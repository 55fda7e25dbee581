"""What each team used this month and the last: tasks, credits, room on the disk."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from generation.admin.gate import page
from generation.media.filenames import disposition
from generation.models import Media, Status, Task, Team
from generation.views.teams.audit_log import cell_of, csv_lines

PER_PAGE, PER_QUERY = 50, 200
COLUMNS = (
    "team", "number", "tasks_this_month", "ready_this_month", "failed_this_month",
    "credits_this_month", "tasks_last_month", "ready_last_month", "failed_last_month",
    "credits_last_month", "bytes",
)  # fmt: skip


@dataclass(frozen=True)
class Month:
    tasks: int
    ready: int
    failed: int
    credits: int


@dataclass(frozen=True)
class TeamUse:
    team: Team
    this: Month
    last: Month
    bytes: int


def months(now: datetime) -> tuple[datetime, datetime]:
    """When this month and the last one began, by the clock of the studio."""
    this = timezone.localtime(now, timezone.get_default_timezone()).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return this, (this - timedelta(days=1)).replace(day=1)


def use_of(teams: list[Team]) -> list[TeamUse]:
    """Two queries, whatever the number of teams."""
    this, last = months(timezone.now())
    periods = {"this": Q(created_at__gte=this), "last": Q(created_at__lt=this)}
    sums: dict[str, Any] = {}
    for name, period in periods.items():
        sums |= {
            f"{name}_tasks": Count("pk", filter=period),
            f"{name}_ready": Count("pk", filter=period & Q(status=Status.SUCCEEDED)),
            f"{name}_failed": Count("pk", filter=period & Q(status=Status.FAILED)),
            f"{name}_credits": Sum("credits", filter=period),
        }
    tasks = Task.objects.filter(team__in=teams, created_at__gte=last).order_by()
    found: dict[int, Any] = {row["team"]: row for row in tasks.values("team").annotate(**sums)}
    files = Media.objects.filter(team__in=teams).order_by().values("team")
    room = dict(files.annotate(all=Sum("bytes")).values_list("team", "all"))

    def month(team: Team, name: str) -> Month:
        row = found.get(team.pk, {})
        return Month(*(row.get(f"{name}_{one.name}") or 0 for one in fields(Month)))

    return [
        TeamUse(team, month(team, "this"), month(team, "last"), room.get(team.pk) or 0)
        for team in teams
    ]


def usage_page(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    pages = Paginator(Team.objects.order_by("name", "pk"), PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    this, last = months(timezone.now())
    context: dict[str, Any] = {"pages": shown, "uses": use_of(list(shown))}
    context |= {"this": this.date(), "last": last.date()}  # which no template moves
    return page(request, "usage", frame | context)


def usage_file() -> HttpResponse:
    lines = [COLUMNS, *(cells_of(use) for use in all_uses())]
    answer = HttpResponse(csv_lines(lines, mark="\ufeff"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = disposition("usage.csv")
    return answer


def all_uses() -> Iterator[TeamUse]:
    teams = list(Team.objects.order_by("name", "pk"))
    for start in range(0, len(teams), PER_QUERY):
        yield from use_of(teams[start : start + PER_QUERY])


def cells_of(use: TeamUse) -> list[Any]:
    months = ((one.tasks, one.ready, one.failed, one.credits) for one in (use.this, use.last))
    this, last = months
    return [cell_of(use.team.name), use.team.pk, *this, *last, use.bytes]
