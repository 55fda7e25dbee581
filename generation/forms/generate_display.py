"""What templates ask of the composer's form: its fields in groups, its rows, its problems."""

from typing import Any

from django import forms

from generation.catalogue.params import PARAMS
from generation.forms.fields import BIG, Setting
from generation.forms.row_fields import PARTS

MOST_HALF = 4  # buttons that fit into half of the composer


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
    def main(self) -> list[forms.BoundField]:
        """What follows the model and most people look at."""
        apart = (*BIG, "frames")
        return [self[n] for n in self.names if not PARAMS[n].advanced and n not in apart]

    @property
    def halves(self) -> tuple[str, ...]:
        """Length and resolution stand side by side where both are short."""
        pair = ("duration", "resolution")
        found = [self.fields[name] for name in pair if name in self.fields]
        narrow = [one for one in found if isinstance(one, Setting) and is_narrow(one)]
        return pair if len(narrow) == len(pair) else ()

    @property
    def text_fields(self) -> list[forms.BoundField]:
        """The texts with a box of their own."""
        return [self[name] for name in self.names if name in BIG]

    @property
    def advanced(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names if PARAMS[name].advanced]

    @property
    def advanced_is_set(self) -> bool:
        return bool(self.set_apart) or any(self[name].errors for name in ("key", *self.names))

    @property
    def set_apart(self) -> list[forms.BoundField]:
        """The advanced settings that are not as the model has them by itself."""
        return [one for one in self.advanced if differs(one.field, self.raw[one.name])]

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


def is_narrow(setting: Setting) -> bool:
    few = setting.control == "seg" and len(setting.options) <= MOST_HALF
    return few or setting.control == "slider"


def blank(value: Any) -> Any:
    return "" if value is None else value


def differs(setting: forms.Field, value: Any) -> bool:
    if not isinstance(setting, Setting) or setting.off:
        return False
    usual = setting.default
    return value not in (None, "", False if usual is None else usual)
