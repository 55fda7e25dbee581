"""Forms for provider keys: what is typed into the key field is never sent back."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.catalogue.signs import IGNORED, fold_width, is_blank
from generation.models.keys import NEEDS_KEY, ProviderName

LONGEST = 500
MARKS_AROUND = "\"'`´,;"
QUOTES = ("Pi", "Pf", "Ps", "Pe")  # of typography: “ ” „ « » 「 」 and brackets
GAP = rf"[\s{IGNORED}]"
PREFIX = re.compile(
    rf"^(?:authorization{GAP}*:{GAP}*)?(?:(?:bearer|token)(?:{GAP}+|$))?", re.IGNORECASE
)


def bare(text: str) -> str:
    """The key itself, without what is copied along: spaces and signs that nobody sees, quotes,
    the header's words, letters of full width."""
    text = fold_width(text)
    while True:
        found = PREFIX.sub("", strip_around(text))
        if found == text:
            return found
        text = found


def strip_around(text: str) -> str:
    first, last = 0, len(text)
    while first < last and is_around(text[first]):
        first += 1
    while first < last and is_around(text[last - 1]):
        last -= 1
    return text[first:last]


def is_around(sign: str) -> bool:
    return is_blank(sign) or sign in MARKS_AROUND or unicodedata.category(sign) in QUOTES


class SecretField(forms.CharField):
    """A key. Written once, never rendered again."""

    def __init__(self) -> None:
        hints = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            label=gettext_lazy("Key"),
            strip=False,
            widget=forms.PasswordInput(render_value=False, attrs=hints),
            error_messages={"required": gettext_lazy("Enter the key.")},
        )

    def to_python(self, value: Any) -> str:
        return bare(super().to_python(value) or "")

    def run_validators(self, value: str) -> None:
        if len(value) > LONGEST:
            longest = {"longest": LONGEST}
            raise forms.ValidationError(_("A key has at most %(longest)d characters.") % longest)
        if any(sign.isspace() for sign in value):
            raise forms.ValidationError(_("A key has no spaces inside. Copy it again."))
        if not (value.isascii() and value.isprintable()):
            raise forms.ValidationError(_("This holds a sign that no key has. Copy it again."))


class ReplaceForm(forms.Form):
    secret = SecretField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].widget.attrs["autofocus"] = True


class KeyForm(forms.Form):
    provider = forms.ChoiceField(
        label=gettext_lazy("Provider"),
        choices=[(name.value, name.label) for name in ProviderName if name in NEEDS_KEY],
    )
    label = forms.CharField(label=gettext_lazy("Label"), max_length=60, required=False)
    secret = SecretField()
