"""Text of signs that nobody sees is none, in every field of a form."""

from typing import Any

from django import forms
from django.core.validators import EMPTY_VALUES

from generation.catalogue.signs import is_blank


class Unseen(list[Any]):
    """What a field takes for nothing."""

    def __contains__(self, value: Any) -> bool:
        return super().__contains__(value) or (isinstance(value, str) and is_blank(value))


class SeenTexts(forms.BaseForm):
    """Put first among the bases. Passwords and keys are left as typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and not isinstance(
                field.widget, forms.PasswordInput
            ):
                field.empty_values = Unseen(EMPTY_VALUES)
