"""What a person sets for themselves."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from generation.forms.zones import ReaderZoneField
from generation.models import Theme, User

YEAR = 365 * 24 * 3600
THEME_COOKIE = "theme"
KEYS_COOKIE = "keys"
PREVIEWS_COOKIE = "previews"


def set_choice_cookie(response: HttpResponse, name: str, value: str) -> None:
    """A cookie for a choice of this browser; no value removes it."""
    if not value:
        response.delete_cookie(name, path=settings.COOKIE_PATH, samesite="Lax")
        return
    response.set_cookie(
        name, value, max_age=YEAR, path=settings.COOKIE_PATH, secure=settings.HTTPS,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def set_display_cookies(response: HttpResponse, user: User) -> None:
    """Have the browser show every page, also those without a log-in, as the person chose."""
    set_choice_cookie(response, THEME_COOKIE, user.theme)
    set_choice_cookie(response, settings.LANGUAGE_COOKIE_NAME, user.language)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(label=_("Language"), required=True)
    zone = ReaderZoneField()

    class Meta:
        model = User
        fields = ["name", "language", "zone"]
        labels = {"name": _("Name")}
        help_texts = {"name": _("Shown to your team beside what you make.")}
        widgets = {"name": forms.TextInput({"autocomplete": "name"})}

    def __init__(self, *args: Any, browser: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].offer(browser, self.instance.zone)  # type: ignore[attr-defined]
        field = self.fields["language"]
        field.required = False
        names = {"en": "English", "zh-hans": "简体中文"}
        own = [(code, names.get(code, name)) for code, name in settings.LANGUAGES]
        field.choices = [("", _("Same as the browser")), *own]  # type: ignore[attr-defined]


class AppearanceForm(forms.ModelForm):  # type: ignore[type-arg]
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)
    previews = forms.BooleanField(
        label=_("Autoplay previews"),
        help_text=_("Videos play without sound while the pointer rests on them."),
        required=False,
        widget=forms.CheckboxInput({"class": "switch", "role": "switch"}),
    )

    class Meta:
        model = User
        fields = ["theme"]


class SingleKeysForm(forms.Form):
    """WCAG 2.1.4: keys without a modifier can be switched off."""

    on = forms.BooleanField(
        label=_("Single keys"),
        help_text=_("Off leaves the shortcuts that need Ctrl, and those inside a field."),
        required=False,
        widget=forms.CheckboxInput({"class": "switch", "role": "switch"}),
    )
