"""What people do to their accounts goes into the audit log, in no team: allauth says when."""

from typing import Any

from allauth.account import signals
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.dispatch import receiver

from generation.models import AuditEvent, User, Verb, audit
from generation.models.audit import Origin, origin
from generation.web.middleware import shown_ip

ENTERED = (Verb.LOGGED_IN, Verb.ACCOUNT_CREATED)


@receiver(signals.user_logged_in, dispatch_uid="audit_log_in")
def note_new_device(request: Any, user: User, **_: Any) -> None:
    if not is_known_device(user, origin.get(), request.session.session_key):
        audit(Verb.LOGGED_IN, team=None, actor=user, target=user)


def is_known_device(user: User, device: Origin, session_key: str | None) -> bool:
    """Whether this browser was let in before from this network. Sessions that have ended are
    remembered by the log itself."""
    agent = device.user_agent[:200]
    others = UserSession.objects.filter(user=user, user_agent=agent)
    others = others.exclude(session_key=session_key or "")
    if any(shown_ip(ip) == device.ip for ip in others.values_list("ip", flat=True)):
        return True
    entered = AuditEvent.objects.filter(team=None, actor=user, verb__in=ENTERED)
    return entered.filter(ip=device.ip, user_agent=agent).exists()


@receiver(signals.password_changed, dispatch_uid="audit_password_changed")
@receiver(signals.password_set, dispatch_uid="audit_password_set")
@receiver(signals.password_reset, dispatch_uid="audit_password_reset")
def note_password(signal: Any, user: User, **_: Any) -> None:
    how = "reset" if signal is signals.password_reset else "changed"
    audit(Verb.PASSWORD_CHANGED, team=None, actor=user, target=user, changes={"how": how})


@receiver(signals.email_added, dispatch_uid="audit_email_added")
def note_email_added(user: User, email_address: Any, **_: Any) -> None:
    if email_address.pk is None:  # its code was typed: the signal that it is confirmed says so
        return
    note_email(user, "added", ["", email_address.email])


@receiver(signals.email_removed, dispatch_uid="audit_email_removed")
def note_email_removed(user: User, email_address: Any, **_: Any) -> None:
    note_email(user, "removed", [email_address.email, ""])


@receiver(signals.email_confirmed, dispatch_uid="audit_email_confirmed")
def note_email_confirmed(email_address: Any, **_: Any) -> None:
    note_email(email_address.user, "confirmed", ["", email_address.email])


@receiver(signals.email_changed, dispatch_uid="audit_email_changed")
def note_main_email(user: User, from_email_address: Any, to_email_address: Any, **_: Any) -> None:
    before = from_email_address.email if from_email_address else ""
    note_email(user, "main", [before, to_email_address.email])


def note_email(user: User, how: str, change: list[str]) -> None:
    changes = {"how": how, "address": change}
    audit(Verb.EMAIL_CHANGED, team=None, actor=user, target=user, changes=changes)


@receiver(factor_signals.authenticator_added, dispatch_uid="audit_factor_added")
def note_factor_added(user: User, authenticator: Any, **_: Any) -> None:
    note_factor(user, "added", authenticator)


@receiver(factor_signals.authenticator_removed, dispatch_uid="audit_factor_removed")
def note_factor_removed(user: User, authenticator: Any, **_: Any) -> None:
    note_factor(user, "removed", authenticator)


@receiver(factor_signals.authenticator_reset, dispatch_uid="audit_factor_reset")
def note_new_codes(user: User, **_: Any) -> None:
    changes = {"how": "codes"}
    audit(Verb.FACTOR_CHANGED, team=None, actor=user, target=user, changes=changes)


def note_factor(user: User, how: str, authenticator: Any) -> None:
    """The codes come with the first factor and go with the last: they are no act of their own."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    changes = {"how": f"{authenticator.type} {how}"}
    audit(Verb.FACTOR_CHANGED, team=None, actor=user, target=user, changes=changes)
