"""Setting up the second step at log-in, and using it. The steps themselves are allauth's."""

from functools import wraps
from typing import Any

from allauth.account.utils import passthrough_next_redirect_url
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as base_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import generate_recovery_codes
from allauth.mfa.totp import views as totp_views
from allauth.mfa.totp.internal import flows as totp
from allauth.mfa.webauthn import views as passkey_views
from allauth.mfa.webauthn.internal import auth as passkeys
from allauth.mfa.webauthn.internal import flows as passkey_flows
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import DeleteView, FormView, UpdateView

from generation.forms.factors import in_groups, passkey_host, qr_path, use_up
from generation.models.addresses import owns_address
from generation.views.account.sessions import browser_name
from generation.web.recent_login import recent_login
from generation.web.second_factor import factors_of
from generation.web.shortcuts import StudioRequest, View, account_view, open_view

CODES, CODES_LAST = "new_recovery_codes", 600  # in the session, for so many seconds
HIDDEN = ("code", "credential")


def factor_view(view: View) -> View:
    """A log-in of a moment ago, no copy in any cache, and no code in an error report."""
    guarded = recent_login(keep=())(sensitive_post_parameters(*HIDDEN)(view))
    methods = require_http_methods(["GET", "HEAD", "POST"])
    return methods(account_view(never_cache(guarded)))


def at_login(view: View) -> View:
    """The same for people who are not quite logged in yet, or are asked once more."""
    methods = require_http_methods(["GET", "HEAD", "POST"])
    is_open = open_view("it belongs to the log-in, which allauth guards")
    return is_open(methods(never_cache(sensitive_post_parameters(*HIDDEN)(view))))


