"""Mail: sent in a lane of its own, and a sentence where it could not be sent."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from generation.web.errors import error_response, same_page
from generation.web.lanes import MAIL, RUNS_IN, HandOver, busy

log = logging.getLogger(__name__)
# Names of addresses.
SENDING = {
    "account_reset_password", "account_email", "account_signup", "account_reauthenticate",
    "account_email_verification_sent", "account_change_password", "account_set_password",
    "account_reset_password_from_key", "team-invitations", "invitation-renew", "invitation-again",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_remove_webauthn",
    "mfa_generate_recovery_codes", "account-close", "operator-address",
}  # fmt: skip


class MailFailed(OSError):
    """The mail server did not take it."""


class SmtpBackend(EmailBackend):
    """Django's, with one kind of failure, and a line in the log that names no person."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        try:
            return super().send_messages(email_messages) or 0
        except OSError as trouble:  # refusals of the server are of this kind, too
            log.warning("mail was not sent: %s", reason_of(trouble))
            raise MailFailed from trouble


def reason_of(trouble: Exception) -> str:
    """Its kind and the server's number: the text could hold an address."""
    number = getattr(trouble, "smtp_code", "")
    return f"{type(trouble).__name__} {number}".strip()


class MailLane:
    """Last of the middleware: pages that send mail leave the threads of the other pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view_and_arguments: Any) -> HttpResponse | None:
        match = request.resolver_match
        if request.method != "POST" or not match or match.url_name not in SENDING:
            return None
        if sentence := busy(request, MAIL):
            return mail_response(request, sentence)
        here = request.META.get(RUNS_IN)
        return HandOver(MAIL) if here and here != MAIL else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, MailFailed):
            return None
        sentence = _(
            "The studio's mail server did not take the mail. Try again in a few minutes; "
            "if it goes on, tell whoever runs the studio."
        )
        return mail_response(request, sentence)


def mail_response(request: HttpRequest, sentence: str) -> HttpResponse:
    title = _("No mail was sent")
    return error_response(request, 503, title, sentence, _("Try again"), same_page(request))
