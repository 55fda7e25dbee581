"""What a person made last in Create, as the session keeps it."""

from typing import Any

from generation.catalogue import rules
from generation.models.keys import keyless_providers
from generation.web.shortcuts import StudioRequest

LAST = "create"  # the mode, models and project of the last start


def last_models(request: StudioRequest) -> dict[str, str]:
    found: dict[str, Any] = request.session.get(LAST, {})
    return dict(found.get("models", {}))


def uses_demo(request: StudioRequest) -> bool:
    """Whether some mode still begins with the demo."""
    named = last_models(request).values()
    return any(rules.split_name(name)[0] in keyless_providers() for name in named)


def use_provider(request: StudioRequest, provider: str) -> None:
    """Every mode begins with its first model of this provider; others stay where it has none."""
    models = last_models(request)
    for row in reversed(rules.offers(provider)):
        models[row.mode] = rules.name_of(row)
    request.session[LAST] = request.session.get(LAST, {}) | {"models": models}
