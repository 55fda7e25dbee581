"""The only place besides providers that opens a connection to an address from outside."""

from generation.outbound.client import Fetched, fetch
from generation.outbound.errors import (
    BadStatus,
    Blocked,
    LinkExpired,
    OutboundError,
    TooLarge,
    Truncated,
    Unreachable,
)

__all__ = [
    "BadStatus", "Blocked", "Fetched", "LinkExpired", "OutboundError", "TooLarge", "Truncated",
    "Unreachable", "fetch",
]  # fmt: skip
