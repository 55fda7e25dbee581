"""How a guest of a share link is called."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from generation.models import Visitor


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Visitor
        fields = ["name", "email"]

    def __init__(self, *args: Any, needs_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].error_messages["required"] = _("Enter the name that others shall see.")
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if not needs_email:
            del self.fields["email"]
            return
        self.fields["email"].required = True
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address.")
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def clean_name(self) -> str:
        """On one line, and not of signs that nobody sees."""
        name = " ".join(self.cleaned_data["name"].split())
        shown = "".join(sign for sign in name if sign.isprintable())
        if not shown.strip():
            raise forms.ValidationError(_("Enter the name that others shall see."))
        return shown
