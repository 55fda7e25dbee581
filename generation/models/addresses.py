"""Who owns an e-mail address: the one account that has proven it, and nobody before that.

An account that has proven nothing may claim an address; whoever proves it takes it from there.
Import this module by its name: the rows belong to allauth, which is loaded after our models.
"""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from generation.models.teams import Membership, Team
from generation.models.users import NOWHERE, User


def fold_address(email: str) -> str:
    """How addresses are stored and compared. Not casefold(): it takes different letters for one."""
    return email.strip().lower()


def owns_address(user: User, email: str) -> bool:
    """Whether this person has proven this address: what an invitation must ask."""
    return bool(EmailAddress.objects.filter(user=user, **proven(email)).exists())


def owner_of(email: str) -> User | None:
    return User.objects.filter(Exists(rows_of_user().filter(**proven(email)))).first()


def claimant_of(email: str) -> User | None:
    """Who has it as the address of the account; on an old account it need not be proven."""
    return owner_of(email) or User.objects.filter(email=fold_address(email)).first()


def who_logs_in_with(email: str) -> User | None:
    """At most one account: for several, each try would cost several hashes."""
    old = rows_of_user().filter(email=fold_address(email))
    return claimant_of(email) or (
        User.objects.filter(Exists(old), logs_in_unproven=True).order_by("pk").first()
    )


def who_may_reset(email: str) -> User | None:
    """Who has proven the address, or has it as the only one and proven none."""
    found = claimant_of(email)
    if found is None or not found.is_active:
        return None
    return found if owns_address(found, email) or not has_proven(found) else None


def has_proven(user: User) -> bool:
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


class NotProven(Exception):
    """Another account has proven the address, or this one changed hands meanwhile."""


def lock_account(user: User) -> User:
    """As it is now. Who proves an address or resets the password waits for each other."""
    return User.objects.select_for_update().get(pk=user.pk)


def prove_address(user: User, email: str) -> None:
    """From now on the address is this person's. Raises NotProven.

    The first proof makes it the main address, ends every other claim of the account, which may be
    those of a stranger who registered it, and gives the account its team.
    """
    try:
        with transaction.atomic():
            # Who asked for it is out where a reset came in between.
            if lock_account(user).password != user.password:
                raise NotProven
            write_proof(user, fold_address(email))
    except IntegrityError:
        raise NotProven from None


def write_proof(user: User, email: str) -> None:
    is_first = not has_proven(user)
    release_address(email, user)
    row, _made = EmailAddress.objects.get_or_create(user=user, email=email)
    EmailAddress.objects.filter(pk=row.pk).update(verified=True)
    if is_first:
        drop_unproven(user)
        EmailAddress.objects.filter(pk=row.pk).update(primary=True)
        User.objects.filter(pk=user.pk).update(email=email)
        user.email = email
    if is_first and not Membership.objects.filter(user=user).exists():
        Team.create_personal(user)


def drop_unproven(user: User) -> None:
    EmailAddress.objects.filter(user=user, verified=False).delete()


def release_address(email: str, owner: User) -> None:
    """Take the address from all others who claim it without a proof. Their work stays theirs."""
    rows = EmailAddress.objects.filter(email=email, verified=False)
    rows.exclude(user=owner).delete()
    for other in User.objects.filter(email=email).exclude(pk=owner.pk):
        User.objects.filter(pk=other.pk).update(email=no_address())


def no_address() -> str:
    """What stands in the column of an account without an address: no mail can go there."""
    return f"{secrets.token_hex(12)}{NOWHERE}"


def pending_sign_ups() -> QuerySet[User]:
    """Accounts that were never proven: they have no team, and nobody has logged in with them."""
    own = Membership.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(
        ~Exists(own), email__endswith=NOWHERE, last_login=None, logs_in_unproven=False,
        closed_at=None,
    )  # fmt: skip


def proven(email: str) -> dict[str, object]:
    return {"email": fold_address(email), "verified": True}


def rows_of_user() -> Any:
    return EmailAddress.objects.filter(user=OuterRef("pk"))
