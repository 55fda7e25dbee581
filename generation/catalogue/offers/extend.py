"""Extend at official Vidu: a longer video."""

from generation.catalogue.offers.common import (
    COM_PAGES,
    SENT_ALONG,
    TO_1080,
    VIDEO_Q2_MODELS,
    at_every_vidu,
    prompt_limit,
    seconds,
)
from generation.catalogue.types import ImageLimits, Limit, Offer, VideoLimits, gettext_noop

EXTENDED_VIDEO = Limit(
    minimum=1, maximum=1, video=VideoLimits(min_seconds=4, max_seconds=60, max_bytes=5 * 1024**3)
)
END_IMAGE = Limit(minimum=0, maximum=1, image=ImageLimits())
EXTEND = {
    "videos": EXTENDED_VIDEO,
    "images": END_IMAGE,
    "prompt": prompt_limit(2_000, required=False),
    "duration": seconds(1, 7),
    "resolution": TO_1080,
    **SENT_ALONG,
}
NO_MARKS = gettext_noop("Vidu marks no video that is made longer.")

ALL = at_every_vidu(
    tuple(
        Offer(
            provider="vidu",
            mode="extend",
            model_name=name,
            label=label,
            strength=strength,
            limits=EXTEND,
            reasons={"watermark": NO_MARKS, "wm_url": NO_MARKS},
            source=COM_PAGES,
        )
        for name, label, strength in VIDEO_Q2_MODELS
    )
)
