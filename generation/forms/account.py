"""Accounts: log-in, sign-up, the first account, and what comes with every new one."""

import logging
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generation.forms.settings import set_display_cookies
from generation.models import Team, User

log = logging.getLogger(__name__)

PASSWORD_HELP = _("At least 8 characters, and not one that many people use.")


@transaction.atomic
def open_account(user: User) -> User:
    """Save a new person together with the team of their own."""
    user.save()
    Team.create_personal(user)
    return user


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "No account has this e-mail address and password. Check both, or reset the password."
        ),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then log in again."),
        "email_taken": _("This address has an account already. Log in, or use another address."),
        "duplicate_email": _("This address belongs to your account already."),
        "enter_current_password": _("This is not your current password. Type it again."),
        "incorrect_password": _("This is not your password. Type it again."),
        "cannot_remove_primary_email": _("Make another address the main one before removing it."),
        "max_email_addresses": _("Remove an address first: an account has at most %d."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data.get("name", "")
        return open_account(user) if commit else user

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        """The browser takes over the person's theme and language."""
        response: HttpResponse = super().post_login(request, user, **facts)
        set_display_cookies(response, user)
        return response

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """What was done is done: a notice that cannot be sent must not look like a failure."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except Exception as trouble:
            log.warning("a notice was not sent: %s", type(trouble).__name__)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under the configured address where there is one: never under a forged Host."""
        if not settings.PUBLIC_URL:
            return str(super().get_reset_password_from_key_url(key))
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.PUBLIC_URL}{path.replace('UID-KEY', key)}"


class Plain:
    """Labels say what a field is; examples in grey letters inside it only look filled in."""

    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class LoginForm(Plain, allauth_forms.LoginForm):  # type: ignore[misc]
    labels = {"login": _("E-mail address"), "password": _("Password")}


class SignupForm(Plain, allauth_forms.SignupForm):  # type: ignore[misc]
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1"]
    labels = {"email": _("E-mail address"), "password1": _("Password")}
    helps = {"password1": PASSWORD_HELP}


class ResetPasswordForm(Plain, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": _("E-mail address")}


class ResetPasswordKeyForm(Plain, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    labels = {"password1": _("New password"), "password2": _("New password again")}
    helps = {"password1": PASSWORD_HELP}


class ChangePasswordForm(Plain, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    labels = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    helps = {"password1": PASSWORD_HELP}


class ReauthenticateForm(Plain, allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": _("Password")}


class AddEmailForm(Plain, allauth_forms.AddEmailForm):  # type: ignore[misc]
    labels = {"email": _("New address")}


class FirstAccountForm(forms.Form):
    """The person who runs the studio: may do everything, and owns a team like anybody."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def person(self) -> User:
        email = User.objects.normalize_email(self.cleaned_data.get("email", "")).lower()
        return User(email=email, name=self.cleaned_data.get("name", ""))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person())
        return password

    def save(self, **flags: bool) -> User:
        user = self.person()
        user.set_password(self.cleaned_data["password"])
        for name, value in flags.items():
            setattr(user, name, value)
        open_account(user)
        EmailAddress.objects.create(user=user, email=user.email, primary=True)
        return user


class NewAccountForm(FirstAccountForm):
    """An account made by the operator, beside others."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("This address has an account already. Use another address."))
        return email
