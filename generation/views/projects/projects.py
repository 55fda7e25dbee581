"""Projects of the team."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.forms.form_status import status_of
from generation.forms.library_filter import Filter
from generation.forms.projects import ProjectForm
from generation.models import Act, Output, Project, Verb, audit, changed_fields
from generation.views.library.grid import grid_context
from generation.web.shortcuts import StudioRequest, find, projects_of, studio_view

COVERS = 4


def with_covers(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Each project with its count and newest pictures, in one query however many there are."""
    kept = Output.objects.kept().filter(project=OuterRef("pk")).order_by()
    total = kept.values("project").annotate(n=Count("pk")).values("n")
    newest = kept.newest_first().values("media_id")
    covers = {f"cover{i}": Subquery(newest[i : i + 1]) for i in range(COVERS)}
    return projects.annotate(total=Coalesce(Subquery(total), 0), **covers)


def cover_urls(project: Project) -> list[str]:
    ids = [getattr(project, f"cover{i}") for i in range(COVERS)]
    return [reverse("media", args=[media, "thumb"]) for media in ids if media]


def may_edit(request: StudioRequest, project: Project) -> bool:
    return request.member.may_on(Act.EDIT_PROJECT, project.created_by_id)


def editable(request: StudioRequest, slug: str) -> Project:
    project = find(projects_of(request), slug=slug)
    if not may_edit(request, project):
        raise Http404
    return project


@require_safe
@studio_view(Act.SEE)
def projects(request: StudioRequest) -> HttpResponse:
    archived = "archived" in request.GET
    rows = with_covers(projects_of(request).filter(archived_at__isnull=not archived))
    cards = [(project, cover_urls(project)) for project in rows]
    facts = {"cards": cards, "archived": archived}
    return render(request, "generation/projects/projects.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.CREATE)
def new_project(request: StudioRequest) -> HttpResponse:
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        team = request.member.team
        with transaction.atomic():
            project = team.projects.create(
                name=facts["name"], description=facts["description"], created_by=request.user
            )
            audit(Verb.PROJECT_CREATED, team=team, actor=request.user, target=project)
        messages.success(request, _("Project created."))
        return redirect(project)
    return render(request, "generation/projects/new.html", {"form": form}, status=status_of(form))


@require_safe
@studio_view(Act.SEE)
def project(request: StudioRequest, slug: str) -> HttpResponse:
    project = find(projects_of(request).select_related("created_by"), slug=slug)
    facts = grid_context(request, Filter(projects=(project.pk,))) | {
        "project": project,
        "query": urlencode({"project": project.slug}),
        "total": project.outputs.kept().count(),
        "may_edit": may_edit(request, project),
    }
    return render(request, "generation/projects/project.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.EDIT_PROJECT)
def project_settings(request: StudioRequest, slug: str) -> HttpResponse:
    project = editable(request, slug)
    before = facts_of_project(project)
    form = ProjectForm(request.POST or None, instance=project)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            if changes := changed_fields(before, facts_of_project(project)):
                audit(
                    Verb.PROJECT_CHANGED, team=request.member.team, actor=request.user,
                    target=project, changes=changes,
                )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect(project)
    facts = {"form": form, "project": find(projects_of(request), slug=slug)}
    page = "generation/projects/settings.html"
    return render(request, page, facts, status=status_of(form))


def facts_of_project(project: Project) -> dict[str, str]:
    return {"name": project.name, "description": project.description}


@require_POST
@studio_view(Act.EDIT_PROJECT)
def archive_project(request: StudioRequest, slug: str) -> HttpResponse:
    """Archive, or take back from there: the button says which."""
    project = editable(request, slug)
    restore = request.POST.get("to") == "open"
    others = projects_of(request).filter(archived_at=None).exclude(pk=project.pk)
    if not restore and not others.exists():
        messages.error(request, _("This is the only open project. Make another one first."))
        return redirect("project-settings", slug=slug)
    archived_at = None if restore else timezone.now()
    verb = Verb.PROJECT_RESTORED if restore else Verb.PROJECT_ARCHIVED
    with transaction.atomic():
        rows = Project.objects.filter(pk=project.pk, archived_at__isnull=not restore)
        if rows.update(archived_at=archived_at):
            audit(verb, team=request.member.team, actor=request.user, target=project)
    text = _("%(project)s is open again.") if restore else _("%(project)s is in the archive.")
    messages.success(request, text % {"project": project})
    return redirect(project) if restore else redirect("projects")
