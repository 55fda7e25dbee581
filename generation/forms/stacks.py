"""Stacks of versions: their name, and notes on single versions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.forms.seen_texts import SeenTexts
from generation.models import Stack

LONGEST_NOTE = 500


class StackForm(SeenTexts, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Stack
        fields = ["name", "ask_again"]
        labels = {"name": _("Name"), "ask_again": _("Ask again about a new version")}
        help_texts = {
            "name": _("Without one, it is called by the prompt of its newest version."),
            "ask_again": _("Whoever was asked about a version is asked about the next one, too."),
        }
        widgets = {"name": forms.TextInput({"autocomplete": "off"})}


class NoteForm(SeenTexts, forms.Form):
    longest = LONGEST_NOTE
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False)
