"""The signature of callbacks (vidu-api.md, section 1.3.8)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import urlsplit

SIGNED = "Date;x-request-nonce"
ACCESS_KEY = "vidu"


def string_to_sign(
    method: str, path: str, query: str, headers: Mapping[str, str], signed: str = SIGNED
) -> str:
    lines = [method.upper(), path or "/", query, ACCESS_KEY, headers["Date"]]
    lines += [f"{name}:{headers[name]}" for name in signed.split(";")]
    return "\n".join(lines) + "\n"


def sign_callback(key: str, text: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def headers_for(key: str, url: str) -> dict[str, str]:
    """The headers of a POST to the address as it was given; `key` is the API token."""
    parts = urlsplit(url)
    headers = {"Date": formatdate(usegmt=True), "x-request-nonce": secrets.token_hex(16)}
    text = string_to_sign("POST", parts.path, parts.query, headers)
    return headers | {
        "X-HMAC-SIGNED-HEADERS": SIGNED,
        "X-HMAC-SIGNATURE": sign_callback(key, text),
        "X-HMAC-ALGORITHM": "hmac-sha256",
        "X-HMAC-ACCESS-KEY": ACCESS_KEY,
    }
