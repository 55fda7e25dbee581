"""Accounts: log-in, sign-up, the first account, and what comes with every new one."""

from contextlib import suppress
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account import signals
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.forms import BaseConfirmCodeForm, default_token_generator
from allauth.account.forms import ConfirmEmailVerificationCodeForm as EmailCodeForm
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django import forms
from django.apps import apps
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from generation.engine.invitations import Standing, accept_invitation, find_by_hash
from generation.forms import limits
from generation.forms.invitations import INVITED, invitation_for_sign_up, prove_by_invitation
from generation.forms.known_device import note_device
from generation.forms.links import link_to
from generation.forms.log_in import (
    ProofStage,
    TooManyTries,
    check_log_in,
    check_own_password,
    forget_tries,
)
from generation.forms.settings import set_display_cookies
from generation.models import Switches, User, Verb, audit
from generation.models.addresses import (
    NotProven,
    claimant_of,
    drop_unproven,
    fold_address,
    has_proven,
    lock_account,
    no_address,
    owner_of,
    prove_address,
    who_may_reset,
)
from generation.models.teams import MEMBERSHIP
from generation.models.users import NOWHERE

PASSWORD_HELP = _("At least 8 characters, and not one that many people use.")


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "No account has this e-mail address and password. Check both, or reset the password."
        ),
        "too_many_login_attempts": _(
            "Too many tries. Wait five minutes, then try again. A link to set a new password works "
            "at once."
        ),
        "email_taken": _("This address has an account already. Log in, or use another address."),
        "duplicate_email": _("This address belongs to your account already."),
        "enter_current_password": _("This is not your current password. Type it again."),
        "incorrect_password": _("This is not your password. Type it again."),
        "incorrect_code": _("This is not the code of the newest mail. Type it again."),
        "cannot_remove_primary_email": _("Make another address the main one before removing it."),
        "max_email_addresses": _("Remove an address first: an account has at most %d."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return Switches.signup_is_open() or invitation_for_sign_up(request) is not None

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        """A new person has no address and no team before the address is proven."""
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data.get("name", "")
        user.email = no_address()
        if commit:
            user.save()
        return user

    def get_login_stages(self) -> list[str]:
        proof = f"{ProofStage.__module__}.{ProofStage.__name__}"
        return [
            proof if stage.endswith(".EmailVerificationStage") else stage
            for stage in super().get_login_stages()
        ]

    def authenticate(
        self, request: HttpRequest, email: str = "", password: str = "", **_others: Any
    ) -> User | None:
        """Also of a paused account: allauth leads it to its page."""
        try:
            return check_log_in(request, email, password)
        except TooManyTries:
            raise self.validation_error("too_many_login_attempts") from None

    def reauthenticate(self, user: User, password: str) -> bool:
        try:
            return check_own_password(user, password)
        except TooManyTries:
            raise self.validation_error("rate_limited") from None

    def _delete_login_attempts_cached_email(self, _request: HttpRequest, **_facts: Any) -> None:
        """What allauth would forget after a reset is not where it looks."""

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        """The browser takes over the person's theme and language."""
        response: HttpResponse = super().post_login(request, user, **facts)
        row = find_by_hash(request.session.pop(INVITED, ""))
        if row and facts.get("signup") and accept_invitation(row, user) is Standing.OPEN:
            request.session.pop(MEMBERSHIP, None)  # the next page begins in the new team
            messages.success(request, _("You are in %(team)s now.") % {"team": row.team})
            response = redirect("create-home")
        set_display_cookies(response, user)
        note_device(request, user)
        return response

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        user, email, is_new = email_address.user, email_address.email, not email_address.pk
        is_first = not has_proven(user)
        try:
            prove_address(user, email)
        except NotProven:
            template = "account/messages/email_confirmation_failed.txt"
            self.add_message(request, messages.ERROR, template, {"email": email})
            return False
        if is_new:
            signals.email_added.send(
                sender=EmailAddress, request=request, user=user, email_address=email_address
            )
        signals.email_confirmed.send(
            sender=EmailAddress, request=request, email_address=email_address
        )
        template = "account/messages/email_confirmed.txt"
        self.add_message(request, messages.SUCCESS, template, {"email": email})
        if not is_first:
            facts = {"added_email": email}
            self.send_notification_mail("account/email/email_added", user, facts)
        return True

    def set_password(self, user: User, password: str) -> None:
        """No other column: the address may have changed since the row was read."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        is_main = email_address.email == email_address.user.email
        return not is_main and super().can_delete_email(email_address)

    def get_email_verification_redirect_url(self, _email_address: EmailAddress) -> str:
        return reverse("account_email")

    # --- Mail: its links come from the settings ----------------------------------------------

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return link_to(path.replace("UID-KEY", key))

    def send_account_already_exists_mail(self, email: str) -> None:
        """With a link that gives the account to who reads this, also where another made it."""
        count_code(email)
        link = link_to(reverse("account_reset_password"))
        if user := who_may_reset(email):
            key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
            link = self.get_reset_password_from_key_url(key)
        facts = {"password_reset_url": link}
        self.send_mail("account/email/account_already_exists", email, facts)

    def send_confirmation_mail(self, request: HttpRequest, code: Any, signup: bool) -> None:
        count_code(code.email_address.email)
        super().send_confirmation_mail(request, code, signup)

    def send_notification_mail(
        self, template_prefix: str, user: User, *facts: Any, **more: Any
    ) -> None:
        """In the language of the person. What happened stays so where no mail can be sent."""
        if user.email.endswith(NOWHERE):
            return
        with suppress(OSError), override(user.language or get_language()):
            super().send_notification_mail(template_prefix, user, *facts, **more)


def count_code(email: str) -> None:
    """Before a mail that somebody asks for whose address it need not be."""
    request, address = context.request, fold_address(email)
    turn = limits.Turn().take(limits.CODES, address, limits.network_of(request))
    if not turn.take(limits.ALL_CODES, address).is_allowed:
        raise ImmediateHttpResponse(respond_429(request))


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


class Counted:
    """A form that each network may send only so often."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        network = limits.network_of(context.request)
        if not limits.Turn().take(self.network_limit(), network).is_allowed:
            raise get_adapter().validation_error("rate_limited")
        return cleaned

    def network_limit(self) -> limits.Limit:
        raise NotImplementedError


class SignupForm(Counted, Plain, allauth_forms.SignupForm):  # type: ignore[misc]
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1"]
    labels = {"email": _("E-mail address"), "password1": _("Password")}
    helps = {"password1": PASSWORD_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation_for_sign_up(context.request)
        if self.invitation and self.invitation.email:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("The invitation is for this address.")
            self.initial["email"] = self.invitation.email

    def network_limit(self) -> limits.Limit:
        return limits.sign_ups()

    def validate_unique_email(self, value: str) -> str:
        """What others only began to sign up with is free."""
        self.account_already_exists = claimant_of(value) is not None
        return value

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # as long as for a new one
        return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        adapter = get_adapter()
        user: User = adapter.save_user(request, adapter.new_user(request), self)
        email = self.cleaned_data["email"]
        EmailAddress.objects.create(user=user, email=email, primary=True)
        audit(Verb.ACCOUNT_CREATED, team=None, actor=user, target=user)
        if self.invitation:
            prove_by_invitation(self.invitation, user, email)
            request.session[INVITED] = self.invitation.token_hash
        return user


class EnterCodeForm(Plain, EmailCodeForm):  # type: ignore[misc]
    labels = {"code": _("Code")}

    def clean_code(self) -> str:
        code: str = BaseConfirmCodeForm.clean_code(self)
        if self.user is None or owner_of(self.email) not in (None, self.user):
            raise get_adapter().validation_error("email_taken")
        return code


class ResetPasswordForm(Counted, Plain, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": _("E-mail address")}

    def network_limit(self) -> limits.Limit:
        return limits.RESETS

    def clean_email(self) -> str:
        email: str = super().clean_email()
        user = who_may_reset(email)
        self.users = [user] if user else []
        return email

    def save(self, request: HttpRequest, **facts: Any) -> str:
        """Without a word where the address has got several: the answer is always the same."""
        email: str = self.cleaned_data["email"]
        if limits.Turn().take(limits.RESET_MAILS, fold_address(email)).is_allowed:
            super().save(request, **facts)
        return email


class ResetPasswordKeyForm(Plain, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    labels = {"password1": _("New password"), "password2": _("New password again")}
    helps = {"password1": PASSWORD_HELP}

    @transaction.atomic
    def save(self) -> None:
        """Who has the mail has the account, and nobody else has a way into it any more."""
        if not default_token_generator.check_token(lock_account(self.user), self.temp_key):
            raise ImmediateHttpResponse(redirect("account_reset_password"))
        super().save()
        forget_tries(self.user)
        if not has_proven(self.user):
            drop_factors(self.user)
            prove_address(self.user, self.user.email)
        drop_unproven(self.user)


def drop_factors(user: User) -> None:
    """Those of an account that was never proven may be a stranger's."""
    if apps.is_installed("allauth.mfa"):
        factors: Any = apps.get_app_config("mfa").get_model("Authenticator")
        factors.objects.filter(user=user).delete()


class ChangePasswordForm(Plain, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    labels = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    helps = {"password1": PASSWORD_HELP}

    def clean_oldpassword(self) -> str:
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


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

    @transaction.atomic
    def save(self, **flags: bool) -> User:
        """The operator vouches for the address."""
        user = self.person()
        user.set_password(self.cleaned_data["password"])
        for name, value in flags.items():
            setattr(user, name, value)
        user.save()
        prove_address(user, user.email)
        audit(Verb.ACCOUNT_CREATED, team=None, actor=user, target=user)
        return user


class NewAccountForm(FirstAccountForm):
    """An account made by the operator, beside others."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if claimant_of(email):
            raise ValidationError(_("This address has an account already. Use another address."))
        return email
