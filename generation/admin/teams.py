"""Teams: who is in them, what they keep, and whether they are leaving."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generation.admin.people import list_link
from generation.admin.rows import Rows, known, shown_time, yes_no
from generation.models import Media, Team
from generation.web.shortcuts import StudioRequest

MEMBERS_SHOWN = 200


class Leaving(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _rows: Any) -> list[tuple[str, Any]]:
        return [("leaving", gettext_lazy("Being deleted"))]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(leaving_since__isnull=False) if self.value() == "leaving" else rows


class Teams(Rows):
    slug, icon, title = "teams", "layers", gettext_lazy("Teams")
    id_name = "team_id"
    list_display = ("team", "people", "state", "founded")
    list_display_links = ("team",)
    list_filter = (Leaving,)
    search_fields = ("name",)
    search_placeholder = gettext_lazy("Name")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Team.objects.prefetch_related("memberships")

    @admin.display(description=gettext_lazy("Name"))
    def team(self, row: Team) -> str:
        return row.name

    @admin.display(description=gettext_lazy("Members"))
    def people(self, row: Team) -> int:
        return len(row.memberships.all())

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Team) -> str:
        return team_state(row)

    @admin.display(description=gettext_lazy("Founded"))
    def founded(self, row: Team) -> str:
        return shown_time(row.created_at)

    # --- One team ---------------------------------------------------------------------------------

    def own_urls(self, one: str, name: str) -> list[URLPattern]:
        return [self.route(one, require_safe(self.detail), name)]

    def detail(self, request: StudioRequest, team_id: int) -> HttpResponse:
        team = self.one(team_id)
        members = team.memberships.select_related("user").order_by("joined_at", "pk")
        context = {
            "team": team,
            "facts": list(known(team_facts(team))),
            "members": members[:MEMBERS_SHOWN],
        }
        return self.show(request, "team", context)


def team_state(team: Team) -> str:
    if team.leaving_since is None:
        return _("active")
    return _("deleted on %(day)s") % {"day": shown_time(team.ends_at)}


def team_facts(team: Team) -> Iterator[tuple[Any, Any]]:
    files = Media.objects.filter(team=team).aggregate(count=Count("pk"), bytes=Sum("bytes"))
    yield _("State"), team_state(team)
    yield _("Members"), team.memberships.count()
    yield _("Projects"), team.projects.count()
    yield _("Subjects"), team.subjects.count()
    size = {"count": files["count"], "size": filesizeformat(files["bytes"] or 0)}
    yield _("Files"), _("%(count)d, %(size)s") % size
    yield _("Asks for a second step"), yes_no(team.factor_required_from)
    yield _("Founded"), shown_time(team.created_at)
    yield _("Number"), team.pk
    yield _("Tasks"), list_link("task", _("Show them"), team__id__exact=team.pk)
    yield _("Acts"), list_link("auditevent", _("Show them"), team__id__exact=team.pk)
