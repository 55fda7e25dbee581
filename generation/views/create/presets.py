"""Two ways through a mode: a draft at the lowest price, and the final at full size."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue import estimate, rules
from generation.catalogue.params import PARAMS
from generation.catalogue.rules import name_of
from generation.catalogue.types import Offer
from generation.forms.create_scope import CreateScope
from generation.forms.fields import resolution_height
from generation.views.create.prefill import Prefill

NAMES = ("draft", "final")


def preset(scope: CreateScope, prefill: Prefill, name: str, now: Offer | None) -> None:
    """Lay a preset on what the form holds; `wish.said` tells what it did."""
    if name == "draft":
        own = [one for one in scope.offers if now is not None and one.provider == now.provider]
        lay(prefill, cheapest(own, prefill), _("Draft: the lowest price here."))
    elif name == "final" and now is not None:
        best = max(preset_sizes(now, prefill), key=resolution_height, default="")
        lay(prefill, (now, best), _("Final: the full size of this model."))


def lay(prefill: Prefill, found: tuple[Offer, str] | None, words: str) -> None:
    if found is None:
        prefill.said.append(_("No price is known for this mode. Choose the settings yourself."))
        return
    offer, size = found
    prefill.model = name_of(offer)
    if size:
        prefill.values["resolution"] = size
    prefill.said.insert(0, words)


def cheapest(offers: Iterable[Offer], prefill: Prefill) -> tuple[Offer, str] | None:
    """The model and resolution with the lowest known price among those that take these inputs."""
    found = []
    for offer in offers:
        if not takes_inputs(offer, prefill):
            continue
        for size in preset_sizes(offer, prefill):
            price = estimate.estimate(
                offer, fitting_values(offer, prefill, size), prefill.counts
            ).credits
            if price is not None:
                found.append((price, resolution_height(size), offer, size))
    best = min(found, key=lambda one: one[:2], default=None)
    return best and (best[2], best[3])


def preset_sizes(offer: Offer, prefill: Prefill) -> Iterable[str]:
    if "resolution" not in offer.limits:
        return ("",)
    return rules.limit(offer, "resolution", prefill.values, prefill.counts).allowed


def takes_inputs(offer: Offer, prefill: Prefill) -> bool:
    """Whether as many inputs as there are may be used, and as few."""
    for name, count in prefill.counts.items():
        rule = offer.limits.get(name)
        most = 0 if rule is None or rule.off else int(rule.maximum or 0)
        if count > most:
            return False
    return True


def fitting_values(offer: Offer, prefill: Prefill, size: str) -> dict[str, Any]:
    typed = {name: value for name, value in prefill.values.items() if name in PARAMS}
    kept, _changed = rules.snap(offer, typed | {"resolution": size}, prefill.counts)
    return kept
