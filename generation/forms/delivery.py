"""What files of a team carry when they leave, and whether a file is one of the team."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.models import DeliveryRules

SHA256 = re.compile(r"[0-9a-f]{64}")
SWITCH = {"class": "switch", "role": "switch"}


class DeliveryForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = DeliveryRules
        fields = ["source_mark", "aigc_keys", "names_maker", "sidecar_in_zip"]
        labels = {
            "source_mark": _("Say that a model made it"),
            "aigc_keys": _("Add the Chinese AIGC label"),
            "names_maker": _("Name who made it"),
            "sidecar_in_zip": _("Put the settings into a ZIP"),
        }
        help_texts = {
            "source_mark": _(
                "Images and MP4 get the IPTC mark “trainedAlgorithmicMedia”, which search engines"
                " and social networks read."
            ),
            "aigc_keys": _(
                "As China asks of files made by AI (GB 45438-2025): who produced it, and a number."
            ),
            "names_maker": _("In the settings that are saved beside a file, never in the file."),
            "sidecar_in_zip": _(
                "A JSON file beside each result: prompt, model, inputs, hash. By a share link only "
                "where it shows prompts and names."
            ),
        }
        widgets = {name: forms.CheckboxInput(SWITCH) for name in fields}


class CheckForm(forms.Form):
    """A file, or its hash: a browser with scripts sends the hash alone."""

    sha256 = forms.CharField(
        label=_("SHA-256 of the file"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)

    def clean_sha256(self) -> str:
        """As tools print it: with capitals, spaces, or the name of the file behind it."""
        typed = str(self.cleaned_data["sha256"]).strip().lower().removeprefix("sha256:")
        if not typed:
            return ""
        first = re.split(r"[\s*]", typed.strip(), maxsplit=1)[0]
        for one in (first, re.sub(r"[\s:]", "", typed)):
            if SHA256.fullmatch(one):
                return one
        raise forms.ValidationError(
            _("This is no SHA-256: it has 64 letters from 0 to 9 and a to f.")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("sha256") and not data.get("file"):
            raise forms.ValidationError(_("Choose a file, or enter its SHA-256."))
        return data
