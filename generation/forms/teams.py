"""Teams: their name, and what they ask of their members."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models import Membership, Role, Team


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ["name"]
        labels = {"name": _("Name")}
        widgets = {"name": forms.TextInput({"autocomplete": "organization"})}
        error_messages = {"name": {"required": _("Give the team a name.")}}


class TeamSettingsForm(TeamForm):
    factor = forms.BooleanField(
        label=_("Ask everybody for a second factor"),
        help_text=_("Members who have none are led to set one up before they can go on."),
        required=False,
        widget=forms.CheckboxInput({"class": "switch", "role": "switch"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factor"].initial = self.instance.factor_required_from is not None

    def save(self, commit: bool = True) -> Team:
        asked = self.instance.factor_required_from
        self.instance.factor_required_from = (
            (asked or timezone.now()) if self.cleaned_data["factor"] else None
        )
        team: Team = super().save(commit)
        return team


class RoleForm(forms.Form):
    """Another role for a member: at most the one of the person who gives it."""

    role = forms.ChoiceField(choices=Role.choices)

    def __init__(self, *args: Any, giver: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (one.value, one.label) for one in giver.gives
        ]
