"""What the operator vouches for: whose an address is, where its owner cannot prove it."""

from allauth.account.models import EmailAddress
from django.db import transaction

from generation.engine.suspend import NotAllowed, end_sessions, lock_operators
from generation.models import User, Verb, audit
from generation.models.addresses import (
    NotProven,
    fold_address,
    lock_account,
    owner_of,
    prove_address,
)


class AddressTaken(Exception):
    """Another account has proven it."""


def set_address(operator: User, person: User, email: str, reason: str) -> str:
    """Make it the only address of the account, and log the person out; returns the one before.

    The old ones go: whoever has their mailbox could reset the password. Raises AddressTaken, and
    `suspend.NotAllowed`.
    """
    email = fold_address(email)
    with transaction.atomic():
        lock_operators(operator)
        person = lock_account(person)
        if person.closed_at:  # deleted meanwhile
            raise NotAllowed
        if owner_of(email) not in (None, person):
            raise AddressTaken
        before = person.email
        EmailAddress.objects.filter(user=person).exclude(email=email).delete()
        try:
            prove_address(person, email)
        except NotProven:
            raise AddressTaken from None
        EmailAddress.objects.filter(user=person, email=email).update(primary=True)
        User.objects.filter(pk=person.pk).update(email=email)
        changes = {"how": "operator", "address": [before, email], "reason": reason}
        audit(Verb.EMAIL_CHANGED, team=None, actor=operator, target=person, changes=changes)
        end_sessions(person)
    return before
