"""What people hold in their hands: an app that shows codes, a device with a passkey."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import struct
import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256

STEP = 30


def current_step() -> int:
    return int(time.time()) // STEP


def code_at(secret: str, step: int) -> str:
    """The six digits that an app shows at a step of time (RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.digest(key, struct.pack(">Q", step), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def secret_on(page: str) -> str:
    """The key as the page writes it beside the QR code."""
    return re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1]


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Passkey:
    """A device that makes one passkey and signs with it, as a browser hands it on (WebAuthn)."""

    def __init__(self, origin: str = "https://testserver", host: str = "testserver") -> None:
        self.origin, self.host = origin, host
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.person = secrets.token_bytes(16), ""

    def client_data(self, kind: str, challenge: str) -> bytes:
        facts = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin}
        return json.dumps(facts | {"crossOrigin": False}).encode()

    def facts(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + b"\0\0\0\0"

    def create(self, options: dict[str, Any]) -> str:
        """What the browser sends after somebody added this passkey."""
        asked = options["publicKey"]
        self.person = asked["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        credential = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self.facts(0x45) + credential}
        return self.answer(
            {
                "clientDataJSON": packed(self.client_data("create", asked["challenge"])),
                "attestationObject": packed(cbor.encode(attestation)),
            },
            {"credProps": {"rk": True}},
        )

    def sign(self, options: dict[str, Any]) -> str:
        """What the browser sends after somebody used this passkey."""
        data, facts = self.client_data("get", options["publicKey"]["challenge"]), self.facts(0x05)
        signed = facts + hashlib.sha256(data).digest()
        return self.answer(
            {
                "clientDataJSON": packed(data),
                "authenticatorData": packed(facts),
                "signature": packed(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": self.person,
            },
            {},
        )

    def answer(self, response: dict[str, str], results: dict[str, Any]) -> str:
        name = packed(self.id)
        facts = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps(facts | {"clientExtensionResults": results})


def options_on(page: str) -> dict[str, Any]:
    """What the page tells the browser to ask the device."""
    return json.loads(re.search(r'<script id="passkey-options"[^>]*>(.*?)</script>', page)[1])


def add_passkey(user: Any, name: str) -> Authenticator:
    """A row as adding a passkey in a browser leaves it."""
    asked = {"publicKey": {"challenge": packed(secrets.token_bytes(32)), "user": {"id": "MQ"}}}
    return WebAuthn.add(user, name, json.loads(Passkey().create(asked))).instance


def grow_old(browser: Client, seconds: int) -> None:
    """Let the browser's last log-in or confirmation be so long ago."""
    session = browser.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= seconds
    session.save()
