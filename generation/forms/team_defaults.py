"""What new work of a team starts with, and the time zone of its dates."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.types import Counts, Offer
from generation.forms.fields import resolution_height
from generation.forms.labels import value_label
from generation.models import Team

SETTINGS = {
    ("image", "aspect_ratio"): _("Aspect ratio of images"),
    ("image", "resolution"): _("Resolution of images"),
    ("video", "aspect_ratio"): _("Aspect ratio of videos"),
    ("video", "resolution"): _("Resolution of videos"),
}


def field_name(kind: str, name: str) -> str:
    return f"{kind}_{name}"


def choices_of(kind: str, name: str) -> list[tuple[str, Any]]:
    """What any model that makes this kind of result allows."""
    rows = [row for row in rules.offers() if MODES[row.mode].makes == kind and name in row.limits]
    allowed = dict.fromkeys(str(one) for row in rows for one in row.limits[name].allowed)
    found = sorted(allowed, key=resolution_height) if name == "resolution" else list(allowed)
    return [("", _("As the model has it")), *((one, value_label(name, one)) for one in found)]


def setting_fields(team: Team) -> dict[str, forms.ChoiceField]:
    return {
        field_name(kind, name): forms.ChoiceField(
            label=label,
            required=False,
            choices=choices_of(kind, name),
            initial=team.default_settings.get(kind, {}).get(name, ""),
        )
        for (kind, name), label in SETTINGS.items()
    }


def chosen_settings(cleaned: dict[str, Any]) -> dict[str, dict[str, str]]:
    """As the team keeps them: {kind: {setting: value}}, without what is left to the model."""
    found: dict[str, dict[str, str]] = {}
    for kind, name in SETTINGS:
        if value := cleaned.get(field_name(kind, name)):
            found.setdefault(kind, {})[name] = value
    return found


def defaults_for(
    team: Team, offer: Offer, values: dict[str, Any], counts: Counts
) -> dict[str, Any]:
    """Those of the team's settings that this model can have; the others it never hears of."""
    wanted = team.default_settings.get(MODES[offer.mode].makes, {})
    fitting = {}
    for name, value in wanted.items():
        limit = rules.limit(offer, name, values, counts) if name in offer.limits else None
        if limit and not limit.off and value in limit.allowed:
            fitting[name] = value
    return fitting


class TimeZoneField(forms.CharField):
    """A name of the IANA list, found by a part of it: "berlin" is Europe/Berlin."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Time zone"),
            required=False,
            max_length=64,
            help_text=_("Of dates that are shown to others. Type a city."),
            widget=forms.TextInput({"list": "time-zones", "placeholder": settings.TIME_ZONE}),
        )

    def clean(self, value: Any) -> str:
        typed = "_".join(str(super().clean(value)).split()).casefold()
        if not typed:
            return ""
        names = sorted(available_timezones())
        exact = [name for name in names if name.casefold() == typed]
        ending = [name for name in names if name.casefold().rpartition("/")[2] == typed]
        if len(exact or ending) != 1:
            raise forms.ValidationError(
                _("No time zone is called this. Choose one of the list, such as Europe/Berlin.")
            )
        return (exact or ending)[0]


def time_zones() -> list[str]:
    """For people to choose from: by place."""
    return sorted(name for name in available_timezones() if "/" in name and "Etc/" not in name)
