"""Who is in the team with which role, and what the roles may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generation.forms.teams import RoleForm
from generation.models import Act, Membership, Role, Team, Verb, audit
from generation.models.permissions import COLUMNS, Reach, reach_of
from generation.web.shortcuts import StudioRequest, find, studio_view

MOST_SHOWN = 100


@dataclass(frozen=True)
class Line:
    """One row of the page: a member, and what this reader may do to them."""

    member: Membership
    is_self: bool
    roles: list[Role]  # to choose from; empty: locked
    may_remove: bool


@require_safe
@studio_view(Act.SEE)
def member_list(request: StudioRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:80]
    rows = members_of(request.member.team)
    total = rows.count()
    if wanted:
        rows = rows.filter(Q(user__name__icontains=wanted) | Q(user__email__icontains=wanted))
    facts = {
        "lines": [line_of(request.member, row) for row in rows[:MOST_SHOWN]],
        "total": total,
        "q": wanted,
    }
    return render(request, "generation/teams/members.html", facts)


def members_of(team: Team) -> QuerySet[Membership]:
    """The highest role first, then the longest in the team."""
    order = Case(
        *(When(role=role, then=Value(place)) for place, role in enumerate(COLUMNS)),
        output_field=IntegerField(),
    )
    rows = team.memberships.filter(user__is_active=True).select_related("user", "presence")
    return rows.order_by(order, "joined_at", "id")


def line_of(reader: Membership, row: Membership) -> Line:
    row.team = reader.team
    changeable = row.pk != reader.pk and reader.may_to(Act.CHANGE_ROLE, row)
    return Line(
        member=row,
        is_self=row.pk == reader.pk,
        roles=list(reversed(reader.gives)) if changeable else [],
        may_remove=reader.may_to(Act.REMOVE_MEMBER, row),
    )


@require_POST
@studio_view(Act.CHANGE_ROLE)
def change_role(request: StudioRequest, membership_id: int) -> HttpResponse:
    form = RoleForm(request.POST, giver=request.member)
    if not form.is_valid():
        raise Http404
    with transaction.atomic():
        request.member.team.lock_members()
        giver = find(Membership.objects.select_related("team"), pk=request.member.pk)
        row = find(request.member.team.memberships.select_related("user"), pk=membership_id)
        row.team = giver.team
        role = form.cleaned_data["role"]
        if row.pk == giver.pk or not giver.may_to(Act.CHANGE_ROLE, row) or role not in giver.gives:
            raise Http404
        before = row.role
        if before != role:
            row.set_role(role)
            audit(
                Verb.MEMBER_ROLE, team=giver.team, actor=request.user, target=row.user,
                changes={"role": [before, role]},
            )  # fmt: skip
    text = _("%(name)s is %(role)s now.")
    messages.success(
        request, text % {"name": row.user.shown_name, "role": row.get_role_display().lower()}
    )
    return redirect("team-members")


# --- What the roles may do ------------------------------------------------------------------------

GROUPS: tuple[tuple[Any, tuple[tuple[Act, Any], ...]], ...] = (
    (gettext_lazy("Look"), (
        (Act.SEE, gettext_lazy("See projects, library, subjects, members")),
        (Act.RATE, gettext_lazy("Rate results, mark favourites, reject")),
        (Act.OPEN_NOTICE, gettext_lazy("Read notices of one’s own")),
        (Act.SAVE_FILTER, gettext_lazy("Save filters of the library")),
        (Act.COMMENT, gettext_lazy("Comment, and answer a review where asked")),
        (Act.EDIT_COMMENT, gettext_lazy("Change and delete comments")),
    )),
    (gettext_lazy("Make"), (
        (Act.CREATE, gettext_lazy("Generate, upload, add projects and collections")),
        (Act.EDIT_SUBJECT, gettext_lazy("Add and change subjects")),
        (Act.EDIT_COLLECTION, gettext_lazy("Change and delete collections")),
        (Act.REVIEW, gettext_lazy("Put versions together, ask for a review")),
        (Act.SHARE, gettext_lazy("Make and end links for guests")),
        (Act.EDIT_PROJECT, gettext_lazy("Change and archive projects")),
        (Act.CONTROL_TASK, gettext_lazy("Cancel and repeat tasks")),
        (Act.TRASH_OUTPUT, gettext_lazy("Trash and restore results")),
        (Act.REMOVE_UPLOAD, gettext_lazy("Remove uploads")),
        (Act.LEND_KEY, gettext_lazy("Lend keys to the team")),
        (Act.END_LOAN, gettext_lazy("End the loan of a key")),
    )),
    (gettext_lazy("People"), (
        (Act.INVITE, gettext_lazy("Invite, up to the own role")),
        (Act.CHANGE_ROLE, gettext_lazy("Change roles, up to the own role")),
        (Act.REMOVE_MEMBER, gettext_lazy("Remove members; leave the team")),
        (Act.READ_AUDIT, gettext_lazy("Read the audit log")),
    )),
    (gettext_lazy("Team"), (
        (Act.MANAGE_TEAM, gettext_lazy("Settings of the team, hand it over, delete it")),
    )),
    (gettext_lazy("Account"), (
        (Act.OWN_ACCOUNT, gettext_lazy("Profile, keys and log-in")),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    label: Any
    cells: list[tuple[Role, Reach]]


@require_safe
@studio_view(Act.SEE)
def roles(request: StudioRequest) -> HttpResponse:
    """The permission table itself, as a page."""
    groups = [(title, list(rows_of(acts))) for title, acts in GROUPS]
    return render(request, "generation/teams/roles.html", {"groups": groups, "columns": COLUMNS})


def rows_of(acts: tuple[tuple[Act, Any], ...]) -> Iterator[Row]:
    for act, label in acts:
        yield Row(label, [(role, reach_of(role, act)) for role in COLUMNS])
