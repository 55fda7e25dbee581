"""What a person writes of the consent for a subject, and what others are told of it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.models import ConsentFile, ConsentKind, ConsentState, Subject
from generation.models.consents import LONGEST_NOTE, consent_of

EARLIEST = date(2000, 1, 1)


class PlainLines(forms.CharField):
    """Text in lines: browsers send CRLF for a break, a person counts one sign."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n")


class ConsentForm(forms.Form):
    """The consent for one subject. `file` is the paper that it will have; `refused` says why one
    that came with this request could not be taken."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=ConsentKind.choices,
        initial=ConsentKind.RELEASE,
        help_text=gettext_lazy(
            "A release is signed by the person shown, or by the owner of the thing or place."
        ),
    )
    until = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        help_text=gettext_lazy("Its last day. Leave it empty where it has no end."),
        error_messages={
            "invalid": gettext_lazy("This is no date. Write it as year-month-day: 2027-03-31.")
        },
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    note = PlainLines(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy(
            "What it allows: media, countries, contact. Up to 1,000 characters."
        ),
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        subject: Subject,
        file: ConsentFile | None = None,
        lost: bool = False,
        refused: Iterable[str] = (),
    ) -> None:
        super().__init__(data, initial=consent_fields(subject))
        # A browser would cut off what is pasted, without a word.
        del self.fields["note"].widget.attrs["maxlength"]
        self.subject, self.file, self.lost, self.refused = subject, file, lost, list(refused)

    @property
    def file_errors(self) -> list[str]:
        return [*map(str, self.non_field_errors())] if self.is_bound else []

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until < EARLIEST:
            raise forms.ValidationError(_("Write the year with four digits, from 2000 on."))
        return until

    def clean_note(self) -> str:
        return str(self.cleaned_data["note"]).strip()

    def clean(self) -> dict[str, Any]:
        problems = list(self.refused)
        if self.lost:
            problems.append(_("The file is gone. Choose it again."))
        if problems:
            raise forms.ValidationError(problems)
        return self.cleaned_data

    @property
    def facts(self) -> dict[str, Any]:
        """The fields of the row, once the form is valid."""
        names = ("kind", "until", "note")
        return {name: self.cleaned_data[name] for name in names} | {"file": self.file}


def consent_fields(subject: Subject) -> dict[str, Any]:
    consent = consent_of(subject)
    if consent is None:
        return {"seen": 0}
    names = ("kind", "until", "note")
    return {name: getattr(consent, name) for name in names} | {"seen": consent.version}


def warning_for(subject: Subject, today: date) -> SafeString | str:
    """One sentence where the consent is over or soon will be; empty where nothing is to be said."""
    consent = consent_of(subject)
    if consent is None or consent.until is None:
        return ""
    facts = {
        "subject": f"@{subject.name}",
        "day": date_format(consent.until, "DATE_FORMAT"),
        "link": renew_link(subject),
    }
    match consent.state(today):
        case ConsentState.ENDED:
            text = _("Consent for {subject} ended on {day}. {link} or choose another subject.")
        case ConsentState.SOON:
            days = (consent.until - today).days
            text = ngettext(
                "Consent for {subject} ends on {day}, in {days} day. {link} in time.",
                "Consent for {subject} ends on {day}, in {days} days. {link} in time.",
                days,
            )
            if not days:
                text = _("Consent for {subject} ends today. {link} in time.")
            facts["days"] = str(days)
        case _:
            return ""
    return format_html(text, **facts)


def renew_link(subject: Subject) -> SafeString:
    address = reverse("subject-consent", args=[subject.pk])
    return format_html('<a class="link" href="{}">{}</a>', address, _("Renew it"))
