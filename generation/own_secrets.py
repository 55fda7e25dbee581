"""Stops a machine whose secrets are not those that the database is used with.

A second machine with secrets of its own, or a database restored without them, would leave every
stored key shut and every message of the other machines unread, without a word.
"""

import hmac
import logging
import sys
from collections.abc import Iterator

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connections, transaction

from generation import crypto
from generation.models import ApiKey, OldSecret, SecretProof, ShareLink

log = logging.getLogger(__name__)
DATA_KEYS, SECRET_KEY = "data keys", "secret key"
BINDING = "secret-proof"
WAY_OUT = "uv run manage.py accept_secrets"


class ForeignSecrets(CommandError):
    """The sentence says which secret differs and what to do."""


def verify() -> None:
    """Raise ForeignSecrets when the database was used with others; on a new one, keep a proof."""
    verify_data_keys()
    proof = SecretProof.objects.get_or_create(
        name=SECRET_KEY, defaults={"proof": proof_of_secret_key()}
    )[0]
    if not hmac.compare_digest(bytes(proof.proof), proof_of_secret_key()):
        raise ForeignSecrets(
            "SECRET_KEY is not the one that this database is used with, and machines with "
            "different ones do not read each other's messages. Give all the same; if you changed "
            f"it on purpose, stop all and run: {WAY_OUT}"
        )


def verify_or_exit() -> None:
    """For processes that may start before the database does: without it, only a line is logged."""
    try:
        verify()
    except ForeignSecrets as trouble:
        sys.exit(str(trouble))
    except DatabaseError as trouble:
        reason = str(trouble).strip().partition("\n")[0]
        log.warning("this machine's secrets could not be compared with the database (%s)", reason)
    finally:
        connections.close_all()  # a child must not share one


def verify_data_keys() -> None:
    proof = SecretProof.objects.filter(name=DATA_KEYS).first()
    if proof is None:
        if count_stored() and not any(opens(*one) for one in stored()):
            raise foreign_data_keys()
        proof = SecretProof.objects.get_or_create(
            name=DATA_KEYS, defaults={"proof": crypto.seal(DATA_KEYS, BINDING)}
        )[0]
    blob = bytes(proof.proof)
    if not opens(blob, BINDING):
        raise foreign_data_keys()
    newest = settings.DATA_KEYS[:1]
    if not opens(blob, BINDING, newest):
        seal_links_anew(newest)
    # As long as something stored needs an older key, so does the proof: leaving that key out
    # stops the start instead of losing what it opens.
    if not opens(blob, BINDING, newest) and all(opens(*one, newest) for one in stored()):
        SecretProof.objects.filter(name=DATA_KEYS).update(proof=crypto.seal(DATA_KEYS, BINDING))


def foreign_data_keys() -> ForeignSecrets:
    return ForeignSecrets(
        "The data keys of this machine do not open the provider keys in the database. Set "
        "STUDIO_DATA_KEYS to those of the machine that stored them, or bring its "
        f"{settings.SECRETS_DIR / 'data_key'} back; if they are lost for good, run: {WAY_OUT}"
    )


@transaction.atomic
def accept() -> int:
    """From now on the secrets of this machine are right. Returns how many keys stay shut."""
    proofs = {DATA_KEYS: crypto.seal(DATA_KEYS, BINDING), SECRET_KEY: proof_of_secret_key()}
    for name, proof in proofs.items():
        SecretProof.objects.update_or_create(name=name, defaults={"proof": proof})
    return sum(not opens(*one) for one in stored())


def count_stored() -> int:
    return ApiKey.objects.usable().count() + OldSecret.objects.count()


def stored() -> Iterator[tuple[bytes, str]]:
    """Every sealed secret with what it is bound to."""
    for key in ApiKey.objects.usable():
        yield bytes(key.sealed), key.binding
    for old in OldSecret.objects.select_related("key"):
        yield bytes(old.sealed), old.binding


def seal_links_anew(newest: list[str]) -> None:
    """Addresses that can be copied again must not need a key that is about to be left out."""
    for link in ShareLink.objects.filter(revoked_at=None).iterator(200):
        blob = bytes(link.token_sealed)
        if not opens(blob, link.binding, newest) and opens(blob, link.binding):
            link.seal_anew()


def opens(blob: bytes, binding: str, keys: list[str] | None = None) -> bool:
    try:
        crypto.open_sealed(blob, binding, keys)
    except crypto.Broken:
        return False
    return True


def proof_of_secret_key() -> bytes:
    return crypto.derive(settings.SECRET_KEY, b"secret proof")
