"""What templates ask of the composer's form: its fields in groups, its rows, its problems."""

from typing import Any

from django import forms

from generation.catalogue.params import PARAMS
from generation.catalogue.types import Group
from generation.forms.fields import BIG, Missing, Setting
from generation.forms.row_fields import PARTS

PAIRS = ("shape", "slider", "switch")


class FormDisplay(forms.Form):
    """The half of the form that only shows. `raw` are the native values as they stand."""

    raw: dict[str, Any]
    row_errors: dict[str, dict[int, str]]

    @property
    def names(self) -> list[str]:
        raise NotImplementedError

    def setting(self, name: str) -> Setting:
        field = self.fields[name]
        assert isinstance(field, Setting)  # noqa: S101  (all of `names` are)
        return field

    @property
    def usual(self) -> list[forms.BoundField]:
        """What follows the model and most people look at; switches come last, side by side."""
        apart = (*BIG, "frames", "template")
        found = [one for one in self.group("usual") if one.name not in apart]
        return sorted(found, key=lambda one: self.setting(one.name).control == "switch")

    def group(self, name: Group) -> list[forms.BoundField]:
        """The settings of a group that can be set now, or that hold what was refused."""
        names = [one for one in self.names if self.group_of(one) == name]
        return [self[one] for one in names if not self.setting(one).off or one in self.errors]

    def group_of(self, name: str) -> Group:
        """The id of a new voice is made of its name, so that only a developer types one."""
        return "developer" if self.setting(name).control == "new_voice" else PARAMS[name].group

    @property
    def halves(self) -> list[str]:
        """The settings that share a row with their neighbour."""
        names = [one.name for one in self.usual]
        found = []
        for kind in PAIRS:
            pair = [name for name in names if self.kind_of_row(name) == kind]
            found += pair if len(pair) == 2 else []
        return found

    def kind_of_row(self, name: str) -> str:
        """Settings of one kind can share a row."""
        setting = self.setting(name)
        if name in ("resolution", "aspect_ratio") and setting.control in ("seg", "ratio"):
            return "shape"
        if setting.control == "switch":
            return "switch"
        return "slider" if setting.control == "slider" and not setting.unit else ""

    @property
    def text_fields(self) -> list[forms.BoundField]:
        """The texts with a box of their own."""
        return [self[name] for name in self.names if name in BIG]

    @property
    def advanced(self) -> list[forms.BoundField]:
        return self.group("advanced")

    @property
    def developer(self) -> list[forms.BoundField]:
        return self.group("developer")

    @property
    def advanced_is_wrong(self) -> bool:
        return any(one.errors for one in (self["key"], *self.advanced))

    @property
    def developer_is_wrong(self) -> bool:
        return any(one.errors for one in self.developer)

    @property
    def advanced_set(self) -> list[forms.BoundField]:
        """The advanced settings that are not as the model has them by itself."""
        return [one for one in self.advanced if differs(one.field, self.raw[one.name])]

    @property
    def developer_set(self) -> list[forms.BoundField]:
        return [one for one in self.developer if differs(one.field, self.raw[one.name])]

    @property
    def missing_settings(self) -> list[Missing]:
        """What other models have, or this one with other settings, and why not now."""
        names = [name for name in self.names if name not in BIG]
        return [one for name in names for one in self.setting(name).missing]

    @property
    def cue_rows(self) -> list[dict[str, Any]]:
        """The sounds in time as they stand, at least one to fill in."""
        errors = self.row_errors.get("cues", {})
        rows = [*(self.raw.get("cues") or [])] or [{}]
        return [
            {part: blank(row.get(part)) for part in PARTS["cues"]}
            | {"error": errors.get(place, "")}
            for place, row in enumerate(rows)
        ]

    @property
    def dock_text(self) -> str:
        return str(next((self.raw[name] for name in BIG if self.raw.get(name)), ""))

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What is wrong, in the order of the page, for a summary with links."""
        wrong = [self[name] for name in self.fields if name in self.errors]
        return [{"target": field.auto_id, "label": field.errors[0]} for field in wrong]


def blank(value: Any) -> Any:
    return "" if value is None else value


def differs(setting: forms.Field, value: Any) -> bool:
    if not isinstance(setting, Setting) or setting.off:
        return False
    usual = setting.default
    return value not in (None, "", False if usual is None else usual)
