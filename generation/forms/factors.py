"""The second step at log-in: codes of an app, recovery codes and passkeys, sealed and used once."""

import base64
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from qrcode.main import QRCode

from generation import crypto
from generation.forms import limits
from generation.models import User

LONGEST_NAME = 80
QUIET_ZONE = 2  # modules around a QR code
CODE_HINTS = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "12"}


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code is over or wrong. Wait for the next one."),
        "wrong_passkey": _("This passkey did not work. Try again, or use another way."),
        "sealed": _(
            "The studio cannot open what it needs to check this. Use another way, "
            "or ask whoever runs the studio."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Bound to the person: what is copied to the row of another opens nothing there."""
        return base64.b64encode(crypto.seal(text, binding())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return crypto.open_sealed(base64.b64decode(encrypted_text), binding())
        except (crypto.Broken, ValueError):
            raise self.validation_error("sealed") from None

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": passkey_host(context.request), "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: ARG002
        return str(_("Passkey"))


def binding() -> str:
    """Whose second step this request is about: who logs in, or who is logged in."""
    request = context.request
    stage = getattr(request, "_login_stage", None)
    user = stage.login.user if stage else request.user
    return f"factor:{user.pk}"


def passkey_host(request: HttpRequest) -> str:
    """The name that passkeys are made for; a bare number has none, and "" says so."""
    host = settings.PUBLIC_HOST
    if not host or is_number(host):
        host = request.get_host().rpartition(":")[0] or request.get_host()
    return "" if is_number(host) else host


def is_number(host: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(host.strip("[]")))
    return False


def qr_path(url: str) -> tuple[int, str]:
    """The width of a QR code, and its dark fields as one path: no style, nothing to fetch."""
    code = QRCode(border=QUIET_ZONE)
    code.add_data(url)
    rows = code.get_matrix()
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = next((n for n, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if width:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width or 1
    return len(rows), "".join(runs)


def in_groups(secret: str) -> str:
    """As people read and type it: four letters at a time."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


# --- Codes -------------------------------------------------------------------------------------


def use_up(authenticator: Authenticator, code: str) -> bool:
    """Whether a right code of the app is used for the first time; no older one is right after it.

    One statement, so that of two at once one gets in.
    """
    secret = totp.decrypt(authenticator.data["secret"])
    step = next(
        (one for one in totp.yield_hotp_counters_from_time() if matches(secret, one, code)), None
    )
    if step is None:  # it was right a moment ago
        return False
    unused = Q(data__last_step__isnull=True) | Q(data__last_step__lt=step)
    found = Authenticator.objects.filter(unused, pk=authenticator.pk)
    authenticator.data["last_step"] = step
    return bool(found.update(data=authenticator.data))


def matches(secret: str, step: int, code: str) -> bool:
    expected = totp.format_hotp_value(totp.hotp_value(secret, step))
    return bool(totp.compare_user_code(actual=code, expected=expected))


class CodeOnce:
    """A field for a code of the app or a recovery code, each good for one time."""

    fields: dict[str, forms.Field]
    authenticator: Authenticator
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code")
        field.widget = forms.TextInput(CODE_HINTS | {"autofocus": True, "class": "code-in"})

    def clean_code(self) -> str:
        turn = limits.Turn().take(limits.SECOND_STEP, self.user.pk)
        if not turn.is_allowed:
            raise get_adapter().validation_error("rate_limited")
        code: str = super().clean_code()  # type: ignore[misc]
        kind = self.authenticator.type
        if kind == Authenticator.Type.TOTP and not use_up(self.authenticator, code):
            raise FactorAdapter().validation_error("incorrect_code")
        turn.give_back()
        return code

    def say_recovery(self) -> None:
        """Ask for a recovery code in the words of one."""
        field = self.fields["code"]
        field.label = _("Recovery code")
        field.widget.attrs["autocomplete"] = "off"


class SecondStepForm(CodeOnce, base_forms.AuthenticateForm):  # type: ignore[misc]
    pass


class ConfirmCodeForm(CodeOnce, base_forms.ReauthenticateForm):  # type: ignore[misc]
    pass


class SetUpAppForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The new secret waits in the session, sealed, until a code proves that the app has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        self.secret = waiting_secret(fresh=not self.is_bound)
        field = self.fields["code"]
        field.label = _("Type the six digits it shows")
        field.widget = forms.TextInput(CODE_HINTS | {"class": "code-in"})


def waiting_secret(*, fresh: bool) -> str:
    session, adapter = context.request.session, FactorAdapter()
    sealed = session.get(totp.SECRET_SESSION_KEY)
    if sealed and not fresh:
        with suppress(ValidationError):
            return adapter.decrypt(sealed)
    secret: str = totp.generate_totp_secret()
    session[totp.SECRET_SESSION_KEY] = adapter.encrypt(secret)
    return secret


# --- Passkeys ----------------------------------------------------------------------------------


class Checked:
    """What a browser sends is no form of ours: whatever is odd about it, the passkey is wrong."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError as refusal:
            raise self.for_passkeys(refusal) from None
        except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError):
            raise FactorAdapter().validation_error("wrong_passkey") from None

    @staticmethod
    def for_passkeys(refusal: ValidationError) -> ValidationError:
        if getattr(refusal, "code", "") == "incorrect_code":
            return ValidationError(FactorAdapter.error_messages["wrong_passkey"])
        return refusal


class SecondStepPasskeyForm(Checked, passkey_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmPasskeyForm(Checked, passkey_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyLoginForm(Checked, passkey_forms.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class NameField(forms.CharField):
    """What somebody calls a passkey. A long name is cut: the passkey is made already."""

    def __init__(self, **options: Any) -> None:
        hints = {"maxlength": LONGEST_NAME, "autocomplete": "off"}
        super().__init__(label=_("Name"), widget=forms.TextInput(hints), **options)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "")[:LONGEST_NAME]


class AddPasskeyForm(passkey_forms.AddWebAuthnForm):  # type: ignore[misc]
    name = NameField(required=False)
    passwordless = None

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError):
            raise FactorAdapter().validation_error("wrong_passkey") from None
        except ValidationError as refusal:
            raise Checked.for_passkeys(refusal) from None
        return cleaned


class RenamePasskeyForm(passkey_forms.EditWebAuthnForm):  # type: ignore[misc]
    name = NameField()
