"""What the operator fills in: why, an address, a message to everybody."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.forms.seen_texts import SeenTexts
from generation.models import Announcement, Switches
from generation.models.addresses import fold_address

LONGEST_REASON = 200
LENGTHS = {
    "1": _("One hour"), "4": _("Four hours"), "24": _("A day"), "72": _("Three days"),
    "168": _("A week"), "720": _("30 days"),
}  # fmt: skip


class ReasonForm(SeenTexts, forms.Form):
    """Why: kept in the audit log with the act."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept in the audit log."),
        max_length=LONGEST_REASON,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        error_messages={"required": _("Say why. It is kept in the audit log.")},
    )


class AddressForm(ReasonForm):
    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"class": "input", "autocomplete": "off"}),
    )
    field_order = ["email", "reason"]

    def clean_email(self) -> str:
        return fold_address(self.cleaned_data["email"])


class SignupForm(forms.Form):
    """Whether strangers may sign up: what the environment says, or open, or closed."""

    CHOICES = {"": None, "open": True, "closed": False}

    signup = forms.ChoiceField(
        label=_("Strangers may sign up"),
        required=False,
        choices=[
            ("", _("As the environment says")), ("open", _("Open")), ("closed", _("Closed")),
        ],
        widget=forms.Select({"class": "input"}),
    )  # fmt: skip

    @classmethod
    def now(cls) -> "SignupForm":
        switched = Switches.objects.values_list("signup_open", flat=True).first()
        word = next(word for word, value in cls.CHOICES.items() if value is switched)
        return cls(initial={"signup": word})

    @property
    def chosen(self) -> bool | None:
        return self.CHOICES[self.cleaned_data["signup"]]


class AnnouncementForm(SeenTexts, forms.ModelForm):  # type: ignore[type-arg]
    hours = forms.ChoiceField(
        label=_("Shown for"),
        choices=LENGTHS,
        initial="24",
        widget=forms.Select({"class": "input"}),
    )

    class Meta:
        model = Announcement
        fields = ["text", "level", "hours", "at_login"]
        labels = {
            "text": _("Message"),
            "level": _("Kind"),
            "at_login": _("Also on the log-in page"),
        }
        help_texts = {
            "text": _("One sentence of at most 300 characters."),
            "at_login": _("Anybody who opens the page reads it there."),
        }
        widgets = {
            "text": forms.Textarea({"class": "input", "rows": 3, "maxlength": 300}),
            "level": forms.Select({"class": "input"}),
            "at_login": forms.CheckboxInput({"class": "switch", "role": "switch"}),
        }
        error_messages = {"text": {"required": _("Write the message.")}}

    def clean_text(self) -> str:
        """One line of characters that can be seen."""
        text = " ".join(self.cleaned_data["text"].split())
        if not text.isprintable():
            raise ValidationError(_("The message has characters that cannot be shown."))
        return text

    def save(self, commit: bool = True) -> Any:
        self.instance.until = timezone.now() + timedelta(hours=int(self.cleaned_data["hours"]))
        return super().save(commit)
