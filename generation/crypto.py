"""Seal and open one secret: AES-256-GCM, bound to its row and owner; a ring of keys."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
NONCE = 12


class Broken(Exception):
    """The blob was not sealed with a key of the ring for this row and owner."""


def derive(key: str, purpose: bytes) -> bytes:
    return hmac.new(key.encode(), purpose, hashlib.sha256).digest()


def seal(secret: str, binding: str) -> bytes:
    """Encrypt with the newest key of the ring. `binding` names row and owner."""
    nonce = os.urandom(NONCE)
    cipher = AESGCM(derive(settings.DATA_KEYS[0], b"seal"))
    return VERSION + nonce + cipher.encrypt(nonce, secret.encode(), binding.encode())


def open_sealed(blob: bytes, binding: str, keys: list[str] | None = None) -> str:
    """Decrypt; raises Broken on a foreign row, a foreign owner, or an unknown key."""
    if blob[:1] != VERSION or len(blob) <= NONCE:
        raise Broken("not a sealed secret")
    nonce, body = blob[1 : 1 + NONCE], blob[1 + NONCE :]
    for key in settings.DATA_KEYS if keys is None else keys:
        try:
            return AESGCM(derive(key, b"seal")).decrypt(nonce, body, binding.encode()).decode()
        except InvalidTag:
            continue
    raise Broken("sealed for another row, owner or key")


def fingerprint(secret: str) -> str:
    """Tell equal secrets apart from different ones without keeping either."""
    return fingerprints(secret)[0]


def fingerprints(secret: str) -> list[str]:
    """All that a secret may have been stored with: one for each key of the ring, newest first."""
    return [
        hmac.new(derive(key, b"fingerprint"), secret.encode(), hashlib.sha256).hexdigest()
        for key in settings.DATA_KEYS
    ]
