"""Teams: their name, and what they ask of their members."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.forms.seen_texts import SeenTexts
from generation.forms.team_defaults import TimeZoneField, chosen_settings, setting_fields
from generation.models import Membership, Role, Team


class TeamForm(SeenTexts, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ["name"]
        labels = {"name": _("Name")}
        widgets = {"name": forms.TextInput({"autocomplete": "organization"})}
        error_messages = {"name": {"required": _("Give the team a name.")}}


class TeamSettingsForm(TeamForm):
    factor = forms.BooleanField(
        label=_("Ask everybody for a second step at log-in"),
        help_text=_("Members who have none are led to set one up before they can go on."),
        required=False,
        widget=forms.CheckboxInput({"class": "switch", "role": "switch"}),
    )
    time_zone = TimeZoneField()

    class Meta(TeamForm.Meta):
        fields = ["name", "time_zone", "default_project"]
        labels = TeamForm.Meta.labels | {"default_project": _("Project for new work")}
        help_texts = {"default_project": _("For who has not chosen one yet.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factor"].initial = self.instance.factor_required_from is not None
        project = self.fields["default_project"]
        project.queryset = self.instance.projects.active()  # type: ignore[attr-defined]
        project.empty_label = _("The first one")  # type: ignore[attr-defined]
        self.fields |= setting_fields(self.instance)

    @property
    def settings(self) -> list[forms.BoundField]:
        return [self[name] for name in setting_fields(self.instance)]

    def save(self, commit: bool = True) -> Team:
        asked = self.instance.factor_required_from
        self.instance.factor_required_from = (
            (asked or timezone.now()) if self.cleaned_data["factor"] else None
        )
        self.instance.default_settings = chosen_settings(self.cleaned_data)
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


class HeirForm(forms.Form):
    """Who receives the work of who leaves."""

    heir = forms.TypedChoiceField(
        label=_("Who receives the work"),
        help_text=_("The name of the maker stays on it."),
        coerce=int,
        required=False,
        empty_value=None,
    )

    links = forms.ChoiceField(
        label=_("Share links"),
        choices=[("keep", _("Keep them open, under who receives the work")),
                 ("off", _("Switch them off"))],
        required=False,
        initial="keep",
        widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(
        self, *args: Any, heirs: QuerySet[Membership], remover: Membership, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        # Whoever removes receives it, unless somebody else is chosen.
        rows = sorted(heirs, key=lambda one: one.pk != remover.pk)
        you = _("%(name)s (you)")
        self.fields["heir"].choices = [  # type: ignore[attr-defined]
            (row.pk, you % {"name": row.user.shown_name} if row.pk == remover.pk else str(row.user))
            for row in rows
        ]


class OfferForm(forms.Form):
    to = forms.ChoiceField(
        label=_("New owner"),
        error_messages={"required": _("Choose who is to own the team.")},
    )

    def __init__(self, *args: Any, others: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (row.pk, row.user.shown_name) for row in others.order_by("joined_at", "id")
        ]


class DeleteTeamForm(forms.Form):
    """Typing the name is slow on purpose."""

    name = forms.CharField(
        label=_("Name of the team"),
        max_length=80,
        error_messages={"required": _("Type the name of the team to delete it.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if " ".join(name.split()).casefold() != " ".join(self.team.name.split()).casefold():
            raise forms.ValidationError(
                _("This is not its name. Type “%(name)s”."), params={"name": self.team.name}
            )
        return name
