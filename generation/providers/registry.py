"""Providers by name. A new one is a class here and its rows in the catalogue."""

import httpx

from generation.providers.base import Provider
from generation.providers.http import Deadlines, Http
from generation.providers.kkiai import Kkiai
from generation.providers.secret import Secret
from generation.providers.vidu import Demo, Vidu, ViduCn
from generation.providers.vtrix import Vtrix

CLASSES: tuple[type[Vidu | Kkiai | Vtrix], ...] = (Vidu, ViduCn, Kkiai, Vtrix, Demo)
PROVIDERS = {one.name: one for one in CLASSES}


def connect(
    provider: str,
    base_url: str,
    secret: str,
    transport: httpx.AsyncBaseTransport | None = None,
    deadlines: Deadlines | None = None,
) -> Provider:
    """A client for one key at one address; nothing is sent yet. Use it as `async with`.

    `base_url` may carry a path and a slash at its end. KeyError for an unknown provider.
    """
    key = Secret(secret)
    del secret  # a frame that an error report prints shows only what hides itself
    kind = PROVIDERS[provider]
    http = Http(
        base_url,
        kind.scheme,
        key,
        key_optional=kind.key_optional,
        transport=transport,
        deadlines=deadlines,
    )
    return kind(http)
