"""Provider clients for users and tasks. Secrets are opened here, by id, as late as possible."""

from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from generation import crypto
from generation.models import NEEDS_KEY, ApiKey, ProviderName, Task, User
from generation.providers import registry
from generation.providers.base import Provider
from generation.providers.errors import KeyRejected


def offered_providers(user: User) -> list[str]:
    """What this user can generate with now: providers they have a usable key for, and the demo."""
    owned = ApiKey.objects.visible_to(user).usable().values_list("provider", "base_url")
    usable = {name for name, url in owned if url == settings.PROVIDER_URLS[name]}
    found = [str(name) for name in NEEDS_KEY if name in usable]
    return [*found, str(ProviderName.DEMO)] if settings.SIMULATOR_OFFERED else found


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def trusted_origins(provider: str) -> list[str]:
    """Origins that the operator configured: they may be private addresses."""
    return [origin(settings.PROVIDER_URLS[provider]), *settings.OUTBOUND_PRIVATE_HOSTS]


def connect(provider: str, key: ApiKey | None) -> Provider:
    """A client for one key. KeyRejected when there is no key that may be used."""
    if provider == ProviderName.DEMO:
        return registry.connect(provider, settings.PROVIDER_URLS[provider], "")
    if key is None or not key.sealed:
        raise KeyRejected(_("The key was removed. Choose another key and try again."))
    if not key.matches_address:
        raise KeyRejected(_("The address of this provider changed. Enter the key again."))
    try:
        secret = key.secret()
    except crypto.Broken:
        raise KeyRejected(_("This key can no longer be opened. Enter it again.")) from None
    return registry.connect(provider, key.base_url, secret)


class Clients:
    """One open client per key, kept for the length of a polling round."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, object], Provider] = {}
        self.stack = AsyncExitStack()

    async def of(self, task: Task) -> Provider:
        known = (task.provider, task.key_id)
        if known not in self.open:
            client = connect(task.provider, task.key)
            self.open[known] = await self.stack.enter_async_context(client)
        return self.open[known]

    async def close(self) -> None:
        self.open.clear()
        await self.stack.aclose()
