"""System checks: the catalogue is coherent, and so are the settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from generation.catalogue.coherence import incoherent


@register()
def catalogue(**_: Any) -> list[CheckMessage]:
    return [Error(fault, id="generation.E001") for fault in incoherent()]


@register()
def queue_clock(**_: Any) -> list[CheckMessage]:
    """A job must not be delivered again while it may still run."""
    q: dict[str, Any] = settings.Q_CLUSTER
    least = q["timeout"] * (q["queue_limit"] / q["workers"] + 1)
    if q["retry"] < least:
        return [Error(f"Q_CLUSTER retry must be over {least:.0f} s.", id="generation.E002")]
    return []


@register(deploy=True)
def public_address(**_: Any) -> list[CheckMessage]:
    if settings.PUBLIC_URL and not settings.HTTPS:
        return [Warning("STUDIO_PUBLIC_URL has no https.", id="generation.W001")]
    return []