def needs_confirmed_address(view: View) -> View:
    """Below `account_view`: no second step on an address that may be somebody else's.

    Its owner, who takes it over by a reset, would be locked out.
    """

    @wraps(view)
    def wrapper(request: StudioRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if owns_address(request.user, request.user.email):
            return view(request, *args, **kwargs)
        messages.error(request, _("Confirm your e-mail address first, then set up a second step."))
        return redirect("account_email")

    return wrapper


def end_other_sessions(request: HttpRequest) -> None:
    """After a change to the second step: a new key for this session, and no others."""
    before = request.session.session_key
    request.session.cycle_key()
    mine = UserSession.objects.filter(user_id=request.user.pk)
    mine.filter(session_key=before).update(session_key=request.session.session_key)
    for session in mine.exclude(session_key=request.session.session_key):
        session.end()


def after_change(request: HttpRequest, *, new_codes: bool = False) -> HttpResponse:
    end_other_sessions(request)
    if new_codes:
        request.session[CODES] = {"made": timezone.now().timestamp()}
        return redirect("mfa_view_recovery_codes")
    return redirect("settings-security")


# --- Codes of an app ---------------------------------------------------------------------------


class SetUpApp(totp_views.ActivateTOTPView):  # type: ignore[misc]
    """Also replaces the app of before: that one is right until the new one has proved itself."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return FormView.dispatch(self, request, *args, **kwargs)  # type: ignore[return-value]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = FormView.get_context_data(self, **kwargs)
        secret = context["form"].secret
        size, path = qr_path(get_adapter().build_totp_url(self.request.user, secret))
        return context | {"qr_size": size, "qr_path": path, "secret": in_groups(secret)}

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            kind = Authenticator.Type.TOTP
            Authenticator.objects.filter(user=self.request.user, type=kind).delete()
            app, codes = totp.activate_totp(self.request, form)
            use_up(app, form.cleaned_data["code"])
        return after_change(self.request, new_codes=bool(codes))


class RemoveApp(totp_views.DeactivateTOTPView):  # type: ignore[misc]
    def form_valid(self, _form: Any) -> HttpResponse:
        totp.deactivate_totp(self.request, self.authenticator)
        return after_change(self.request)


set_up_app = factor_view(needs_confirmed_address(SetUpApp.as_view()))
remove_app = factor_view(RemoveApp.as_view())


# --- Recovery codes ----------------------------------------------------------------------------


@factor_view
def new_codes(request: StudioRequest) -> HttpResponse:
    """Ask, then make ten new ones; the old ones end."""
    factors = factors_of(request.user)
    if not factors.on:
        raise Http404
    if request.method == "POST":
        generate_recovery_codes(request)
        return after_change(request, new_codes=True)
    return render(request, "mfa/recovery_codes/generate.html", {"factors": factors})


def fresh_codes(request: StudioRequest) -> list[str]:
    """Those that this session has just made and not put away; else none."""
    made = request.session.get(CODES, {}).get("made", 0)
    row = factors_of(request.user).codes
    if row is None or timezone.now().timestamp() - made > CODES_LAST:
        return []
    return [f"{code[:4]}-{code[4:]}" for code in row.wrap().generate_codes()]


@require_safe
@account_view
@never_cache
@recent_login(keep=())
def codes(request: StudioRequest) -> HttpResponse:
    """The new codes, once. Afterwards they may be saved for a while, but are not shown."""
    found = fresh_codes(request)
    if not found:
        return redirect("settings-security")
    state = request.session[CODES]
    shown = found if not state.get("shown") else []
    if request.method == "GET":
        request.session[CODES] = state | {"shown": True}
    return render(request, "mfa/recovery_codes/index.html", {"codes": shown})


@require_safe
@account_view
@never_cache
@recent_login(keep=())
def download_codes(request: StudioRequest) -> HttpResponse:
    found = fresh_codes(request)
    if not found:
        raise Http404
    lines = [_("Recovery codes of %(email)s for Vidu Studio") % {"email": request.user.email}, ""]
    text = "\n".join([*lines, *found, ""])
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return answer


@require_POST
@account_view
def put_codes_away(request: StudioRequest) -> HttpResponse:
    """The person has them: nobody gets them from this session any more."""
    request.session.pop(CODES, None)
    return redirect("settings-security")


# --- Passkeys ----------------------------------------------------------------------------------


class AddPasskey(passkey_views.AddWebAuthnView):  # type: ignore[misc]
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return FormView.dispatch(self, request, *args, **kwargs)  # type: ignore[return-value]

    def get_initial(self) -> dict[str, Any]:
        return {"name": browser_name(self.request.headers.get("User-Agent", ""))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = FormView.get_context_data(self, **kwargs)
        if not passkey_host(self.request):
            return context
        options = passkeys.begin_registration(self.request.user, passwordless=False)
        # Kept on the device where it can be, so that it also logs in without a password.
        choice = dict(options["publicKey"]["authenticatorSelection"])
        choice |= {"residentKey": "preferred", "userVerification": "preferred"}
        options["publicKey"] = {**options["publicKey"], "authenticatorSelection": choice}
        return context | {"options": options}

    def form_valid(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        _key, codes = passkey_flows.add_authenticator(
            self.request, name=given["name"], credential=given["credential"]
        )
        return after_change(self.request, new_codes=bool(codes))


class OwnPasskey:
    """One passkey of the person who is logged in, or 404."""

    pk_url_kwarg = "passkey_id"
    request: StudioRequest

    def get_queryset(self) -> Any:
        kind = Authenticator.Type.WEBAUTHN
        return Authenticator.objects.filter(user=self.request.user, type=kind)


class RenamePasskey(OwnPasskey, passkey_views.EditWebAuthnView):  # type: ignore[misc]
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return UpdateView.dispatch(self, request, *args, **kwargs)  # type: ignore[return-value]

    def form_valid(self, form: Any) -> HttpResponse:
        form.save()
        messages.success(self.request, _("Saved."))
        return redirect("settings-security")


class RemovePasskey(OwnPasskey, passkey_views.RemoveWebAuthnView):  # type: ignore[misc]
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return DeleteView.dispatch(self, request, *args, **kwargs)  # type: ignore[return-value]

    def form_valid(self, _form: Any) -> HttpResponse:
        passkey_flows.remove_authenticator(self.request, self.get_object())
        return after_change(self.request)


add_passkey = factor_view(needs_confirmed_address(AddPasskey.as_view()))
rename_passkey = factor_view(RenamePasskey.as_view())
remove_passkey = factor_view(RemovePasskey.as_view())


# --- Logging in, and confirming who one is -----------------------------------------------------


class SecondStep(base_views.AuthenticateView):  # type: ignore[misc]
    """The code of the app or a passkey; a recovery code when neither is at hand."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        factors = factors_of(self.stage.login.user)
        recovery = "recovery" in self.request.GET or "recovery" in self.request.POST
        if recovery or not factors.app:
            self.auth_form.say_recovery()
        return context | {"factors": factors, "recovery": recovery}

    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)
        answer.status_code = 422
        return answer


class ConfirmCode(base_views.ReauthenticateView):  # type: ignore[misc]
    pass


class ConfirmPasskey(passkey_views.ReauthenticateWebAuthnView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        return FormView.form_invalid(self, form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"form": kwargs.get("form") or self.get_form()}


class LoginByPasskey(passkey_views.LoginWebAuthnView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        for sentence in form.errors.get("credential", ()):
            messages.error(self.request, sentence)
        page = passthrough_next_redirect_url(self.request, reverse("account_login"), "next")
        return redirect(page)


second_step = at_login(SecondStep.as_view())
confirm_code = at_login(ConfirmCode.as_view())
confirm_passkey = at_login(ConfirmPasskey.as_view())
login_by_passkey = at_login(LoginByPasskey.as_view())
