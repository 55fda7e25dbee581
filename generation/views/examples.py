"""First things to try, for an empty feed."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Example:
    title: Any
    prompt: Any
    aspect_ratio: str = ""

    @property
    def values(self) -> dict[str, Any]:
        known = {"prompt": str(self.prompt), "aspect_ratio": self.aspect_ratio}
        return {name: value for name, value in known.items() if value}


PICTURES = (
    Example(
        _("A place"),
        _(
            "Layered mountain ridges at first light, thin fog in the valleys, a pale sun low over "
            "the horizon, muted violet and apricot, wide aerial view."
        ),
        "16:9",
    ),
    Example(
        _("A product"),
        _(
            "A small amber perfume bottle on a slab of dark basalt, soft window light from the "
            "left, a fine shadow, warm grey background, studio still life."
        ),
        "1:1",
    ),
    Example(
        _("A portrait"),
        _(
            "Portrait of a ceramic artist in her workshop, clay on her hands, mustard wool coat, "
            "terracotta wall behind, soft daylight, medium format."
        ),
        "3:4",
    ),
)
FILMS = (
    Example(
        _("A landscape"),
        _(
            "Wide aerial over dunes at dusk, wind drawing fine sand over the crests, slow push "
            "forward, warm low sun, long shadows."
        ),
        "16:9",
    ),
    Example(
        _("A product"),
        _(
            "An amber perfume bottle turns slowly on dark basalt, a band of soft light wanders "
            "over the glass, macro lens, calm."
        ),
        "1:1",
    ),
    Example(
        _("A street"),
        _(
            "Rain on a harbour bridge at night, neon reflections in the puddles, a cyclist passes "
            "from left to right, handheld."
        ),
        "9:16",
    ),
)
SOUNDS = (
    Example(_("A forest"), _("A forest at dawn: a few birds, light wind in dry leaves, no music.")),
    Example(_("A street"), _("Rain on a tin roof, a tram passing in the distance, wet tyres.")),
    Example(_("A door"), _("A heavy wooden door opens slowly and closes with a dull thud.")),
)
BY_MODE = {"image": PICTURES, "text-video": FILMS, "sound": SOUNDS}


def examples_of(mode: str) -> tuple[Example, ...]:
    """What can be tried in a mode without any input; empty where it needs one."""
    return BY_MODE.get(mode, ())
