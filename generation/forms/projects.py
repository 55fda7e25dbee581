"""Projects: name and description."""

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.forms.seen_texts import SeenTexts
from generation.models import Project


class ProjectForm(SeenTexts, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Project
        fields = ["name", "description"]
        labels = {"name": _("Name"), "description": _("Description")}
        help_texts = {"description": _("The brief: what it is for, who decides, by when.")}
        widgets = {
            "name": forms.TextInput({"autocomplete": "off"}),
            "description": forms.Textarea({"rows": 4}),
        }
        error_messages = {"name": {"required": _("Give the project a name.")}}
