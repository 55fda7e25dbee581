"""The second word before many results are deleted for good: their number, typed."""

import re
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TYPED_ABOVE = 50
GROUPING = re.compile(r"[\s.,'’]")


class CountForm(forms.Form):
    """Asks for the number where there are more than a person sees at once."""

    typed = forms.CharField(
        label=gettext_lazy("Type the number to confirm"),
        error_messages={"required": gettext_lazy("Type the number to confirm.")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, count: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = count
        if count <= TYPED_ABOVE:
            del self.fields["typed"]

    def clean_typed(self) -> str:
        """In any script's digits, grouped as the person likes."""
        typed: str = self.cleaned_data["typed"]
        digits = GROUPING.sub("", typed)
        if not digits.isdecimal() or int(digits[:20]) != self.count:
            shown = number_format(self.count, use_l10n=True, force_grouping=True)
            raise forms.ValidationError(_("Type %(count)s to delete them.") % {"count": shown})
        return typed
