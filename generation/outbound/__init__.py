"""The only place besides providers that opens a connection to an address from outside."""

from generation.outbound.client import fetch
from generation.outbound.errors import (
    BadStatus,
    Blocked,
    DownloadTooLarge,
    LinkExpired,
    OutboundError,
    Truncated,
    Unreachable,
)

__all__ = [
    "BadStatus",
    "Blocked",
    "DownloadTooLarge",
    "LinkExpired",
    "OutboundError",
    "Truncated",
    "Unreachable",
    "fetch",
]  # fmt: skip
