"""Collections: name and note."""

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.forms.seen_texts import SeenTexts
from generation.models import Collection


class CollectionForm(SeenTexts, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Collection
        fields = ["name", "note"]
        labels = {"name": _("Name"), "note": _("Note")}
        help_texts = {"note": _("What it is for, and what to look at first.")}
        widgets = {
            "name": forms.TextInput({"autocomplete": "off"}),
            "note": forms.Textarea({"rows": 3}),
        }
        error_messages = {"name": {"required": _("Give the collection a name.")}}
