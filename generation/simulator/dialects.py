"""The systems it speaks for: where each lives, how a key is given and how errors are worded."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from generation.simulator.wire import HttpReply, Refusal, Request, reply_json

# Numbers of seed 000's code table, by the official reason; the rest is "task creation error".
VTRIX_CODES = {
    "InternalServiceFailure": "008023095",
    "CreationPolicyViolation": "008023095",
}
VTRIX_OTHER = "008023099"


@dataclass(frozen=True)
class WireDialect:
    """One system; `prefix` is its path, `scheme` stands before the key."""

    name: str
    prefix: str
    scheme: str
    keyless: bool = False


ALL = (
    WireDialect("vidu", "/vidu", "Token"),
    WireDialect("vidu-cn", "/vidu-cn", "Token"),
    WireDialect("kkiai", "/kkiai", "Bearer"),
    WireDialect("vtrix", "/vtrix", "Bearer"),
    WireDialect("demo", "/demo", "Token", keyless=True),
    WireDialect("vidu", "", "Token"),
)


def enter(request: Request) -> WireDialect:
    """Find the dialect by its prefix, and leave the rest of the path in the request."""
    dialect = next(
        item for item in ALL if request.path.startswith(f"{item.prefix}/") or not item.prefix
    )
    request.dialect, request.prefix = dialect.name, dialect.prefix
    request.path = request.path[len(dialect.prefix) :]
    return dialect


def sign_in(dialect: WireDialect, request: Request) -> None:
    """Take the key; refuse a missing or bad one. Keys alike up to a colon share an account."""
    found = re.fullmatch(rf"{dialect.scheme}\s*(\S+)", request.header("authorization"))
    if dialect.keyless:
        request.key = found[1] if found else "demo"
    elif found is None or "wrong" in found[1]:
        raise Refusal(401, "Unauthorized", "the key is missing or not valid")
    elif "forbidden" in found[1]:
        raise Refusal(403, "Forbidden", "the key may not do this")
    else:
        request.key = found[1]
    request.account = request.key.partition(":")[0]


def refusal_reply(request: Request, refusal: Refusal, style: str = "message") -> HttpReply:
    """The reply that says so in the dialect's own shape."""
    if request.dialect == "vtrix":
        return refused_by_vtrix(refusal, style)
    return reply_json(
        {
            "code": refusal.status,
            "reason": refusal.reason,
            "message": refusal.message,
            "metadata": {"trace_id": secrets.token_hex(16)},
        },
        refusal.status,
    )


def refused_by_vtrix(refusal: Refusal, style: str) -> HttpReply:
    code, status = vtrix_code(refusal), refusal.status
    if refusal.reason == "CreditInsufficient":
        status = 403
    body: dict[str, Any]
    if style == "error":
        body = {"error": refusal.message}
    elif style == "object":
        body = {"error": {"code": code, "message": refusal.message}}
    else:
        body = {"code": code, "message": refusal.message}
    return reply_json(body, status)


def vtrix_code(refusal: Refusal) -> str:
    if re.fullmatch("[0-9]{9}", refusal.reason):  # asked for by a fault
        return refusal.reason
    if (refusal.reason, refusal.field) == ("FieldLacking", "prompt"):
        return "008023003"
    if refusal.reason == "FieldItemCountOutOfRange" and refusal.field in ("images", "subjects"):
        return "008023001" if refusal.is_empty else "008023002"
    return VTRIX_CODES.get(refusal.reason, VTRIX_OTHER)
