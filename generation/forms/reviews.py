"""Asking for a review, and answering one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.engine.reviewers import links_about
from generation.engine.share_items import shown_outputs
from generation.models import (
    Answer,
    Membership,
    Needed,
    Output,
    ReviewRequest,
    Role,
    ShareLink,
)
from generation.models.notices import zone_of

MOST_PEOPLE = 200
MOST_LINKS = 50
LONGEST = 2_000


class AskForm(forms.Form):
    """Whom to ask about these outputs of one team, and what each of them should know."""

    people = forms.MultipleChoiceField(
        label=_("People"), required=False, widget=forms.CheckboxSelectMultiple
    )
    guests = forms.MultipleChoiceField(
        label=_("Guests by link"), required=False, widget=forms.CheckboxSelectMultiple
    )
    needed = forms.ChoiceField(
        label=_("Approved when"),
        choices=[(Needed.ALL, _("all of them approve")), (Needed.ANY, _("one of them approves"))],
        initial=Needed.ALL,
        widget=forms.RadioSelect,
    )
    due = forms.DateField(
        label=_("Answer until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day, such as 2026-12-28.")},
    )
    message = forms.CharField(
        label=_("What to look at"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(
        self, data: Any = None, *, member: Membership, outputs: Sequence[Output], **more: Any
    ) -> None:
        self.member, self.team = member, member.team
        people = Membership.objects.filter(team=self.team, user__is_active=True)
        found = people.select_related("user").order_by("joined_at", "id")[:MOST_PEOPLE]
        self.members = {str(one.user_id): one for one in found}
        self.links = {str(link.pk): link for link in links_to_ask(outputs)}
        usual = usual_reviewers(member, self.members, self.links)
        super().__init__(data, initial=usual, **more)
        self.fields["people"].choices = [  # type: ignore[attr-defined]
            (pk, one.user.shown_name) for pk, one in self.members.items()
        ]
        self.fields["guests"].choices = [  # type: ignore[attr-defined]
            (pk, link.title) for pk, link in self.links.items()
        ]
        self.fields["due"].widget.attrs["min"] = self.today.isoformat()

    @property
    def today(self) -> date:
        return timezone.localdate(timezone=zone_of(self.team))

    def clean_due(self) -> date | None:
        day: date | None = self.cleaned_data["due"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("This day is over. Choose today or later."))
        if day is not None and day.year > self.today.year + 10:
            raise forms.ValidationError(_("Choose a day within the next ten years."))
        return day

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        if not self.errors and not facts["people"] and not facts["guests"]:
            self.add_error("people", _("Choose at least one person or link."))
        return facts

    @property
    def question(self) -> dict[str, Any]:
        """What `ask` takes."""
        facts = self.cleaned_data
        return {
            "reviewers": [self.members[pk].user for pk in facts["people"]],
            "links": [self.links[pk] for pk in facts["guests"]],
            "needed": facts["needed"],
            "message": facts["message"],
            "due_day": facts["due"],
        }


def links_to_ask(outputs: Sequence[Output]) -> list[ShareLink]:
    """Links that show all of these and let guests approve."""
    if not outputs:
        return []
    rows = links_about(outputs[0])
    for output in outputs[1:]:
        rows = rows.filter(pk__in=links_about(output).values("pk"))
        if len(outputs) > 20:  # so many are shown by a collection or a project
            break
    rows = rows.filter(Q(output=None) | Q(output__in=outputs)).order_by("-created_at", "-pk")
    wanted = [one.pk for one in outputs]
    # A frozen one follows nothing, and an older version lies below what others show.
    return [
        link
        for link in rows[:MOST_LINKS]
        if shown_outputs(link).filter(pk__in=wanted).count() == len(wanted)
    ]


def usual_reviewers(
    member: Membership, members: dict[str, Membership], links: dict[str, ShareLink]
) -> dict[str, list[str]]:
    """Whom the person asked the last time; before that owners and admins, else themselves."""
    asked = ReviewRequest.objects.filter(team=member.team, created_by=member.user)
    last = asked.order_by("-created_at", "-pk").first()
    if last is not None:
        seats = last.decisions.filter(asked=True).values_list("reviewer", "link")
        people = [str(person) for person, _link in seats if str(person) in members]
        guests = [str(link) for _person, link in seats if str(link) in links]
        if people or guests:
            return {"people": people, "guests": guests}
    leading = [
        pk
        for pk, one in members.items()
        if one.role in (Role.OWNER, Role.ADMIN) and one.user_id != member.user_id
    ]
    return {"people": leading or [str(member.user_id)], "guests": []}


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=[(Answer.APPROVED, ""), (Answer.CHANGES, "")])
    note = forms.CharField(
        label=_("What should change"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        if facts.get("answer") == Answer.CHANGES and not facts.get("note", "").strip():
            self.add_error("note", _("Say what should change."))
        return facts
