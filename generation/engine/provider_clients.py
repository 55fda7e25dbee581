"""Clients of a provider for one key. Secrets are opened here alone, as late as possible."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from generation import crypto
from generation.catalogue.message import Message as _
from generation.models import ApiKey, Registration, Task
from generation.providers.base import Provider
from generation.providers.errors import KeyRejected
from generation.providers.registry import PROVIDERS

T = TypeVar("T")


def call_provider(
    client: Provider, call: Callable[[Provider], Awaitable[T]], seconds: float | None = None
) -> T:
    """One call with an open client, which is closed after it. TimeoutError after `seconds`."""

    async def opened() -> T:
        async with asyncio.timeout(seconds), client:
            return await call(client)

    return asyncio.run(opened())


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def trusted_origins(provider: str) -> list[str]:
    """Origins that the operator configured: they may be private addresses."""
    return [origin(settings.PROVIDER_URLS[provider]), *settings.OUTBOUND_PRIVATE_HOSTS]


def client_of(work: Task | Registration) -> Provider:
    """A client with the secret that this was sent with. May query: not for inside a loop."""
    return connect(work.provider, work.key, work.key_version)


def connect(provider: str, key: ApiKey | None, version: int | None = None) -> Provider:
    """A client for one key, by default with its present secret.

    KeyRejected when there is no key that may be used.
    """
    if PROVIDERS[provider].key_optional:
        return PROVIDERS[provider].connect(settings.PROVIDER_URLS[provider], "")
    if key is None or not key.sealed:
        raise KeyRejected(_("The key was removed. Choose another key and try again."))
    if not key.matches_address:
        raise KeyRejected(_("The address of this provider changed. Enter the key again."))
    found = key if version is None else key.secret_for(version)
    try:
        secret = found.secret()
    except crypto.Broken:
        raise KeyRejected(_("This key can no longer be opened. Enter it again.")) from None
    return PROVIDERS[provider].connect(found.base_url, secret)


def follow_key(work: Task | Registration, error: Exception) -> None:
    """A provider that no longer takes a replaced secret may take the one that replaced it."""
    replaced = work.key is not None and work.key_version != work.key.version
    if isinstance(error, KeyRejected) and work.key is not None and replaced:
        work.key_version = work.key.version
        rows = type(work)._default_manager.filter(pk=work.pk)
        rows.update(key_version=work.key_version)


class Clients:
    """One open client per secret, kept for the length of a polling round."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, object, int], Provider] = {}
        self.stack = AsyncExitStack()

    async def of(self, task: Task) -> Provider:
        known = (task.provider, task.key_id, task.key_version)
        if known not in self.open:
            client = client_of(task)
            client.http.quicken()
            self.open[known] = await self.stack.enter_async_context(client)
        return self.open[known]

    async def close(self) -> None:
        self.open.clear()
        await self.stack.aclose()
