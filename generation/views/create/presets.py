"""Two ways through a mode: a draft at the lowest price, and the final at full size."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue import estimate, rules
from generation.catalogue.params import PARAMS
from generation.catalogue.rules import name_of
from generation.catalogue.types import Offer
from generation.forms.create_scope import CreateScope
from generation.forms.options import resolution_height
from generation.views.create.prefill import Prefill

NAMES = ("draft", "final")


def preset(desk: CreateScope, wish: Prefill, name: str, now: Offer | None) -> None:
    """Lay a preset on what the form holds; `wish.said` tells what it did."""
    if name == "draft":
        own = [one for one in desk.offers if now is not None and one.provider == now.provider]
        lay(wish, cheapest(own, wish), _("Draft: the lowest price here."))
    elif name == "final" and now is not None:
        best = max(preset_sizes(now, wish), key=resolution_height, default="")
        lay(wish, (now, best), _("Final: the full size of this model."))


def lay(wish: Prefill, found: tuple[Offer, str] | None, words: str) -> None:
    if found is None:
        wish.said.append(_("No price is known for this mode. Choose the settings yourself."))
        return
    offer, size = found
    wish.model = name_of(offer)
    if size:
        wish.values["resolution"] = size
    wish.said.insert(0, words)


def cheapest(offers: Iterable[Offer], wish: Prefill) -> tuple[Offer, str] | None:
    """The model and resolution with the lowest known price among those that take these inputs."""
    found = []
    for offer in offers:
        if not takes_inputs(offer, wish):
            continue
        for size in preset_sizes(offer, wish):
            price = estimate.estimate(offer, fitting_values(offer, wish, size), wish.counts).credits
            if price is not None:
                found.append((price, resolution_height(size), offer, size))
    best = min(found, key=lambda one: one[:2], default=None)
    return best and (best[2], best[3])


def preset_sizes(offer: Offer, wish: Prefill) -> Iterable[str]:
    if "resolution" not in offer.limits:
        return ("",)
    return rules.limit(offer, "resolution", wish.values, wish.counts).allowed


def takes_inputs(offer: Offer, wish: Prefill) -> bool:
    """Whether as many inputs as there are may be used, and as few."""
    for name, count in wish.counts.items():
        rule = offer.limits.get(name)
        most = 0 if rule is None or rule.off else int(rule.maximum or 0)
        if count > most:
            return False
    return True


def fitting_values(offer: Offer, wish: Prefill, size: str) -> dict[str, Any]:
    typed = {name: value for name, value in wish.values.items() if name in PARAMS}
    kept, _changed = rules.snap(offer, typed | {"resolution": size}, wish.counts)
    return kept
