"""Saving a filter of the library: its name, and whom it is for."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation.forms.seen_texts import SeenTexts
from generation.models import Membership, SavedFilter
from generation.models.permissions import Act
from generation.models.saved_filters import MOST_SAVED

ME, TEAM = "me", "team"


class SavedFilterForm(SeenTexts, forms.ModelForm):  # type: ignore[type-arg]
    """`member` is who saves; only who makes collections offers one to the team."""

    audience = forms.ChoiceField(
        label=_("For"), choices=[(ME, _("Me")), (TEAM, _("The team"))],
        required=False,
    )  # fmt: skip

    class Meta:
        model = SavedFilter
        fields = ["name"]
        labels = {"name": _("Name")}
        widgets = {"name": forms.TextInput({"autocomplete": "off"})}
        error_messages = {"name": {"required": _("Give the filter a name.")}}

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.fields["audience"].initial = TEAM if self.instance.is_shared else ME
        if not self.instance.pk:
            self.fields["audience"].initial = ME
        if not member.may(Act.CREATE):
            del self.fields["audience"]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        self.for_team = facts.get("audience") == TEAM
        owner = None if self.for_team else self.member.user
        others = SavedFilter.objects.filter(team=self.member.team, user=owner)
        if others.exclude(pk=self.instance.pk).count() >= MOST_SAVED:
            text = gettext("There are %(count)d already. Delete one first.")
            self.add_error(None, text % {"count": MOST_SAVED})
        return facts

    def save(self, commit: bool = True) -> SavedFilter:  # noqa: ARG002
        row: SavedFilter = self.instance
        row.user = None if self.for_team else self.member.user
        if not row.pk:
            row.team, row.created_by = self.member.team, self.member.user
        row.save()
        return row
