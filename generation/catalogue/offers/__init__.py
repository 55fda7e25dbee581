"""Provider x mode x model: allowed values, defaults and combinations."""

from generation.catalogue.offers import (
    audio,
    effects,
    image,
    image_video,
    longer,
    reference,
    start_end,
    text_video,
    vtrix,
)

# In this order they are shown; the first of a provider and a mode is the default.
ALL = (
    *image.ALL,
    *text_video.ALL,
    *image_video.ALL,
    *start_end.ALL,
    *reference.ALL,
    *longer.ALL,
    *effects.ALL,
    *audio.ALL,
    *vtrix.ALL,
)
OFFERS = {offer.key: offer for offer in ALL}
