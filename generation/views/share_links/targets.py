"""What is shared: one output, collection, project or stack, or a selection of outputs."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from generation.engine.share_items import ordered, shown_outputs
from generation.engine.share_links import Target, field_of, outputs_shown
from generation.engine.share_terms import today_in
from generation.forms.parsing import parse_id
from generation.models import Collection, Output, Project, ShareLink, Stack
from generation.views.collections.items import chosen_outputs
from generation.views.library.tile import title_of
from generation.web.shortcuts import StudioRequest, find, projects_of

KINDS = ("output", "collection", "project", "stack")
COVERS = 6
HEAP = 3


@dataclass
class Shared:
    """What a form or a page is about. `target` is None for a selection, which becomes a
    collection."""

    target: Target | None
    name: str
    title: str  # what a link to it is called at first: never a prompt
    rows: QuerySet[Output]
    named: dict[str, str]  # the fields by which a form names it
    selection: Sequence[Output] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return field_of(self.target) if self.target else "collection"

    @property
    def count(self) -> int:
        return len(self.selection) or self.rows.count()

    @property
    def covers(self) -> list[str]:
        media = self.rows.values_list("media", flat=True)[:COVERS]
        return [reverse("media", args=[pk, "thumb"]) for pk in media]

    @property
    def heap(self) -> list[str]:
        return self.covers[:HEAP]

    @property
    def kind_label(self) -> str:
        return kind_label(self.target) if self.target else _("New collection")


def kind_label(target: Target) -> str:
    if isinstance(target, Output):
        return str(target.get_kind_display())
    names = {Collection: _("Collection"), Project: _("Project"), Stack: _("Versions")}
    return names[type(target)]


def kind_labels() -> dict[str, str]:
    return {
        "output": _("Results"), "collection": _("Collections"), "project": _("Projects"),
        "stack": _("Versions"),
    }  # fmt: skip


def named_target(request: StudioRequest, sent: QueryDict) -> Target | None:
    """The one thing that a request names, of the team that the person works in; 404 when there is
    none such. None where it names nothing."""
    team = request.member.team
    if pk := sent.get("output"):
        rows = Output.objects.visible_to(request.user).kept().filter(team=team)
        return find(rows.select_related("project", "task"), pk=id_of(pk))
    if pk := sent.get("collection"):
        lists = Collection.objects.visible_to(request.user).filter(team=team)
        return find(lists, pk=id_of(pk))
    if slug := sent.get("project"):
        return find(projects_of(request).filter(archived_at=None), slug=slug)
    if pk := sent.get("stack"):
        stacks = Stack.objects.visible_to(request.user).filter(team=team)
        return find(stacks.select_related("project"), pk=id_of(pk))
    return None


def id_of(text: str) -> int:
    if pk := parse_id(text):
        return pk
    raise Http404


def shared_target(target: Target) -> Shared:
    name, title, value = str(target), str(target), str(target.pk)
    if isinstance(target, Output):
        name, title = title_of(target), target.project.name
    elif isinstance(target, Stack):
        name = title = target.name or target.project.name
    elif isinstance(target, Project):
        value = target.slug
    return Shared(target, name, title, outputs_shown(target), {field_of(target): value})


def shared_selection(request: StudioRequest, pks: list[int]) -> Shared:
    """Of several outputs; of one it is that output."""
    if len(pks) == 1:
        rows = Output.objects.visible_to(request.user).kept().filter(team=request.member.team)
        return shared_target(find(rows.select_related("project", "task"), pk=pks[0]))
    outputs = chosen_outputs(request, pks)
    rows = Output.objects.filter(pk__in=pks)
    projects = set(rows.values_list("project__name", flat=True))
    facts = {
        "name": projects.pop() if len(projects) == 1 else _("Selection"),
        "day": date_format(today_in(request.member.team), "DATE_FORMAT"),
    }
    title = (_("%(name)s, %(day)s") % facts)[:120]
    named = {"ids": ",".join(map(str, pks))}
    return Shared(None, title, title, rows, named, outputs)


def target_of(link: ShareLink) -> Shared:
    """As the link shows it: a frozen one does not follow."""
    return replace(shared_target(link.target), rows=ordered(link, shown_outputs(link)))


def page_of_target(target: Target) -> str:
    """Where the studio shows it; a stack has no page of its own."""
    return reverse("library") if isinstance(target, Stack) else target.get_absolute_url()
