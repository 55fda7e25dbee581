"""Provider x mode x model: allowed values, defaults and combinations."""

from generation.catalogue.offers import (
    audio,
    extend,
    image,
    image_video,
    lip_sync,
    multiframe,
    reference,
    start_end,
    template,
    text_video,
    upscale,
    vtrix,
)

# In this order they are shown; the first of a provider and a mode is the default.
ALL = (
    *image.ALL,
    *text_video.ALL,
    *image_video.ALL,
    *start_end.ALL,
    *reference.ALL,
    *multiframe.ALL,
    *extend.ALL,
    *upscale.ALL,
    *lip_sync.ALL,
    *template.ALL,
    *audio.ALL,
    *vtrix.ALL,
)
OFFERS = {offer.key: offer for offer in ALL}
